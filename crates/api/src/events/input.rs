//! What an organizer says about an event, checked as a whole.

use crate::error::ApiError;
use crate::events::terms;
use crate::events::terms::{FeesInput, PriceTiers, RefundPolicyInput};
use fairseat_contract::JsonTime;
use fairseat_domain::limits::{DEFAULT_TICKETS_PER_BUYER, MAX_TICKETS_PER_BUYER};
use fairseat_domain::money::Currency;
use fairseat_domain::seating_plan::SeatingPlan;
use fairseat_domain::terms::Terms;
use fairseat_domain::time::Timestamp;
use fairseat_edge::check::Check;
use fairseat_store::events::EventDetails;
use serde::Deserialize;
use serde::de::IgnoredAny;
use utoipa::ToSchema;
use uuid::Uuid;

/// An event to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct EventInput {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[serde(default)]
    #[schema(max_length = 10_000)]
    description: String,
    pub(crate) venue_id: Uuid,
    start_time: JsonTime,
    end_time: JsonTime,
    /// Concert, sports, theater, comedy, family, …
    #[schema(min_length = 1, max_length = 50)]
    category: String,
    on_sale_time: JsonTime,
    /// By default the event's start
    sales_end_time: Option<JsonTime>,
    /// Prices without fees, by the name of a section, else of a category of the plan; seats without a price start blocked
    #[schema(value_type = BTreeMap<String, f64>)]
    price_tiers: PriceTiers,
    /// ISO 4217
    #[schema(default = "USD", min_length = 3, max_length = 3)]
    currency: Option<String>,
    #[schema(default = 8, minimum = 1, maximum = 1000)]
    max_tickets_per_user: Option<u32>,
    fees: Option<FeesInput>,
    refund_policy: Option<RefundPolicyInput>,
    /// The venue's, which needs no saying
    pub(crate) organization_id: Option<Uuid>,
    /// Seen by its organization only, until it is published
    #[schema(default = false)]
    draft: Option<bool>,
    /// Not offered yet
    #[schema(value_type = Option<Object>)]
    waiting_room: Option<IgnoredAny>,
    /// Not offered yet
    #[schema(value_type = Option<Object>)]
    resale: Option<IgnoredAny>,
}

impl EventInput {
    /// What the store keeps of it.
    ///
    /// # Errors
    /// `invalid` with everything that is wrong.
    pub(crate) fn details(&self, check: Check, plan: &SeatingPlan) -> Result<EventDetails, ApiError> {
        let mut check = check;
        let currency = currency(&mut check, self.currency.as_deref());
        let times = self.times(&mut check);
        let max = self.max_tickets_per_user.unwrap_or(DEFAULT_TICKETS_PER_BUYER);
        check_max_tickets(&mut check, max);
        let terms = Terms {
            currency,
            on_sale_at: times.on_sale,
            sales_end_at: times.sales_end,
            starts_at: times.start,
            max_tickets_per_buyer: max,
            fees: terms::fees(&mut check, self.fees.as_ref(), currency),
            refund_policy: terms::refund_policy(&mut check, self.refund_policy.as_ref()),
            published: !self.draft.unwrap_or(false),
        };
        let tiers = terms::price_tiers(&mut check, &self.price_tiers, currency, plan);
        let mut details = EventDetails {
            name: check_name(&mut check, &self.name),
            description: check_description(&mut check, &self.description),
            category: check_category(&mut check, &self.category),
            starts_at: times.start,
            ends_at: times.end,
            on_sale_at: times.on_sale,
            sales_end_at: times.sales_end,
            currency,
            price_tiers: String::new(),
            fees: None,
            refund_policy: None,
            max_tickets_per_user: max,
            draft: !terms.published,
            image: None,
        };
        for (given, field) in [(&self.waiting_room, "waiting_room"), (&self.resale, "resale")] {
            check.that(given.is_none(), field, "is not offered yet; leave it out");
        }
        check.finish()?;
        fairseat_app::catalogue::terms::follow_sale(&mut details, &terms, &tiers)?;
        Ok(details)
    }

    fn times(&self, check: &mut Check) -> Times {
        let start = self.start_time.0;
        let times = Times {
            start,
            end: self.end_time.0,
            on_sale: self.on_sale_time.0,
            sales_end: self.sales_end_time.map_or(start, |time| time.0),
        };
        times.check(check);
        times
    }
}

/// The times of an event, which must go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) on_sale: Timestamp,
    pub(crate) sales_end: Timestamp,
}

impl Times {
    pub(crate) fn check(&self, check: &mut Check) {
        check.that(self.start < self.end, "end_time", "must be after the start");
        check.that(
            self.on_sale < self.sales_end,
            "on_sale_time",
            "must be before the end of sales, which is the start unless set",
        );
        check.that(self.sales_end <= self.end, "sales_end_time", "must not be after the end");
    }
}

pub(crate) fn currency(check: &mut Check, code: Option<&str>) -> Currency {
    let currency = code.map_or(Some(Currency::USD), Currency::from_code);
    let currency = currency.filter(|currency| currency.is_in_use());
    check.that(currency.is_some(), "currency", "must be an ISO 4217 code of a currency in use, such as USD");
    currency.unwrap_or(Currency::USD)
}

pub(crate) fn check_name(check: &mut Check, name: &str) -> String {
    check.text("name", name, 1..=200)
}

pub(crate) fn check_description(check: &mut Check, description: &str) -> String {
    check.lines("description", description, 0..=10_000)
}

pub(crate) fn check_category(check: &mut Check, category: &str) -> String {
    check.text("category", category, 1..=50)
}

pub(crate) fn check_max_tickets(check: &mut Check, max: u32) {
    check.number("max_tickets_per_user", max, 1..=MAX_TICKETS_PER_BUYER);
}
