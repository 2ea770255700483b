//! Letters to customers of the box office: sent to the address they gave, with their tickets attached.

use super::letters::{Show, masked, one};
use crate::common::until;
use serde_json::{Value, json};

async fn sell(show: &Show, quantity: u32, email: &str) -> Value {
    let sale = json!({"best_available": {"quantity": quantity, "section": "Floor"}, "payment": "cash",
        "name": "Walter", "email": email});
    let sold = show.organizer.post(&format!("/events/{}/box-office", show.event), sale).await;
    sold.expect(201).clone()
}

#[tokio::test]
async fn box_office_tickets_are_attached_to_the_message() {
    let show = Show::with(json!({})).await;
    let order = sell(&show, 2, "walter@example.org").await;
    let sold = one(show.mail(1).await);
    assert_eq!(sold.to, "<walter@example.org>");
    let tickets = format!("tickets-{}.pdf", order["number"].as_str().unwrap());
    assert_eq!(sold.file_names(), [tickets.as_str(), "event.ics"]);
    assert!(sold.files[0].1.starts_with(b"%PDF-") && sold.files[0].1.len() > 5_000);
    insta::assert_snapshot!(format!("{}\n\n{}", sold.subject, masked(&sold.text, &[])), @r"
    Your tickets for Taylor Swift Concert

    Hello Walter,

    Your 2 tickets are attached. Show each ticket's code at the door, on your phone or on paper.

    Event: Taylor Swift Concert
    When:  Monday, 15 December 2036, starts 20:00 (New York time)
    Where: Madison Square Garden, 4 Pennsylvania Plaza, New York, NY, US
    Seats: Floor A-3, Floor A-4
    Total: $600.00

    You bought these at the box office. For changes and refunds, please ask there.

    --
    Box Office
    http://fairseat.test
    ");
}

#[tokio::test]
async fn box_office_buyers_are_told_when_an_event_moves_or_is_cancelled() {
    let show = Show::with(json!({})).await;
    sell(&show, 1, "walter@example.org").await;
    assert_eq!(show.mail(1).await.len(), 1);
    sell(&show, 1, "").await;
    assert_eq!(show.server.store().outbox().count().await.unwrap(), 0);
    let event = format!("/events/{}", show.event);
    let moved = json!({"start_time": "2036-12-17T01:00:00Z", "end_time": "2036-12-17T04:00:00Z"});
    show.organizer.patch(&event, moved).await.expect(200);
    let names = [(&Value::from(show.event.clone()), "EVENT")];
    let moved = one(show.mail(2).await);
    assert_eq!(moved.to, "<walter@example.org>");
    assert_eq!(moved.file_names(), ["event.ics"]);
    assert_eq!(moved.calendar_lines(&["DTSTART"]), ["DTSTART:20361217T010000Z"]);
    insta::assert_snapshot!(masked(&moved.text, &names), @r"
    Hello Walter,

    Taylor Swift Concert has a new time. Your tickets stay valid.

    Event: Taylor Swift Concert
    When:  Tuesday, 16 December 2036, starts 20:00 (New York time)
    Until: Tuesday, 16 December 2036, 23:00 (New York time)
    Was:   Monday, 15 December 2036, 20:00 (New York time)
    Where: Madison Square Garden, 4 Pennsylvania Plaza, New York, NY, US

    The event:
    http://fairseat.test/events/EVENT

    --
    Box Office
    http://fairseat.test
    ");
    show.organizer.post(&format!("{event}/cancel"), json!({})).await.expect(200);
    let cancelled = one(show.mail(2).await);
    assert_eq!(cancelled.to, "<walter@example.org>");
    insta::assert_snapshot!(format!("{}\n\n{}", cancelled.subject, masked(&cancelled.text, &names)), @r"
    Taylor Swift Concert is cancelled

    Hello Walter,

    Taylor Swift Concert has been cancelled, and so have your tickets. They are no longer valid.

    Event: Taylor Swift Concert
    When:  Tuesday, 16 December 2036, starts 20:00 (New York time)
    Where: Madison Square Garden, 4 Pennsylvania Plaza, New York, NY, US

    Please collect your refund of $300.00 where you bought them.

    --
    Box Office
    http://fairseat.test
    ");
}

#[tokio::test]
async fn refunded_box_office_tickets_are_not_sent() {
    let show = Show::with(json!({})).await;
    let sold = sell(&show, 1, "walter@example.org").await;
    let order = format!("/orders/{}", sold["order_id"].as_str().unwrap());
    show.organizer.post(&format!("{order}/cancel"), json!({"refund": "full"})).await.expect(200);
    until("both messages are queued", async || show.server.store().outbox().count().await.unwrap() == 2)
        .await;
    let told = one(show.mail(2).await);
    assert_eq!(
        (&*told.subject, told.file_names()),
        ("Your tickets for Taylor Swift Concert are cancelled", vec!["event.ics"])
    );
    assert!(
        told.text.contains("Please collect your refund of $300.00 where you bought them."),
        "{}",
        told.text
    );
}
