//! Checks an organizer's description of an event as a whole.

use crate::events::terms;
use fairseat_app::catalogue::terms::{SaleOptions, copy_terms};
use fairseat_contract::events::EventInput;
use fairseat_domain::limits::{DEFAULT_TICKETS_PER_BUYER, MAX_TICKETS_PER_BUYER};
use fairseat_domain::money::Currency;
use fairseat_domain::seating_plan::SeatingPlan;
use fairseat_domain::terms::Terms;
use fairseat_domain::time::Timestamp;
use fairseat_edge::check::Check;
use fairseat_problems::errors::ApiError;
use fairseat_store::events::EventDetails;

/// The fields that the store keeps of it.
///
/// # Errors
/// `invalid` with an error for every wrong field.
pub(crate) fn event_details(
    input: &EventInput,
    check: Check,
    plan: &SeatingPlan,
) -> Result<EventDetails, ApiError> {
    let mut check = check;
    let currency = currency(&mut check, input.currency.as_deref());
    let times = times(input, &mut check);
    let max = input.max_tickets_per_user.unwrap_or(DEFAULT_TICKETS_PER_BUYER);
    check_max_tickets(&mut check, max);
    let terms = Terms {
        currency,
        on_sale_at: times.on_sale,
        sales_end_at: times.sales_end,
        starts_at: times.start,
        max_tickets_per_buyer: max,
        fees: terms::fees(&mut check, input.fees.as_ref(), currency),
        refund_policy: terms::refund_policy(&mut check, input.refund_policy.as_ref()),
        published: !input.draft.unwrap_or(false),
    };
    let tiers = terms::price_tiers(&mut check, &input.price_tiers, currency, plan);
    let mut details = EventDetails {
        name: check_name(&mut check, &input.name),
        description: check_description(&mut check, &input.description),
        performer: check_performer(&mut check, &input.performer),
        doors_at: check_doors(&mut check, input.doors_time.map(|time| time.0), times.start),
        category: check_category(&mut check, &input.category),
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
        options: None,
    };
    let options = SaleOptions {
        hold_limits: input
            .hold_limits
            .map(|limits| terms::hold_limits(&mut check, &limits))
            .unwrap_or_default(),
        refuse_single_seats: input.refuse_single_seats.unwrap_or_default(),
    };
    for (given, field) in [(&input.waiting_room, "waiting_room"), (&input.resale, "resale")] {
        check.that(given.is_none(), field, "is not offered yet; leave it out");
    }
    check.finish()?;
    copy_terms(&mut details, &terms, &tiers)?;
    details.options = options.to_column()?;
    Ok(details)
}

fn times(input: &EventInput, check: &mut Check) -> Times {
    let start = input.start_time.0;
    let times = Times {
        start,
        end: input.end_time.0,
        on_sale: input.on_sale_time.0,
        sales_end: input.sales_end_time.map_or(start, |time| time.0),
    };
    times.check(check);
    times
}

/// The times of an event, which must be consistent with each other.
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

pub(crate) fn check_performer(check: &mut Check, performer: &str) -> String {
    check.text("performer", performer, 0..=200)
}

pub(crate) fn check_doors(
    check: &mut Check,
    doors: Option<Timestamp>,
    start: Timestamp,
) -> Option<Timestamp> {
    check.that(doors.is_none_or(|doors| doors <= start), "doors_time", "must not be after the start");
    doors
}

pub(crate) fn check_category(check: &mut Check, category: &str) -> String {
    check.text("category", category, 1..=50)
}

pub(crate) fn check_max_tickets(check: &mut Check, max: u32) {
    check.number("max_tickets_per_user", max, 1..=MAX_TICKETS_PER_BUYER);
}
