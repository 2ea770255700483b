//! What the organizer decides about a sale: times, limits, prices, fees, refunds.

use crate::money::{Amount, AmountOutOfRange, BasisPoints, Currency};
use crate::time::{Millis, Timestamp};
use serde::{Deserialize, Serialize};

/// The organizer's terms of one sale. Changing them never touches what was reserved or bought before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The currency of every amount of the sale; it never changes.
    pub currency: Currency,
    /// Buyers may reserve from this instant on.
    pub on_sale_at: Timestamp,
    /// Buyers may reserve until just before this instant.
    pub sales_end_at: Timestamp,
    /// The event begins; refund deadlines count back from here.
    pub starts_at: Timestamp,
    /// Seats one buyer may hold and own together, 1 to [`crate::limits::MAX_TICKETS_PER_BUYER`].
    pub max_tickets_per_buyer: u32,
    /// What is added to the seats' prices.
    pub fees: Fees,
    /// What a buyer gets back.
    pub refund_policy: RefundPolicy,
    /// Whether buyers may see and buy; a draft is not published.
    pub published: bool,
}

/// Fees on top of the seats' prices; the parts add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fees {
    /// For each ticket.
    pub per_ticket: Amount,
    /// Once for each order.
    pub per_order: Amount,
    /// A share of the seats' prices.
    pub share: BasisPoints,
}

impl Fees {
    /// The fees on `count` seats that cost `seats_total` together; seats given away carry none.
    ///
    /// # Errors
    /// [`AmountOutOfRange`] when the sum leaves the range.
    pub fn on(&self, seats_total: Amount, count: u32) -> Result<Amount, AmountOutOfRange> {
        if seats_total == Amount::ZERO {
            return Ok(Amount::ZERO);
        }
        self.per_ticket.times(count)?.plus(self.per_order)?.plus(seats_total.share(self.share)?)
    }
}

/// What a buyer who cancels gets back, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundPolicy {
    /// The share of the seats' prices that is given back; nothing means that orders cannot be cancelled by buyers.
    pub share: BasisPoints,
    /// Whether the fees are given back as well.
    pub fees_too: bool,
    /// Cancelling ends this long before the event starts.
    pub until_before_start: Millis,
}

impl Default for RefundPolicy {
    /// Everything back until the event starts.
    fn default() -> Self {
        Self { share: BasisPoints::WHOLE, fees_too: true, until_before_start: Millis::ZERO }
    }
}

/// A price for the seats of a section or, where no tier names their section, of a plan category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceTier {
    /// The section's or category's name.
    pub name: String,
    /// The price of one seat, without fees.
    pub price: Amount,
}
