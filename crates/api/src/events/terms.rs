//! Reads fees, refund policies and prices from requests.

use fairseat_contract::MoneyText;
use fairseat_contract::events::HoldLimitsInput;
use fairseat_contract::terms::{FeesInput, PriceTiers, RefundPolicyInput};
use fairseat_domain::limits::MAX_HELD;
use fairseat_domain::money::{Amount, BasisPoints, Currency, parse_decimal};
use fairseat_domain::seating_plan::SeatingPlan;
use fairseat_domain::terms::{Fees, HoldLimits, PriceTier, RefundPolicy};
use fairseat_domain::time::Millis;
use fairseat_edge::check::Check;

const MAX_HOURS: u32 = 8_760;

const HOUR_SECONDS: i64 = 3_600;

pub(crate) fn money(check: &mut Check, field: &str, text: Option<&MoneyText>, currency: Currency) -> Amount {
    let Some(text) = text else { return Amount::ZERO };
    match text.amount(currency) {
        Ok(amount) if amount >= Amount::ZERO => return amount,
        Ok(_) => check.refuse(field.to_owned(), "must not be negative"),
        Err(error) => check.refuse(field.to_owned(), error.to_string()),
    }
    Amount::ZERO
}

pub(crate) fn share(
    check: &mut Check,
    field: &'static str,
    text: Option<&MoneyText>,
    default: BasisPoints,
) -> BasisPoints {
    let Some(text) = text else { return default };
    let points = parse_decimal(text.as_str(), 2).ok().and_then(|points| u32::try_from(points).ok());
    let found = points.map(BasisPoints).filter(|share| *share <= BasisPoints::WHOLE);
    check.that(found.is_some(), field, "must be 0 to 100 with at most two decimals");
    found.unwrap_or(default)
}

/// Fees from the request.
pub(crate) fn fees(check: &mut Check, sent: Option<&FeesInput>, currency: Currency) -> Fees {
    let Some(sent) = sent else { return Fees::default() };
    Fees {
        per_ticket: money(check, "fees.per_ticket", sent.per_ticket.as_ref(), currency),
        per_order: money(check, "fees.per_order", sent.per_order.as_ref(), currency),
        share: share(check, "fees.percent", sent.percent.as_ref(), BasisPoints::default()),
    }
}

/// A refund policy from the request.
pub(crate) fn refund_policy(check: &mut Check, sent: Option<&RefundPolicyInput>) -> RefundPolicy {
    let Some(sent) = sent else { return RefundPolicy::default() };
    let hours = sent.until_hours_before_start.unwrap_or(0);
    check.number("refund_policy.until_hours_before_start", hours, 0..=MAX_HOURS);
    RefundPolicy {
        share: share(check, "refund_policy.percent", sent.percent.as_ref(), BasisPoints::WHOLE),
        fees_too: sent.fees.unwrap_or(true),
        until_before_start: Millis::from_seconds(i64::from(hours) * HOUR_SECONDS),
    }
}

/// Limits on hoarding from the request.
pub(crate) fn hold_limits(check: &mut Check, limits: &HoldLimitsInput) -> HoldLimits {
    let HoldLimitsInput { seats, seats_of_new_accounts, tickets_per_instrument } = *limits;
    for (limit, field) in [
        (seats, "hold_limits.seats"),
        (seats_of_new_accounts, "hold_limits.seats_of_new_accounts"),
        (tickets_per_instrument, "hold_limits.tickets_per_instrument"),
    ] {
        if let Some(limit) = limit {
            check.number(field, limit, 1..=MAX_HELD);
        }
    }
    HoldLimits { seats, seats_of_new_accounts, tickets_per_instrument }
}

/// Prices from the request; each belongs to a section or a category of the plan.
pub(crate) fn price_tiers(
    check: &mut Check,
    sent: &PriceTiers,
    currency: Currency,
    plan: &SeatingPlan,
) -> Vec<PriceTier> {
    check.list("price_tiers", sent.len(), 1..=fairseat_domain::limits::MAX_PRICE_TIERS);
    let mut tiers = Vec::with_capacity(sent.len());
    for (name, price) in sent {
        let field = format!("price_tiers.{}", name.chars().take(60).collect::<String>());
        let known = plan.section_named(name).is_some()
            || plan.categories().iter().any(|category| *category.name == **name);
        check.that(known, field.clone(), "is neither a section nor a category of the venue's seating plan");
        tiers.push(PriceTier { name: name.clone(), price: money(check, &field, Some(price), currency) });
    }
    tiers
}
