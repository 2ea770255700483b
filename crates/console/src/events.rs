//! The first page of the console: the organization's events and how many tickets of each are sold.

use super::fields::Fields;
use super::layout::ConsoleLayout;
use super::listed_event::EventList;
use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use fairseat_client::{ApiClient, PageError};
use fairseat_web::render::{encoded, last_page_if_past, personal, see_other};

/// Events on one page.
const PAGE: u64 = 50;

/// The statuses to filter by: the API's value and the label.
const STATUSES: &[(&str, &str)] = &[
    ("", "Any status"),
    ("draft", "Draft"),
    ("upcoming", "Upcoming"),
    ("on_sale", "On sale"),
    ("sold_out", "Sold out"),
    ("cancelled", "Cancelled"),
];

#[derive(Template)]
#[template(path = "console/events.html")]
struct Page {
    layout: ConsoleLayout,
    list: EventList,
    asked: Fields,
    page: u64,
}

impl Page {
    fn statuses(&self) -> &'static [(&'static str, &'static str)] {
        STATUSES
    }

    fn address(&self, page: u64) -> String {
        let organization = self.layout.current.as_ref().map_or("", |one| one.organization_id.as_str());
        let (q, status) = (encoded(self.asked.get("q")), encoded(self.asked.get("status")));
        format!("/console?organization={}&q={q}&status={status}&page={page}", encoded(organization))
    }

    fn before(&self) -> Option<String> {
        self.page.checked_sub(1).map(|page| self.address(page))
    }

    fn after(&self) -> Option<String> {
        ((self.page + 1) * PAGE < self.list.total).then(|| self.address(self.page + 1))
    }

    fn is_searched(&self) -> bool {
        self.asked.given("q").is_some() || self.asked.given("status").is_some()
    }
}

/// The page at `/console`.
pub(crate) async fn list(client: ApiClient, RawQuery(query): RawQuery) -> Result<Response, PageError> {
    let mut asked = Fields::read(query.unwrap_or_default().as_bytes());
    let layout = ConsoleLayout::for_organization(&client, asked.get("organization"), "events").await?;
    let page = asked.get("page").parse::<u64>().unwrap_or(0).min(1_000);
    // The API would refuse an unknown status, and there would be no list.
    if !STATUSES.iter().any(|(status, _)| *status == asked.get("status")) {
        asked.set("status", "");
    }
    let Some(organization) = &layout.current else {
        return Ok(personal(&Page { layout, list: EventList::default(), asked, page }));
    };
    let path = format!(
        "/events?drafts=true&organization_id={}&q={}&status={}&sort=start_time&limit={PAGE}&offset={}",
        encoded(&organization.organization_id),
        encoded(asked.get("q")),
        encoded(asked.get("status")),
        page * PAGE
    );
    let list: EventList = client.get(&path).await?;
    let page = Page { layout, list, asked, page };
    match last_page_if_past(page.page, page.list.total, PAGE) {
        Some(last) => Ok(see_other(&page.address(last))),
        None => Ok(personal(&page)),
    }
}
