//! Three nodes behind `HAProxy`, over a PostgreSQL server with a synchronous standby. Buyers go on while nodes are killed, stopped for a while and
//! restarted in order, while the primary dies and its standby is promoted, and while Redis vanishes for all nodes or for one.

use crate::chance::Chance;
use crate::command::run;
use crate::hall::{Hall, Sizes, blocking};
use crate::server::{FAIRSEAT, Place, Server};
use crate::{Crowd, proof};
use fairseat_test_postgres::PostgresServer;
use fairseat_test_redis::{RedisProxy, RedisServer};
use reqwest::Method;
use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const NODES: usize = 3;
/// Both servers take their turn as primary and as standby.
const SETTINGS: [&str; 5] = [
    "synchronous_standby_names=*",
    "max_connections=300",
    "max_pred_locks_per_transaction=256",
    "wal_receiver_status_interval=1s",
    "jit=off",
];

/// What happens to the machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// A node is killed, and started again later.
    KillNode,
    /// A node is stopped by a signal, and goes on later as if no time had passed.
    PauseNode,
    /// A node ends as operators end it, and is started again.
    RestartNode,
    /// The primary dies, its standby is promoted, and the old primary becomes the new standby.
    Failover,
    /// All nodes are killed at once.
    KillAll,
    /// Redis is killed, and comes back without what it knew.
    KillRedis,
    /// A node is cut off from Redis for a while.
    CutFromRedis,
}

/// A database, prepared, with its data folder.
pub(crate) fn place_on(database: String) -> (Place, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place { folder: folder.path().to_owned(), database: Some(database.clone()) };
    let mut prepare = Command::new(FAIRSEAT);
    let prepared = run(prepare.args(["database", "prepare"]).env("FAIRSEAT_DATABASE", database), "");
    assert!(prepared.status.success(), "{prepared:?}");
    std::fs::write(folder.path().join("nodes-key"), "k".repeat(64)).unwrap();
    (place, folder)
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// `HAProxy` with the configuration of `examples`, before nodes on these ports; killed when dropped.
struct Balancer {
    process: Child,
    address: String,
}

impl Balancer {
    fn start(folder: &Path, ports: &[u16]) -> Self {
        let example = include_str!("../../../../examples/haproxy.cfg");
        let address = format!("127.0.0.1:{}", free_port());
        let mut configuration = String::new();
        for line in example.lines().filter(|line| !line.trim_start().starts_with("server ")) {
            configuration
                .push_str(&line.replace("*:8080", &address).replace("maxconn 100000", "maxconn 1000"));
            configuration.push('\n');
            if line.contains("default-server check") && !line.starts_with('#') {
                for port in ports {
                    configuration.push_str(&format!("    server node{port} 127.0.0.1:{port}\n"));
                }
            }
        }
        let file = folder.join("haproxy.cfg");
        std::fs::write(&file, configuration).unwrap();
        let mut command = Command::new(balancer_program());
        let process = command.args(["-q", "-db", "-f"]).arg(file).stdin(Stdio::null()).spawn().unwrap();
        Self { process, address }
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Debian keeps the program out of the path of ordinary users.
fn balancer_program() -> &'static str {
    let debian = "/usr/sbin/haproxy";
    if Path::new(debian).exists() { debian } else { "haproxy" }
}

/// The command of a node.
pub(crate) fn node(place: &Place) -> Command {
    let mut command = place.serve();
    command.args(["--nodes-listen", "127.0.0.1:0", "--nodes-key-file"]).arg(place.folder.join("nodes-key"));
    command
}

pub(crate) async fn started(command: Command) -> Server {
    blocking(move || Server::spawn(command)).await.unwrap()
}

/// The servers on this machine.
struct Cluster {
    hall: Hall,
    nodes: Vec<Option<Server>>,
    ports: Vec<u16>,
    _balancer: Balancer,
    primary: PostgresServer,
    standby: PostgresServer,
    redis: RedisServer,
    /// Between each node and Redis.
    proxies: Vec<RedisProxy>,
}

impl Cluster {
    async fn open(sizes: &Sizes) -> Self {
        let (primary, standby, (place, folder)) = blocking(|| {
            let primary = PostgresServer::start(&SETTINGS).unwrap();
            let standby = primary.standby(&SETTINGS).unwrap();
            let hosts = format!("{},{}", primary.host(), standby.host());
            (primary, standby, place_on(format!("host={hosts} user=postgres dbname=postgres")))
        })
        .await;
        let hall = Hall::open_at(place, folder, sizes).await;
        let ports: Vec<u16> = (0..NODES).map(|_| free_port()).collect();
        let balancer = Balancer::start(hall.folder(), &ports);
        hall.is_served_by(std::slice::from_ref(&balancer.address));
        let redis = RedisServer::start(&[]).unwrap();
        let proxies = ports.iter().map(|_| RedisProxy::start(&redis.socket()).unwrap()).collect();
        let mut cluster =
            Self { hall, nodes: Vec::new(), ports, _balancer: balancer, primary, standby, redis, proxies };
        cluster.nodes.resize_with(NODES, || None);
        for number in 0..NODES {
            cluster.start(number).await;
        }
        cluster
    }

    async fn start(&mut self, number: usize) {
        let mut command = node(self.hall.place());
        // Both servers are replicas in turn; whichever is the primary shows everything.
        let replicas = [&self.primary, &self.standby].map(|server| server.url("postgres")).join(";");
        command.args(["--require-standby", "--trusted-proxy", "127.0.0.1", "--drain-seconds", "2"]);
        command.env("FAIRSEAT_DATABASE_REPLICA", replicas);
        command.env("FAIRSEAT_LISTEN", format!("127.0.0.1:{}", self.ports[number]));
        command.env("FAIRSEAT_REDIS", self.proxies[number].url());
        self.nodes[number] = Some(started(command).await);
    }

    /// Lets it happen. Returns how long it took until buyers got further answers.
    async fn suffer(&mut self, fault: Fault, number: usize) -> Duration {
        let began = Instant::now();
        match fault {
            Fault::KillNode => {
                let mut node = self.nodes[number].take().unwrap();
                node.kill();
                self.hall.answered(1).await;
                let outage = began.elapsed();
                self.hall.answered(20).await;
                drop(node);
                self.start(number).await;
                return outage;
            }
            Fault::PauseNode => {
                let pid = self.nodes[number].as_ref().unwrap().pid();
                kill_process(pid, Signal::STOP).unwrap();
                self.hall.answered(1).await;
                let outage = began.elapsed();
                self.hall.answered(100).await;
                kill_process(pid, Signal::CONT).unwrap();
                self.hall.answered(20).await;
                return outage;
            }
            Fault::RestartNode => {
                let node = self.nodes[number].take().unwrap();
                assert!(blocking(move || node.stop()).await.success());
                self.start(number).await;
            }
            Fault::Failover => {
                self.primary.crash();
                self.standby.promote().unwrap();
                std::mem::swap(&mut self.primary, &mut self.standby);
                self.standby.follow(&self.primary, &SETTINGS).unwrap();
            }
            Fault::KillAll => {
                for node in self.nodes.iter_mut().flatten() {
                    node.kill();
                }
                for number in 0..NODES {
                    self.nodes[number] = None;
                    self.start(number).await;
                }
            }
            Fault::KillRedis => {
                self.redis.kill();
                self.hall.answered(1).await;
                let outage = began.elapsed();
                self.hall.answered(100).await;
                self.redis.restart().unwrap();
                self.hall.answered(20).await;
                return outage;
            }
            Fault::CutFromRedis => {
                self.proxies[number].cut();
                self.hall.answered(1).await;
                let outage = began.elapsed();
                self.hall.answered(100).await;
                self.proxies[number].mend();
                self.hall.answered(20).await;
                return outage;
            }
        }
        self.hall.answered(1).await;
        let outage = began.elapsed();
        self.hall.answered(20).await;
        outage
    }

    /// Waits until every node has found Redis again, and nodes hear of what another one does.
    async fn hears(&self) {
        let began = Instant::now();
        let measured = async |name: &str| {
            let mut values = Vec::new();
            for node in self.nodes.iter().flatten() {
                values.push(self.hall.measured(&node.address, name).await);
            }
            values
        };
        // The home of the only event hears nothing.
        while measured("fairseat_redis_away_seconds").await.iter().any(|away| *away > 0.0)
            || measured("fairseat_doorbell_heard_total").await.iter().all(|heard| *heard == 0.0)
        {
            assert!(began.elapsed() < crate::hall::PATIENCE, "Redis is never used again");
            self.hall.answered(1).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_changes_survive_the_death_of_nodes_and_of_the_primary() {
    let (sizes, rounds) = match std::env::var_os("FAIRSEAT_LONG").is_some() {
        true => (Sizes { clients: 32, rows: 40, seats_per_row: 50 }, 60),
        false => (Sizes { clients: 12, rows: 10, seats_per_row: 20 }, 2),
    };
    let mut chance = Chance::from_environment();
    let mut cluster = Cluster::open(&sizes).await;
    let crowd = Crowd::gather(&cluster.hall, &sizes, &mut chance);
    let mut faults: Vec<Fault> = Vec::new();
    for _ in 0..rounds {
        faults.extend([
            Fault::KillNode,
            Fault::PauseNode,
            Fault::RestartNode,
            Fault::Failover,
            Fault::KillAll,
            Fault::KillRedis,
            Fault::CutFromRedis,
        ]);
    }
    chance.shuffle(&mut faults);
    let mut outages: BTreeMap<Fault, Vec<Duration>> = BTreeMap::new();
    for fault in faults {
        let number = usize::try_from(chance.below(NODES as u64)).unwrap();
        let outage = cluster.suffer(fault, number).await;
        outages.entry(fault).or_default().push(outage);
    }
    cluster.hears().await;
    cluster.hall.close();
    let claims = crowd.claims().await;
    for (fault, mut outages) in outages {
        outages.sort();
        let (count, middle, longest) =
            (outages.len(), outages[outages.len() / 2], outages[outages.len() - 1]);
        eprintln!("{fault:?}: {count} times, answers after {middle:.1?}, at most {longest:.1?}");
    }
    let nodes = std::mem::take(&mut cluster.nodes).into_iter().flatten().collect();
    proof::holds(&cluster.hall, nodes, &claims).await;
    assert!(claims.cut_off > 0, "nobody was talking to a node when it died");
}

/// Nodes that are restarted one after the other, as for an update, and drain before they stop.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_nodes_are_restarted_in_turn() {
    let sizes = Sizes { clients: 12, rows: 10, seats_per_row: 20 };
    let mut cluster = Cluster::open(&sizes).await;
    let crowd = Crowd::gather(&cluster.hall, &sizes, &mut Chance::from_environment());
    cluster.hall.answered(50).await;
    cluster.hall.take_failed();
    for number in 0..NODES {
        cluster.suffer(Fault::RestartNode, number).await;
        cluster.hall.answered(50).await;
    }
    assert_eq!(cluster.hall.take_failed(), Vec::<String>::new(), "of three restarts");
    cluster.hall.close();
    let claims = crowd.claims().await;
    let nodes = std::mem::take(&mut cluster.nodes).into_iter().flatten().collect();
    proof::holds(&cluster.hall, nodes, &claims).await;
}

const ANSWERED: &str = "fairseat_forwards_total{outcome=\"answered\"}";
const UNANSWERED: &str = "fairseat_forwards_total{outcome=\"unanswered\"}";

/// A hall over a database without a standby, and the server of that database.
async fn quiet_hall() -> (PostgresServer, Hall) {
    let (postgres, (place, folder)) = blocking(|| {
        let postgres = PostgresServer::start(&SETTINGS[1..]).unwrap();
        let place = place_on(postgres.url("postgres"));
        (postgres, place)
    })
    .await;
    let sizes = Sizes { clients: 1, rows: 4, seats_per_row: 10 };
    (postgres, Hall::open_at(place, folder, &sizes).await)
}

/// The addresses at which nodes reach each other.
async fn node_addresses(hall: &Hall) -> Vec<String> {
    let demands = fairseat_postgres::Demands { require_standby: false, allow_unsafe_server: true };
    let connector =
        fairseat_postgres::Connector::new(hall.place().database.as_ref().unwrap(), demands).unwrap();
    let connection = connector.connect("").await.unwrap();
    let rows = connection.client.query("SELECT address FROM fairseat_nodes.node", &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_that_serves_a_sale_gets_its_commands_and_every_node_reads_what_it_did() {
    let (_postgres, hall) = quiet_hall().await;
    let (one, other) = (started(node(hall.place())).await, started(node(hall.place())).await);
    let (reserve, buyer) = (format!("/api/v1/events/{}/reserve", hall.event()), hall.buyer(0).to_owned());
    let seats = |first: u32| json!({"seat_indexes": [first, first + 1], "hold_duration": 900});
    let ask = async |at: &Server, path: &str, body: &Value| {
        hall.ask_once(&at.address, Method::POST, path, &buyer, body).await
    };
    let reserved = ask(&one, &reserve, &seats(0)).await;
    assert_eq!(reserved.status, 201, "{}", reserved.json);

    hall.is_served_by(std::slice::from_ref(&other.address));
    let reservation = reserved.json["reservation_id"].as_str().unwrap();
    let read = hall.get(&format!("/api/v1/reservations/{reservation}"), Some(&buyer)).await;
    assert_eq!(
        (read.status, &read.json["status"]),
        (200, &json!("active")),
        "the other node reads it at once"
    );
    let card = json!({"card_number": "4242424242424242", "expiry": "12/30", "cvv": "123"});
    let body =
        json!({"reservation_id": reservation, "payment_method": "credit_card", "payment_details": card});
    let bought = ask(&other, "/api/v1/orders", &body).await;
    assert_eq!(bought.status, 201, "{}", bought.json);
    assert_eq!(ask(&other, &reserve, &seats(0)).await.status, 409, "the seats are sold");
    let answered =
        (hall.measured(&other.address, ANSWERED).await, hall.measured(&one.address, ANSWERED).await);
    assert_eq!(answered, (2.0, 0.0));

    for address in node_addresses(&hall).await {
        let stranger = hall.ask_once(&address, Method::POST, &reserve, &buyer, &seats(4)).await;
        assert_eq!((stranger.status, &stranger.json["code"]), (401, &json!("invalid_signature")));
    }

    let mut command = node(hall.place());
    command.args(["--serves-only", hall.event()]);
    let pool = started(command).await;
    let began = Instant::now();
    while hall.measured(&one.address, ANSWERED).await == 0.0 {
        assert!(
            began.elapsed() < crate::hall::PATIENCE,
            "the first node never leaves the event to the third"
        );
        assert_eq!(ask(&one, &reserve, &seats(0)).await.status, 409);
    }
    assert_eq!(hall.measured(&pool.address, ANSWERED).await, 0.0, "it serves the event itself");
    let place = hall.place().clone();
    let proof = blocking(move || place.verify()).await;
    assert_eq!((&proof["violations"], &proof["events"][0]["sold"]), (&json!([]), &json!(2)));
}

/// The request has no idempotency key, so only the id that the first node gave it tells the repetition apart from a second command.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_whose_node_dies_before_it_answers_takes_effect_once() {
    let (_postgres, hall) = quiet_hall().await;
    let mut dying = node(hall.place());
    dying.env("FAILPOINTS", "engine.after_append=return");
    let (dying, other) = (started(dying).await, started(node(hall.place())).await);
    let (reserve, buyer) = (format!("/api/v1/events/{}/reserve", hall.event()), hall.buyer(0).to_owned());
    let nothing = json!({"seat_indexes": []});
    let refused = hall.ask_once(&dying.address, Method::POST, &reserve, &buyer, &nothing).await;
    assert_eq!(refused.status, 422, "it takes the sale and appends nothing: {}", refused.json);
    let best = json!({"best_available": {"quantity": 3}});
    let reserved = hall.ask_once(&other.address, Method::POST, &reserve, &buyer, &best).await;
    assert_eq!((reserved.status, reserved.replayed), (201, true), "{}", reserved.json);
    assert_eq!(hall.measured(&other.address, UNANSWERED).await, 1.0);
    hall.is_served_by(std::slice::from_ref(&other.address));
    let event = hall.get(&format!("/api/v1/events/{}", hall.event()), None).await;
    assert_eq!(event.json["available_seats"], 37, "three seats are held, and not six: {}", event.json);
    drop(dying);
}
