//! The box office: sells seats from the map, best available seats or standing places, for cash, by card terminal, or for nothing.

use super::fields::{Fields, number};
use super::layout::{ConsoleLayout, Event};
use super::problem_text::{form_problem, other_errors};
use askama::Template;
use axum::extract::{Path, RawForm};
use axum::response::Response;
use fairseat_client::{ApiClient, ConsoleTask, PageError, Problem};
use fairseat_web::forms::message_for;
use fairseat_web::render::{encoded, personal_with, see_other, status_of};
use fairseat_web::values::{Money, price_range};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Default, Deserialize)]
struct SectionList {
    sections: Vec<Section>,
}

#[derive(Debug, Deserialize)]
struct Section {
    section: String,
    #[serde(default)]
    general_admission: bool,
    available: u64,
    min_price: Option<Money>,
    max_price: Option<Money>,
}

impl Section {
    /// The price, if all its places have the same.
    fn only_price(&self) -> Option<&str> {
        let (low, high) = (self.min_price.as_ref()?, self.max_price.as_ref()?);
        (low == high).then(|| low.digits())
    }

    /// The form's value: the kind of section (numbered or not) and its name.
    fn value(&self) -> String {
        let kind = if self.general_admission { "standing" } else { "seats" };
        format!("{kind}:{}", self.section)
    }
}

/// The ways to pay: the API's value and the form's label.
const PAYMENTS: &[(&str, &str)] =
    &[("cash", "Cash"), ("card_terminal", "Card terminal"), ("complimentary", "Complimentary")];

#[derive(Template)]
#[template(path = "console/box_office.html")]
struct Page {
    layout: ConsoleLayout,
    event: Event,
    section_list: SectionList,
    fields: Fields,
    problem: Option<Problem>,
}

impl Page {
    fn value(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    fn error_for(&self, name: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), name)
    }

    fn other_errors(&self) -> Vec<String> {
        self.problem
            .as_ref()
            .map_or_else(Vec::new, |problem| other_errors(problem, &["name", "email", "note"]))
    }

    fn payments(&self) -> &'static [(&'static str, &'static str)] {
        PAYMENTS
    }

    fn pays(&self, payment: &str) -> bool {
        self.fields.given("payment").unwrap_or("cash") == payment
    }

    fn seats(&self) -> Vec<&str> {
        self.fields.all("seat").collect()
    }

    fn prices(&self, section: &Section) -> String {
        price_range(section.min_price.as_ref(), section.max_price.as_ref(), &self.event.currency)
            .unwrap_or_default()
    }

    fn is_in(&self, section: &str) -> bool {
        self.fields.get("section") == section
    }
}

async fn page(
    client: &ApiClient,
    id: &str,
    fields: Fields,
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    let layout = ConsoleLayout::for_event(client, id, "box-office")
        .await?
        .require(client, ConsoleTask::SellAtCounter)?;
    let event = layout.event(client)?.clone();
    let section_list: SectionList = client.get(&format!("/events/{}/sections", encoded(id))).await?;
    let status = status_of(problem.as_ref());
    Ok(personal_with(status, &Page { layout, event, section_list, fields, problem }))
}

/// `GET /console/events/{event_id}/box-office`: the page.
pub(crate) async fn show(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    page(&client, &id, Fields::default(), None).await
}

/// The part of the API's request that names what to sell. Seats chosen on the map take precedence over a quantity.
fn selection(fields: &Fields) -> Option<Value> {
    let seats: Vec<u32> = fields.all("seat").filter_map(|seat| seat.parse().ok()).collect();
    if !seats.is_empty() {
        return Some(json!({"seat_indexes": seats}));
    }
    let quantity = number(fields.given("quantity")?);
    Some(match fields.get("section").split_once(':') {
        Some(("standing", section)) => {
            json!({"general_admission": [{"section": section, "quantity": quantity}]})
        }
        Some((_, section)) => json!({"best_available": {"quantity": quantity, "section": section}}),
        None => json!({"best_available": {"quantity": quantity}}),
    })
}

#[derive(Deserialize)]
struct CreatedOrder {
    order_id: String,
    confirmation_email_sent: Option<bool>,
}

/// `POST /console/events/{event_id}/box-office`: sells.
pub(crate) async fn sell(
    client: ApiClient,
    Path(id): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let fields = Fields::read(&form);
    let Some(mut body) = selection(&fields) else {
        let problem = Problem {
            status: 422,
            title: "Nothing chosen".to_owned(),
            detail: "Choose seats on the map, or say how many.".to_owned(),
            ..Problem::default()
        };
        return page(&client, &id, fields, Some(problem)).await;
    };
    body["payment"] = fields.get("payment").into();
    for name in ["name", "email", "note"] {
        if let Some(text) = fields.given(name) {
            body[name] = text.into();
        }
    }
    let path = format!("/events/{}/box-office", encoded(&id));
    match client.post_idempotent(&path, fields.get("once"), &body).await {
        Ok(answer) => {
            // The form was sent twice, by the Back button or a second click: the answer is that of the first sale.
            let is_replayed = answer.headers.contains_key("idempotent-replayed");
            let CreatedOrder { order_id, confirmation_email_sent } = answer.json(&client)?;
            let sold = match (is_replayed, confirmation_email_sent) {
                (true, _) => "before",
                (false, Some(false)) => "unsent",
                (false, _) => "now",
            };
            Ok(see_other(&format!("/console/orders/{order_id}?sold={sold}")))
        }
        Err(failure) if matches!(failure.problem.status, 404 | 405) => {
            let detail = "This server does not sell at the counter.".to_owned();
            let problem = Problem { detail, ..failure.problem };
            page(&client, &id, fields, Some(problem)).await
        }
        Err(failure) => page(&client, &id, fields, Some(form_problem(failure)?)).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_becomes_the_selection_of_a_sale() {
        let selection = |form: &str| selection(&Fields::read(form.as_bytes()));
        assert_eq!(selection("seat=4&seat=5&quantity=2"), Some(json!({"seat_indexes": [4, 5]})));
        assert_eq!(selection("quantity=2&section="), Some(json!({"best_available": {"quantity": 2}})));
        assert_eq!(
            selection("quantity=2&section=seats%3AA%3AB"),
            Some(json!({"best_available": {"quantity": 2, "section": "A:B"}}))
        );
        assert_eq!(
            selection("quantity=3&section=standing%3APit"),
            Some(json!({"general_admission": [{"section": "Pit", "quantity": 3}]}))
        );
        assert_eq!(selection("quantity="), None);
    }
}
