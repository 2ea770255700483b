//! The texts of letters.

use super::{ReceivedMessage, Smtp, TestMailer};
use crate::common::catalogue::make_event;
use crate::common::{Actor, TestServer, until};
use fairseat_domain::ids::AccountId;
use fairseat_store::STORE_FILE;
use serde_json::{Value, json};

/// An event, its organizer, a buyer with tickets, and the mailer.
pub(super) struct Show {
    pub(super) server: TestServer,
    pub(super) organizer: Actor,
    buyer: Actor,
    pub(super) event: String,
    smtp: Smtp,
    post: TestMailer,
}

impl Show {
    pub(super) async fn with(changes: Value) -> Self {
        let server = TestServer::start().await;
        let organizer = server.organizer("olga").await;
        let event = make_event(&organizer, changes).await;
        let buyer = server.buyer("bob").await;
        let smtp = Smtp::start();
        let post = TestMailer::of(&server, Some(&smtp));
        Self { server, organizer, buyer, event, smtp, post }
    }

    /// An order of two seats.
    pub(super) async fn order(&self) -> Value {
        let wish = json!({"best_available": {"quantity": 2, "section": "Floor"}});
        let reserved = self.buyer.post(&format!("/events/{}/reserve", self.event), wish).await;
        let order = json!({
            "reservation_id": reserved.expect(201)["reservation_id"], "payment_method": "credit_card",
            "payment_details": {"card_number": "4242424242424242", "expiry": "12/40", "cvv": "123"},
        });
        self.buyer.post("/orders", order).await.expect(201).clone()
    }

    /// Makes an account's address one that nobody has confirmed.
    fn unconfirm(&self, account: AccountId) {
        let file = self.server.folder().join(STORE_FILE);
        let text = "UPDATE users SET email_verified_at = NULL WHERE id = ?1";
        let id = account.0.to_be_bytes().to_vec();
        assert_eq!(rusqlite::Connection::open(file).unwrap().execute(text, [id]).unwrap(), 1);
    }

    /// Sends the messages once `count` of them wait; returns what was received.
    pub(super) async fn mail(&self, count: u64) -> Vec<ReceivedMessage> {
        until("the messages are queued", async || {
            self.server.store().outbox().count().await.unwrap() == count
        })
        .await;
        self.post.send_after(1).await;
        self.smtp.received()
    }
}

/// Replaces ids, tokens and times, which differ in each run, by names.
pub(super) fn masked(text: &str, names: &[(&Value, &str)]) -> String {
    let named =
        names.iter().fold(text.to_owned(), |text, (id, name)| text.replace(id.as_str().unwrap(), name));
    let line = |line: &str| match (line.split_once("?token="), line.split_once(", until ")) {
        (Some((page, _)), _) => format!("{page}?token=TOKEN"),
        _ if line.starts_with("Order:") => format!("{}NUMBER", &line[..line.len() - 8]),
        (_, Some((before, after))) => format!("{before}, until TIME.{}", after.split_once('.').unwrap().1),
        // A signature begins with two dashes and a space; editors remove a space at the end of a line.
        _ => line.trim_end().to_owned(),
    };
    named.lines().map(line).collect::<Vec<_>>().join("\n")
}

pub(super) fn one(mail: Vec<ReceivedMessage>) -> ReceivedMessage {
    let [one] = mail.try_into().unwrap();
    one
}

#[tokio::test]
async fn messages_with_links_verify_addresses_and_reset_passwords() {
    let server = TestServer::start().await;
    let smtp = Smtp::start();
    let post = TestMailer::of(&server, Some(&smtp));
    let body = json!({"email": "ada@example.org", "username": "Ada Lovelace", "password": "lovelace"});
    server.anonymous().post("/auth/register", body).await.expect(201);
    post.send_after(1).await;
    let verify = one(smtp.received());
    insta::assert_snapshot!(format!("{}\n\n{}", verify.subject, masked(&verify.text, &[])), @r"
    Confirm your e-mail address

    Hello,

    Please confirm your e-mail address, so that letters about your tickets and events reach you.

    Confirm this address:
    http://fairseat.test/verify-email?token=TOKEN

    The link works once, until TIME. If you didn't sign up, you can ignore this e-mail.

    --
    Box Office
    http://fairseat.test
    ");
    server.anonymous().post("/auth/forgot-password", json!({"email": "ada@example.org"})).await.expect(202);
    until("the message is queued", async || server.store().outbox().count().await.unwrap() == 1).await;
    post.send_after(1).await;
    let reset = one(smtp.received());
    insta::assert_snapshot!(format!("{}\n\n{}", reset.subject, masked(&reset.text, &[])), @r"
    Choose a new password

    Hello,

    You asked for a new password for your account.

    Choose a new password:
    http://fairseat.test/reset-password?token=TOKEN

    The link works once, until TIME. If you didn't ask for it, you can ignore this e-mail; your password stays the same.

    --
    Box Office
    http://fairseat.test
    ");
    let token = reset.text.split_once("/reset-password?token=").unwrap().1.lines().next().unwrap();
    let change = json!({"token": token, "password": "countess of"});
    server.anonymous().post("/auth/reset-password", change).await.expect(204);
}

#[tokio::test]
async fn a_message_right_after_a_rename_has_the_new_name() {
    let show = Show::with(json!({})).await;
    show.order().await;
    assert_eq!(one(show.mail(1).await).subject, "Your tickets for Taylor Swift Concert");
    let event = format!("/events/{}", show.event);
    show.organizer.patch(&event, json!({"name": "The Eras Tour"})).await.expect(200);
    show.order().await;
    assert_eq!(one(show.mail(1).await).subject, "Your tickets for The Eras Tour");
    let venue = show.organizer.get(&event).await.expect(200)["venue"]["venue_id"].clone();
    let venue = format!("/venues/{}", venue.as_str().unwrap());
    show.organizer.patch(&venue, json!({"name": "The Old Garden"})).await.expect(200);
    show.order().await;
    assert!(one(show.mail(1).await).text.contains("The Old Garden, 4 Pennsylvania Plaza"));
}

#[tokio::test]
async fn messages_tell_of_an_order_its_cancellation_and_its_refund() {
    let show = Show::with(json!({"fees": {"per_ticket": 1.5}})).await;
    let order = show.order().await;
    let names = [
        (&order["order_id"], "ORDER"),
        (&order["tickets"][0]["ticket_id"], "TICKET-1"),
        (&order["tickets"][1]["ticket_id"], "TICKET-2"),
    ];
    let confirmed = one(show.mail(1).await);
    insta::assert_snapshot!(format!("{}\n\n{}", confirmed.subject, masked(&confirmed.text, &names)), @r"
    Your tickets for Taylor Swift Concert

    Hello bob,

    Thank you for your order. Your 2 tickets are attached, and on your order's page. Show each ticket's code at the door, on your phone or on paper.

    Event:          Taylor Swift Concert
    When:           Monday, 15 December 2036, starts 20:00 (New York time)
    Where:          Madison Square Garden, 4 Pennsylvania Plaza, New York, NY, US
    Order:          NUMBER
    Total:          $603.00
    Including fees: $3.00

    Your order:
    http://fairseat.test/orders/ORDER

    Floor A-3, $300.00:
    http://fairseat.test/tickets/TICKET-1
    Floor A-4, $300.00:
    http://fairseat.test/tickets/TICKET-2

    --
    Box Office
    http://fairseat.test
    ");
    let id = order["order_id"].as_str().unwrap();
    let path = format!("/orders/{id}/cancel");
    show.buyer.post(&path, json!({})).await.expect(200);
    let mail = show.mail(2).await;
    let find = |subject: &str| mail.iter().find(|read| read.subject.contains(subject)).unwrap();
    insta::assert_snapshot!(masked(&find("is cancelled").text, &names), @r"
    Hello bob,

    Your order is cancelled, as you requested. Your tickets are no longer valid.

    Event: Taylor Swift Concert
    When:  Monday, 15 December 2036, starts 20:00 (New York time)
    Where: Madison Square Garden, 4 Pennsylvania Plaza, New York, NY, US
    Order: NUMBER

    We are refunding $603.00 to your original payment method.

    Your order:
    http://fairseat.test/orders/ORDER

    --
    Box Office
    http://fairseat.test
    ");
    insta::assert_snapshot!(masked(&find("refund").text, &names), @r"
    Hello bob,

    We have refunded $603.00 to your original payment method. Your bank may take a few days to show it.

    Event: Taylor Swift Concert
    When:  Monday, 15 December 2036, starts 20:00 (New York time)
    Where: Madison Square Garden, 4 Pennsylvania Plaza, New York, NY, US
    Order: NUMBER

    Your order:
    http://fairseat.test/orders/ORDER

    --
    Box Office
    http://fairseat.test
    ");
}

#[tokio::test]
async fn messages_tell_when_an_event_moves_or_is_cancelled() {
    let show = Show::with(json!({})).await;
    let order = show.order().await;
    assert_eq!(show.mail(1).await.len(), 1);
    let event = Value::from(show.event.clone());
    let names = [(&order["order_id"], "ORDER"), (&event, "EVENT")];
    let moved = json!({"start_time": "2036-12-17T01:00:00Z", "end_time": "2036-12-17T04:00:00Z"});
    show.organizer.patch(&format!("/events/{}", show.event), moved).await.expect(200);
    let moved = one(show.mail(1).await);
    insta::assert_snapshot!(format!("{}\n\n{}", moved.subject, masked(&moved.text, &names)), @r"
    New time for Taylor Swift Concert

    Hello bob,

    Taylor Swift Concert has a new time. Your tickets stay valid.

    Event: Taylor Swift Concert
    When:  Tuesday, 16 December 2036, starts 20:00 (New York time)
    Until: Tuesday, 16 December 2036, 23:00 (New York time)
    Was:   Monday, 15 December 2036, 20:00 (New York time)
    Where: Madison Square Garden, 4 Pennsylvania Plaza, New York, NY, US

    If you can't make it, you can get a refund on your order's page until Tuesday, 16 December 2036, 20:00 (New York time).

    Your orders:
    http://fairseat.test/orders
    The event:
    http://fairseat.test/events/EVENT

    --
    Box Office
    http://fairseat.test
    ");
    show.organizer.post(&format!("/events/{}/cancel", show.event), json!({})).await;
    let mail = show.mail(2).await;
    let cancelled = mail.iter().find(|read| read.subject.ends_with(" is cancelled")).unwrap();
    insta::assert_snapshot!(format!("{}\n\n{}", cancelled.subject, masked(&cancelled.text, &names)), @r"
    Taylor Swift Concert is cancelled

    Hello bob,

    Taylor Swift Concert has been cancelled, and so has your order. Your tickets are no longer valid.

    Event: Taylor Swift Concert
    When:  Tuesday, 16 December 2036, starts 20:00 (New York time)
    Where: Madison Square Garden, 4 Pennsylvania Plaza, New York, NY, US
    Order: NUMBER

    We are refunding $600.00 to your original payment method.

    Your order:
    http://fairseat.test/orders/ORDER

    --
    Box Office
    http://fairseat.test
    ");
}

#[tokio::test]
async fn the_name_of_an_event_cannot_become_markup_in_a_message() {
    let name = "<b>Rock</b> & \"Röll\" <script>alert(1)</script> 🎸";
    let show = Show::with(json!({"name": name})).await;
    show.order().await;
    let read = one(show.mail(1).await);
    assert_eq!(read.subject, format!("Your tickets for {name}"));
    assert!(read.text.contains(name), "{}", read.text);
    assert!(!read.html.contains("<b>") && !read.html.contains("<script"), "{}", read.html);
    let escaped = "&lt;b&gt;Rock&lt;/b&gt; &amp; &quot;Röll&quot; &lt;script&gt;alert(1)&lt;/script&gt; 🎸";
    assert!(read.html.contains(escaped), "{}", read.html);
    for needed in
        ["<html lang=\"en\">", "color-scheme", "prefers-color-scheme:dark", "<h1 ", "<th scope=\"row\""]
    {
        assert!(read.html.contains(needed), "{needed}");
    }
}

#[tokio::test]
async fn a_new_password_and_a_new_address_are_told_to_the_owner() {
    let server = TestServer::start().await;
    let smtp = Smtp::start();
    let post = TestMailer::of(&server, Some(&smtp));
    let body = json!({"email": "ada@example.org", "username": "http://evil.test", "password": "lovelace"});
    server.anonymous().post("/auth/register", body).await.expect(201);
    post.send_after(1).await;
    let words = one(smtp.received()).text;
    assert!(words.starts_with("Hello,\n") && !words.contains("evil"), "{words}");
    let login = json!({"email": "ada@example.org", "password": "lovelace"});
    let tokens = server.anonymous().post("/auth/login", login).await.expect(200).clone();
    let ada = server.anonymous().with_token(tokens["access_token"].as_str().unwrap());
    let users = server.store().users();
    let account = users.by_email("ada@example.org").await.unwrap().unwrap();
    users.set_verified(account.id, server.app.now()).await.unwrap();

    let change = json!({"new_password": "countess of", "current_password": "lovelace"});
    ada.patch("/users/me", change).await.expect(200);
    post.send_after(1).await;
    let told = one(smtp.received());
    let (before, after) = told.text.split_once(" was changed on ").unwrap();
    let text = format!("{before} was changed on TIME,{}", after.split_once("UTC),").unwrap().1);
    insta::assert_snapshot!(format!("{} to {}\n\n{}", told.subject, told.to, masked(&text, &[])), @r"
    Your password was changed to <ada@example.org>

    Hello http://evil.test,

    The password of your account was changed on TIME, and all other devices have been signed out.

    If this was you, there is nothing to do. If not, choose a new password now.

    Choose a new password:
    http://fairseat.test/forgot-password

    --
    Box Office
    http://fairseat.test
    ");

    let change = json!({"email": "ada@example.com", "current_password": "countess of"});
    ada.patch("/users/me", change).await.expect(200);
    post.send_after(1).await;
    let mail = smtp.received();
    let told = mail.iter().find(|read| read.to.contains("ada@example.org")).unwrap();
    let (before, after) = told.text.split_once(" was changed on ").unwrap();
    let text = format!("{before} was changed on TIME,{}", after.split_once("UTC),").unwrap().1);
    insta::assert_snapshot!(format!("{}\n\n{}", told.subject, masked(&text, &[])), @r"
    Your account has a new e-mail address

    Hello,

    The e-mail address of your account was changed on TIME, and all other devices have been signed out.

    This is our last e-mail to this address. From now on we write to the new one.

    If this wasn't you, somebody knows your password. Change it wherever else you use it, and take your account back.

    Take my account back:
    http://fairseat.test/undo-email?token=TOKEN

    It restores this address, lets you choose a new password, and signs everybody out. The link works once, until TIME. If it was you, there is nothing to do.

    --
    Box Office
    http://fairseat.test
    ");
    let confirm = mail.iter().find(|read| read.to.contains("ada@example.com")).unwrap();
    assert!(confirm.subject.starts_with("Confirm") && !confirm.text.contains("evil"), "{}", confirm.text);
    let queued = server.store().outbox().pending(0, 100).await.unwrap();
    assert_eq!(queued, [], "and nothing keeps the former address");
}

/// An account with a stranger's address must not become a way of writing to the stranger.
#[tokio::test]
async fn an_unconfirmed_address_gets_20_letters_a_day() {
    let show = Show::with(json!({})).await;
    let users = show.server.store().users();
    let stranger = json!({"email": "stranger@example.test", "username": "Click http://evil.test", "password": "lovelace"});
    show.server.anonymous().post("/auth/register", stranger).await.expect(201);
    let account = users.by_email("stranger@example.test").await.unwrap().unwrap();
    let outbox = show.server.store().outbox();
    let letter = |number: usize| fairseat_store::outbox::Message {
        dedupe_key: format!("password_changed:{number}"),
        kind: "password_changed".to_owned(),
        recipient: account.id,
        event: None,
        as_of: None,
        data: json!({"changed_at": 0}).to_string(),
        expires_at: show.server.app.now().plus(fairseat_domain::time::Millis::from_seconds(3_600)),
    };
    let now = show.server.app.now();
    let mut received = 0;
    for number in 0..30 {
        outbox.queue(letter(number), now).await.unwrap();
        show.post.send_after(1).await;
        received += show.smtp.received().len();
    }
    assert_eq!(received, 20, "the confirmation and 19 more");
    users.set_verified(account.id, now).await.unwrap();
    outbox.queue(letter(99), now).await.unwrap();
    show.post.send_after(1).await;
    assert_eq!(show.smtp.received().len(), 1, "its owner gets all letters");
}

#[tokio::test]
async fn letters_about_an_order_enclose_its_tickets_and_its_calendar_entry() {
    let show = Show::with(json!({})).await;
    let order = show.order().await;
    let id = order["order_id"].as_str().unwrap();
    let confirmed = one(show.mail(1).await);
    let tickets = format!("tickets-{}.pdf", order["number"].as_str().unwrap());
    assert_eq!(confirmed.file_names(), [tickets.as_str(), "event.ics"]);
    assert!(confirmed.files[0].1.starts_with(b"%PDF-"));
    assert_eq!(
        confirmed.calendar_lines(&["METHOD", "UID", "SUMMARY", "DTSTART", "DESCRIPTION"]),
        [
            "METHOD:PUBLISH",
            &format!(
                "DESCRIPTION:Seats: Floor A-3\\, Floor A-4\\nYour order: http://fairseat.test/orders/{id}"
            ),
            "DTSTART:20361216T010000Z",
            "SUMMARY:Taylor Swift Concert",
            &format!("UID:{id}@fairseat"),
        ]
    );
    show.buyer.post(&format!("/orders/{id}/cancel"), json!({})).await.expect(200);
    let mail = show.mail(2).await;
    let cancelled = mail.iter().find(|read| read.subject.contains("is cancelled")).unwrap();
    assert_eq!(
        cancelled.calendar_lines(&["METHOD", "UID"]),
        ["METHOD:CANCEL", &format!("UID:{id}@fairseat")],
        "the same entry, so that calendars remove it"
    );
}

#[tokio::test]
async fn the_letter_about_a_moved_event_moves_the_entries_in_calendars() {
    let show = Show::with(json!({})).await;
    let orders = [show.order().await, show.order().await];
    let mut entries = Vec::new();
    for letter in show.mail(2).await {
        entries.extend(letter.calendar_lines(&["UID", "SEQUENCE"]));
    }
    let event = format!("/events/{}", show.event);
    let times = json!({"start_time": "2036-12-17T01:00:00Z", "end_time": "2036-12-17T04:00:00Z"});
    show.organizer.patch(&event, times).await.expect(200);
    let moved = one(show.mail(1).await);
    assert_eq!(moved.file_names(), ["event.ics", "event-2.ics"], "an entry for each order");
    assert_eq!(
        moved.calendar_lines(&["METHOD", "DTSTART", "DTEND", "UID"]),
        [
            "METHOD:PUBLISH",
            "DTEND:20361217T040000Z",
            "DTSTART:20361217T010000Z",
            &format!("UID:{}@fairseat", orders[0]["order_id"].as_str().unwrap()),
        ]
    );
    let sequence = |lines: &[String]| -> u64 {
        let line = lines.iter().find_map(|line| line.strip_prefix("SEQUENCE:")).unwrap();
        line.parse().unwrap()
    };
    assert!(sequence(&moved.calendar_lines(&["SEQUENCE"])) >= sequence(&entries), "{entries:?}");
}

#[tokio::test]
async fn letters_to_strangers_have_no_words_of_an_organizer_whom_nobody_knows() {
    let show = Show::with(json!({"name": "You won http://evil.test", "price_tiers": {"Floor": 0}})).await;
    let organizer = show.server.store().users().by_email("olga@example.test").await.unwrap().unwrap();
    let guest = show.server.guest().await;
    let buy = async |email: &str| {
        let wish = json!({"best_available": {"quantity": 1}});
        let reserved = guest.post(&format!("/events/{}/reserve", show.event), wish).await;
        let order = json!({
            "reservation_id": reserved.expect(201)["reservation_id"], "contact": {"email": email},
        });
        guest.post("/orders", order).await.expect(201);
        one(show.mail(1).await)
    };
    let known = buy("one@example.org").await;
    assert!(known.text.contains("You won") && known.file_names().len() == 2, "{}", known.text);
    show.unconfirm(organizer.id);
    let unknown = buy("two@example.org").await;
    assert!(unknown.text.contains("your event") && unknown.text.contains("Ticket 1"), "{}", unknown.text);
    for word in ["evil", "Floor", "Madison"] {
        assert!(!unknown.text.contains(word) && !unknown.html.contains(word), "{word}: {}", unknown.text);
        assert!(!unknown.subject.contains(word));
    }
    assert_eq!(unknown.files, []);
    show.order().await;
    let buyer = one(show.mail(1).await);
    assert!(buyer.text.contains("You won"), "a buyer with a confirmed address: {}", buyer.text);
}
