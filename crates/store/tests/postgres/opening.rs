//! What is refused when a store in a database opens. Each refusal says what to do.

use crate::common::{FOR_TESTS, Fixture, at, new_user};
use fairseat_store::{Store, StoreError};
use fairseat_test_postgres::TestDatabase;
use std::error::Error as _;
use std::sync::Arc;

async fn open(url: &str) -> Result<Store, StoreError> {
    Store::open_postgres(url, FOR_TESTS, Arc::new(|_, _| {})).await
}

async fn prepared() -> TestDatabase {
    Fixture::new().await.database.unwrap()
}

async fn refusal(url: &str) -> String {
    let refused = open(url).await.expect_err("the store opened");
    match refused.source() {
        Some(source) => format!("{refused}: {source}"),
        None => refused.to_string(),
    }
}

#[tokio::test]
async fn a_program_uses_its_own_version_of_the_tables_and_the_next() {
    let empty = TestDatabase::create().unwrap();
    let not_prepared = "the database is not prepared for this program: run `fairseat database prepare` of this program first";
    assert_eq!(refusal(&empty.url()).await, not_prepared);
    let database = prepared().await;
    let known: u32 =
        database.by_hand("SELECT version FROM fairseat_store.version").unwrap().trim().parse().unwrap();
    let set = |version| {
        database.by_hand(&format!("UPDATE fairseat_store.version SET version = {version}")).unwrap();
    };
    set(known + 1);
    let store = open(&database.url()).await.unwrap();
    store.users().create(new_user("next@example.test"), None, at(0)).await.unwrap();
    Store::prepare_postgres(&database.url()).await.unwrap();
    let kept = database.by_hand("SELECT version FROM fairseat_store.version").unwrap();
    assert_eq!(kept.trim(), (known + 1).to_string(), "it is not set back");
    set(known + 2);
    let said = refusal(&database.url()).await;
    assert!(
        said.ends_with(&format!("this program was written for version {known}: upgrade the program")),
        "{said}"
    );
    assert!(Store::prepare_postgres(&database.url()).await.is_err());
    set(known - 1);
    assert_eq!(refusal(&database.url()).await, not_prepared);
}

#[tokio::test]
async fn a_missing_right_is_named() {
    let database = prepared().await;
    let user = format!("shop_{}", std::process::id());
    database.by_hand(&format!("DROP ROLE IF EXISTS {user}; CREATE ROLE {user} LOGIN")).unwrap();
    let url = database.url().replace("user=postgres", &format!("user={user}"));
    let all = "ALL TABLES IN SCHEMA fairseat_store";
    for (step, right) in [
        ("SELECT 1".to_owned(), "USAGE ON SCHEMA fairseat_store"),
        (
            format!("GRANT USAGE ON SCHEMA fairseat_store TO {user}"),
            "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA fairseat_store",
        ),
        (
            format!("GRANT SELECT ON {all} TO {user}"),
            "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA fairseat_store",
        ),
        (
            format!(
                "GRANT INSERT, UPDATE, DELETE ON {all} TO {user}; REVOKE INSERT, DELETE ON fairseat_store.refunds FROM {user}"
            ),
            "INSERT, DELETE ON fairseat_store.refunds",
        ),
    ] {
        database.by_hand(&step).unwrap();
        let said = refusal(&url).await;
        assert_eq!(said, format!("the database user {user} lacks a right: GRANT {right} TO {user}"));
        assert!(!said.contains('\n'));
    }
    // What is said is enough, also for rows that the server numbers.
    database.by_hand(&format!("GRANT INSERT, DELETE ON fairseat_store.refunds TO {user}")).unwrap();
    let store = open(&url).await.unwrap();
    let fixture = Fixture { store, folder: tempfile::tempdir().unwrap(), database: Some(database.clone()) };
    let (theatre, _) = fixture.organization("theatre").await;
    let venue = fixture.venue(theatre).await;
    fixture.event(&venue, crate::common::event_details("Hamlet")).await;
    database.by_hand(&format!("DROP OWNED BY {user}; DROP ROLE {user}")).unwrap();
}

#[tokio::test]
async fn a_server_that_cannot_search_texts_is_refused() {
    let database = prepared().await;
    let user = format!("reader_{}", std::process::id());
    database.by_hand(&format!("DROP ROLE IF EXISTS {user}; CREATE ROLE {user} LOGIN")).unwrap();
    let grant = format!(
        "GRANT USAGE ON SCHEMA fairseat_store TO {user}; GRANT ALL ON ALL TABLES IN SCHEMA fairseat_store TO {user}"
    );
    database.by_hand(&grant).unwrap();
    let url = database.url().replace("user=postgres", &format!("user={user}"));
    open(&url).await.unwrap();
    // In this database alone.
    database.by_hand("REVOKE EXECUTE ON FUNCTION ts_match_vq(tsvector, tsquery) FROM PUBLIC").unwrap();
    let said = refusal(&url).await;
    assert!(
        said.starts_with("full text search (tsvector, tsquery and @@) does not work on this server: "),
        "{said}"
    );
    database.by_hand(&format!("DROP OWNED BY {user}; DROP ROLE {user}")).unwrap();
}
