//! A seat with its price, as reservations, orders and tickets show it.

use fairseat_app::ids::PublicIds;
use fairseat_contract::JsonMoney;
use fairseat_domain::Sale;
use fairseat_domain::fact::Item;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, OneOfBuilder, Schema, Type};
use uuid::Uuid;

/// A seat and what it costs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SeatLine {
    pub(crate) seat_id: Uuid,
    /// Its index in the plan, as in the map
    index: u32,
    section: String,
    /// Empty for general admission
    row: String,
    /// A number where it is one, else a text
    #[serde(serialize_with = "crate::seat_line::number_or_text")]
    #[schema(schema_with = crate::seat_line::number_or_text_schema)]
    number: String,
    /// As a ticket says it: `Floor A-1`
    label: String,
    /// Without fees
    price: JsonMoney,
}

impl SeatLine {
    /// The lines of `items`, in their order.
    #[must_use]
    pub(crate) fn all(ids: &PublicIds, sale: &Sale, items: &[Item]) -> Vec<Self> {
        items.iter().map(|item| Self::of(ids, sale, item)).collect()
    }

    /// One line.
    #[must_use]
    pub(crate) fn of(ids: &PublicIds, sale: &Sale, item: &Item) -> Self {
        let view = sale.plan().seat(item.seat);
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Self {
            seat_id: ids.seat(sale.event(), item.seat),
            index: item.seat.0,
            section: text(view.as_ref().map(|view| view.section_name())),
            row: text(view.as_ref().map(|view| view.row_label())),
            number: text(view.as_ref().map(|view| view.number)),
            label: view.as_ref().map(|view| view.label()).unwrap_or_default(),
            price: JsonMoney(item.price, sale.terms().currency),
        }
    }
}

pub(crate) fn number_or_text<S: Serializer>(number: &str, serializer: S) -> Result<S::Ok, S::Error> {
    match number.parse::<u32>() {
        Ok(integer) if integer.to_string() == number => serializer.serialize_u32(integer),
        Ok(_) | Err(_) => serializer.serialize_str(number),
    }
}

pub(crate) fn number_or_text_schema() -> Schema {
    let number = Object::builder().schema_type(Type::Integer).minimum(Some(0));
    let text = Object::builder().schema_type(Type::String);
    OneOfBuilder::new().item(number).item(text).build().into()
}
