//! Converts a sale's terms to and from the JSON columns of its event's row.

use crate::failure::Failure;
use fairseat_domain::Sale;
use fairseat_domain::terms::{HoldLimits, PriceTier, Terms};
use fairseat_store::events::EventDetails;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A value as JSON text for the store, in the domain's own units.
///
/// # Errors
/// When it cannot be written, which is a bug.
pub fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(Failure::bug)
}

/// Price tiers from the store's JSON.
///
/// # Errors
/// When the text is not what [`to_json`] wrote.
pub fn tiers_from_json(text: &str) -> Result<Vec<PriceTier>, Failure> {
    serde_json::from_str(text).map_err(Failure::bug)
}

fn optional<T: DeserializeOwned + Default>(text: Option<&str>) -> Result<T, Failure> {
    text.map_or_else(|| Ok(T::default()), |text| serde_json::from_str(text).map_err(Failure::bug))
}

/// The terms of a sale from its event's row.
///
/// # Errors
/// When a column is not what [`to_json`] wrote.
pub fn terms_of(details: &EventDetails) -> Result<Terms, Failure> {
    Ok(Terms {
        currency: details.currency,
        on_sale_at: details.on_sale_at,
        sales_end_at: details.sales_end_at,
        starts_at: details.starts_at,
        max_tickets_per_buyer: details.max_tickets_per_user,
        fees: optional(details.fees.as_deref())?,
        refund_policy: optional(details.refund_policy.as_deref())?,
        published: !details.draft,
    })
}

/// What an organizer may choose about a sale beside its terms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleOptions {
    /// The limits on hoarding.
    pub hold_limits: HoldLimits,
    /// Whether a choice that leaves a single seat is refused.
    pub refuse_single_seats: bool,
}

impl SaleOptions {
    /// The options of a sale now.
    #[must_use]
    pub fn of(sale: &Sale) -> Self {
        Self { hold_limits: sale.own_hold_limits(), refuse_single_seats: sale.refuses_single_seats() }
    }

    /// The options in an event's row.
    ///
    /// # Errors
    /// When the column is not what [`to_json`] wrote.
    pub fn in_row(details: &EventDetails) -> Result<Self, Failure> {
        optional(details.options.as_deref())
    }

    /// The column of an event's row.
    ///
    /// # Errors
    /// When it cannot be written, which is a bug.
    pub fn to_column(&self) -> Result<Option<String>, Failure> {
        (*self != Self::default()).then(|| to_json(self)).transpose()
    }
}

/// Copies the terms of a sale into its event's row.
///
/// # Errors
/// When it cannot be written, which is a bug.
pub fn copy_terms(details: &mut EventDetails, terms: &Terms, tiers: &[PriceTier]) -> Result<(), Failure> {
    details.currency = terms.currency;
    details.on_sale_at = terms.on_sale_at;
    details.sales_end_at = terms.sales_end_at;
    details.starts_at = terms.starts_at;
    details.max_tickets_per_user = terms.max_tickets_per_buyer;
    details.fees = Some(to_json(&terms.fees)?);
    details.refund_policy = Some(to_json(&terms.refund_policy)?);
    details.draft = !terms.published;
    details.price_tiers = to_json(tiers)?;
    Ok(())
}
