//! Sections of an event with their available seats.

use crate::money::JsonMoney;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The sections of an event, in the plan's order.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sections<'a> {
    pub event_id: Uuid,
    /// The currency of every price, ISO 4217
    pub currency: &'a str,
    /// The version of the sale that this shows; see `availability`
    pub version: u64,
    pub sections: Vec<Section<'a>>,
}

/// The prices of an event, the most expensive first, each with the colour that it has in the plan's picture.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceColors {
    /// The currency of every price, ISO 4217
    pub currency: String,
    pub prices: Vec<PriceColor>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PriceColor {
    /// Without fees
    #[schema(value_type = f64)]
    pub price: JsonMoney,
    /// On a light page: `#` and six hexadecimal digits
    pub color: String,
    /// On a dark page
    pub dark_color: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SectionLeft)]
pub struct Section<'a> {
    pub section: &'a str,
    pub general_admission: bool,
    /// All seats or places, also sold ones
    pub seats: u32,
    pub available: u32,
    /// The lowest price of a seat here that is not blocked, without fees; null when there is none
    #[schema(value_type = Option<f64>)]
    pub min_price: Option<JsonMoney>,
    /// The highest price of a seat here that is not blocked, without fees; null when there is none
    #[schema(value_type = Option<f64>)]
    pub max_price: Option<JsonMoney>,
}
