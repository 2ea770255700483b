//! Version 1 of the organizer's terms and prices.

use super::error::WireError;
use crate::money::{Amount, BasisPoints, Currency};
use crate::terms::{Fees, PriceTier, RefundPolicy, Terms};
use crate::time::{Millis, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TierV1 {
    name: String,
    price: i64,
}

impl From<&PriceTier> for TierV1 {
    fn from(tier: &PriceTier) -> Self {
        Self { name: tier.name.clone(), price: tier.price.0 }
    }
}

impl From<TierV1> for PriceTier {
    fn from(tier: TierV1) -> Self {
        Self { name: tier.name, price: Amount(tier.price) }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TermsV1 {
    currency: String,
    on_sale_at: i64,
    sales_end_at: i64,
    starts_at: i64,
    max_tickets_per_buyer: u32,
    fee_per_ticket: i64,
    fee_per_order: i64,
    fee_share: u32,
    refund_share: u32,
    refund_fees_too: bool,
    refund_until_before_start: i64,
    published: bool,
}

impl From<&Terms> for TermsV1 {
    fn from(terms: &Terms) -> Self {
        Self {
            currency: terms.currency.code().to_owned(),
            on_sale_at: terms.on_sale_at.as_millis(),
            sales_end_at: terms.sales_end_at.as_millis(),
            starts_at: terms.starts_at.as_millis(),
            max_tickets_per_buyer: terms.max_tickets_per_buyer,
            fee_per_ticket: terms.fees.per_ticket.0,
            fee_per_order: terms.fees.per_order.0,
            fee_share: terms.fees.share.0,
            refund_share: terms.refund_policy.share.0,
            refund_fees_too: terms.refund_policy.fees_too,
            refund_until_before_start: terms.refund_policy.until_before_start.0,
            published: terms.published,
        }
    }
}

impl TryFrom<TermsV1> for Terms {
    type Error = WireError;

    fn try_from(terms: TermsV1) -> Result<Self, WireError> {
        let currency = Currency::from_code(&terms.currency);
        Ok(Self {
            currency: currency
                .ok_or_else(|| WireError::Unreadable("a currency code is invalid".to_owned()))?,
            on_sale_at: Timestamp::from_millis(terms.on_sale_at),
            sales_end_at: Timestamp::from_millis(terms.sales_end_at),
            starts_at: Timestamp::from_millis(terms.starts_at),
            max_tickets_per_buyer: terms.max_tickets_per_buyer,
            fees: Fees {
                per_ticket: Amount(terms.fee_per_ticket),
                per_order: Amount(terms.fee_per_order),
                share: BasisPoints(terms.fee_share),
            },
            refund_policy: RefundPolicy {
                share: BasisPoints(terms.refund_share),
                fees_too: terms.refund_fees_too,
                until_before_start: Millis(terms.refund_until_before_start),
            },
            published: terms.published,
        })
    }
}
