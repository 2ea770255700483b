//! Prices, fees and refund policies.

use crate::money::{JsonMoney, MoneyText};
use fairseat_domain::money::BasisPoints;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Prices by the name of a section, else of a plan category.
pub type PriceTiers = BTreeMap<String, MoneyText>;

/// Fees on top of the seats' prices; the parts add up, and what is absent is none.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeesInput {
    /// For each ticket
    #[schema(required = false)]
    pub per_ticket: Option<MoneyText>,
    /// Once for each order
    #[schema(required = false)]
    pub per_order: Option<MoneyText>,
    /// Of the seats' prices, 0 to 100 with at most two decimals
    #[schema(required = false, value_type = f64, minimum = 0, maximum = 100, multiple_of = 0.01)]
    pub percent: Option<MoneyText>,
}

/// What a buyer who cancels gets back; when absent everything, until the event starts.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundPolicyInput {
    /// Of the seats' prices, 0 to 100 with at most two decimals; 0 means that buyers cannot cancel (default 100)
    #[schema(required = false, value_type = f64, minimum = 0, maximum = 100, multiple_of = 0.01)]
    pub percent: Option<MoneyText>,
    /// Whether fees go back too (default true)
    pub fees: Option<bool>,
    /// Buyers can cancel until so many hours before the start, 0 to 8760 (default 0)
    #[schema(required = false, minimum = 0, maximum = 8760)]
    pub until_hours_before_start: Option<u32>,
}

/// Fees as they are shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FeesShown {
    pub per_ticket: JsonMoney,
    pub per_order: JsonMoney,
    #[schema(value_type = f64)]
    pub percent: Percent,
}

/// A refund policy as it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundPolicyShown {
    #[schema(value_type = f64)]
    pub percent: Percent,
    pub fees: bool,
    pub until_hours_before_start: i64,
}

/// A share as a JSON number of percent.
#[derive(Clone, Copy, Debug)]
pub struct Percent(pub BasisPoints);

impl Serialize for Percent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let BasisPoints(points) = self.0;
        let text = format!("{}.{:02}", points / 100, points % 100);
        RawValue::from_string(text).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}
