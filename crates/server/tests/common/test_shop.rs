//! A shop: reserving and buying seats of one event.

use crate::common::{Actor, Answer, EventOnSale, TestServer};
use serde_json::{Value, json};

/// A server with an event on sale, its organizer and a buyer.
pub(crate) struct TestShop {
    pub(crate) server: TestServer,
    pub(crate) organizer: Actor,
    pub(crate) event: EventOnSale,
    pub(crate) buyer: Actor,
}

impl TestShop {
    pub(crate) async fn open() -> Self {
        Self::open_on(TestServer::start().await).await
    }

    pub(crate) async fn open_on(server: TestServer) -> Self {
        let organizer = server.organizer("olga").await;
        let event = server.event(&organizer).await;
        let buyer = server.buyer("berta").await;
        Self { server, organizer, event, buyer }
    }

    /// Stops the server and starts it again.
    pub(crate) async fn restart(self) -> Self {
        Self { server: self.server.restart().await, ..self }
    }

    /// Reserves seats by their labels.
    pub(crate) async fn reserve(&self, actor: &Actor, labels: &[&str]) -> Answer {
        actor.post(&self.event.path("/reserve"), json!({"seat_ids": self.event.seats(labels)})).await
    }

    /// Reserves seats for the buyer; returns the reservation's id.
    pub(crate) async fn reserved(&self, labels: &[&str]) -> String {
        string_of(&self.reserve(&self.buyer, labels).await.expect(201)["reservation_id"])
    }

    /// Buys a reservation with a card.
    pub(crate) async fn pay(&self, reservation: &str, card: &str) -> Answer {
        self.buyer.post("/orders", order_body(reservation, card)).await
    }

    /// Buys these seats for the buyer; returns the order.
    pub(crate) async fn bought(&self, labels: &[&str]) -> Value {
        let reservation = self.reserved(labels).await;
        self.pay(&reservation, GOOD_CARD).await.expect(201).clone()
    }
}

/// The published test card numbers.
pub(crate) const GOOD_CARD: &str = "4242424242424242";
pub(crate) const DECLINED_CARD: &str = "4000000000000002";
pub(crate) const CARD_WITHOUT_FUNDS: &str = "4000000000009995";
pub(crate) const CARD_TO_APPROVE: &str = "4000002500003155";

/// The body of `POST /orders` for a reservation and a card.
pub(crate) fn order_body(reservation: &str, card: &str) -> Value {
    json!({
        "reservation_id": reservation,
        "payment_method": "credit_card",
        "payment_details": {"card_number": card, "expiry": "12/30", "cvv": "987"},
    })
}

/// The text of a JSON string.
pub(crate) fn string_of(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
