//! A mail server that refuses, hangs up or is not reachable; a process that dies while it sends; two processes that send at once.

use super::{Smtp, TestMailer, Tried};
use crate::common::test_shop::TestShop;
use crate::common::{TestServer, until};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Millis;
use fairseat_messages::SmtpUrl;
use fairseat_server::Server;
use fairseat_server::config::Settings;
use fairseat_store::outbox::Message;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const HOUR: i64 = 3_600;

/// A server with one message waiting: the confirmation of an address.
async fn with_a_message() -> (TestServer, Smtp, TestMailer) {
    let server = TestServer::start().await;
    register(&server, "ada@example.org").await;
    let smtp = Smtp::start();
    let post = TestMailer::of(&server, Some(&smtp));
    (server, smtp, post)
}

async fn register(server: &TestServer, email: &str) {
    let body = json!({"email": email, "username": "Ada", "password": "lovelace"});
    server.anonymous().post("/auth/register", body).await.expect(201);
}

/// The data of all messages in the store's file.
fn outbox_text(server: &TestServer) -> Vec<String> {
    let store = rusqlite::Connection::open(server.folder().join("store.db")).unwrap();
    let mut rows = store.prepare("SELECT data FROM outbox").unwrap();
    rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_message_is_sent_once_and_its_content_deleted() {
    let (server, smtp, post) = with_a_message().await;
    assert_eq!(server.metric("fairseat_queue_length{queue=\"outbox\"}").await, 1.0);
    assert_eq!((post.send().await, post.send_after(24 * HOUR).await), (1, 0));
    let [message] = smtp.received().try_into().unwrap();
    assert_eq!(
        (message.to.as_str(), message.from.as_str()),
        ("<ada@example.org>", "Box Office <tickets@fairseat.test>")
    );
    assert_eq!(message.auto_submitted, "auto-generated");
    assert!(message.id.ends_with("@fairseat.test"), "{}", message.id);
    assert_eq!(outbox_text(&server), [""], "its key alone is kept");
    let gauges = [
        "fairseat_queue_length{queue=\"outbox\"}",
        "fairseat_mail_oldest_seconds",
        "fairseat_mail_sent_total",
    ];
    for (name, value) in gauges.into_iter().zip([0.0, 0.0, 1.0]) {
        assert_eq!(server.metric(name).await, value, "{name}");
    }
}

#[tokio::test]
async fn every_address_that_may_register_gets_its_message() {
    let server = TestServer::start().await;
    let addresses = [
        ("ada..x@docomo.example", "\"ada..x\"@docomo.example"),
        ("ada.@example.org", "\"ada.\"@example.org"),
        (".ada@example.org", "\".ada\"@example.org"),
        ("-ada@example.org", "-ada@example.org"),
        ("o'brien{x}@example.org", "o'brien{x}@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("anna@почта.рф", "anna@xn--80a1acny.xn--p1ai"),
    ];
    for (address, _) in addresses {
        register(&server, address).await;
    }
    let smtp = Smtp::start();
    assert_eq!(TestMailer::of(&server, Some(&smtp)).send().await, addresses.len());
    let to: BTreeSet<String> = smtp.tried.try_iter().map(to_line).collect();
    assert_eq!(to, addresses.map(|(_, sent)| format!("To: {sent}")).into());
    assert_eq!(server.metric("fairseat_alerts_total{kind=\"mail_given_up\"}").await, 0.0);
}

/// The line of a message that names its recipient, as it was sent.
fn to_line(tried: Tried) -> String {
    let Tried::Sent(bytes) = tried else { panic!("{tried:?}") };
    let text = String::from_utf8(bytes).unwrap();
    text.lines().find(|line| line.starts_with("To: ")).unwrap().to_owned()
}

#[tokio::test]
async fn a_temporarily_refused_message_is_sent_later() {
    let (server, smtp, post) = with_a_message().await;
    // Temporary refusals: try later, mailbox busy, wrong login. The last is permanent by its number, but an operator can fix it.
    let refusals =
        [("RCPT", "451 Later"), ("DATA", "450 Busy"), ("MAIL", "530 Who are you"), ("RCPT", "421 Bye")];
    for (command, answer) in refusals {
        smtp.refuse(command, answer);
    }
    assert_eq!(post.send().await, 1);
    for wait in [30, 60, 120, 240] {
        assert!(smtp.received().is_empty(), "refused, {wait}");
        assert_eq!(
            (post.send_after(wait - 1).await, post.send_after(1).await),
            (0, 1),
            "not before its time"
        );
    }
    assert_eq!(smtp.received().len(), 1);
    assert_eq!(server.metric("fairseat_mail_failed_total{reason=\"refused_for_now\"}").await, 4.0);
    assert_eq!(server.metric("fairseat_alerts_total{kind=\"mail_given_up\"}").await, 0.0);
}

#[tokio::test]
async fn a_message_has_one_id_however_often_it_is_sent() {
    let (server, smtp, post) = with_a_message().await;
    register(&server, "eve@example.org").await;
    smtp.refuse(".", "451 It may have been taken, or not");
    assert_eq!((post.send().await, post.send_after(30).await), (2, 1));
    let mut to_each: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for message in smtp.received() {
        to_each.entry(message.to).or_default().push(message.id);
    }
    let ids: BTreeSet<_> = to_each.values().flatten().collect();
    assert_eq!((to_each.values().map(Vec::len).sum::<usize>(), ids.len()), (3, 2), "{to_each:?}");
}

#[tokio::test]
async fn messages_claimed_by_a_dead_process_are_sent_by_the_next() {
    let (server, smtp, post) = with_a_message().await;
    assert_eq!(post.claim_and_die(&server).await, 1);
    assert_eq!((post.send().await, smtp.received().len()), (1, 1));
}

impl TestMailer {
    /// Claims messages as a process does that is killed before it has sent anything. Afterwards its claims have almost expired.
    async fn claim_and_die(&self, server: &TestServer) -> usize {
        let now = fairseat_engine::Clock::now(&*self.clock);
        let claimed = server.store().outbox().claim(10, now, now.plus(Millis::from_seconds(600))).await;
        assert_eq!(self.send_after(599).await, 0, "it may still be sending");
        self.clock.pass(1);
        claimed.unwrap().len()
    }
}

#[tokio::test]
async fn a_permanently_refused_message_is_abandoned_with_an_alert() {
    let (server, smtp, post) = with_a_message().await;
    register(&server, "eve@example.org").await;
    smtp.refuse("RCPT", "550 5.1.1 <nobody@example.org> unknown");
    assert_eq!((post.send().await, post.send_after(24 * HOUR).await), (2, 0));
    assert_eq!(smtp.received().len(), 1, "the other one is sent");
    assert_eq!(outbox_text(&server), ["", ""]);
    for name in
        ["fairseat_mail_failed_total{reason=\"refused\"}", "fairseat_alerts_total{kind=\"mail_given_up\"}"]
    {
        assert_eq!(server.metric(name).await, 1.0, "{name}");
    }
}

#[tokio::test]
async fn an_unreachable_mail_server_is_tried_for_three_days() {
    let (server, mut smtp, _) = with_a_message().await;
    smtp.address.set_port(1);
    let post = TestMailer::of(&server, Some(&smtp));
    let mut tries = 0;
    for _ in 0..4 * 24 * 2 {
        tries += post.send_after(HOUR / 2).await;
    }
    assert_eq!(tries, 76, "seven times in the first half hours, then hourly for three days");
    assert_eq!(server.store().outbox().count().await.unwrap(), 0);
    assert_eq!(server.metric("fairseat_mail_failed_total{reason=\"expired\"}").await, 1.0);
    assert_eq!(server.metric("fairseat_alerts_total{kind=\"mail_given_up\"}").await, 1.0);
}

#[tokio::test]
async fn two_simultaneous_mailers_send_each_message_once() {
    let server = TestServer::start().await;
    let smtp = Smtp::start();
    for number in 0..40 {
        server
            .buyer(&format!("buyer{number}"))
            .await
            .post("/auth/forgot-password", json!({"email": format!("buyer{number}@example.test")}))
            .await
            .expect(202);
    }
    until("every message is queued", async || server.store().outbox().count().await.unwrap() == 40).await;
    let (one, other) = (TestMailer::of(&server, Some(&smtp)), TestMailer::of(&server, Some(&smtp)));
    let (by_one, by_other) = tokio::join!(one.send(), other.send());
    assert_eq!(by_one + by_other, 40);
    let to: BTreeSet<_> = smtp.received().into_iter().map(|message| message.to).collect();
    assert_eq!(to.len(), 40);
    assert_eq!(smtp.received(), []);
}

#[tokio::test]
async fn a_message_that_cannot_be_composed_does_not_delay_others() {
    let (server, smtp, post) = with_a_message().await;
    let ada = server.store().users().by_email("ada@example.org").await.unwrap().unwrap().id;
    let broken = |key: &str, kind: &str, data: &str| Message {
        dedupe_key: key.to_owned(),
        kind: kind.to_owned(),
        recipient: ada,
        event: None,
        as_of: None,
        data: data.to_owned(),
        expires_at: server.app.now().plus(Millis::from_seconds(HOUR)),
    };
    let order = format!("{{\"order_id\": \"{}\"}}", uuid::Uuid::nil());
    let messages = vec![
        broken("1", "of_a_later_release", "{}"),
        broken("2", "verify_email", "no json"),
        broken("3", "order_confirmed", &order),
    ];
    server.store().outbox().queue_all(messages, server.app.now()).await.unwrap();
    assert_eq!(post.send().await, 4);
    assert_eq!(smtp.received().len(), 1);
    assert_eq!(server.metric("fairseat_mail_failed_total{reason=\"nothing_to_say\"}").await, 3.0);
}

#[tokio::test]
async fn messages_for_deleted_accounts_and_reserved_domains_are_not_sent() {
    let shop = TestShop::open().await;
    shop.bought(&["Gift A-1"]).await;
    let smtp = Smtp::start();
    let post = TestMailer::of(&shop.server, Some(&smtp));
    shop.server.wait_for_view_of(&shop.event).await;
    let gone: AccountId = shop.buyer.account.unwrap();
    shop.server.store().users().delete(gone, shop.server.app.now()).await.unwrap();
    register(&shop.server, "fan@demo.invalid").await;
    assert_eq!(post.send().await, 1, "what was for the deleted account left with it");
    assert_eq!(smtp.tried.try_iter().collect::<Vec<Tried>>(), []);
    assert_eq!(shop.server.store().outbox().count().await.unwrap(), 0);
}

#[tokio::test]
async fn errors_do_not_repeat_the_password_of_the_mail_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(folder.path().to_owned());
    assert!(Server::transport(&settings).unwrap().is_none(), "without one, messages wait");
    settings.mail_from = Some("tickets@fairseat.test".parse().unwrap());
    settings.smtp_url = Some(SmtpUrl::given("smtps://tickets:planted#password@mail.test").unwrap());
    let error = format!("{:?}", Server::transport(&settings).unwrap_err());
    assert!(error.contains("--smtp-url must look like") && !error.contains("planted"), "{error}");
    assert!(!format!("{settings:?}").contains("planted"));
    settings.smtp_url = Some(SmtpUrl::given("smtps://tickets:planted-password@mail.test").unwrap());
    let transport = Server::transport(&settings).unwrap().unwrap();
    assert!(!format!("{transport:?}{settings:?}").contains("planted"));
}
