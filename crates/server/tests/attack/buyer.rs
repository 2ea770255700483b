//! The buyer whom the attack must not disturb: holds a seat and gives it back, again and again, and looks at the event's page in between.

use crate::demo::Demo;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub(crate) struct Buyer {
    token: String,
    event: String,
}

/// How long each request took.
pub(crate) struct Waits(Vec<Duration>);

impl Waits {
    /// The wait that 99 of 100 requests did not exceed.
    pub(crate) fn p99(&self) -> Duration {
        let mut waits = self.0.clone();
        waits.sort_unstable();
        let longer = waits.len() / 100;
        waits.iter().rev().nth(longer).copied().unwrap_or_default()
    }
}

impl Buyer {
    pub(crate) async fn sign_in(demo: &Demo) -> Self {
        let token = demo.token("buyer@demo.test").await;
        let answer = demo.http.get(demo.url("/api/v1/events?limit=100")).send().await.unwrap();
        let list: Value = answer.json().await.unwrap();
        let on_sale = list["events"].as_array().unwrap().iter().find(|event| event["status"] == "on_sale");
        Self { token, event: on_sale.unwrap()["event_id"].as_str().unwrap().to_owned() }
    }

    /// The event whose seats the buyer wants.
    pub(crate) fn event(&self) -> &str {
        &self.event
    }

    /// Has the event's organizer limit how many seats new accounts of one network may hold together.
    pub(crate) async fn limit_new_accounts(&self, demo: &Demo, seats: usize) {
        let organizer = demo.token("organizer@demo.test").await;
        let change = json!({"hold_limits": {"seats_of_new_accounts": seats}});
        let path = demo.url(&format!("/api/v1/events/{}", self.event));
        let answer = demo.http.patch(path).bearer_auth(organizer).json(&change).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }

    /// Holds a seat and gives it back so many times.
    pub(crate) async fn buy(&self, demo: &Demo, times: usize) -> Waits {
        let mut waits = Vec::new();
        for _ in 0..times {
            let path = format!("/api/v1/events/{}/reserve", self.event);
            let held = self.timed(
                &mut waits,
                demo.http.post(demo.url(&path)).json(&json!({"best_available": {"quantity": 1}})),
            );
            let held: Value = held.await.json().await.unwrap();
            let reservation =
                held["reservation_id"].as_str().unwrap_or_else(|| panic!("held nothing: {held}"));
            let page = demo.http.get(demo.url(&format!("/events/{}", self.event)));
            assert_eq!(self.timed(&mut waits, page).await.status(), 200);
            let gone = demo.http.delete(demo.url(&format!("/api/v1/reservations/{reservation}")));
            let gone = self.timed(&mut waits, gone).await.status();
            assert!(gone.is_success(), "{gone}");
        }
        Waits(waits)
    }

    async fn timed(&self, waits: &mut Vec<Duration>, request: reqwest::RequestBuilder) -> reqwest::Response {
        let begun = Instant::now();
        let answer = request.bearer_auth(&self.token).send().await.unwrap();
        waits.push(begun.elapsed());
        answer
    }
}
