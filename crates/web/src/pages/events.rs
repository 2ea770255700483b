//! Searching events: the start page and the search are the same page.

use super::nearby::{self, City};
use super::programme::artist_path;
use crate::categories::CATEGORIES;
use crate::render::{encoded, last_page_if_past, public};
use crate::state::{Site, Web};
use crate::values::{Instant, Local, Money, price_range, typed_price};
use crate::{forms, markdown, poster};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use fairseat_client::{ApiClient, PageError};
use fairseat_domain::money::Currency;
use fairseat_edge::prepared::CachePolicy;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The orders of a list: the API's value and the name for people.
pub(crate) const SORTS: &[(&str, &str)] = &[
    ("", "On sale first"),
    ("start_time", "Date"),
    ("price", "Lowest price"),
    ("-price", "Highest price"),
    ("name", "Name"),
    ("newest", "Newest"),
];

/// Events on one page.
pub(crate) const PAGE: u64 = 24;

/// The days that one press finds: the API's value and the name for people.
pub(crate) const DAYS: &[(&str, &str)] = &[("today", "Tonight"), ("weekend", "This weekend")];

/// The fields of the search form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    pub(crate) q: String,
    pub(crate) location: String,
    pub(crate) date_from: String,
    pub(crate) date_to: String,
    pub(crate) when: String,
    pub(crate) category: String,
    pub(crate) max_price: String,
    pub(crate) sort: String,
    pub(crate) page: u64,
}

impl Search {
    fn fields(&self) -> [(&'static str, &str); 8] {
        [
            ("q", self.q.trim()),
            ("location", self.location.trim()),
            ("date_from", &self.date_from),
            ("date_to", &self.date_to),
            ("when", &self.when),
            ("category", &self.category),
            ("max_price", self.max_price.trim()),
            ("sort", &self.sort),
        ]
    }

    fn query(&self) -> String {
        let given = self.fields().into_iter().filter(|(_, value)| !value.is_empty());
        given.map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
    }

    /// The query for the API. A price that names a currency finds only events in that currency, since amounts of different currencies do
    /// not compare.
    fn api_query(&self) -> String {
        let sort = if self.sort.is_empty() { "bookable".to_owned() } else { self.sort.clone() };
        let price = typed_price(&self.max_price);
        let (max_price, currency) =
            price.map_or((self.max_price.clone(), None), |(digits, currency)| (digits, currency));
        let query = Self { max_price, sort, ..self.clone() }.query();
        currency.map_or(query.clone(), |currency| format!("{query}&currency={currency}"))
    }

    /// The same search with other days; with these already chosen, without them.
    pub(crate) fn on(&self, when: &str) -> String {
        let when = if self.when == when { String::new() } else { when.to_owned() };
        Self { when, page: 0, ..self.clone() }.address(0)
    }

    /// The currencies among which a price that names none is ambiguous, each with the search in it alone. The price was compared in each
    /// event's own currency.
    fn currencies(&self, list: &EventList) -> Vec<(String, String)> {
        let Some((digits, None)) = typed_price(&self.max_price) else { return Vec::new() };
        let found: BTreeSet<&str> = list.events.iter().map(|event| event.currency.as_str()).collect();
        let known = found.into_iter().filter_map(Currency::from_code);
        let choice = |currency: Currency| {
            let amount = currency.parse(&digits).ok()?;
            let named = Self { max_price: format!("{digits} {currency}"), page: 0, ..self.clone() };
            Some((currency.text(amount), named.address(0)))
        };
        let choices: Vec<_> = known.filter_map(choice).collect();
        if choices.len() > 1 { choices } else { Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.page == 0 && self.fields().iter().all(|(_, value)| value.is_empty())
    }

    /// How many fields besides the search words are filled in.
    fn filters(&self) -> usize {
        self.fields().iter().filter(|(name, value)| *name != "q" && !value.is_empty()).count()
    }

    fn has_filters(&self) -> bool {
        self.filters() > 0
    }

    /// The canonical address of this search.
    pub(crate) fn canonical(&self) -> String {
        if self.is_empty() { "/".to_owned() } else { self.address(self.page) }
    }

    /// The address's category if it is not among [`CATEGORIES`].
    pub(crate) fn other_category(&self) -> Option<&str> {
        let known = CATEGORIES.iter().any(|(value, _)| *value == self.category);
        (!known && !self.category.is_empty()).then_some(self.category.as_str())
    }

    fn address(&self, page: u64) -> String {
        let mut query = self.query();
        if page > 0 {
            query += &format!("{}page={page}", if query.is_empty() { "" } else { "&" });
        }
        format!("/events{}{query}", if query.is_empty() { "" } else { "?" })
    }
}

/// An event in a list.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct EventEntry {
    pub(crate) event_id: String,
    pub(crate) name: String,
    pub(crate) venue: String,
    venue_id: String,
    #[serde(default)]
    performer: String,
    pub(crate) city: String,
    timezone: String,
    pub(crate) start_time: Instant,
    end_time: Instant,
    category: String,
    status: String,
    on_sale_time: Instant,
    available_seats: u64,
    total_seats: u64,
    min_price: Option<Money>,
    max_price: Option<Money>,
    currency: String,
    thumbnail_url: Option<String>,
}

/// A short notice about an event: sold out, cancelled, few tickets left.
#[derive(Clone, Debug)]
pub(crate) struct Badge {
    pub(crate) kind: &'static str,
    pub(crate) text: String,
}

impl EventEntry {
    pub(crate) fn starts(&self) -> Local {
        self.start_time.at(&self.timezone)
    }

    pub(crate) fn poster(&self) -> String {
        self.thumbnail_url
            .clone()
            .unwrap_or_else(|| poster::url(&self.category, &self.venue_id, &self.event_id, "svg"))
    }

    /// What it costs; nothing is sold for a cancelled event.
    pub(crate) fn price(&self) -> Option<String> {
        if self.status == "cancelled" {
            return None;
        }
        price_range(self.min_price.as_ref(), self.max_price.as_ref(), &self.currency)
    }

    /// The heading above events like this one; empty for those on sale.
    fn group(&self) -> &'static str {
        if self.is_gone() {
            "Sold out or over"
        } else if self.status == "upcoming" {
            "On sale soon"
        } else {
            ""
        }
    }

    /// Whether nothing can be bought now or later.
    pub(crate) fn is_gone(&self) -> bool {
        self.status == "cancelled" || self.status == "sold_out" || self.end_time.is_past()
    }

    /// The picture for link previews.
    pub(crate) fn shared_poster(&self) -> String {
        let drawn = || poster::url(&self.category, &self.venue_id, &self.event_id, "png");
        self.thumbnail_url.clone().unwrap_or_else(drawn)
    }

    pub(crate) fn badge(&self) -> Option<Badge> {
        let badge = |kind, text: &str| Some(Badge { kind, text: text.to_owned() });
        match self.status.as_str() {
            "cancelled" => badge("bad", "Cancelled"),
            _ if self.end_time.is_past() => badge("", "Over"),
            "sold_out" => badge("", "Sold out"),
            "upcoming" => {
                let day = self.on_sale_time.at(&self.timezone).short_day();
                Some(Badge { kind: "warn", text: format!("On sale {day}") })
            }
            _ if self.available_seats * 10 <= self.total_seats => {
                Some(Badge { kind: "warn", text: format!("{} left", self.available_seats) })
            }
            _ => None,
        }
    }
}

/// A page of events.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct EventList {
    pub(crate) events: Vec<EventEntry>,
    pub(crate) total: u64,
}

/// Links to the previous and the next page.
#[derive(Debug)]
pub(crate) struct Pager {
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
    pub(crate) from: u64,
    pub(crate) to: u64,
}

impl Pager {
    pub(crate) fn of(page: u64, total: u64, address: impl Fn(u64) -> String) -> Option<Self> {
        let next = ((page + 1) * PAGE < total).then(|| address(page + 1));
        let previous = (page > 0).then(|| address(page - 1));
        let (from, to) = (page * PAGE + 1, total.min((page + 1) * PAGE));
        (total > PAGE).then_some(Self { previous, next, from, to })
    }
}

/// The most venues and artists above a list of events.
const MAX_NAMESAKES: usize = 6;

#[derive(Template)]
#[template(path = "events.html")]
struct Page {
    site: Arc<Site>,
    search: Search,
    list: EventList,
    suggestions: Vec<EventEntry>,
    pager: Option<Pager>,
    problem: Option<String>,
    cities: Vec<City>,
    /// See [`Search::currencies`].
    currencies: Vec<(String, String)>,
}

impl Page {
    /// The venues and artists of the found events whose names are what was searched for: the name and the page.
    fn namesakes(&self) -> Vec<(&str, String)> {
        let wanted = self.search.q.trim().to_lowercase();
        let mut found: Vec<(&str, String)> = Vec::new();
        let is_meant = |name: &str| {
            let name = name.to_lowercase();
            wanted.chars().count() >= 3
                && !name.is_empty()
                && (name.contains(&wanted) || wanted.contains(&name))
        };
        for event in &self.list.events {
            let venue = (event.venue.as_str(), format!("/venues/{}", event.venue_id));
            let artist = (event.performer.as_str(), artist_path(&encoded(&event.performer)));
            for (name, page) in [artist, venue] {
                if found.len() < MAX_NAMESAKES
                    && is_meant(name)
                    && !found.iter().any(|(_, known)| *known == page)
                {
                    found.push((name, page));
                }
            }
        }
        found
    }

    /// The events in groups with headings: what is on sale comes first, and each group has its own order by date. One group without a heading
    /// where another order was asked for.
    fn groups(&self) -> Vec<(&'static str, Vec<&EventEntry>)> {
        let mut groups: Vec<(&str, Vec<&EventEntry>)> = Vec::new();
        for event in &self.list.events {
            let title = if self.search.sort.is_empty() { event.group() } else { "" };
            match groups.last_mut().filter(|(last, _)| *last == title) {
                Some((_, events)) => events.push(event),
                None => groups.push((title, vec![event])),
            }
        }
        groups
    }

    /// The heading of the list.
    fn heading(&self) -> String {
        let days = DAYS.iter().find(|(value, _)| *value == self.search.when).map(|(_, name)| *name);
        let place = self.city().map(|city| format!(" in {}", city.city)).unwrap_or_default();
        match (days, self.list.total) {
            _ if self.problem.is_some() => "We could not run this search".to_owned(),
            _ if self.search.is_empty() => "Coming up".to_owned(),
            (None, 1) => format!("1 event{place}"),
            (None, total) => format!("{total} events{place}"),
            (Some(days), 1) => format!("{days}: 1 event{place}"),
            (Some(days), total) => format!("{days}: {total} events{place}"),
        }
    }

    /// The listed city that the search is limited to.
    fn city(&self) -> Option<&City> {
        self.cities.iter().find(|city| city.place() == self.search.location)
    }

    /// Whether the search is limited to this city.
    fn is_in(&self, city: &City) -> bool {
        city.place() == self.search.location
    }

    /// The address of the last page, when this page is past it.
    fn last_page(&self) -> Option<String> {
        let last =
            last_page_if_past(self.search.page, self.list.total, PAGE).filter(|_| self.list.total > 0)?;
        Some(self.search.address(last))
    }
}

/// The page at `/`.
pub(crate) async fn start(
    web: State<Web>,
    client: ApiClient,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    show(&web, &client, Search::default(), &headers).await
}

/// The page at `/events`.
pub(crate) async fn search(
    web: State<Web>,
    client: ApiClient,
    Query(search): Query<Search>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    show(&web, &client, search, &headers).await
}

async fn show(
    web: &Web,
    client: &ApiClient,
    mut search: Search,
    headers: &HeaderMap,
) -> Result<Response, PageError> {
    search.page = search.page.min(10_000);
    // An unknown order is ignored, so that an old link still finds events.
    if !SORTS.iter().any(|(known, _)| *known == search.sort) {
        search.sort.clear();
    }
    if !DAYS.iter().any(|(known, _)| *known == search.when) {
        search.when.clear();
    }
    let address = search.canonical();
    if let Some(cached) = web.caches.lists.get(&address) {
        return Ok(cached.respond(headers));
    }
    let page = find(web, &client.anonymous(), search).await?;
    let prepared = public(&page, CachePolicy::seconds(5));
    web.caches.lists.insert(address, prepared.clone());
    Ok(prepared.respond(headers))
}

async fn find(web: &Web, client: &ApiClient, search: Search) -> Result<Page, PageError> {
    let query = search.api_query();
    let path = format!("/events?{query}&limit={PAGE}&offset={}", search.page * PAGE);
    let found: Result<EventList, PageError> = client.get(&path).await;
    let (list, problem) = match found {
        Ok(list) => (list, None),
        // The search was refused: the page shows the reason above the form, which keeps its values.
        Err(failure) if failure.problem.status == 422 => {
            (EventList::default(), Some(forms::problem_sentence(&failure.problem)))
        }
        Err(failure) => return Err(failure),
    };
    let suggestions = if list.total == 0 && !search.is_empty() {
        client.get::<EventList>("/events?status=on_sale&sort=bookable&limit=4").await?.events
    } else {
        Vec::new()
    };
    let pager = Pager::of(search.page, list.total, |page| search.address(page));
    let cities = nearby::cities(client).await?;
    let currencies = search.currencies(&list);
    Ok(Page { site: web.site.clone(), search, list, suggestions, pager, problem, cities, currencies })
}

/// An organizer's text as one line of at most 160 characters.
pub(crate) fn one_line(text: &str) -> String {
    markdown::summary(text, 160)
}
