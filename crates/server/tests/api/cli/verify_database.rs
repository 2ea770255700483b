//! `fairseat verify --database`.

use crate::common::TestServer;
use crate::common::command::run;
use crate::common::test_shop::TestShop;
use fairseat_app::database_server::{DatabaseServer, DatabaseUrl};
use fairseat_test_postgres::TestDatabase;
use serde_json::{Value, json};
use std::process::{Command, Output};

fn verify(url: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fairseat"));
    command.args(["verify", "--database", url]).args(arguments).env("FAIRSEAT_LOG", "error");
    run(&mut command, "")
}

/// A shop whose journal and store are in a database, and the database.
async fn shop() -> (TestShop, TestDatabase) {
    let database = TestDatabase::create().unwrap();
    let url = DatabaseUrl::from(database.url());
    DatabaseServer::for_command(&url).prepare().await.unwrap();
    let server = TestServer::start_with(|settings| {
        settings.database = Some(url);
        settings.allow_unsafe_server = true;
    });
    (TestShop::open_on(server.await).await, database)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_was_changed_by_hand_is_found() {
    let (shop, database) = shop().await;
    shop.bought(&["Floor A-1"]).await;
    shop.reserved(&["Floor B-1"]).await;
    shop.server.wait_for_consumers_of(&shop.event).await;
    let whole = verify(&database.url(), &[]);
    assert!(whole.status.success(), "{whole:?}");
    for (damage, repair, found) in [
        (
            "DELETE FROM fairseat_journal.deadline",
            "INSERT INTO fairseat_journal.deadline SELECT stream, stream >> 56, deadline FROM fairseat_journal.head",
            "the deadline to poll is not the head's",
        ),
        (
            "UPDATE fairseat_journal.consumer_cursor SET unread = true",
            "UPDATE fairseat_journal.consumer_cursor SET unread = false",
            "a consumer's cursor or mark does not fit the head",
        ),
        (
            "UPDATE fairseat_journal.batch SET payload = payload || 'x'::bytea WHERE position = 2",
            "UPDATE fairseat_journal.batch SET payload = substr(payload, 1, length(payload) - 1) WHERE position = 2",
            "the hash chain does not continue here",
        ),
        (
            "UPDATE fairseat_store.order_views SET total = total + 1",
            "UPDATE fairseat_store.order_views SET total = total - 1",
            "the view of orders differs from the facts",
        ),
    ] {
        database.by_hand(damage).unwrap();
        let refused = verify(&database.url(), &["--json"]);
        assert_eq!(refused.status.code(), Some(1), "{damage}");
        let report: Value = serde_json::from_slice(&refused.stdout).unwrap();
        let violation = &report["violations"][0];
        assert!(violation["violation"].as_str().unwrap().contains(found), "{damage}: {report}");
        assert_eq!(violation["event"], json!(shop.event.number.0));
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains(" violations: keep this database as it is"), "{said}");
        database.by_hand(repair).unwrap();
    }
    assert!(verify(&database.url(), &[]).status.success());
}
