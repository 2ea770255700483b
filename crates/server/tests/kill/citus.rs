//! Two nodes over a Citus cluster with two workers. Buyers go on while shards move and while a worker dies and comes back; no statement between
//! reservation and ticket touches two shards. Without Citus this test only says so.

use crate::chance::Chance;
use crate::command::run;
use crate::hall::{Hall, Sizes, blocking};
use crate::nodes::{node, place_on, started};
use crate::server::FAIRSEAT;
use crate::{Crowd, proof};
use fairseat_postgres::{Connector, Demands};
use fairseat_test_postgres::{CitusCluster, NO_CITUS};
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Instant;

const SETTINGS: [&str; 7] = [
    "max_connections=300",
    "max_pred_locks_per_transaction=256",
    "jit=off",
    "logging_collector=on",
    "log_directory=log",
    "log_filename=plans.log",
    "log_rotation_size=0",
];

/// From the next connection on, the coordinator logs the plan of every statement.
const LOG_PLANS: &str = "ALTER ROLE postgres SET session_preload_libraries = 'auto_explain';
    ALTER ROLE postgres SET auto_explain.log_min_duration = 0";

/// Statements about many sales: polls of the consumers and deadlines, the comparison of awake sales, and what waits for consumers.
const OF_MANY_SALES: [&str; 5] = [
    "due_at <= ",
    "consumer = $1 AND unread",
    "stream > $1 ORDER BY stream",
    "stream = ANY",
    "fill_consumer",
];

/// The same for each kind of fault.
const ROUNDS: usize = 2;

fn distribute(database: &str) {
    for command in [&["database", "distribute", "--shards", "4"][..], &["database", "prepare"]] {
        let done = run(Command::new(FAIRSEAT).args(command).env("FAIRSEAT_DATABASE", database), "");
        assert!(done.status.success(), "{done:?}");
    }
    let other = ["database", "distribute"];
    let refused = run(Command::new(FAIRSEAT).args(other).env("FAIRSEAT_DATABASE", database), "");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("give --shards 4"), "{said}");
}

/// Moves every shard from one worker to the other, one after the other.
async fn move_shards(database: &str, from: &str, to: &str) -> usize {
    let demands = Demands { require_standby: false, allow_unsafe_server: true };
    let connection = Connector::new(database, demands).unwrap().connect("").await.unwrap();
    let shards = "SELECT shardid FROM pg_dist_shard JOIN pg_dist_shard_placement USING (shardid)
                  WHERE logicalrelid = 'fairseat_journal.head'::regclass AND nodename = $1 ORDER BY shardid";
    let shards = connection.client.query(shards, &[&from]).await.unwrap();
    for shard in &shards {
        let shard: i64 = shard.get(0);
        let text = format!(
            "SELECT citus_move_shard_placement({shard}, '{from}', 5432, '{to}', 5432, 'force_logical')"
        );
        connection.client.batch_execute(&text).await.unwrap();
    }
    shards.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn buyers_go_on_while_shards_move_and_a_worker_dies() {
    let Some(mut cluster) = blocking(|| CitusCluster::start(&SETTINGS, 2).unwrap()).await else {
        eprintln!("{NO_CITUS}");
        return;
    };
    let database = cluster.database("shop").unwrap();
    let (place, folder) = blocking({
        let database = database.clone();
        move || {
            let place = place_on(database.clone());
            distribute(&database);
            place
        }
    })
    .await;
    let sizes = Sizes { clients: 12, rows: 10, seats_per_row: 20 };
    let hall = Hall::open_at(place, folder, &sizes).await;
    cluster.coordinator().by_hand(LOG_PLANS).unwrap();
    let nodes = [started(node(hall.place())).await, started(node(hall.place())).await];
    hall.is_served_by(&nodes.each_ref().map(|node| node.address.clone()));
    let mut chance = Chance::from_environment();
    let crowd = Crowd::gather(&hall, &sizes, &mut chance);
    for round in 0..ROUNDS {
        let hosts = [cluster.workers()[0].host(), cluster.workers()[1].host()];
        let (from, to) = (round % 2, (round + 1) % 2);
        let began = Instant::now();
        hall.answered(20).await;
        let moved = move_shards(&database, &hosts[from], &hosts[to]).await;
        eprintln!("{moved} groups of shards moved in {:.1?}", began.elapsed());
        hall.answered(20).await;

        let began = Instant::now();
        cluster = blocking(move || {
            cluster.restart_worker(to, &SETTINGS).unwrap();
            cluster
        })
        .await;
        hall.answered(1).await;
        eprintln!("answers {:.1?} after a worker died", began.elapsed());
        hall.answered(20).await;
    }
    hall.close();
    let claims = crowd.claims().await;
    // Before the proof, which adds up the payments of all sales.
    let log = std::fs::read_to_string(cluster.coordinator().data().join("log/plans.log")).unwrap();
    proof::holds(&hall, nodes.into_iter().collect(), &claims).await;
    touches_one_shard(&log);
}

/// Fails if a statement about one sale had more than one task.
fn touches_one_shard(log: &str) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for plan in log.split("plan:\n").filter(|plan| plan.contains("(Citus ")) {
        let (text, plan) = plan.split_once("Custom Scan").unwrap_or_default();
        let is_about_many = OF_MANY_SALES.iter().any(|words| text.contains(words));
        let tasks: Vec<_> = plan.lines().filter(|line| line.contains("Task Count")).map(str::trim).collect();
        assert!(is_about_many || tasks == ["Task Count: 1"], "{text}\n{plan}");
        *seen.entry(text.split_whitespace().collect::<Vec<_>>().join(" ")).or_default() += 1;
    }
    for needed in ["append_1(", "caught_up_1(", "INSERT INTO payments", "UPDATE payments"] {
        assert!(seen.keys().any(|text| text.contains(needed)), "no plan of {needed}");
    }
    for (text, times) in seen {
        eprintln!("{times} times: {}", text.chars().take(140).collect::<String>());
    }
}
