//! Letters about seats with other labels, after the seating plan changed.

use super::letters::{Show, masked, one};
use serde_json::{Value, json};

/// Replaces the plan by one whose section has another name.
async fn rename_section(show: &Show, from: &str, to: &str) -> Value {
    let event = show.organizer.get(&format!("/events/{}", show.event)).await.expect(200).clone();
    let path = format!("/venues/{}/seating-plan", event["venue"]["venue_id"].as_str().unwrap());
    let plan = show.organizer.get(&path).await.expect(200).to_string();
    let plan = plan.replace(&format!(r#""name":"{from}""#), &format!(r#""name":"{to}""#));
    let plan: Value = serde_json::from_str(
        &plan.replace(&format!(r#""category":"{from}""#), &format!(r#""category":"{to}""#)),
    )
    .unwrap();
    show.organizer.put(&format!("/events/{}/seating-plan", show.event), plan).await.expect(200).clone()
}

#[tokio::test]
async fn buyers_are_told_that_their_seats_have_other_labels() {
    let show = Show::with(json!({})).await;
    let order = show.order().await;
    assert_eq!(show.mail(1).await.len(), 1);
    let answer = rename_section(&show, "Floor", "Parkett").await;
    let relabelled = answer["relabelled"].as_array().unwrap();
    let labels: Vec<(&str, &str)> = relabelled
        .iter()
        .map(|seat| (seat["from"].as_str().unwrap(), seat["to"].as_str().unwrap()))
        .collect();
    assert_eq!(labels, [("Floor A-3", "Parkett A-3"), ("Floor A-4", "Parkett A-4")]);
    let mail = one(show.mail(1).await);
    insta::assert_snapshot!(format!("{}\n\n{}", mail.subject, masked(&mail.text, &[(&order["order_id"], "ORDER")])), @r"
    Your seat numbers for Taylor Swift Concert have changed

    Hello bob,

    The seating plan for Taylor Swift Concert has changed. Your seats now have other numbers:

    Floor A-3 is now Parkett A-3.

    Floor A-4 is now Parkett A-4.

    Your tickets stay valid. If you have printed them, please print them again from your order's page.

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
async fn box_office_buyers_get_their_tickets_with_the_new_labels() {
    let show = Show::with(json!({})).await;
    let sale = json!({"best_available": {"quantity": 2, "section": "Floor"}, "payment": "cash", "name": "Walter",
        "email": "walter@example.org"});
    show.organizer.post(&format!("/events/{}/box-office", show.event), sale).await.expect(201);
    assert_eq!(show.mail(1).await.len(), 1);
    rename_section(&show, "Floor", "Parkett").await;
    let mail = one(show.mail(1).await);
    assert_eq!((&*mail.to, mail.files.len()), ("<walter@example.org>", 2));
    assert!(mail.text.contains("Floor A-3 is now Parkett A-3."), "{}", mail.text);
    assert!(mail.text.contains("Please use the attached tickets"), "{}", mail.text);
}
