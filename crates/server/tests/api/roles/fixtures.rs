//! The people and objects that the table of roles refers to.

use crate::common::accounts::invitation_token;
use crate::common::catalogue::enter_venue;
use crate::common::test_shop::{CARD_TO_APPROVE, GOOD_CARD, string_of};
use crate::common::{Actor, EventOnSale, TestServer};
use fairseat_domain::terms::Terms;
use fairseat_store::organizations::Role;
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) struct Fixtures {
    server: TestServer,
    everyone: [Actor; super::ROLES.len()],
    event: EventOnSale,
    draft: EventOnSale,
    venue: String,
    /// An event created over HTTP, so that its venue has a plan.
    whole: String,
    /// Added to the organization again for each request about a member.
    member: Actor,
    reservation: Value,
    order: Value,
    payment: String,
}

impl Fixtures {
    pub(super) async fn prepare() -> Self {
        let server = TestServer::start().await;
        let everyone = everyone(&server).await;
        let [_, holder, .., owner, _, _, _] = &everyone;
        let event = server.event_with(owner, for_many).await;
        let draft = server.event_with(owner, |terms| terms.published = false).await;
        let venue = json!({
            "name": "Hall", "address": "", "city": "Bern", "country": "CH", "layout_type": "theater",
            "seating_plan": {"sections": [{"name": "A", "rows": 1, "seats_per_row": 2}]},
        });
        let venue = string_of(&owner.post("/venues", venue).await.expect(201)["venue_id"]);
        let whole = json!({
            "name": "Play", "venue_id": venue, "start_time": "2100-01-01T20:00:00Z", "end_time": "2100-01-01T23:00:00Z",
            "category": "theater", "on_sale_time": "2099-01-01T00:00:00Z", "price_tiers": {"A": 10},
        });
        let whole = string_of(&owner.post("/events", whole).await.expect(201)["event_id"]);
        let member = server.buyer("member").await;
        let reservation = reserved(holder, &event, 1).await;
        let order = bought(holder, &event).await;
        let payment = waiting_payment(holder, &event).await;
        Self { server, event, draft, venue, whole, member, reservation, order, payment, everyone }
    }

    /// Everybody, in the order of the table's columns.
    pub(super) fn everyone(&self) -> impl Iterator<Item = &Actor> {
        self.everyone.iter()
    }

    fn holder(&self) -> &Actor {
        &self.everyone[1]
    }

    fn owner(&self) -> &Actor {
        &self.everyone[6]
    }

    /// The text with an id in place of every `{name_id}` and `{name_id:which}`.
    pub(super) async fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        // The reservation that the text names first, so that the text can also name one of its seats.
        let mut reservation = self.reservation.clone();
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let name = after.split_once('}').filter(|(name, _)| is_name(name));
            let Some((name, after)) = name else {
                filled.push('{');
                rest = after;
                continue;
            };
            if name == "reservation_id:new" {
                reservation = reserved(self.holder(), &self.event, 2).await;
            }
            filled.push_str(&self.id(name, &reservation).await);
            rest = after;
        }
        filled + rest
    }

    async fn id(&self, name: &str, reservation: &Value) -> String {
        match name {
            "organization_id" => self.owner().organization().0.to_string(),
            "invitation_id:new" => {
                let email = format!("{}@example.test", Uuid::new_v4());
                string_of(&invited(self.owner(), &email).await["invitation_id"])
            }
            "token:open" => {
                let organizer = self.server.organizer(&Uuid::new_v4().to_string()).await;
                invitation_token(&self.server, &invited(&organizer, "holder@example.test").await)
            }
            "token:none" => "none".to_owned(),
            "session_id:none" => Uuid::nil().to_string(),
            "file:none" | "name:none" => format!("{}.jpg", Uuid::nil()),
            "venue_id" => self.venue.clone(),
            "venue_id:new" => enter_venue(self.owner()).await,
            "user_id:nobody" => Uuid::nil().to_string(),
            "user_id:holder" => self.holder().id().to_string(),
            "user_id:member" => self.joined().await,
            "event_id" => self.event.id.to_string(),
            "event_id:whole" => self.whole.clone(),
            "event_id:draft" => self.draft.id.to_string(),
            "event_id:new" => self.server.event(self.owner()).await.id.to_string(),
            "reservation_id" | "reservation_id:new" => string_of(&reservation["reservation_id"]),
            "seat_id" => string_of(&reservation["seat_ids"][0]),
            "order_id" => string_of(&self.order["order_id"]),
            "order_id:new" => string_of(&bought(self.holder(), &self.event).await["order_id"]),
            "ticket_id" => string_of(&self.order["tickets"][0]["ticket_id"]),
            "payment_id" => self.payment.clone(),
            "payment_id:new" => waiting_payment(self.holder(), &self.event).await,
            "message_id" => uuid::Uuid::nil().to_string(),
            "provider:sandbox" => "sandbox".to_owned(),
            unknown => panic!("{unknown}"),
        }
    }

    async fn joined(&self) -> String {
        let (organization, member) = (self.owner().organization(), self.member.account.unwrap());
        let organizations = self.server.store().organizations();
        organizations.set_member(organization, member, Role::Staff, self.server.app.now()).await.unwrap();
        self.member.id().to_string()
    }
}

/// An open invitation of an address to the organization of `owner`.
async fn invited(owner: &Actor, email: &str) -> Value {
    let members = format!("/organizations/{}/members", owner.organization().0);
    owner.post(&members, json!({"email": email, "role": "staff"})).await.expect(201).clone()
}

async fn everyone(server: &TestServer) -> [Actor; super::ROLES.len()] {
    let owner = server.organizer("owner").await;
    let organization = owner.organization();
    [
        server.anonymous(),
        server.buyer("holder").await,
        server.buyer("other").await,
        server.member("staff", organization, Role::Staff).await,
        server.member("finance", organization, Role::Finance).await,
        server.member("manager", organization, Role::Manager).await,
        owner,
        server.organizer("foreign").await,
        server.admin().await,
        server.guest().await,
    ]
}

/// Allows one buyer many tickets, because one person holds all of them.
fn for_many(terms: &mut Terms) {
    terms.max_tickets_per_buyer = 1_000;
}

/// Whether braces contain a name; a JSON body has braces too.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| matches!(letter, 'a'..='z' | '_' | ':'))
}

async fn reserved(holder: &Actor, event: &EventOnSale, quantity: u32) -> Value {
    let wish = json!({"general_admission": [{"section": "Field", "quantity": quantity}]});
    holder.post(&event.path("/reserve"), wish).await.expect(201).clone()
}

async fn bought(holder: &Actor, event: &EventOnSale) -> Value {
    paid(holder, event, GOOD_CARD, 201).await
}

async fn waiting_payment(holder: &Actor, event: &EventOnSale) -> String {
    let pending = paid(holder, event, CARD_TO_APPROVE, 202).await;
    let url = string_of(&pending["next_action"]["url"]);
    url.rsplit('/').next().unwrap().to_owned()
}

async fn paid(holder: &Actor, event: &EventOnSale, card: &str, status: u16) -> Value {
    let order = json!({
        "reservation_id": reserved(holder, event, 1).await["reservation_id"],
        "payment_details": {"card_number": card, "expiry": "12/99", "cvv": "123"},
    });
    holder.post("/orders", order).await.expect(status).clone()
}
