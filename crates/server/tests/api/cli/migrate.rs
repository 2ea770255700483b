//! `fairseat migrate`: a venue moves from its data folder into a database. The real binary does it, and is killed at every step.

use crate::common::box_office::{sale_of, sell};
use crate::common::command::run;
use crate::common::test_shop::{CARD_TO_APPROVE, GOOD_CARD, TestShop, order_body, string_of};
use crate::common::{Actor, TestServer, is_on_postgres};
use fairseat_app::database_server::{DatabaseServer, DatabaseUrl};
use fairseat_test_postgres::PostgresServer;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

/// Where the process is killed, in the order in which a move passes these points, and at which passing.
const DEATHS: [&str; 9] = [
    "migrate.folder_marked=return",
    "migrate.begun=return",
    "migrate.batches_copied=return",
    "migrate.journal_copied=return",
    "migrate.rows_copied=return",
    "migrate.rows_copied=2*off->return",
    "migrate.rows_copied=3*off->return",
    "migrate.search_built=return",
    "migrate.folder_moved=return",
];

fn fairseat(arguments: &[&str], folder: &Path, death: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fairseat"));
    command
        .args(arguments)
        .arg("--data-dir")
        .arg(folder)
        .env("FAIRSEAT_LOG", "error")
        .env("FAILPOINTS", death);
    run(&mut command, "a password for tests")
}

/// The one sentence of a failed command.
#[track_caller]
fn refused(output: &Output) -> String {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[track_caller]
fn done(output: &Output) -> String {
    let said = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// A private server whose commits are durable, and a prepared database on it.
async fn prepared(server: &PostgresServer, name: &str) -> DatabaseUrl {
    server.by_hand(&format!("CREATE DATABASE {name}")).unwrap();
    let url = DatabaseUrl::from(server.url(name));
    DatabaseServer::for_command(&url).prepare().await.unwrap();
    url
}

/// A venue in which all kinds of things have happened, and the paths that show them to the buyer.
async fn venue() -> (TestShop, Vec<String>) {
    let shop = TestShop::open().await;
    let order = shop.bought(&["Floor A-1", "Floor A-2"]).await;
    let cancelled = shop.bought(&["Floor B-1"]).await;
    let cancel = format!("/orders/{}/cancel", string_of(&cancelled["order_id"]));
    shop.buyer.post(&cancel, json!({})).await.expect(200);
    let reserved = shop.reserved(&["Floor C-1"]).await;
    let pending = shop.reserved(&["Balcony A-1"]).await;
    shop.pay(&pending, CARD_TO_APPROVE).await.expect(202);
    let mut counter = sale_of(&shop, &["Floor B-3"], "cash");
    counter["name"] = json!("Wälter Wálk-In");
    sell(&shop, &shop.organizer, counter).await.expect(201);
    let guest = shop.server.guest().await;
    shop.reserve(&guest, &["Floor C-4"]).await.expect(201);
    let quiet = shop.server.event(&shop.organizer).await;
    shop.server.wait_for_consumers_of(&shop.event).await;
    shop.server.wait_for_consumers_of(&quiet).await;
    let ticket = string_of(&order["tickets"][0]["ticket_id"]);
    let seen = vec![
        format!("/orders/{}", string_of(&order["order_id"])),
        format!("/orders/{}", string_of(&cancelled["order_id"])),
        format!("/reservations/{reserved}"),
        format!("/tickets/{ticket}"),
        format!("/users/{}/orders", shop.buyer.id()),
        shop.event.path(""),
        "/events?q=hamlet".to_owned(),
        "/events?limit=50".to_owned(),
    ];
    (shop, seen)
}

async fn answers(actor: &Actor, paths: &[String]) -> Vec<Value> {
    let mut answers = Vec::new();
    for path in paths {
        answers.push(actor.get(path).await.expect(200).clone());
    }
    answers
}

fn report(output: &Output) -> Value {
    serde_json::from_str(&done(output)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_venue_moves_although_the_program_is_killed_at_every_step() {
    if is_on_postgres() {
        return;
    }
    let (shop, seen) = venue().await;
    let before = answers(&shop.buyer, &seen).await;
    let TestShop { server, organizer, event, buyer } = shop;
    let data = server.stop().await;
    let folder = data.path().to_owned();
    let proof = report(&fairseat(&["verify", "--json"], &folder, ""));

    let databases = PostgresServer::start(&[]).unwrap();
    let url = prepared(&databases, "shop").await;
    let migrate = ["migrate", "--to", url.expose()];
    let serve_database = ["serve", "--listen", "127.0.0.1:0", "--database", url.expose()];
    for death in DEATHS {
        let killed = fairseat(&migrate, &folder, death);
        assert_eq!(killed.status.code(), None, "{death}: {killed:?}");
        let said = refused(&fairseat(&["serve", "--listen", "127.0.0.1:0"], &folder, ""));
        assert!(
            said.contains("is being moved into a database") || said.contains("was moved"),
            "{death}: {said}"
        );
        if death != DEATHS[0] {
            let said = refused(&fairseat(&serve_database, &folder, ""));
            assert!(said.contains("not all of it is there: run `fairseat migrate`"), "{death}: {said}");
        }
    }
    let moved = fairseat(&migrate, &folder, "");
    assert!(done(&moved).contains("everything was compared and is the same"), "{moved:?}");
    assert!(done(&fairseat(&migrate, &folder, "")).starts_with("everything was moved already"));
    assert_eq!(report(&fairseat(&["verify", "--json", "--database", url.expose()], &folder, "")), proof);
    let add = ["user", "add", "--password-stdin", "--role", "buyer", "--email", "late@example.org"];
    let backup = folder.join("backup.tar");
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &add, &["backup", backup.to_str().unwrap()]] {
        let said = refused(&fairseat(command, &folder, ""));
        assert!(said.contains("was moved into a database: serve that with --database"), "{said}");
    }

    let server = TestServer::start_over_with(data, |settings| settings.database = Some(url.clone())).await;
    let buyer = server.same_person(&buyer);
    assert_eq!(answers(&buyer, &seen).await, before, "nobody notices");
    let organizer = server.same_person(&organizer);
    let shop = TestShop { server, organizer, event, buyer };
    shop.reserve(&shop.buyer, &["Floor A-1"]).await.refused(409, "seat_unavailable");
    shop.pay(seen[2].trim_start_matches("/reservations/"), GOOD_CARD).await.expect(201);
    let next = shop.server.event(&shop.organizer).await;
    assert_eq!(next.number.0, 3, "numbers go on");
    let place = json!({"seat_ids": next.seats(&["Floor A-1"])});
    let reserved =
        string_of(&shop.buyer.post(&next.path("/reserve"), place).await.expect(201)["reservation_id"]);
    shop.buyer.post("/orders", order_body(&reserved, GOOD_CARD)).await.expect(201);
    shop.server.wait_for_consumers_of(&next).await;
    done(&fairseat(&["verify", "--database", url.expose()], &folder, ""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_moved_is_refused_and_nothing_changes() {
    if is_on_postgres() {
        return;
    }
    let shop = TestShop::open().await;
    shop.bought(&["Floor A-1"]).await;
    let running = shop.server.folder().to_owned();
    let databases = PostgresServer::start(&[]).unwrap();
    let (url, other) = (prepared(&databases, "shop").await, prepared(&databases, "other").await);
    databases.by_hand("CREATE DATABASE unprepared").unwrap();
    let unsafe_url = format!("{} options='-c synchronous_commit=off'", other.expose());
    let nobody = tempfile::tempdir().unwrap();
    let missing = nobody.path().join("missing");

    // The folder of the first shop moves; that of the second is refused by its database.
    let data = shop.server.stop().await;
    done(&fairseat(&["migrate", "--to", url.expose()], data.path(), ""));
    let second = TestShop::open().await;
    let serving = second.server.folder().to_owned();
    let lock = fairseat_app::data_dir::ServedDataDir::take(&serving).unwrap();
    let locked = refused(&fairseat(&["migrate", "--to", other.expose()], &serving, ""));
    assert!(locked.contains("another fairseat server uses the data folder"), "{locked}");
    drop(lock);
    let second = second.server.stop().await;
    for (to, folder, expected) in [
        (
            url.expose(),
            second.path(),
            "the database has the data of another venue: prepare an empty database",
        ),
        (other.expose(), running.as_path(), "it was moved into another database already"),
        (other.expose(), missing.as_path(), "is no data folder: name the one the server used"),
        (unsafe_url.as_str(), second.path(), "synchronous_commit = off, so a crash can lose sold tickets"),
        (
            &databases.url("unprepared"),
            second.path(),
            "run `fairseat database prepare` of this program first",
        ),
        ("postgres://[", second.path(), "the database's connection string cannot be used"),
    ] {
        let said = refused(&fairseat(&["migrate", "--to", to], folder, ""));
        assert!(said.contains(expected), "{said}");
    }
    assert!(!missing.exists(), "no folder is made");
    assert!(!second.path().join("moved-to-database").exists(), "a refused folder can still be served");
    // A move that was given up leaves a database that nobody else may use.
    let killed =
        fairseat(&["migrate", "--to", other.expose()], second.path(), "migrate.batches_copied=return");
    assert_eq!(killed.status.code(), None);
    std::fs::remove_file(second.path().join("moved-to-database")).unwrap();
    let said = refused(&fairseat(&["migrate", "--to", other.expose()], second.path(), ""));
    assert!(said.contains("another move into this database has begun"), "{said}");
    TestServer::start_over(second).await;
}
