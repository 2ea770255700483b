//! `PUT /events/{event_id}/seating-plan`.

use crate::common::TestServer;
use crate::common::catalogue::{buy, event_at, make_event, venue_with, with_changes};
use serde_json::{Value, json};

#[tokio::test]
async fn a_new_seating_plan_keeps_sold_seats() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({})).await;
    let bob = server.buyer("bob").await;
    // Row A has the wheelchair place, which is not sold by best available, so four seats together are in a row that the new plan drops.
    let order = buy(&bob, &event, "Floor", 4).await;
    let smaller = json!({"sections": [
        {"name": "Floor", "rows": 1, "seats_per_row": 5}, {"name": "Standing", "general_admission": 20},
    ]});
    let path = format!("/events/{event}/seating-plan");
    let changed = organizer.put(&path, json!({"seating_plan": smaller.clone()})).await;
    let answer = changed.expect(200);
    assert_eq!((&answer["kept"], &answer["added"], &answer["removed"]), (&json!(24), &json!(1), &json!(8)));
    let again = organizer.put(&path, smaller).await;
    assert_eq!(again.expect(200)["removed"], 0, "the bare plan is taken too, and changes nothing");
    let shown = server.anonymous().get(&format!("/events/{event}")).await;
    assert_eq!(shown.expect(200)["available_seats"], 25, "five seats in row A and twenty places");
    let kept = bob.get(&format!("/orders/{}", order["order_id"].as_str().unwrap())).await;
    assert_eq!(kept.expect(200)["tickets"], order["tickets"], "sold seats stay sold, in the plan or not");
    organizer.put(&path, json!({"sections": 3})).await.refused(422, "invalid");
}

/// A plan of these seats, each `guid: section row-number`.
fn plan_of(seats: &[&str]) -> Value {
    let zone = |section: &str| {
        let own = seats.iter().filter_map(|seat| {
            let (guid, label) = seat.split_once(": ")?;
            let (name, place) = label.split_once(' ')?;
            let (row, number) = place.split_once('-').filter(|_| name == section)?;
            let seat = json!({"seat_guid": guid, "seat_number": number, "category": "A", "position": {"x": 0, "y": 0}});
            Some(json!({"row_number": row, "seats": [seat]}))
        });
        json!({"name": section, "rows": own.collect::<Vec<_>>()})
    };
    json!({"categories": [{"name": "A"}], "zones": [zone("Floor"), zone("Balcony")]})
}

#[tokio::test]
async fn a_label_on_a_sold_ticket_is_given_to_another_seat_only_if_confirmed() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let plan = plan_of(&["g1: Floor A-1", "g2: Floor A-2", "g4: Balcony A-1"]);
    let venue = organizer.post("/venues", venue_with(plan)).await.expect(201)["venue_id"].clone();
    let event = with_changes(&event_at(venue.as_str().unwrap()), json!({"price_tiers": {"A": 10}}));
    let event = organizer.post("/events", event).await.expect(201)["event_id"].as_str().unwrap().to_owned();
    let bob = server.buyer("bob").await;
    let order = buy(&bob, &event, "Floor", 1).await;
    assert_eq!(order["tickets"][0]["seat"], "Floor A-1");
    let seat = order["seats"][0]["seat_id"].clone();

    let path = format!("/events/{event}/seating-plan");
    let reused = plan_of(&["g1: Balcony Z-9", "g2: Floor A-2", "g4: Balcony A-1", "g3: Floor A-1"]);
    let refused = organizer.put(&path, reused.clone()).await;
    let problem = refused.refused(409, "labels_in_use");
    assert_eq!(problem["labels"], json!([{"label": "Floor A-1", "seat_id": seat, "becomes": "Balcony Z-9"}]));
    let unchanged = bob.get(&format!("/orders/{}", order["order_id"].as_str().unwrap())).await;
    assert_eq!(unchanged.expect(200)["tickets"][0]["seat"], "Floor A-1");

    let alone = plan_of(&["g1: Balcony Z-9", "g2: Floor A-2", "g4: Balcony A-1"]);
    let answer = organizer.put(&path, alone).await.expect(200).clone();
    assert_eq!(answer["relabelled"], json!([{"seat_id": seat, "from": "Floor A-1", "to": "Balcony Z-9"}]));
    organizer.put(&path, reused.clone()).await.refused(409, "labels_in_use");
    let confirmed =
        organizer.put(&format!("{path}?confirm_relabelled=true"), reused).await.expect(200).clone();
    assert_eq!(
        (&confirmed["added"], confirmed.get("relabelled")),
        (&json!(1), None),
        "it was relabelled before"
    );
    let free = plan_of(&["g1: Balcony Z-9", "g2: Balcony A-1", "g4: Floor A-2", "g3: Floor A-1"]);
    assert!(
        organizer.put(&path, free).await.expect(200).get("relabelled").is_none(),
        "nobody has those seats"
    );
}
