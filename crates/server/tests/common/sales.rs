//! Events on sale, entered directly into the catalogue and opened in the engine. What organizers do over HTTP has its own tests.

use super::TestServer;
use fairseat_domain::command::Selection;
use fairseat_domain::ids::{EventNumber, ReservationNumber, SeatIndex};
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::sale::{Changes, Request};
use fairseat_domain::seating_plan::{ImportOptions, SeatingPlan, import_short};
use fairseat_domain::terms::{Fees, PriceTier, RefundPolicy, Terms};
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_domain::{Actor, Command, Sale, wire};
use fairseat_engine::stream_of;
use fairseat_journal::{Append, BatchId, DecisionTimes, Head};
use fairseat_store::events::{EventDetails, Lifecycle, NewEvent};
use fairseat_store::venues::{NewVenue, VenueDetails, VenuePlan};
use uuid::Uuid;

const HOUR: Millis = Millis::from_seconds(3_600);

/// Floor: rows A to C of 6 seats at 100.00. Balcony: a row of 4 at 50.00. Gift: a row of 3, free of charge. Standing: 10 places at 20.00.
/// Field: 1,000 places at 1.00. Hidden: a row of 2 without a price.
const PLAN: &str = r#"{"sections": [
    {"name": "Floor", "rows": 3, "seats_per_row": 6, "accessible": ["A-1"]},
    {"name": "Balcony", "rows": 1, "seats_per_row": 4},
    {"name": "Gift", "rows": 1, "seats_per_row": 3},
    {"name": "Standing", "general_admission": 10},
    {"name": "Field", "general_admission": 1000},
    {"name": "Hidden", "rows": 1, "seats_per_row": 2}
]}"#;

/// An event on sale.
#[derive(Clone, Debug)]
pub(crate) struct EventOnSale {
    pub(crate) id: Uuid,
    pub(crate) number: EventNumber,
    /// Every seat, by index.
    seats: Vec<(String, Uuid)>,
}

impl EventOnSale {
    /// The id of the seat with this label, such as `Floor A-1`.
    pub(crate) fn seat(&self, label: &str) -> Uuid {
        let found = self.seats.iter().find(|(known, _)| known == label);
        found.unwrap_or_else(|| panic!("no seat {label} among {:?}", self.seats)).1
    }

    /// The ids of the seats with these labels.
    pub(crate) fn seats(&self, labels: &[&str]) -> Vec<Uuid> {
        labels.iter().map(|label| self.seat(label)).collect()
    }

    /// A path below the event.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/events/{}{rest}", self.id)
    }
}

fn plan() -> SeatingPlan {
    import_short(PLAN, ImportOptions::default()).unwrap().plan
}

/// On sale since one hour ago, for a day.
fn terms_at(now: Timestamp) -> Terms {
    Terms {
        currency: Currency::USD,
        on_sale_at: now.minus(HOUR),
        sales_end_at: now.plus(Millis(HOUR.0 * 24)),
        starts_at: now.plus(Millis(HOUR.0 * 24)),
        max_tickets_per_buyer: 8,
        fees: Fees::default(),
        refund_policy: RefundPolicy::default(),
        published: true,
    }
}

fn opening(terms: Terms) -> Command {
    let tier = |name: &str, price| PriceTier { name: name.to_owned(), price: Amount(price) };
    let tiers = vec![
        tier("Floor", 10_000),
        tier("Balcony", 5_000),
        tier("Gift", 0),
        tier("Standing", 2_000),
        tier("Field", 100),
    ];
    Command::OpenSale { terms, tiers, plan: plan() }
}

impl TestServer {
    /// An event of the organizer's organization, on sale since one hour ago.
    pub(crate) async fn event(&self, organizer: &super::Actor) -> EventOnSale {
        self.event_with(organizer, |_| {}).await
    }

    /// As [`Self::event`], with other terms.
    pub(crate) async fn event_with(
        &self,
        organizer: &super::Actor,
        change: impl FnOnce(&mut Terms),
    ) -> EventOnSale {
        let mut terms = terms_at(self.app.now());
        change(&mut terms);
        let event = self.entered(organizer, &terms).await;
        let open = opening(terms);
        self.app.engine.submit_system(event.number, open).await.unwrap().answer.unwrap();
        event
    }

    /// An event in whose journal `Floor A-1` was reserved two minutes ago for one minute; also returns the reservation.
    pub(crate) async fn event_with_expired_reservation(
        &self,
        organizer: &super::Actor,
        buyer: &super::Actor,
    ) -> (EventOnSale, Uuid) {
        let then = self.app.now().minus(Millis::from_seconds(120));
        let terms = terms_at(then);
        let event = self.entered(organizer, &terms).await;
        let place = Command::PlaceReservation {
            buyer: buyer.account.unwrap(),
            selection: Selection::Seats(vec![SeatIndex(0)]),
            hold: Millis::from_seconds(60),
        };
        let mut sale = Sale::unopened(event.number);
        let mut entries = Vec::new();
        for command in [opening(terms), place] {
            let request =
                Request { command, actor: Actor::System, request: 0, idempotency: None, holder: None };
            let step = sale.step(&request, then, &mut Changes::default()).unwrap();
            step.answer.unwrap();
            entries.extend(step.entries);
        }
        let append = Append {
            stream: stream_of(event.number),
            expected: Head::default(),
            batch: BatchId(1),
            payload: wire::encode_batch(&entries).unwrap().into(),
            deadline: None,
            decided: DecisionTimes::default(),
        };
        self.app.journal.append(append).await.unwrap();
        let reservation = self.app.ids.reservation(event.number, ReservationNumber(0));
        (event, reservation)
    }

    async fn entered(&self, organizer: &super::Actor, terms: &Terms) -> EventOnSale {
        let number = self.enter(organizer, terms).await;
        assert!(self.store().events().move_to(number, Lifecycle::Ready, self.app.now()).await.unwrap());
        EventOnSale { id: self.app.ids.event(number), number, seats: self.labelled(number, &plan()) }
    }

    fn labelled(&self, number: EventNumber, plan: &SeatingPlan) -> Vec<(String, Uuid)> {
        let id = |index: SeatIndex| self.app.ids.seat(number, index);
        plan.seats().map(|seat| (seat.label(), id(seat.index))).collect()
    }

    async fn enter(&self, organizer: &super::Actor, terms: &Terms) -> EventNumber {
        let venue = NewVenue {
            organization: organizer.organization(),
            details: VenueDetails {
                name: "The Old Theatre".to_owned(),
                address: "1 Main Street".to_owned(),
                city: "New York".to_owned(),
                state: "NY".to_owned(),
                country: "US".to_owned(),
                timezone: "America/New_York".to_owned(),
                layout_type: "theater".to_owned(),
            },
            capacity: 1_037,
            plan: VenuePlan { document: PLAN.into(), compact: Vec::new() },
        };
        let venue = self.store().venues().create(venue, None, self.app.now()).await.unwrap();
        let details = EventDetails {
            name: "Romeo and Juliet".to_owned(),
            description: String::new(),
            category: "theater".to_owned(),
            starts_at: terms.starts_at,
            ends_at: terms.starts_at.plus(HOUR),
            on_sale_at: terms.on_sale_at,
            sales_end_at: terms.sales_end_at,
            currency: terms.currency,
            price_tiers: "{}".to_owned(),
            fees: None,
            refund_policy: None,
            max_tickets_per_user: terms.max_tickets_per_buyer,
            draft: !terms.published,
            image: None,
            options: None,
            performer: String::new(),
            doors_at: None,
        };
        let new = NewEvent { organization: organizer.organization(), venue: venue.id, details };
        self.store().events().create(new, None, self.app.now()).await.unwrap().number
    }
}
