//! A buyer: reserves, changes and cancels reservations, pays with good and declined cards, cancels orders, repeats requests,
//! and remembers every answer.

use crate::chance::Chance;
use crate::hall::{Answer, Hall, PATIENCE, Post};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Instant;

const GOOD: &str = "4242424242424242";
const DECLINED: &str = "4000000000000002";
const SECURE: &str = "4000002500003155";

/// Everything that the servers have acknowledged.
#[derive(Default)]
pub(crate) struct Claims {
    pub(crate) reservations: Vec<Reservation>,
    pub(crate) orders: Vec<Order>,
    /// Requests that were repeated with their key and got the same answer.
    pub(crate) repeats: u64,
    /// Requests whose server died and which another server answered.
    pub(crate) cut_off: u64,
}

/// A reservation that was acknowledged to the buyer.
pub(crate) struct Reservation {
    pub(crate) buyer: usize,
    pub(crate) id: String,
    pub(crate) seats: Vec<String>,
    /// The status that `GET /reservations/{id}` must have from now on, or `expired` once its time is over.
    pub(crate) status: &'static str,
}

/// An order that was acknowledged to the buyer.
pub(crate) struct Order {
    pub(crate) buyer: usize,
    pub(crate) id: String,
    pub(crate) seats: Vec<String>,
    pub(crate) tickets: Vec<String>,
    pub(crate) total: f64,
    /// Whether its cancellation was acknowledged.
    pub(crate) cancelled: bool,
}

impl Claims {
    /// Appends the other list.
    pub(crate) fn add(&mut self, other: Self) {
        self.reservations.extend(other.reservations);
        self.orders.extend(other.orders);
        self.repeats += other.repeats;
        self.cut_off += other.cut_off;
    }
}

struct Buyer {
    hall: Hall,
    number: usize,
    chance: Chance,
    claims: Claims,
    /// Acknowledged requests, with the ids in their answers.
    done: Vec<(Post, Value)>,
    keys: u64,
}

/// Sends a buyer's requests until the hall closes. Buyer 0 never pays: it keeps sending new requests while all others wait for payments
/// that a full disk delays.
pub(crate) async fn visit(hall: Hall, number: usize, chance: Chance) -> Claims {
    let mut buyer = Buyer { hall, number, chance, claims: Claims::default(), done: Vec::new(), keys: 0 };
    while !buyer.hall.is_closing() {
        match number {
            0 => buyer.look_around().await,
            _ => buyer.turn().await,
        }
    }
    buyer.claims
}

impl Buyer {
    async fn look_around(&mut self) {
        if let Some(reservation) = self.reserve().await {
            self.release(reservation).await;
        }
    }

    async fn turn(&mut self) {
        match self.reserve().await {
            None => self.give_back().await,
            Some(_) if self.chance.percent(3) => {}
            Some(reservation) if self.chance.percent(10) => self.release(reservation).await,
            Some(reservation) => {
                if self.chance.percent(15) {
                    self.shrink(reservation).await;
                }
                if self.chance.percent(10) {
                    self.extend(reservation).await;
                }
                self.buy(reservation).await;
            }
        }
        if self.chance.percent(35) {
            self.give_back().await;
        }
        if self.chance.percent(25) {
            self.repeat().await;
        }
    }

    fn token(&self) -> String {
        self.hall.buyer(self.number).to_owned()
    }

    async fn post(&mut self, path: String, body: Value) -> (Post, Answer) {
        self.keys += 1;
        let post = Post { path, body, key: format!("{}-{}", self.number, self.keys) };
        let answer = self.hall.post(&post, &self.token()).await;
        self.claims.cut_off += u64::from(answer.uncertain);
        (post, answer)
    }

    /// Reserves one to four seats, side by side or best available; returns the reservation's index in the claims.
    async fn reserve(&mut self) -> Option<usize> {
        let count = 1 + self.chance.below(4);
        let body = if self.chance.percent(30) {
            json!({"best_available": {"quantity": count}})
        } else {
            let first = self.chance.below(u64::from(self.hall.seats()) - 4);
            json!({"seat_indexes": (first..first + count).collect::<Vec<_>>(), "hold_duration": 900})
        };
        let (post, answer) = self.post(format!("/api/v1/events/{}/reserve", self.hall.event()), body).await;
        if answer.status != 201 {
            assert_eq!(answer.status, 409, "{}", answer.json);
            return None;
        }
        self.done.push((post, answer.json["reservation_id"].clone()));
        let reservation = Reservation {
            buyer: self.number,
            id: text(&answer.json["reservation_id"]),
            seats: texts(&answer.json["seat_ids"]),
            status: "active",
        };
        self.claims.reservations.push(reservation);
        Some(self.claims.reservations.len() - 1)
    }

    fn path(&self, reservation: usize) -> String {
        format!("/api/v1/reservations/{}", self.claims.reservations[reservation].id)
    }

    async fn release(&mut self, reservation: usize) {
        let answer = self.hall.change(Method::DELETE, &self.path(reservation), &self.token(), None).await;
        // A server that died before it answered may have carried the request out.
        let done = answer.status == 200 || (answer.uncertain && answer.status == 409);
        assert!(done, "{} {}", answer.status, answer.json);
        self.claims.reservations[reservation].status = "cancelled";
    }

    /// Removes the first seat from a reservation that has others.
    async fn shrink(&mut self, reservation: usize) {
        let path = self.path(reservation);
        let seats = &self.claims.reservations[reservation].seats;
        let [first, _, ..] = seats.as_slice() else { return };
        let body = json!({"remove_seat_ids": [first]});
        let answer = self.hall.change(Method::PATCH, &path, &self.token(), Some(&body)).await;
        assert!(answer.status == 200 || answer.uncertain, "{} {}", answer.status, answer.json);
        self.claims.reservations[reservation].seats.remove(0);
    }

    async fn extend(&mut self, reservation: usize) {
        let path = format!("{}/extend", self.path(reservation));
        let (_, answer) = self.post(path, json!({})).await;
        assert!(matches!(answer.status, 200 | 409), "{} {}", answer.status, answer.json);
    }

    async fn buy(&mut self, reservation: usize) {
        if self.chance.percent(12) {
            assert!(self.paid(reservation, DECLINED).await.is_none(), "a declined card paid");
        }
        let card = if self.chance.percent(12) { SECURE } else { GOOD };
        let began = Instant::now();
        let (post, order) = loop {
            assert!(began.elapsed() < PATIENCE, "reservation {reservation} could not be paid");
            // An attempt whose outcome was lost is cancelled, and the buyer tries again.
            if let Some(paid) = self.paid(reservation, card).await {
                break paid;
            }
        };
        self.done.push((post, order["order_id"].clone()));
        self.claims.reservations[reservation].status = "converted_to_order";
        let tickets = order["tickets"].as_array().unwrap();
        self.claims.orders.push(Order {
            buyer: self.number,
            id: text(&order["order_id"]),
            seats: self.claims.reservations[reservation].seats.clone(),
            tickets: tickets.iter().map(|ticket| text(&ticket["ticket_id"])).collect(),
            total: order["total_amount"].as_f64().unwrap(),
            cancelled: false,
        });
    }

    /// Pays and waits for the outcome; returns the request and its order if the payment succeeded.
    async fn paid(&mut self, reservation: usize, card: &str) -> Option<(Post, Value)> {
        let (post, answer) = self.pay(reservation, card).await;
        match (answer.status, answer.json["code"].as_str()) {
            (201, _) => Some((post, answer.json)),
            (202, _) => self.decided(&answer.json).await.map(|order| (post, order)),
            (402, _) if card == DECLINED => None,
            // The node that was to charge the card died, or stood still for so long that another one cancelled its attempt.
            (402, _) if answer.json["reason"] == "cancelled" => {
                self.hall.note_failed(format!("{}: {}", post.path, answer.json));
                None
            }
            _ => panic!("{} {}", answer.status, answer.json),
        }
    }

    async fn pay(&mut self, reservation: usize, card: &str) -> (Post, Answer) {
        let id = self.claims.reservations[reservation].id.clone();
        let details = json!({"card_number": card, "expiry": "12/30", "cvv": "123"});
        let body = json!({"reservation_id": id, "payment_method": "credit_card", "payment_details": details});
        self.post("/api/v1/orders".to_owned(), body).await
    }

    /// Approves the payment if the bank asks, and waits until the attempt has ended; returns the order if it succeeded.
    async fn decided(&mut self, pending: &Value) -> Option<Value> {
        let path = format!("/api/v1/orders/{}", text(&pending["order_id"]));
        let mut seen = pending.clone();
        let mut approved = false;
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < PATIENCE, "never decided: {seen}");
            match (seen["status"].as_str(), seen["payment_status"].as_str()) {
                (Some("confirmed"), _) => return Some(seen),
                (Some("pending"), Some("failed")) => return None,
                (Some("pending"), _) => {}
                _ => panic!("{seen}"),
            }
            // A server with a failing disk may not know the page's address yet.
            if !approved && let Some(url) = seen["next_action"]["url"].as_str() {
                approved = true;
                self.approve(url).await;
            }
            let answer = self.hall.get(&path, Some(&self.token())).await;
            assert_eq!(answer.status, 200, "{}", answer.json);
            seen = answer.json;
        }
    }

    async fn approve(&mut self, url: &str) {
        let page = url.splitn(4, '/').nth(3).unwrap();
        let (_, answer) = self.post(format!("/api/v1/{page}/approve"), json!({})).await;
        // 409: a server that died before it answered has carried it out, or another one has cancelled the attempt. The order tells which.
        assert!([200, 409].contains(&answer.status), "{} {}", answer.status, answer.json);
    }

    /// Cancels one of the orders.
    async fn give_back(&mut self) {
        let mut kept: Vec<_> =
            (0..self.claims.orders.len()).filter(|order| !self.claims.orders[*order].cancelled).collect();
        let Some(&mut order) = self.chance.pick(&mut kept) else { return };
        let path = format!("/api/v1/orders/{}/cancel", self.claims.orders[order].id);
        let (post, answer) = self.post(path, json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        self.done.push((post, answer.json["order_id"].clone()));
        self.claims.orders[order].cancelled = true;
    }

    /// Repeats an acknowledged request, as a client does that missed the answer.
    async fn repeat(&mut self) {
        let Some((post, id)) = self.chance.pick(&mut self.done).cloned() else { return };
        let again = self.hall.post(&post, &self.token()).await;
        let object = if post.path.ends_with("/reserve") { "reservation_id" } else { "order_id" };
        assert!(again.replayed && again.json[object] == id, "{} {}", post.path, again.json);
        self.claims.repeats += 1;
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(text).collect()
}
