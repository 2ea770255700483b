//! What is refused when a journal opens. Each refusal is one line that says what to do.

use fairseat_journal::{PostgresJournal, PostgresOpenError, PostgresOptions};
use fairseat_postgres::ServerError;
use fairseat_test_postgres::PostgresServer;

use crate::support::{FAST, admin, options, prepared};

async fn refusal(url: &str, options: PostgresOptions) -> PostgresOpenError {
    let refused = PostgresJournal::open(url, options).await.expect_err("the journal opened");
    assert!(!refused.to_string().contains('\n'), "{refused}");
    refused
}

#[tokio::test]
async fn a_server_that_may_lose_commits_is_refused() {
    let server = prepared(&[FAST]).await;
    let url = server.url("postgres");
    let refused = refusal(&url, PostgresOptions::default()).await.to_string();
    assert_eq!(
        refused,
        "the database server has fsync = off, so a crash can lose sold tickets: set it to on and start again"
    );
    drop(PostgresJournal::open(&url, options()).await.unwrap());
    drop(server);

    let server = PostgresServer::start(&[]).unwrap();
    let url = server.url("postgres");
    PostgresJournal::prepare(&url, PostgresOptions::default()).await.unwrap();
    drop(PostgresJournal::open(&url, PostgresOptions::default()).await.unwrap());
    let admin = admin(&server).await;
    for value in ["off", "local", "remote_write"] {
        let set = format!("ALTER DATABASE postgres SET synchronous_commit = {value}");
        admin.batch_execute(&set).await.unwrap();
        let refused = refusal(&url, PostgresOptions::default()).await.to_string();
        assert!(refused.contains(&format!("synchronous_commit = {value}")), "{refused}");
    }
    admin.batch_execute("ALTER DATABASE postgres SET synchronous_commit = on").await.unwrap();
    let required = PostgresOptions { require_standby: true, ..PostgresOptions::default() };
    assert_eq!(refusal(&url, required).await, PostgresOpenError::Server(ServerError::NoStandby));
}

#[tokio::test]
async fn a_database_without_a_schema_that_this_program_knows_is_refused() {
    let server = PostgresServer::start(&[FAST]).unwrap();
    let url = server.url("postgres");
    assert_eq!(refusal(&url, options()).await, PostgresOpenError::NoSchema);
    for _ in 0..2 {
        PostgresJournal::prepare(&url, options()).await.unwrap();
    }
    drop(PostgresJournal::open(&url, options()).await.unwrap());
    let admin = admin(&server).await;
    // The next release has prepared the database, and this program goes on with it.
    admin.batch_execute("UPDATE fairseat_journal.schema_version SET version = 2").await.unwrap();
    PostgresJournal::prepare(&url, options()).await.unwrap();
    drop(PostgresJournal::open(&url, options()).await.unwrap());
    let found = "SELECT version FROM fairseat_journal.schema_version";
    assert_eq!(admin.query_one(found, &[]).await.unwrap().get::<_, i32>(0), 2, "it is not set back");
    for (version, advice) in
        [(0, "run `fairseat database prepare` of this program first"), (3, "upgrade the program")]
    {
        let set = format!("UPDATE fairseat_journal.schema_version SET version = {version}");
        admin.batch_execute(&set).await.unwrap();
        let refused = refusal(&url, options()).await.to_string();
        assert!(
            refused.contains(&format!("has version {version}")) && refused.ends_with(advice),
            "{refused}"
        );
        assert!(
            PostgresJournal::prepare(&url, options()).await.is_err(),
            "another version is not overwritten"
        );
    }
}

#[tokio::test]
async fn a_missing_right_is_named() {
    let server = prepared(&[FAST]).await;
    let admin = admin(&server).await;
    admin.batch_execute("CREATE ROLE shop LOGIN").await.unwrap();
    let url = server.url("postgres").replace("user=postgres", "user=shop");
    let append = "append_1(bigint, bigint, bytea, bytea, bytea, bytea, bigint, bigint, bigint, boolean, bigint, integer)";
    let all = "ALL TABLES IN SCHEMA fairseat_journal";
    let steps = [
        ("SELECT 1".to_owned(), "USAGE ON SCHEMA fairseat_journal".to_owned()),
        (
            "GRANT USAGE ON SCHEMA fairseat_journal TO shop".to_owned(),
            "SELECT ON fairseat_journal.schema_version".to_owned(),
        ),
        (format!("GRANT SELECT ON {all} TO shop"), "INSERT ON fairseat_journal.schema_version".to_owned()),
        (
            format!(
                "GRANT INSERT, UPDATE, DELETE ON {all} TO shop; REVOKE DELETE ON fairseat_journal.deadline FROM shop"
            ),
            "DELETE ON fairseat_journal.deadline".to_owned(),
        ),
        (
            format!(
                "GRANT ALL ON fairseat_journal.deadline TO shop;
                 REVOKE EXECUTE ON FUNCTION fairseat_journal.{append} FROM PUBLIC"
            ),
            format!("EXECUTE ON FUNCTION fairseat_journal.{append}"),
        ),
    ];
    for (step, right) in steps {
        admin.batch_execute(&step).await.unwrap();
        let refused = refusal(&url, options()).await;
        assert_eq!(
            refused,
            PostgresOpenError::MissingRight { user: "shop".to_owned(), right: right.clone() }
        );
        let message = refused.to_string();
        assert_eq!(message, format!("the database user shop lacks a right: GRANT {right} TO shop"));
        if right.starts_with("EXECUTE") {
            admin.batch_execute(&format!("GRANT {right} TO shop")).await.unwrap();
        }
    }
    drop(PostgresJournal::open(&url, options()).await.unwrap());
}

#[tokio::test]
async fn a_wrong_address_user_or_password_is_said_in_one_line() {
    let mut server = prepared(&[FAST]).await;
    let bad = refusal("postgres://[", options()).await;
    assert!(matches!(bad, PostgresOpenError::Server(ServerError::BadUrl(_))), "{bad:?}");
    let no_host = refusal("user=postgres", options()).await;
    assert!(matches!(no_host, PostgresOpenError::Server(ServerError::BadUrl(_))), "{no_host:?}");
    let folder = tempfile::tempdir().unwrap();
    let nobody = format!("host={} user=postgres", folder.path().display());
    let unreachable = refusal(&nobody, options()).await.to_string();
    assert!(unreachable.contains(&*folder.path().to_string_lossy()), "{unreachable}");
    let stranger = server.url("postgres").replace("user=postgres", "user=stranger");
    let refused = refusal(&stranger, options()).await.to_string();
    assert!(refused.contains("role \"stranger\" does not exist"), "{refused}");
    let no_database = refusal(&server.url("nowhere"), options()).await.to_string();
    assert!(no_database.contains("database \"nowhere\" does not exist"), "{no_database}");
    admin(&server).await.batch_execute("CREATE ROLE shop LOGIN PASSWORD 'right'").await.unwrap();
    std::fs::write(
        server.data().join("pg_hba.conf"),
        "local all postgres trust\nlocal all all scram-sha-256\n",
    )
    .unwrap();
    server.restart(&[FAST]).unwrap();
    let wrong = server.url("postgres").replace("user=postgres", "user=shop password=Gallery7");
    let refused = refusal(&wrong, options()).await.to_string();
    assert!(refused.contains("password authentication failed for user \"shop\""), "{refused}");
    assert!(!refused.contains("Gallery7"), "{refused}");
    let two_hosts =
        format!("host={},{} user=postgres dbname=postgres", folder.path().display(), server.host());
    drop(PostgresJournal::open(&two_hosts, options()).await.unwrap());
}
