//! Sales at the box office.

use crate::common::Actor;
use crate::common::test_sale::Stage;
use serde_json::{Value, json};

pub(crate) fn sale_of(stage: &Stage, labels: &[&str], payment: &str) -> Value {
    json!({"seat_ids": stage.event.seats(labels), "payment": payment})
}

pub(crate) async fn sell(stage: &Stage, seller: &Actor, body: Value) -> crate::common::Answer {
    seller.post(&stage.event.path("/box-office"), body).await
}
