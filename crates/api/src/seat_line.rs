//! A seat with its price, as reservations, orders and tickets show it.

use fairseat_app::ids::PublicIds;
use fairseat_contract::JsonMoney;
use fairseat_domain::Sale;
use fairseat_domain::fact::Item;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A seat and what it costs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct SeatLine {
    pub(super) seat_id: Uuid,
    /// Its index in the plan, as in the map
    index: u32,
    section: String,
    /// Empty for general admission
    row: String,
    /// A number where it is one, else a text
    #[serde(serialize_with = "crate::seats::number_or_text")]
    #[schema(schema_with = crate::seats::number_or_text_schema)]
    number: String,
    /// As a ticket says it: `Floor A-1`
    label: String,
    /// Without fees
    price: JsonMoney,
}

impl SeatLine {
    /// The lines of `items`, in their order.
    #[must_use]
    pub(super) fn all(ids: &PublicIds, sale: &Sale, items: &[Item]) -> Vec<Self> {
        items.iter().map(|item| Self::of(ids, sale, item)).collect()
    }

    /// One line.
    #[must_use]
    pub(super) fn of(ids: &PublicIds, sale: &Sale, item: &Item) -> Self {
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
