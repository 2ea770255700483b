//! Prices, fees and refund policies.

use crate::money::{JsonMoney, MoneyText};
use fairseat_domain::money::{BasisPoints, Currency};
use fairseat_domain::terms::{Fees, RefundPolicy};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use utoipa::ToSchema;

const HOUR_MS: i64 = 3_600_000;

/// Prices by the name of a section, or else of a plan category.
pub type PriceTiers = BTreeMap<String, MoneyText>;

/// Fees on top of the seats' prices; the parts add up, and an absent part is zero.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeesInput {
    /// The amount per ticket that is not free
    #[schema(required = false)]
    pub per_ticket: Option<MoneyText>,
    /// The amount per order that is not free
    #[schema(required = false)]
    pub per_order: Option<MoneyText>,
    /// The percentage of the seats' prices, 0 to 100 with at most two decimals
    #[schema(required = false, value_type = f64, minimum = 0, maximum = 100, multiple_of = 0.01)]
    pub percent: Option<MoneyText>,
}

/// What a buyer who cancels gets back; if absent, everything until the event starts.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundPolicyInput {
    /// The percentage of the seats' prices, 0 to 100 with at most two decimals; 0 means that buyers cannot cancel (default 100)
    #[schema(required = false, value_type = f64, minimum = 0, maximum = 100, multiple_of = 0.01)]
    pub percent: Option<MoneyText>,
    /// Whether fees are refunded too (default true)
    pub fees: Option<bool>,
    /// Buyers can cancel until this many hours before the start, 0 to 8760 (default 0)
    #[schema(required = false, minimum = 0, maximum = 8760)]
    pub until_hours_before_start: Option<u32>,
}

/// Fees in an answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FeesShown {
    pub per_ticket: JsonMoney,
    pub per_order: JsonMoney,
    #[schema(value_type = f64)]
    pub percent: Percent,
}

impl FeesShown {
    /// These fees.
    #[must_use]
    pub fn of(fees: &Fees, currency: Currency) -> Self {
        Self {
            per_ticket: JsonMoney(fees.per_ticket, currency),
            per_order: JsonMoney(fees.per_order, currency),
            percent: Percent(fees.share),
        }
    }
}

/// A refund policy in an answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundPolicyShown {
    #[schema(value_type = f64)]
    pub percent: Percent,
    pub fees: bool,
    pub until_hours_before_start: i64,
}

impl RefundPolicyShown {
    /// This policy.
    #[must_use]
    pub fn of(policy: &RefundPolicy) -> Self {
        Self {
            percent: Percent(policy.share),
            fees: policy.fees_too,
            until_hours_before_start: policy.until_before_start.0 / HOUR_MS,
        }
    }
}

/// A share as a JSON number in percent.
#[derive(Clone, Copy, Debug)]
pub struct Percent(pub BasisPoints);

impl Serialize for Percent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let BasisPoints(points) = self.0;
        let text = format!("{}.{:02}", points / 100, points % 100);
        RawValue::from_string(text).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}
