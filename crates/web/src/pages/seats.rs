//! Choosing seats: the map, and beside it the same as lists that need no script: section, row, seat; standing places by number; the best
//! that is left.

use super::event::{Event, object};
use crate::api::{Failure, Visit};
use crate::render::{encoded, personal, personal_with};
use crate::values::{Money, number_or_text, price_range};
use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// Parts of the house, with what is left in each.
#[derive(Debug, Deserialize)]
pub(crate) struct House {
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

/// A section's seats, row by row.
#[derive(Debug, Deserialize)]
struct Listed {
    sections: Vec<ListedSection>,
}

#[derive(Debug, Deserialize)]
struct ListedSection {
    section: String,
    rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    row: String,
    seats: Vec<Seat>,
}

#[derive(Debug, Deserialize)]
struct Seat {
    index: u32,
    #[serde(deserialize_with = "number_or_text")]
    number: String,
    status: String,
    price: Option<Money>,
    #[serde(default)]
    accessible: bool,
}

impl Seat {
    fn is_available(&self) -> bool {
        self.status == "available"
    }

    /// What a screen reader says of it.
    fn label(&self, row: &str, currency: &str) -> String {
        let price = self.price.as_ref().map_or(String::new(), |price| format!(", {}", price.text(currency)));
        let accessible = if self.accessible { ", wheelchair place" } else { "" };
        format!("Row {row}, seat {}{price}{accessible}", self.number)
    }
}

impl Row {
    fn available(&self) -> usize {
        self.seats.iter().filter(|seat| seat.is_available()).count()
    }
}

/// What the address says was chosen so far.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    pub(crate) section: String,
    row: String,
    pub(crate) seats: Vec<u32>,
}

/// More seats than any sale sells at once; the rest of a made-up address is dropped.
const MOST_SEATS: usize = 100;

impl Chosen {
    pub(crate) fn read(query: &str) -> Self {
        let mut chosen = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "section" => chosen.section = value.into_owned(),
                "row" => chosen.row = value.into_owned(),
                "seat" => chosen.seats.extend(value.parse::<u32>().ok()),
                _ => {}
            }
        }
        chosen.seats.sort_unstable();
        chosen.seats.dedup();
        chosen.seats.truncate(MOST_SEATS);
        chosen
    }

    fn has(&self, index: &u32) -> bool {
        self.seats.binary_search(index).is_ok()
    }

    /// `&seat=1&seat=2`, for links that go on choosing.
    fn query(&self) -> String {
        self.seats.iter().map(|seat| format!("&seat={seat}")).collect()
    }
}

#[derive(Template)]
#[template(path = "seats.html")]
struct Page {
    event: Event,
    house: House,
    rows: Option<Vec<Row>>,
    chosen: Chosen,
    /// Why the seats wanted before could not be had.
    notice: Option<String>,
}

impl Page {
    fn row(&self) -> Option<&Row> {
        self.rows.as_ref()?.iter().find(|row| row.row == self.chosen.row)
    }

    fn address(&self, section: &str, row: &str) -> String {
        let row = if row.is_empty() { String::new() } else { format!("&row={}", encoded(row)) };
        format!(
            "/events/{}/seats?section={}{row}{}#list",
            self.event.event_id,
            encoded(section),
            self.chosen.query()
        )
    }

    /// Seats chosen in other rows, which this form has to carry along.
    fn elsewhere(&self) -> Vec<u32> {
        let here = self.row();
        let is_here = |index: &u32| here.is_some_and(|row| row.seats.iter().any(|seat| seat.index == *index));
        self.chosen.seats.iter().copied().filter(|index| !is_here(index)).collect()
    }

    fn prices(&self, section: &Section) -> String {
        let range = price_range(section.min_price.as_ref(), section.max_price.as_ref(), &self.event.currency);
        range.unwrap_or_else(|| "no price".to_owned())
    }

    fn standing(&self) -> Vec<&Section> {
        self.house.sections.iter().filter(|section| section.general_admission).collect()
    }

    fn seated(&self) -> Vec<&Section> {
        self.house.sections.iter().filter(|section| !section.general_admission).collect()
    }
}

/// The page.
pub(crate) async fn choose(
    visit: Visit,
    Path(event_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let chosen = Chosen::read(query.as_deref().unwrap_or_default());
    Ok(personal(&page(&visit, &event_id, chosen, None).await?))
}

/// The page again for somebody whose seats could not be had, in the section they were wanted in.
pub(crate) async fn refused(
    visit: &Visit,
    event_id: &str,
    section: &str,
    status: StatusCode,
    notice: String,
) -> Result<Response, Failure> {
    let chosen = Chosen { section: section.to_owned(), ..Chosen::default() };
    Ok(personal_with(status, &page(visit, event_id, chosen, Some(notice)).await?))
}

async fn page(
    visit: &Visit,
    event_id: &str,
    chosen: Chosen,
    notice: Option<String>,
) -> Result<Page, Failure> {
    let visit = visit.clone().anonymous();
    let (event, house) = (object(event_id), format!("{}/sections", object(event_id)));
    let (event, house) = tokio::try_join!(visit.get::<Event>(&event), visit.get::<House>(&house))?;
    let rows =
        if chosen.section.is_empty() { None } else { Some(rows(&visit, event_id, &chosen.section).await?) };
    Ok(Page { event, house, rows, chosen, notice })
}

/// A seat as it is named before it is held.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) place: String,
    pub(crate) price: Option<Money>,
    /// Whether it can be had just now.
    pub(crate) free: bool,
}

/// The seats with these indexes.
pub(crate) async fn wanted(visit: &Visit, event_id: &str, seats: &[u32]) -> Result<Vec<Wanted>, Failure> {
    if seats.is_empty() {
        return Ok(Vec::new());
    }
    let indexes = seats.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let listed: Listed = visit.get(&format!("{}/seats?indexes={indexes}", object(event_id))).await?;
    let rows = listed
        .sections
        .into_iter()
        .flat_map(|ListedSection { section, rows }| rows.into_iter().map(move |row| (section.clone(), row)));
    let seats = rows.flat_map(|(section, Row { row, seats })| {
        seats.into_iter().map(move |seat| Wanted {
            place: place(&section, &row, &seat.number),
            free: seat.is_available(),
            price: seat.price,
        })
    });
    Ok(seats.collect())
}

/// Where a seat is, as its ticket says it: `Stalls · Row C · Seat 12`.
pub(crate) fn place(section: &str, row: &str, number: &str) -> String {
    let row = if row.is_empty() { String::new() } else { format!(" · Row {row}") };
    let number = if number.is_empty() { String::new() } else { format!(" · Seat {number}") };
    format!("{section}{row}{number}")
}

async fn rows(visit: &Visit, event_id: &str, section: &str) -> Result<Vec<Row>, Failure> {
    let path = format!("{}/seats?section={}", object(event_id), encoded(section));
    let listed: Listed = visit.get(&path).await?;
    Ok(listed.sections.into_iter().flat_map(|section| section.rows).collect())
}
