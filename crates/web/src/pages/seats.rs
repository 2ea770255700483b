//! Choosing seats: the map, and beside it the same as lists that need no script: section, row, seat; standing places by number; the best
//! that is left.

use super::event::{Event, object};
use super::reservation::{self, Cart, Wish};
use crate::api::{Failure, Visit};
use crate::render::{encoded, personal, personal_with};
use crate::values::{Money, number_or_text, price_range, range_of};
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

    /// From the least to the most of what is left.
    fn prices(&self, currency: &str) -> Option<String> {
        let free = self.seats.iter().filter(|seat| seat.is_available());
        range_of(free.filter_map(|seat| seat.price.as_ref()), currency)
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
    /// These seats, by index.
    pub(crate) fn of(mut seats: Vec<u32>) -> Self {
        seats.sort_unstable();
        Self { seats, ..Self::default() }
    }

    /// Where to go on choosing.
    pub(crate) fn address(&self, event_id: &str) -> String {
        let query = self.query();
        let query = query.strip_prefix('&').map_or(String::new(), |query| format!("?{query}"));
        format!("/events/{event_id}/seats{query}")
    }

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
    /// Whether a hold was given back just now.
    released: bool,
    /// What the visitor holds already.
    cart: Option<Cart>,
    /// How many by number, and for how much at most.
    quantity: String,
    max_price: String,
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

    /// How many more seats the visitor may have.
    fn left(&self) -> u32 {
        let most = self.event.max_tickets_per_user;
        self.cart.as_ref().map_or(most, |cart| cart.leaves(most))
    }

    fn holds(&self, seat: &Seat) -> bool {
        self.cart.as_ref().is_some_and(|cart| cart.seats.iter().any(|held| held.index == seat.index))
    }

    /// What a seat that cannot be had is to this visitor.
    fn status<'a>(&self, seat: &'a Seat) -> &'a str {
        match &*seat.status {
            _ if self.holds(seat) => "held for you",
            "reserved" => "in someone’s cart",
            "blocked" => "not for sale",
            status => status,
        }
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
    let query = query.unwrap_or_default();
    let mut page = page(&visit, &event_id, Chosen::read(&query), None).await?;
    page.released = page.cart.is_none() && query == RELEASED;
    Ok(personal(&page))
}

/// The query of whoever has just given a hold back.
pub(crate) const RELEASED: &str = "released";

/// The page again for somebody who could not have what they wished for, with what of it can be had.
pub(crate) async fn refused(
    visit: &Visit,
    event_id: &str,
    wish: &Wish,
    status: StatusCode,
    notice: String,
) -> Result<Response, Failure> {
    let known = wanted(visit, event_id, wish.seats.get(..MOST_SEATS).unwrap_or(&wish.seats)).await?;
    let free = known.iter().filter(|seat| seat.free).map(|seat| seat.index);
    let chosen = Chosen { section: wish.section.clone(), ..Chosen::of(free.collect()) };
    let notice = match known.iter().filter(|seat| !seat.free).map(|seat| &*seat.place).collect::<Vec<_>>() {
        gone if gone.is_empty() => notice,
        gone => format!("Not free any more: {}.", gone.join("; ")),
    };
    let mut page = page(visit, event_id, chosen, Some(notice)).await?;
    // What was asked for by number is there again; who named seats asked for none.
    if !wish.quantity.is_empty() {
        page.quantity.clone_from(&wish.quantity);
        page.max_price.clone_from(&wish.max_price);
    }
    Ok(personal_with(status, &page))
}

async fn page(
    visit: &Visit,
    event_id: &str,
    mut chosen: Chosen,
    notice: Option<String>,
) -> Result<Page, Failure> {
    let cart = cart(visit, event_id).await;
    let visit = visit.anonymous();
    let (event, house) = (object(event_id), format!("{}/sections", object(event_id)));
    let (event, house) = tokio::try_join!(visit.get::<Event>(&event), visit.get::<House>(&house))?;
    // Sections are renamed, and addresses kept.
    if !house.sections.iter().any(|section| section.section == chosen.section) {
        chosen.section.clear();
    }
    let rows =
        if chosen.section.is_empty() { None } else { Some(rows(&visit, event_id, &chosen.section).await?) };
    let quantity = event.max_tickets_per_user.min(2).to_string();
    let max_price = String::new();
    Ok(Page { event, house, rows, chosen, notice, released: false, cart, quantity, max_price })
}

/// The hold that a visitor who is signed in has of this event.
pub(crate) async fn cart(visit: &Visit, event_id: &str) -> Option<Cart> {
    if !visit.may_be_signed_in() {
        return None;
    }
    let carts = reservation::carts(visit).await.ok()?;
    carts.into_iter().find(|cart| cart.event_id == event_id)
}

/// A seat as it is named before it is held.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) index: u32,
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
    let listed: Listed =
        visit.anonymous().get(&format!("{}/seats?indexes={indexes}", object(event_id))).await?;
    let rows = listed
        .sections
        .into_iter()
        .flat_map(|ListedSection { section, rows }| rows.into_iter().map(move |row| (section.clone(), row)));
    let seats = rows.flat_map(|(section, Row { row, seats })| {
        seats.into_iter().map(move |seat| Wanted {
            index: seat.index,
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
