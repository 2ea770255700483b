//! Choosing seats: on the map, or without scripts from lists (section, then row, then seat), as a number of standing places, or as the
//! best available seats.

use super::best_seats::BestRequest;
use super::carts::{self, Cart};
use super::event::{Event, event_path};
use super::reserve::ReservationRequest;
use crate::render::{encoded, personal, personal_with};
use crate::values::{Money, number_or_text, price_range, range_of, total};
use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::Response;
use fairseat_client::{ApiClient, PageError};
use fairseat_domain::limits::DEFAULT_HOLD;
use serde::Deserialize;

/// The sections of an event, with how many seats are available in each.
#[derive(Debug, Deserialize)]
pub(crate) struct SectionList {
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

/// Seats by section and row.
#[derive(Debug, Deserialize)]
struct SeatList {
    sections: Vec<SeatListSection>,
}

#[derive(Debug, Deserialize)]
struct SeatListSection {
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

    /// The text for screen readers.
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

    /// The price range of the available seats.
    fn prices(&self, currency: &str) -> Option<String> {
        let free = self.seats.iter().filter(|seat| seat.is_available());
        range_of(free.filter_map(|seat| seat.price.as_ref()), currency)
    }
}

/// The section, row and seats chosen so far, which the address carries.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    pub(crate) section: String,
    row: String,
    pub(crate) seats: Vec<u32>,
}

/// The most seats in one reservation; further seats in an address are ignored.
const MAX_SEATS_IN_ADDRESS: usize = 100;

impl Chosen {
    /// A choice of these seats, by index.
    pub(crate) fn of(mut seats: Vec<u32>) -> Self {
        seats.sort_unstable();
        Self { seats, ..Self::default() }
    }

    /// The address of the seats page with these seats chosen.
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
        chosen.seats.truncate(MAX_SEATS_IN_ADDRESS);
        chosen
    }

    fn has(&self, index: &u32) -> bool {
        self.seats.binary_search(index).is_ok()
    }

    /// `&seat=1&seat=2`, for links that keep the choice.
    fn query(&self) -> String {
        self.seats.iter().map(|seat| format!("&seat={seat}")).collect()
    }
}

#[derive(Template)]
#[template(path = "seats.html")]
pub(crate) struct Page {
    pub(crate) event: Event,
    section_list: SectionList,
    rows: Option<Vec<Row>>,
    pub(crate) chosen: Chosen,
    /// The chosen seats, as they are when the page is made.
    previews: Vec<SeatPreview>,
    /// Why the last request was refused.
    pub(crate) notice: Option<String>,
    /// Where the best available seats are, which the visitor asked for.
    pub(crate) found: Option<String>,
    /// Whether the visitor has just cancelled their reservation.
    released: bool,
    /// Whether a guest has just signed in to an account that may hold no more seats of this event.
    is_full: bool,
    /// The visitor's reservation for this event.
    cart: Option<Cart>,
    /// The fields of the best-available form.
    pub(crate) best: BestRequest,
}

/// How long seats are held, in whole minutes.
pub(super) const HOLD_MINUTES: i64 = DEFAULT_HOLD.0 / 60_000;

impl Page {
    fn hold_minutes(&self) -> i64 {
        HOLD_MINUTES
    }

    fn row(&self) -> Option<&Row> {
        self.rows.as_ref()?.iter().find(|row| row.row == self.chosen.row)
    }

    fn address(&self, section: &str, row: &str) -> String {
        // What the link opens is shown at once: the rows of a section, or the seats of a row.
        let opens = if row.is_empty() { "rows" } else { "row" };
        let row = if row.is_empty() { String::new() } else { format!("&row={}", encoded(row)) };
        format!(
            "/events/{}/seats?section={}{row}{}#{opens}",
            self.event.event_id,
            encoded(section),
            self.chosen.query()
        )
    }

    /// Seats chosen in other rows; the row's form sends them as hidden fields.
    fn elsewhere(&self) -> Vec<u32> {
        let here = self.row();
        let is_here = |index: &u32| here.is_some_and(|row| row.seats.iter().any(|seat| seat.index == *index));
        self.chosen.seats.iter().copied().filter(|index| !is_here(index)).collect()
    }

    /// The chosen seats with their places and prices.
    async fn previews(&self, client: &ApiClient) -> Result<Vec<SeatPreview>, PageError> {
        seat_previews(client, &self.event.event_id, &self.chosen.seats).await
    }

    /// The sum of the chosen seats' prices, without fees.
    fn sum(&self) -> Option<String> {
        total(self.previews.iter().map(|seat| seat.price.as_ref()), &self.event.currency)
    }

    fn prices(&self, section: &Section) -> String {
        let range = price_range(section.min_price.as_ref(), section.max_price.as_ref(), &self.event.currency);
        range.unwrap_or_else(|| "no price".to_owned())
    }

    /// How many more tickets the visitor may take.
    fn left(&self) -> u32 {
        let most = self.event.max_tickets_per_user;
        self.cart.as_ref().map_or(most, |cart| cart.remaining(most))
    }

    /// The words where chosen seats are listed, while there are none.
    fn empty_words(&self) -> String {
        let more = if self.cart.is_some() { " more" } else { "" };
        format!("Pick your seats on the map or in the list. Up to {}{more}.", self.left())
    }

    fn holds(&self, seat: &Seat) -> bool {
        self.cart.as_ref().is_some_and(|cart| cart.holds(seat.index))
    }

    /// The reason for which this visitor cannot choose a seat.
    fn status<'a>(&self, seat: &'a Seat) -> &'a str {
        match &*seat.status {
            _ if self.holds(seat) => "held for you",
            "reserved" => "in someone’s cart",
            "blocked" => "not for sale",
            status => status,
        }
    }

    /// Whether there is something to choose on the map. A single standing area would be one large box.
    fn has_map(&self) -> bool {
        !self.event.is_on_sale() || !self.seated().is_empty() || self.standing().len() > 1
    }

    fn standing(&self) -> Vec<&Section> {
        self.section_list.sections.iter().filter(|section| section.general_admission).collect()
    }

    fn seated(&self) -> Vec<&Section> {
        self.section_list.sections.iter().filter(|section| !section.general_admission).collect()
    }
}

/// `GET /events/{event_id}/seats`
pub(crate) async fn choose(
    client: ApiClient,
    Path(event_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let query = query.unwrap_or_default();
    let mut page = page(&client, &event_id, Chosen::read(&query), None).await?;
    if let Some(best) = BestRequest::read(&query) {
        best.show_on(&client, &mut page).await?;
    }
    page.previews = page.previews(&client).await?;
    page.released = page.cart.is_none() && query == RELEASED;
    page.is_full = query == FULL;
    Ok(personal(&page))
}

/// The query of the page shown after a reservation was cancelled.
pub(crate) const RELEASED: &str = "released";

/// The query of the page shown after signing in to an account that may hold no more seats.
pub(crate) const FULL: &str = "full";

/// The page after a refused request; the requested seats that are still available stay chosen.
pub(crate) async fn refused(
    client: &ApiClient,
    event_id: &str,
    wanted: &ReservationRequest,
    status: StatusCode,
    notice: String,
) -> Result<Response, PageError> {
    let known =
        seat_previews(client, event_id, wanted.seats.get(..MAX_SEATS_IN_ADDRESS).unwrap_or(&wanted.seats))
            .await?;
    let free = known.iter().filter(|seat| seat.free).map(|seat| seat.index);
    let chosen = Chosen { section: wanted.section.clone(), ..Chosen::of(free.collect()) };
    let notice = match known.iter().filter(|seat| !seat.free).map(|seat| &*seat.place).collect::<Vec<_>>() {
        gone if gone.is_empty() => notice,
        gone => format!("No longer available: {}.", gone.join("; ")),
    };
    let mut page = page(client, event_id, chosen, Some(notice)).await?;
    // After a best-available request the form keeps what was typed.
    if !wanted.quantity.is_empty() {
        page.best.quantity.clone_from(&wanted.quantity);
        page.best.max_price.clone_from(&wanted.max_price);
    }
    page.previews = page.previews(client).await?;
    Ok(personal_with(status, &page))
}

async fn page(
    client: &ApiClient,
    event_id: &str,
    mut chosen: Chosen,
    notice: Option<String>,
) -> Result<Page, PageError> {
    let cart = cart(client, event_id).await;
    // Going back from the checkout leads to an address that still names the seats that are held by now.
    if let Some(cart) = &cart {
        chosen.seats.retain(|seat| !cart.holds(*seat));
    }
    let client = client.anonymous();
    let (event, section_list) = (event_path(event_id), format!("{}/sections", event_path(event_id)));
    let (event, section_list) =
        tokio::try_join!(client.get::<Event>(&event), client.get::<SectionList>(&section_list))?;
    // An old link may name a section that has been renamed.
    if !section_list.sections.iter().any(|section| section.section == chosen.section) {
        chosen.section.clear();
    }
    let rows =
        if chosen.section.is_empty() { None } else { Some(rows(&client, event_id, &chosen.section).await?) };
    let best = BestRequest::usual(event.max_tickets_per_user);
    let page = Page {
        event,
        section_list,
        rows,
        chosen,
        previews: Vec::new(),
        notice,
        found: None,
        released: false,
        is_full: false,
        cart,
        best,
    };
    Ok(page)
}

/// The reservation that the visitor has for this event, if they are signed in.
pub(crate) async fn cart(client: &ApiClient, event_id: &str) -> Option<Cart> {
    if !client.may_be_signed_in() {
        return None;
    }
    let carts = carts::carts(client).await.ok()?;
    carts.into_iter().find(|cart| cart.event_id == event_id)
}

/// A seat by its index.
#[derive(Debug)]
pub(crate) struct SeatPreview {
    pub(crate) index: u32,
    pub(crate) place: String,
    pub(crate) price: Option<Money>,
    /// Whether it is available now.
    pub(crate) free: bool,
}

/// The seats with these indexes.
pub(crate) async fn seat_previews(
    client: &ApiClient,
    event_id: &str,
    seats: &[u32],
) -> Result<Vec<SeatPreview>, PageError> {
    if seats.is_empty() {
        return Ok(Vec::new());
    }
    let indexes = seats.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let listed: SeatList =
        client.anonymous().get(&format!("{}/seats?indexes={indexes}", event_path(event_id))).await?;
    let rows = listed.sections.into_iter().flat_map(|SeatListSection { section, rows }| {
        rows.into_iter().map(move |row| (section.clone(), row))
    });
    let seats = rows.flat_map(|(section, Row { row, seats })| {
        seats.into_iter().map(move |seat| SeatPreview {
            index: seat.index,
            place: place(&section, &row, &seat.number),
            free: seat.is_available(),
            price: seat.price,
        })
    });
    Ok(seats.collect())
}

/// A seat's name as on its ticket: `Stalls · Row C · Seat 12`.
pub(crate) fn place(section: &str, row: &str, number: &str) -> String {
    let row = if row.is_empty() { String::new() } else { format!(" · Row {row}") };
    let number = if number.is_empty() { String::new() } else { format!(" · Seat {number}") };
    format!("{section}{row}{number}")
}

async fn rows(client: &ApiClient, event_id: &str, section: &str) -> Result<Vec<Row>, PageError> {
    let path = format!("{}/seats?section={}", event_path(event_id), encoded(section));
    let listed: SeatList = client.get(&path).await?;
    Ok(listed.sections.into_iter().flat_map(|section| section.rows).collect())
}
