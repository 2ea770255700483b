//! The organizer's terms of a sale: times, ticket limit, fees, refund policy and prices.

use crate::money::{Amount, AmountOutOfRange, BasisPoints, Currency};
use crate::time::{Millis, Timestamp};
use serde::{Deserialize, Serialize};

/// The organizer's terms of one sale. A change does not affect existing reservations and orders, except for the times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The currency of every amount of the sale; it never changes.
    pub currency: Currency,
    /// Buyers may reserve from this instant on.
    pub on_sale_at: Timestamp,
    /// Buyers may reserve until just before this instant.
    pub sales_end_at: Timestamp,
    /// The event begins at this instant. Refund deadlines are relative to it.
    pub starts_at: Timestamp,
    /// The ticket limit: seats that one buyer may have reserved and bought together, 1 to [`crate::limits::MAX_TICKETS_PER_BUYER`].
    pub max_tickets_per_buyer: u32,
    /// Fees on top of the seats' prices.
    pub fees: Fees,
    /// What a buyer who cancels gets back.
    pub refund_policy: RefundPolicy,
    /// Whether buyers may see and buy. An event that is not published is a draft.
    pub published: bool,
}

/// The limits on hoarding; `None` for the default (see [`crate::Sale::hold_limits`] and [`crate::Sale::instrument_limit`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldLimits {
    /// Seats that all accounts of one network may hold at one time, 1 to [`crate::limits::MAX_HELD`].
    pub seats: Option<u32>,
    /// Seats that its new accounts together may hold at one time, 1 to [`crate::limits::MAX_HELD`].
    pub seats_of_new_accounts: Option<u32>,
    /// Tickets that may be paid with one payment instrument, 1 to [`crate::limits::MAX_HELD`].
    pub tickets_per_instrument: Option<u32>,
}

/// The terms that an organizer wants to change; `None` keeps the current value. The currency is not among them, because it
/// never changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TermsChange {
    /// See [`Terms::on_sale_at`].
    pub on_sale_at: Option<Timestamp>,
    /// See [`Terms::sales_end_at`].
    pub sales_end_at: Option<Timestamp>,
    /// See [`Terms::starts_at`].
    pub starts_at: Option<Timestamp>,
    /// See [`Terms::max_tickets_per_buyer`].
    pub max_tickets_per_buyer: Option<u32>,
    /// See [`Terms::fees`].
    pub fees: Option<Fees>,
    /// See [`Terms::refund_policy`].
    pub refund_policy: Option<RefundPolicy>,
    /// See [`Terms::published`].
    pub published: Option<bool>,
    /// The limits on hoarding.
    pub hold_limits: Option<HoldLimits>,
    /// Whether a choice that leaves a single seat is refused; see [`crate::Sale::refuses_single_seats`].
    pub refuse_single_seats: Option<bool>,
}

impl From<Terms> for TermsChange {
    /// Changes every term but the currency.
    fn from(terms: Terms) -> Self {
        Self {
            on_sale_at: Some(terms.on_sale_at),
            sales_end_at: Some(terms.sales_end_at),
            starts_at: Some(terms.starts_at),
            max_tickets_per_buyer: Some(terms.max_tickets_per_buyer),
            fees: Some(terms.fees),
            refund_policy: Some(terms.refund_policy),
            published: Some(terms.published),
            hold_limits: None,
            refuse_single_seats: None,
        }
    }
}

impl Terms {
    /// These terms after a change. If sales ended at the start of the event, they end at its new start, unless the change
    /// says otherwise.
    #[must_use]
    pub fn with(&self, change: &TermsChange) -> Self {
        let starts_at = change.starts_at.unwrap_or(self.starts_at);
        let usual_end = if self.sales_end_at == self.starts_at { starts_at } else { self.sales_end_at };
        Self {
            currency: self.currency,
            on_sale_at: change.on_sale_at.unwrap_or(self.on_sale_at),
            sales_end_at: change.sales_end_at.unwrap_or(usual_end),
            starts_at,
            max_tickets_per_buyer: change.max_tickets_per_buyer.unwrap_or(self.max_tickets_per_buyer),
            fees: change.fees.unwrap_or(self.fees),
            refund_policy: change.refund_policy.unwrap_or(self.refund_policy),
            published: change.published.unwrap_or(self.published),
        }
    }
}

/// Fees on top of the seats' prices; the parts add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fees {
    /// For each ticket that is not free.
    pub per_ticket: Amount,
    /// Once for each order that is not free.
    pub per_order: Amount,
    /// A share of the seats' prices.
    pub share: BasisPoints,
}

impl Fees {
    /// The fees on seats with these prices. Free seats have no fees.
    ///
    /// # Errors
    /// [`AmountOutOfRange`] when the sum leaves the range.
    pub fn on(&self, prices: impl IntoIterator<Item = Amount>) -> Result<Amount, AmountOutOfRange> {
        let paid: Vec<Amount> = prices.into_iter().filter(|price| *price != Amount::ZERO).collect();
        if paid.is_empty() {
            return Ok(Amount::ZERO);
        }
        let count = u32::try_from(paid.len()).unwrap_or(u32::MAX);
        let seats_total = Amount::sum(paid)?;
        self.per_ticket.times(count)?.plus(self.per_order)?.plus(seats_total.share(self.share)?)
    }
}

/// What a buyer who cancels gets back, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundPolicy {
    /// The share of the seats' prices that is refunded; 0 means that buyers cannot cancel.
    pub share: BasisPoints,
    /// Whether fees are refunded, too.
    pub fees_too: bool,
    /// Buyers can cancel until this long before the event starts.
    pub until_before_start: Millis,
}

impl Terms {
    /// Until when buyers who order now may give tickets back; `None` if they never may.
    #[must_use]
    pub fn refunds_close_at(&self) -> Option<Timestamp> {
        let policy = self.refund_policy;
        (policy.share > BasisPoints::default()).then(|| self.starts_at.minus(policy.until_before_start))
    }
}

impl Default for RefundPolicy {
    /// A full refund until the event starts.
    fn default() -> Self {
        Self { share: BasisPoints::WHOLE, fees_too: true, until_before_start: Millis::ZERO }
    }
}

/// A price for the seats of a section or, where no tier names their section, of a plan category.
///
/// A name that a section shares with a category means the category: it prices the seats of that category everywhere, and of
/// that section only the seats whose own category has no price. So a VIP seat in the section Balcony sells at the price of VIP.
/// (Sales opened earlier keep the section's price until their prices change; see
/// [`Fact::CategoriesPreferred`](crate::Fact::CategoriesPreferred).)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceTier {
    /// The section's or category's name.
    pub name: String,
    /// The price of one seat, without fees.
    pub price: Amount,
}
