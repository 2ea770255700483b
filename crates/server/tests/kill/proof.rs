//! The checks after all deaths: over HTTP, in the sandbox's records, and with `fairseat verify` beside the running server and after its
//! end.

use crate::client::{Claims, Order, Reservation, text};
use crate::hall::{Hall, PATIENCE, blocking};
use crate::server::Server;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Fails unless the servers have exactly what they acknowledged.
pub(crate) async fn holds(hall: &Hall, servers: Vec<Server>, claims: &Claims) {
    let refunded = settled_orders(hall, &claims.orders).await;
    let mut active = Vec::new();
    for reservation in &claims.reservations {
        if reservation_is_active(hall, reservation).await {
            active.push(reservation);
        }
    }
    seats_agree(hall, claims, &active).await;
    let expected = Figures::of(claims, &refunded);
    let began = Instant::now();
    loop {
        // Captures continue until all are done.
        let books = books(hall).await;
        if books == expected.books() {
            break;
        }
        assert!(books.captured <= expected.books().captured, "an order was charged twice: {books:?}");
        assert!(began.elapsed() < PATIENCE, "{books:?} instead of {:?}", expected.books());
        tokio::task::yield_now().await;
    }
    expected.agree_with(hall).await;
    for server in servers {
        assert!(blocking(move || server.stop()).await.success());
    }
    expected.agree_with(hall).await;
    assert_eq!(books(hall).await, expected.books());
    eprintln!(
        "{} reservations, {} orders, {} of them given back, {} answers repeated, {} requests cut off",
        claims.reservations.len(),
        claims.orders.len(),
        refunded.len(),
        claims.repeats,
        claims.cut_off,
    );
    assert!(claims.repeats > 0 && !refunded.is_empty(), "the run was too quiet");
}

/// Reads every order until no refund is pending; returns the refunded ones.
async fn settled_orders(hall: &Hall, orders: &[Order]) -> BTreeSet<String> {
    let mut refunded = BTreeSet::new();
    let mut tickets = BTreeSet::new();
    for order in orders {
        let began = Instant::now();
        let seen = loop {
            let seen = hall.get(&format!("/api/v1/orders/{}", order.id), Some(hall.buyer(order.buyer))).await;
            assert_eq!(seen.status, 200, "order {}: {}", order.id, seen.json);
            if seen.json["refund"]["status"] != "pending" {
                break seen.json;
            }
            assert!(began.elapsed() < PATIENCE, "order {}: {}", order.id, seen.json);
        };
        let (status, ticket_status) = match (order.cancelled, seen["refund"].is_null()) {
            (false, _) => ("confirmed", "valid"),
            (true, false) => ("refunded", "void"),
            // The money was not captured before the cancellation.
            (true, true) => ("cancelled", "void"),
        };
        assert_eq!(seen["status"], status, "order {}", order.id);
        if status == "refunded" {
            refunded.insert(order.id.clone());
        }
        let now: Vec<_> =
            seen["tickets"].as_array().unwrap().iter().map(|ticket| text(&ticket["ticket_id"])).collect();
        assert_eq!(now, order.tickets, "order {}", order.id);
        assert_eq!(now.len(), order.seats.len());
        for ticket in now {
            let seen = hall.get(&format!("/api/v1/tickets/{ticket}"), Some(hall.buyer(order.buyer))).await;
            assert_eq!((seen.status, &seen.json["status"]), (200, &ticket_status.into()), "ticket {ticket}");
            assert!(tickets.insert(ticket), "one ticket in two orders");
        }
    }
    refunded
}

/// Whether it still holds its seats. A reservation without an order may have expired, but not before its time.
async fn reservation_is_active(hall: &Hall, reservation: &Reservation) -> bool {
    let path = format!("/api/v1/reservations/{}", reservation.id);
    let seen = hall.get(&path, Some(hall.buyer(reservation.buyer))).await;
    assert_eq!(seen.status, 200, "reservation {}: {}", reservation.id, seen.json);
    let expires_at: jiff::Timestamp = text(&seen.json["expires_at"]).parse().unwrap();
    let expired = reservation.status == "active" && expires_at <= jiff::Timestamp::now();
    if !(expired && seen.json["status"] == "expired") {
        assert_eq!(seen.json["status"], reservation.status, "{}: {}", reservation.id, seen.json);
    }
    seen.json["status"] == "active"
}

/// Exactly the seats of orders that were not cancelled are sold, each once. Exactly the seats of active reservations are reserved, unless
/// one expires during the check.
async fn seats_agree(hall: &Hall, claims: &Claims, active: &[&Reservation]) {
    let mut seen = BTreeMap::new();
    collect(&hall.get(&format!("/api/v1/events/{}/seats", hall.event()), None).await.json, &mut seen);
    let of = |status: &str| -> BTreeSet<&String> {
        seen.iter().filter(|(_, seen)| *seen == status).map(|(seat, _)| seat).collect()
    };
    let mut sold = BTreeSet::new();
    for order in claims.orders.iter().filter(|order| !order.cancelled) {
        for seat in &order.seats {
            assert!(sold.insert(seat), "seat {seat} was sold twice");
        }
    }
    assert_eq!(of("sold"), sold);
    let mut reserved = BTreeSet::new();
    for reservation in active {
        for seat in &reservation.seats {
            assert!(reserved.insert(seat) && !sold.contains(seat), "seat {seat} has two owners");
        }
    }
    assert!(of("reserved").is_subset(&reserved));
    assert_eq!(seen.len(), usize::try_from(hall.seats()).unwrap());
}

/// Every seat in the answer, with its status.
fn collect(value: &Value, seats: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) if fields.contains_key("seat_id") => {
            drop(seats.insert(text(&fields["seat_id"]), text(&fields["status"])));
        }
        Value::Object(fields) => fields.values().for_each(|value| collect(value, seats)),
        Value::Array(items) => items.iter().for_each(|value| collect(value, seats)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The provider's totals, in cents.
#[derive(Debug, PartialEq, Eq)]
struct Books {
    /// Payments that were captured.
    payments: i64,
    captured: i64,
    refunded: i64,
}

/// The totals of the sandbox's records. No payment may have captured more than it authorized, or refunded more than it captured.
async fn books(hall: &Hall) -> Books {
    const SUMS: &str = "SELECT count(*) FILTER (WHERE captured > 0), CAST(coalesce(sum(captured), 0) AS bigint), \
                        CAST(coalesce(sum(refunded), 0) AS bigint), \
                        count(*) FILTER (WHERE captured > amount OR refunded > captured) FROM payments";
    let [payments, captured, refunded, wrong] = match &hall.place().database {
        None => {
            let books = rusqlite::Connection::open(hall.folder().join("sandbox.db")).unwrap();
            books.busy_timeout(std::time::Duration::from_secs(30)).unwrap();
            books.query_row(SUMS, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])).unwrap()
        }
        Some(database) => {
            let demands = fairseat_postgres::Demands { require_standby: false, allow_unsafe_server: true };
            let connector = fairseat_postgres::Connector::new(database, demands).unwrap();
            let connection = connector.connect("SET search_path = fairseat_store").await.unwrap();
            let row = connection.client.query_one(SUMS, &[]).await.unwrap();
            [row.get(0), row.get(1), row.get(2), row.get(3)]
        }
    };
    assert_eq!(wrong, 0_i64);
    Books { payments, captured, refunded }
}

/// The totals on which all sides must agree.
struct Figures {
    orders: usize,
    sold: usize,
    /// Orders whose payment was captured.
    paid: usize,
    kept: f64,
    refunded: f64,
}

impl Figures {
    fn of(claims: &Claims, refunded: &BTreeSet<String>) -> Self {
        let kept = || claims.orders.iter().filter(|order| !order.cancelled);
        let back = || claims.orders.iter().filter(|order| refunded.contains(&order.id));
        Self {
            orders: claims.orders.len(),
            sold: kept().map(|order| order.seats.len()).sum(),
            paid: kept().count() + back().count(),
            kept: kept().map(|order| order.total).sum(),
            refunded: back().map(|order| order.total).sum(),
        }
    }

    fn books(&self) -> Books {
        let cents = |amount: f64| (amount * 100.0).round() as i64;
        Books {
            payments: i64::try_from(self.paid).unwrap(),
            captured: cents(self.kept + self.refunded),
            refunded: cents(self.refunded),
        }
    }

    /// A replay of the whole journal gives the same totals.
    async fn agree_with(&self, hall: &Hall) {
        let place = hall.place().clone();
        let proof = blocking(move || place.verify()).await;
        let event = &proof["events"][0];
        assert_eq!(proof["violations"], serde_json::json!([]));
        assert_eq!(
            (&event["orders"], &event["sold"], &event["revenue"], &event["refunds"]),
            (&self.orders.into(), &self.sold.into(), &self.kept.into(), &self.refunded.into())
        );
    }
}
