//! The best available seats: the form's fields in an address of the seats page, which shows the seats before anybody holds them.

use super::event::event_path;
use super::seats::{Chosen, Page, place};
use crate::forms;
use crate::values::{number_or_text, typed_amount};
use fairseat_client::{ApiClient, PageError};
use serde::Deserialize;

/// The fields of the form.
#[derive(Clone, Debug)]
pub(crate) struct BestRequest {
    pub(crate) quantity: String,
    pub(crate) section: String,
    pub(crate) max_price: String,
    pub(crate) accessible: bool,
}

#[derive(Deserialize)]
struct Found {
    seats: Vec<FoundSeat>,
}

#[derive(Deserialize)]
struct FoundSeat {
    index: u32,
    section: String,
    row: String,
    #[serde(deserialize_with = "number_or_text")]
    number: String,
}

impl BestRequest {
    /// What an empty form asks for.
    pub(crate) fn usual(most: u32) -> Self {
        let quantity = most.min(2).to_string();
        Self { quantity, section: String::new(), max_price: String::new(), accessible: false }
    }

    /// The request in a query; `None` when there is none.
    pub(crate) fn read(query: &str) -> Option<Self> {
        let field = |wanted: &str| {
            let mut fields = form_urlencoded::parse(query.as_bytes());
            fields.find(|(name, _)| name == wanted).map(|(_, value)| value.trim().to_owned())
        };
        let text = |name: &str| field(name).unwrap_or_default();
        Some(Self {
            quantity: field("best")?,
            section: text("best_section"),
            max_price: text("max_price"),
            accessible: text("accessible") == "true",
        })
    }

    fn api_path(&self, event_id: &str, currency: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("quantity", &self.quantity);
        if !self.section.is_empty() {
            query.append_pair("section", &self.section);
        }
        if !self.max_price.is_empty() {
            let typed = typed_amount(&self.max_price, currency);
            query.append_pair("max_price", typed.as_deref().unwrap_or(&self.max_price));
        }
        if self.accessible {
            query.append_pair("accessible", "true");
        }
        format!("{}/seats/best?{}", event_path(event_id), query.finish())
    }

    /// Shows the seats as chosen on the page, or says why there are none.
    pub(crate) async fn show_on(self, client: &ApiClient, page: &mut Page) -> Result<(), PageError> {
        let path = self.api_path(&page.event.event_id, &page.event.currency);
        match client.anonymous().get::<Found>(&path).await {
            Ok(found) => {
                page.found = Some(sentence(&found.seats));
                page.chosen = Chosen::of(found.seats.iter().map(|seat| seat.index).collect());
            }
            Err(failure) if matches!(failure.problem.status, 409 | 422) => {
                page.notice = Some(forms::problem_sentence(&failure.problem));
            }
            Err(failure) => return Err(failure),
        }
        page.best = self;
        Ok(())
    }
}

/// `Best available seats: Stalls · Row C · Seats 12 to 15. They aren’t held yet.`
fn sentence(seats: &[FoundSeat]) -> String {
    let (Some(first), Some(last)) = (seats.first(), seats.last()) else { return String::new() };
    let where_they_are = if seats.len() == 1 {
        place(&first.section, &first.row, &first.number)
    } else {
        let row = if first.row.is_empty() { String::new() } else { format!(" · Row {}", first.row) };
        format!("{}{row} · Seats {} to {}", first.section, first.number, last.number)
    };
    let (seats, are) = if seats.len() == 1 { ("seat", "It isn’t") } else { ("seats", "They aren’t") };
    format!("Best available {seats}: {where_they_are}. {are} held yet.")
}
