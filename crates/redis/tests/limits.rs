//! Limits that two nodes count together in a real Redis, which is killed and comes back.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use fairseat_domain::Sale;
use fairseat_domain::ids::AccountId;
use fairseat_edge::limits::{LimitedCaller, RateLimit, RateLimiting, RateLimits, WrongPasswords};
use fairseat_engine::{Engine, EngineOptions, SystemClock};
use fairseat_journal::MemoryJournal;
use fairseat_redis::{Redis, RedisError, RedisMetrics, RedisOptions};
use fairseat_test_redis::RedisServer;
use futures::future::join_all;
use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Long, because a machine that runs all tests at once is slow.
const PATIENCE: Duration = Duration::from_secs(10);

/// A limit of three requests at once, and one a minute.
const THREE: RateLimit = RateLimit::PasswordResetByAccount;

fn options(url: &str) -> RedisOptions {
    RedisOptions { url: url.parse().unwrap(), fingerprint: [1; 32], secret: [2; 32], patience: PATIENCE }
}

/// A node over one database with others.
struct Node {
    limits: RateLimits,
    passwords: WrongPasswords,
    registry: Registry,
    engine: Engine<Sale>,
}

impl Node {
    async fn start(redis: &RedisServer) -> Self {
        Self::open(options(&redis.url())).await
    }

    async fn open(options: RedisOptions) -> Self {
        let mut registry = Registry::default();
        let redis = Redis::open(options, RedisMetrics::new(&mut registry)).await.unwrap();
        let counters = Some(redis.counters());
        let journal = Arc::new(MemoryJournal::new());
        let engine = Engine::new(journal, Arc::new(SystemClock), EngineOptions::default());
        tokio::spawn(redis.run(engine.clone()));
        let limits = RateLimits::new(RateLimiting::On, counters.clone());
        Self { limits, passwords: WrongPasswords::new(counters), registry, engine }
    }

    /// How many of ten requests are admitted.
    async fn admits(&self, limit: RateLimit, caller: LimitedCaller) -> usize {
        let mut admitted = 0;
        for _ in 0..10 {
            admitted += usize::from(self.limits.check(limit, caller).await.is_ok());
        }
        admitted
    }

    async fn knows_that_redis_is(&self, there: bool) {
        until(|| self.limits.misses_shared_counters() != there).await;
    }

    fn measured(&self, name: &str) -> String {
        let mut encoded = String::new();
        text::encode(&mut encoded, &self.registry).unwrap();
        let line = encoded.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in {encoded}")).to_owned()
    }
}

/// Lets other tasks run until this holds.
async fn until(holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), waiting).await.unwrap();
}

/// The keys in Redis, but for that of the checks.
fn counters(redis: &RedisServer) -> Vec<String> {
    let keys = redis.by_hand(&["KEYS", "*"]).unwrap();
    keys.lines().filter(|key| !key.is_empty() && !key.ends_with(":check")).map(str::to_owned).collect()
}

fn account(number: u128) -> LimitedCaller {
    LimitedCaller::Account(AccountId(number))
}

fn address(number: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, number])
}

#[tokio::test]
async fn a_limit_by_account_holds_for_all_nodes_and_one_by_address_for_each() {
    let redis = RedisServer::start(&[]).unwrap();
    let (one, other) = (Node::start(&redis).await, Node::start(&redis).await);
    for node in [&one, &other, &one] {
        assert_eq!(node.limits.check(THREE, account(1)).await, Ok(()));
    }
    for node in [&one, &other] {
        let wait = node.limits.check(THREE, account(1)).await.unwrap_err();
        assert!(wait <= Duration::from_secs(60), "{wait:?}");
        assert_eq!(node.admits(THREE, account(1)).await, 0);
    }
    assert_eq!(other.admits(THREE, account(2)).await, 3, "another account");
    assert_eq!(other.admits(RateLimit::LetterByAccount, account(1)).await, 10, "another limit");
    let client = LimitedCaller::address(address(1));
    for node in [&one, &other] {
        assert_eq!(node.admits(RateLimit::PasswordResetByAddress, client).await, 10);
        assert_eq!(node.admits(RateLimit::PasswordResetByAddress, client).await, 10);
    }
    assert_eq!(one.measured("redis_away_seconds"), "0");
    assert_eq!(
        one.measured(r#"redis_calls_total{purpose="limits",outcome="failed"}"#),
        "0",
        "everything was answered"
    );
}

#[tokio::test]
async fn requests_at_the_same_time_are_not_admitted_twice() {
    let redis = RedisServer::start(&[]).unwrap();
    let (one, other) = (Node::start(&redis).await, Node::start(&redis).await);
    let asked = (0..200).map(|number| {
        let node = if number % 2 == 0 { &one } else { &other };
        node.limits.check(RateLimit::InvitationByAccount, account(1))
    });
    let admitted = join_all(asked).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(admitted, 20, "as many as one node admits");
}

#[tokio::test]
async fn nodes_over_another_database_count_apart() {
    let redis = RedisServer::start(&[]).unwrap();
    let one = Node::start(&redis).await;
    let stranger = Node::open(RedisOptions { fingerprint: [9; 32], ..options(&redis.url()) }).await;
    assert_eq!(one.admits(THREE, account(1)).await, 3);
    assert_eq!(stranger.admits(THREE, account(1)).await, 3);
}

#[tokio::test]
async fn without_redis_each_node_goes_on_from_the_count_that_it_knows() {
    let mut redis = RedisServer::start(&[]).unwrap();
    let (one, other) = (Node::start(&redis).await, Node::start(&redis).await);
    assert_eq!(one.admits(THREE, account(1)).await, 3);
    redis.kill();
    assert_eq!(one.admits(THREE, account(1)).await, 0, "it knows");
    assert_eq!(other.admits(THREE, account(1)).await, 3, "it counts alone");
    for node in [&one, &other] {
        node.knows_that_redis_is(false).await;
        assert_eq!(node.measured("redis_away_seconds"), "1");
    }
    assert_eq!(one.admits(THREE, account(2)).await, 3);

    redis.restart().unwrap();
    for node in [&one, &other] {
        node.knows_that_redis_is(true).await;
        assert_eq!(node.measured("redis_away_seconds"), "0");
    }
    assert_eq!(other.admits(THREE, account(3)).await, 3);
    assert_eq!(one.admits(THREE, account(3)).await, 0, "counted together again");
    assert_eq!(one.limits.check(RateLimit::Payment, account(4)).await, Ok(()));
}

#[tokio::test]
async fn a_redis_that_forgot_everything_is_told_what_a_node_knows() {
    let redis = RedisServer::start(&[]).unwrap();
    let (one, other) = (Node::start(&redis).await, Node::start(&redis).await);
    for _ in 0..2 {
        assert_eq!(one.limits.check(THREE, account(1)).await, Ok(()));
    }
    redis.by_hand(&["FLUSHALL"]).unwrap();
    assert_eq!(one.limits.check(THREE, account(1)).await, Ok(()));
    assert_eq!(other.admits(THREE, account(1)).await, 0);
}

#[tokio::test]
async fn a_redis_that_does_not_answer_is_away() {
    let redis = RedisServer::start(&[]).unwrap();
    let short = RedisOptions { patience: Duration::from_millis(100), ..options(&redis.url()) };
    let node = Node::open(short).await;
    redis.pause().unwrap();
    assert_eq!(node.admits(THREE, account(1)).await, 3, "it counts alone");
    node.knows_that_redis_is(false).await;
    redis.resume().unwrap();
    node.knows_that_redis_is(true).await;
}

#[tokio::test]
async fn wrong_passwords_are_counted_for_all_nodes() {
    let redis = RedisServer::start(&[]).unwrap();
    let (one, other) = (Node::start(&redis).await, Node::start(&redis).await);
    let asked = (0..200).map(|number| {
        let node = if number % 2 == 0 { &one } else { &other };
        node.passwords.guess(1, address(1), None)
    });
    let guesses: Vec<_> = join_all(asked).await.into_iter().flatten().collect();
    assert_eq!(guesses.len(), 5, "as many as on one node");
    drop(guesses);
    // What was not tried is taken back.
    until(|| counters(&redis).is_empty()).await;
    assert!(other.passwords.guess(1, address(1), None).await.is_ok());
}

#[tokio::test]
async fn an_owner_who_signed_in_on_one_node_is_known_to_the_others() {
    let redis = RedisServer::start(&[]).unwrap();
    let (one, other) = (Node::start(&redis).await, Node::start(&redis).await);
    one.passwords.guess(1, address(200), None).await.unwrap().was_right().await;
    for stranger in 0..20 {
        let node = if stranger % 2 == 0 { &one } else { &other };
        node.passwords.guess(1, address(stranger / 4), None).await.unwrap().was_wrong();
    }
    // Twenty guesses are free. So that no clock decides, there were many more.
    for key in counters(&redis) {
        if redis.by_hand(&["HGET", &key, "count"]).unwrap().trim() == "20" {
            redis.by_hand(&["HSET", &key, "count", "60"]).unwrap();
        }
    }
    for node in [&one, &other] {
        let wait = node.passwords.guess(1, address(201), None).await.unwrap_err();
        assert!(wait > Duration::from_secs(1) && wait <= Duration::from_secs(30), "{wait:?}");
        assert!(node.passwords.guess(1, address(200), None).await.is_ok(), "at home");
        assert!(node.passwords.guess(2, address(201), None).await.is_ok(), "another account");
        assert!(node.passwords.guess(1, address(201), Some(7)).await.is_ok(), "a device of the owner");
    }
    one.passwords.owner_is_at(1, address(201)).await;
    assert!(other.passwords.guess(1, address(201), None).await.is_ok(), "the owner followed a link");
}

#[tokio::test]
async fn names_in_redis_are_hashes() {
    let redis = RedisServer::start(&[]).unwrap();
    let node = Node::start(&redis).await;
    let number = 0x1234_5678_9abc_def0_1234_5678_9abc_def0;
    assert_eq!(node.limits.check(THREE, account(number)).await, Ok(()));
    node.passwords.guess(number, address(1), Some(number)).await.unwrap().was_right().await;
    node.passwords.guess(number, address(1), None).await.unwrap().was_wrong();
    let keys = counters(&redis);
    assert_eq!(keys.len(), 5, "a request, the owner's address, and three counters of the guess: {keys:?}");
    for key in &keys {
        let parts: Vec<&str> = key.split(':').collect();
        let [_, database, name] = parts[..] else { panic!("{key}") };
        assert_eq!((parts[0], database.len(), name.len()), ("fairseat", 16, 32), "{key}");
        assert!(!key.contains("12345678") && !key.contains(&number.to_string()), "{key}");
        assert_ne!(redis.by_hand(&["PTTL", key]).unwrap().trim(), "-1", "every key expires: {key}");
    }
    node.engine.stop().await;
}

/// The rights that docs/operations.md names.
const RIGHTS: &str = "~fairseat:* &fairseat:* +ping +evalsha +script|load +time +get +set +del +exists +hget +hmget +hset +hincrby \
                      +pexpire +publish +subscribe";

#[tokio::test]
async fn a_server_that_refuses_a_node_is_named_with_the_reason() {
    let redis = RedisServer::start(&["--requirepass", "Gallery7"]).unwrap();
    let open = async |user: &str| {
        let url = format!("{}?{user}", redis.url());
        Redis::open(options(&url), RedisMetrics::new(&mut Registry::default())).await.map(drop)
    };
    let refused = async |user: &str| {
        let error = open(user).await.unwrap_err();
        let RedisError::Unusable { reason, .. } = &error else { panic!("{error}") };
        assert!(!error.to_string().contains("Gallery"), "{error}");
        reason.clone()
    };
    for user in ["", "pass=Gallery8", "user=shop&pass=Gallery7"] {
        assert!(refused(user).await.contains("does not accept the user or the password"), "{user}");
    }
    assert_eq!(open("pass=Gallery7").await, Ok(()));
    assert!(refused("pass=Gallery7&db=99").await.contains("DB index"));

    let set_user = |rights: &str| {
        let mut command =
            vec!["--no-auth-warning", "-a", "Gallery7", "ACL", "SETUSER", "shop", "reset", "on", ">x"];
        command.extend(rights.split(' '));
        assert_eq!(redis.by_hand(&command).unwrap().trim(), "OK");
    };
    set_user(RIGHTS);
    assert_eq!(open("user=shop&pass=x").await, Ok(()));
    for right in ["+publish", "+subscribe", "+evalsha", "&fairseat:*"] {
        set_user(&RIGHTS.replace(right, "").replace("  ", " "));
        let reason = refused("user=shop&pass=x").await;
        assert!(reason.contains("lacks a right"), "{right}: {reason}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_at_the_start_is_used_when_it_comes() {
    let mut redis = RedisServer::start(&[]).unwrap();
    redis.kill();
    let node = Node::start(&redis).await;
    assert!(node.limits.misses_shared_counters());
    assert_eq!(node.admits(THREE, account(1)).await, 3);
    redis.restart().unwrap();
    node.knows_that_redis_is(true).await;
}
