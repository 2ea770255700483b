//! A seat with its price, as reservations, orders and tickets show it.

use fairseat_app::ids::PublicIds;
use fairseat_contract::JsonMoney;
use fairseat_contract::seats::SeatLine;
use fairseat_domain::Sale;
use fairseat_domain::fact::Item;

/// The lines of `items`, in their order.
#[must_use]
pub(crate) fn seat_lines(ids: &PublicIds, sale: &Sale, items: &[Item]) -> Vec<SeatLine> {
    items.iter().map(|item| seat_line(ids, sale, item)).collect()
}

/// One line.
#[must_use]
pub(crate) fn seat_line(ids: &PublicIds, sale: &Sale, item: &Item) -> SeatLine {
    let view = sale.plan().seat(item.seat);
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    SeatLine {
        seat_id: ids.seat(sale.event(), item.seat),
        index: item.seat.0,
        section: text(view.as_ref().map(|view| view.section_name())),
        row: text(view.as_ref().map(|view| view.row_label())),
        number: text(view.as_ref().map(|view| view.number)),
        label: view.as_ref().map(|view| view.label()).unwrap_or_default(),
        price: JsonMoney(item.price, sale.terms().currency),
    }
}
