//! Searches events: by words, place, day, category and status, within a scope.
//!
//! The program folds text (`fold`), so both databases find the same. Search text is always passed as a parameter, never as part of the SQL.
//! Full text is behind `index`. When the words as typed find nothing, the search is repeated once with similar words (`typos`).

mod coming;
pub(crate) mod fold;
pub(crate) mod index;
pub(crate) mod places;
mod tokens;
mod typos;

pub use coming::{City, Coming};
pub use fold::key as folded_key;

use crate::database::Database;
use crate::error::StoreError;
use crate::ids::{OrganizationId, VenueId};
use crate::listing::{self, EventListing, EventStatus};
use crate::page::{Listing, Page};
use crate::scope::Scope;
use crate::sql::{Dialect, Filter, Sql};
use fairseat_domain::money::Currency;
use fairseat_domain::time::Timestamp;
use jiff::civil::Date;

/// One end of a range of days or instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateBound {
    /// The instant at which an event starts, inclusive.
    Instant(Timestamp),
    /// The day on which an event starts in its venue's time zone, inclusive.
    Day(Date),
}

/// The order of the results; equal events are ordered by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By start, the earliest first.
    #[default]
    StartTime,
    /// By lowest price within each currency, because amounts in different currencies cannot be compared. Events without a price come last.
    Price,
    /// By name, without regard to case and accents.
    Name,
    /// By creation, the newest first.
    Newest,
    /// What can be bought now, then what goes on sale later, sold-out events, cancelled ones, and at last what is over; each by start.
    Bookable,
}

/// The conditions of a search; an event must meet all that are given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// Words from name, description, category, venue or place; the beginning of a word is enough.
    pub text: Option<String>,
    /// City, state, country or venue, by full or usual short name; all parts between commas must match.
    pub location: Option<String>,
    /// The day on which it starts, in its venue's time zone.
    pub day: Option<Date>,
    /// It starts then or later.
    pub from: Option<DateBound>,
    /// It starts then or earlier.
    pub to: Option<DateBound>,
    /// Its category, in upper or lower case.
    pub category: Option<String>,
    /// The price of its cheapest seat, in thousandths of the currency's unit, is at most this.
    pub max_price: Option<i64>,
    /// The currency in which it is sold.
    pub currency: Option<Currency>,
    /// Its status.
    pub status: Option<EventStatus>,
    /// Only drafts.
    pub drafts_only: bool,
    /// The organization that owns it.
    pub organization: Option<OrganizationId>,
    /// The venue.
    pub venue: Option<VenueId>,
    /// Who performs, without regard to case and accents.
    pub performer: Option<String>,
    /// It is today, or at the weekend, and not over.
    pub coming: Option<Coming>,
    /// The order of the results.
    pub sort: Sort,
    /// Whether the order is reversed.
    pub descending: bool,
}

/// Search; from [`crate::Store::search`].
#[derive(Clone, Copy, Debug)]
pub struct Search<'s>(pub(crate) &'s Database);

impl Search<'_> {
    /// The events that the scope may see and that meet the conditions, with their total number and their status at `now`.
    ///
    /// # Errors
    /// When the database fails; every text is a valid search text.
    pub async fn events(
        &self,
        query: EventQuery,
        scope: &Scope,
        page: Page,
        now: Timestamp,
    ) -> Result<Listing<EventListing>, StoreError> {
        let scope = scope.clone();
        self.0.list("search.events", move |sql| find(sql, &query, &scope, page, now)).await
    }
}

fn find(
    sql: &Sql<'_>,
    query: &EventQuery,
    scope: &Scope,
    page: Page,
    now: Timestamp,
) -> Result<Listing<EventListing>, StoreError> {
    let mut filter = Filter::new();
    restrict(&mut filter, query, scope, now);
    if let Some(coming) = query.coming {
        coming::restrict(sql, &mut filter, coming, now)?;
    }
    let text = query.text.as_deref().filter(|text| !text.trim().is_empty());
    let Some(text) = text else { return select(sql, filter, query, page, now) };
    let words = fold::query_words(text);
    if words.is_empty() {
        return Ok(Listing { rows: Vec::new(), total: 0 });
    }
    let typed: Vec<_> = words.iter().map(|word| vec![word.clone()]).collect();
    let found = select(sql, with_words(sql.dialect(), &filter, &typed), query, page, now)?;
    if found.total > 0 {
        return Ok(found);
    }
    match typos::similar(sql, &words)? {
        Some(meant) => select(sql, with_words(sql.dialect(), &filter, &meant), query, page, now),
        None => Ok(found),
    }
}

fn with_words(dialect: Dialect, filter: &Filter, words: &[Vec<String>]) -> Filter {
    let mut filter = filter.clone();
    let matching = index::matching(dialect, &mut filter, words);
    filter.and(matching);
    filter
}

fn restrict(filter: &mut Filter, query: &EventQuery, scope: &Scope, now: Timestamp) {
    listing::visible(scope, filter);
    if let Some(location) = &query.location {
        places::restrict(filter, location);
    }
    if let Some(day) = query.day {
        compare(filter, "=", DateBound::Day(day));
    }
    if let Some(from) = query.from {
        compare(filter, ">=", from);
    }
    if let Some(to) = query.to {
        compare(filter, "<=", to);
    }
    if let Some(category) = &query.category {
        let category = filter.bind(fold::key(category));
        filter.and(format!("e.category_key = {category}"));
    }
    if let Some(most) = query.max_price {
        let most = filter.bind(most);
        filter.and(format!("{} <= {most}", price_in_thousandths()));
    }
    if let Some(currency) = query.currency {
        let currency = filter.bind(currency.code().to_owned());
        filter.and(format!("e.currency = {currency}"));
    }
    if let Some(status) = query.status {
        let (at_now, wanted) = (listing::status(filter, now), filter.bind(status));
        filter.and(format!("({at_now}) = {wanted}"));
    }
    if query.drafts_only {
        filter.and("e.draft = 1".to_owned());
    }
    if let Some(organization) = query.organization {
        let organization = filter.bind(organization);
        filter.and(format!("e.organization_id = {organization}"));
    }
    if let Some(venue) = query.venue {
        let venue = filter.bind(venue);
        filter.and(format!("e.venue_id = {venue}"));
    }
    if let Some(performer) = &query.performer {
        let performer = filter.bind(fold::key(performer));
        filter.and(format!("e.performer_key = {performer} AND e.performer_key <> ''"));
    }
}

/// An event's lowest price, in thousandths of the main unit, so that currencies with different minor units compare.
fn price_in_thousandths() -> String {
    let codes = |decimals| format!("'{}'", Currency::codes_with_decimals(decimals).join("', '"));
    format!(
        "c.min_price * CASE WHEN e.currency IN ({}) THEN 1000 WHEN e.currency IN ({}) THEN 1 ELSE 10 END",
        codes(0),
        codes(3)
    )
}

fn compare(filter: &mut Filter, operator: &str, bound: DateBound) {
    let (column, bound) = match bound {
        DateBound::Instant(instant) => ("e.starts_at", filter.bind(instant)),
        DateBound::Day(day) => ("e.local_date", filter.bind(index::day_key(day))),
    };
    filter.and(format!("{column} {operator} {bound}"));
}

fn select(
    sql: &Sql<'_>,
    mut filter: Filter,
    query: &EventQuery,
    page: Page,
    now: Timestamp,
) -> Result<Listing<EventListing>, StoreError> {
    let (tables, counted, condition) = (listing::TABLES, listing::COUNTED_TABLES, filter.condition());
    let total = sql.count(&format!("SELECT COUNT(*) FROM {counted} WHERE {condition}"), filter.values())?;
    let columns = listing::columns(&mut filter, now);
    let order = order(query, &mut filter, now);
    let page = page.bind(&mut filter);
    let text = format!("SELECT {columns} FROM {tables} WHERE {condition} ORDER BY {order} {page}");
    Ok(Listing { rows: sql.all(&text, filter.values(), listing::read)?, total })
}

fn order(query: &EventQuery, filter: &mut Filter, now: Timestamp) -> String {
    // `Newest` is descending by itself, so reversing it gives the oldest first.
    let descending = query.descending != (query.sort == Sort::Newest);
    let direction = if descending { "DESC" } else { "ASC" };
    let column = match query.sort {
        Sort::StartTime => "e.starts_at",
        Sort::Price => "c.min_price IS NULL, e.currency, c.min_price",
        Sort::Name => "e.name_key",
        Sort::Newest => "e.created_at",
        Sort::Bookable => return coming::bookable_first(filter, now),
    };
    format!("{column} {direction}, e.number {direction}")
}
