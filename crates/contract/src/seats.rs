//! Seats: their places, prices and statuses.

use crate::money::JsonMoney;
use fairseat_domain::sale::SeatState;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, OneOfBuilder, Schema, Type};
use uuid::Uuid;

/// The formats in which availability can be requested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AvailabilityFormat {
    /// A JSON object.
    #[default]
    Json,
    /// Bytes after a 20-byte header.
    Binary,
}

#[derive(Debug, Serialize)]
pub struct Changes {
    pub version: u64,
    pub changes: Vec<Change>,
}

#[derive(Debug, Serialize)]
pub struct Change {
    pub seat_id: Uuid,
    pub index: u32,
    pub status: SeatStatus,
}

/// The public status of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeatStatus {
    /// Can be reserved; 0 in the binary form.
    Available,
    /// In a reservation; 1 in the binary form.
    Reserved,
    /// Sold; 2 in the binary form.
    Sold,
    /// Withheld from sale; 3 in the binary form.
    Blocked,
}

impl SeatStatus {
    /// The status of a seat.
    #[must_use]
    pub fn of(state: SeatState) -> Self {
        match state {
            SeatState::Available => Self::Available,
            SeatState::Reserved(_) => Self::Reserved,
            SeatState::Sold(_) => Self::Sold,
            SeatState::Blocked(_) => Self::Blocked,
        }
    }

    /// The status's name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Reserved => "reserved",
            Self::Sold => "sold",
            Self::Blocked => "blocked",
        }
    }

    pub const fn bits(self) -> u8 {
        match self {
            Self::Available => 0,
            Self::Reserved => 1,
            Self::Sold => 2,
            Self::Blocked => 3,
        }
    }
}

/// Seats by section and row.
#[derive(Debug, Serialize, ToSchema)]
pub struct Seats<'a> {
    pub event_id: Uuid,
    /// The currency of every price, ISO 4217
    pub currency: &'a str,
    /// The version of the sale that this shows; see `availability`
    pub version: u64,
    pub sections: Vec<Section<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Section<'a> {
    pub section: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub general_admission: bool,
    pub rows: Vec<Row<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Row<'a> {
    pub row: &'a str,
    pub seats: Vec<Seat<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Seat<'a> {
    pub seat_id: Uuid,
    /// Its index in the plan, as in the map and the binary forms
    pub index: u32,
    /// A number if it is one, otherwise a text
    #[serde(serialize_with = "number_or_text")]
    #[schema(schema_with = number_or_text_schema)]
    pub number: &'a str,
    pub status: SeatStatus,
    /// Without fees; null for a seat that is blocked because it has no price
    #[schema(value_type = Option<f64>)]
    pub price: Option<JsonMoney>,
    pub price_tier: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub accessible: bool,
}

/// A seat and its price.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SeatLine {
    pub seat_id: Uuid,
    /// Its index in the plan, as in the map
    pub index: u32,
    pub section: String,
    /// Empty for general admission
    pub row: String,
    /// A number if it is one, otherwise a text
    #[serde(serialize_with = "number_or_text")]
    #[schema(schema_with = number_or_text_schema)]
    pub number: String,
    /// The seat's name as on its ticket: `Floor A-1`
    pub label: String,
    /// Without fees
    pub price: JsonMoney,
}

/// The best available seats at this moment. Nothing is held.
#[derive(Debug, Serialize, ToSchema)]
pub struct BestSeats {
    pub event_id: Uuid,
    /// Side by side, in the order of their row
    pub seats: Vec<SeatLine>,
    /// The currency of every price, ISO 4217
    pub currency: String,
    /// The version of the sale that this shows; see `availability`
    pub version: u64,
}

fn number_or_text<S: Serializer>(number: &str, serializer: S) -> Result<S::Ok, S::Error> {
    match number.parse::<u32>() {
        Ok(integer) if integer.to_string() == number => serializer.serialize_u32(integer),
        Ok(_) | Err(_) => serializer.serialize_str(number),
    }
}

fn number_or_text_schema() -> Schema {
    let number = Object::builder().schema_type(Type::Integer).minimum(Some(0));
    let text = Object::builder().schema_type(Type::String);
    OneOfBuilder::new().item(number).item(text).build().into()
}
