//! From a seat on the map to a ticket in hand.

use crate::common::{Actor, Answer, EventOnSale, TestServer};
use serde_json::{Value, json};

/// A server, an event on sale, and somebody who wants to go.
pub(crate) struct Stage {
    pub(crate) server: TestServer,
    pub(crate) organizer: Actor,
    pub(crate) event: EventOnSale,
    pub(crate) buyer: Actor,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::set_on(TestServer::start().await).await
    }

    pub(crate) async fn set_on(server: TestServer) -> Self {
        let organizer = server.organizer("olga").await;
        let event = server.event(&organizer).await;
        let buyer = server.buyer("berta").await;
        Self { server, organizer, event, buyer }
    }

    /// The same after the server's end and another start.
    pub(crate) async fn restart(self) -> Self {
        Self { server: self.server.restart().await, ..self }
    }

    /// Reserves seats by label.
    pub(crate) async fn reserve(&self, actor: &Actor, labels: &[&str]) -> Answer {
        actor.post(&self.event.path("/reserve"), json!({"seat_ids": self.event.seats(labels)})).await
    }

    /// A reservation of the buyer.
    pub(crate) async fn reserved(&self, labels: &[&str]) -> String {
        text(&self.reserve(&self.buyer, labels).await.expect(201)["reservation_id"])
    }

    /// Buys a reservation with a card.
    pub(crate) async fn pay(&self, reservation: &str, card: &str) -> Answer {
        self.buyer.post("/orders", order(reservation, card)).await
    }

    /// An order of the buyer for these seats.
    pub(crate) async fn bought(&self, labels: &[&str]) -> Value {
        let reservation = self.reserved(labels).await;
        self.pay(&reservation, GOOD).await.expect(201).clone()
    }
}

pub(crate) const GOOD: &str = "4242424242424242";
pub(crate) const DECLINED: &str = "4000000000000002";
pub(crate) const POOR: &str = "4000000000009995";
pub(crate) const SECURE: &str = "4000002500003155";

pub(crate) fn order(reservation: &str, card: &str) -> Value {
    json!({
        "reservation_id": reservation,
        "payment_method": "credit_card",
        "payment_details": {"card_number": card, "expiry": "12/30", "cvv": "987"},
    })
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
