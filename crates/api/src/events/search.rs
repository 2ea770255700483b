//! Searches events.

use crate::caller::MaybeSignedIn;
use crate::events::view::event_entry;
use crate::handler::*;
use crate::organization_choice::scope_of;
use axum::http::{HeaderMap, HeaderValue};
use fairseat_contract::events::EventList;
use fairseat_domain::money::{Currency, parse_decimal};
use fairseat_domain::time::Timestamp;
use fairseat_edge::json::to_bytes;
use fairseat_edge::prepared::{CachePolicy, Prepared};
use fairseat_store::search::{Coming, DateBound, EventQuery, Sort};
use fairseat_store::{EventStatus, OrganizationId, Page, Scope, VenueId};
use jiff::civil::Date;

/// Search criteria: an event must match all of them. An empty value counts as not given.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// Words from name, description, category, venue or place; the beginning of a word is enough, and small typing mistakes are forgiven
    #[param(required = false, max_length = 200)]
    q: Option<String>,
    /// City, state, country or venue, by full or usual short name (NYC, LA); all parts between commas must match
    #[param(required = false, max_length = 200)]
    location: Option<String>,
    /// The day on which it starts in its venue's time zone, such as 2026-12-01
    #[param(required = false)]
    date: Option<String>,
    /// It starts on this day or at this instant, or later
    #[param(required = false)]
    date_from: Option<String>,
    /// It starts on this day or at this instant, or earlier
    #[param(required = false)]
    date_to: Option<String>,
    /// The category, in upper or lower case
    #[param(required = false, max_length = 50)]
    category: Option<String>,
    /// Its cheapest seat costs at most this amount, without fees, in the event's own currency: give `currency` to compare prices of one currency
    #[param(required = false, value_type = Option<f64>, minimum = 0)]
    max_price: Option<String>,
    /// Only events that are sold in this currency, ISO 4217
    #[param(required = false, pattern = "^([A-Za-z]{3})?$")]
    currency: Option<String>,
    /// One of `upcoming`, `on_sale`, `sold_out`, `cancelled`; with `drafts` also `draft`
    #[param(required = false, pattern = "^(upcoming|on_sale|sold_out|cancelled|draft)?$")]
    status: Option<String>,
    /// `today`, or `weekend` for Friday to Sunday of this week, each by the calendar of the event's venue; only events that are not over
    #[param(required = false, pattern = "^(today|weekend)?$")]
    when: Option<String>,
    /// Only events at this venue
    #[param(required = false)]
    venue_id: Option<Uuid>,
    /// Only events of this performer, in upper or lower case, with or without accents
    #[param(required = false, max_length = 200)]
    performer: Option<String>,
    /// One of `start_time` (the default), `price` (grouped by currency), `name`, `newest`; a minus in front reverses the order. Or `bookable`: what
    /// is on sale, then upcoming, sold out, cancelled, and at last what is over, each by start
    #[param(required = false, pattern = "^(-?(start_time|price|name|newest)|bookable)?$")]
    sort: Option<String>,
    /// Only events of this organization
    #[param(required = false)]
    organization_id: Option<Uuid>,
    /// Also drafts of the caller's organizations; needs a token
    #[serde(default)]
    #[param(required = false, default = false)]
    drafts: bool,
}

/// Searches events
///
/// Seats and prices may be some milliseconds old here, and some seconds with database replicas; the event itself shows the newest ones.
#[utoipa::path(get, path = "/events", tag = "Events", security((), ("bearer" = [])), params(SearchQuery, Paging),
    responses((status = 200, body = EventList), (status = 304, description = "Unchanged")))]
pub(crate) async fn search_events(
    State(app): State<ApiState>,
    lists: Lists,
    MaybeSignedIn(caller): MaybeSignedIn,
    Query(query): Query<SearchQuery>,
    paging: Paging,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Paging { limit, offset } = paging;
    let drafts = query.drafts;
    let scope = match caller {
        Some(caller) if drafts => scope_of(&caller),
        None if drafts => {
            return Err(Problem::unauthenticated("Sign in to see drafts of your organizations.").into());
        }
        Some(_) | None => Scope::Public,
    };
    let event_query = event_query(query)?;
    let page = Page { limit, offset: u64::from(offset) };
    let found = lists.search().events(event_query, &scope, page, app.now()).await?;
    let mut events = Vec::with_capacity(found.rows.len());
    for listing in found.rows {
        events.push(event_entry(&app, listing).await?);
    }
    let list = EventList { events, total: found.total, limit, offset };
    if drafts {
        return Ok(Json(list).into_response());
    }
    let json = to_bytes(&list).map_err(Problem::internal)?;
    let kind = HeaderValue::from_static("application/json");
    Ok(Prepared::new(kind, json.into(), CachePolicy::REVALIDATE).respond(&headers))
}

/// The highest price that a search accepts: more than any seat costs.
const MAX_PRICE_THOUSANDTHS: i64 = 1_000_000_000_000;

pub(crate) fn event_query(query: SearchQuery) -> Result<EventQuery, ApiError> {
    let mut check = Check::new();
    let text = |check: &mut Check, field, value: Option<String>, most| {
        let value = value.filter(|value| !value.trim().is_empty())?;
        Some(check.text(field, &value, 1..=most))
    };
    let (sort, descending) = order(&mut check, query.sort.as_deref());
    let from = bound(&mut check, "date_from", query.date_from.as_deref());
    let to = bound(&mut check, "date_to", query.date_to.as_deref());
    let in_order = match (from, to) {
        (Some(DateBound::Day(from)), Some(DateBound::Day(to))) => from <= to,
        (Some(DateBound::Instant(from)), Some(DateBound::Instant(to))) => from <= to,
        _ => true,
    };
    check.that(in_order, "date_to", "must not be before the first day");
    let drafts_only = query.drafts && given(query.status.as_deref()) == Some("draft");
    let word = query.status.as_deref().filter(|_| !drafts_only);
    let event_query = EventQuery {
        text: text(&mut check, "q", query.q, 200),
        location: text(&mut check, "location", query.location, 200),
        day: day(&mut check, query.date.as_deref()),
        from,
        to,
        category: text(&mut check, "category", query.category, 50),
        max_price: price(&mut check, query.max_price.as_deref()),
        currency: currency(&mut check, query.currency.as_deref()),
        status: status(&mut check, word),
        drafts_only,
        organization: query.organization_id.map(OrganizationId),
        venue: query.venue_id.map(VenueId),
        performer: text(&mut check, "performer", query.performer, 200),
        coming: coming(&mut check, query.when.as_deref()),
        sort,
        descending,
    };
    check.finish()?;
    Ok(event_query)
}

/// The value that was sent, unless it is empty.
pub(crate) fn given(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

pub(crate) fn day(check: &mut Check, value: Option<&str>) -> Option<Date> {
    let day = given(value)?.parse().ok();
    check.that(day.is_some(), "date", "must be a day such as 2026-12-01");
    day
}

pub(crate) fn bound(check: &mut Check, field: &'static str, value: Option<&str>) -> Option<DateBound> {
    let value = given(value)?;
    // An instant is tried first, because its beginning would also parse as a date.
    let instant = value.parse::<jiff::Timestamp>().ok();
    let instant = instant.map(|at| DateBound::Instant(Timestamp::from_millis(at.as_millisecond())));
    let bound = instant.or_else(|| value.parse().ok().map(DateBound::Day));
    check.that(
        bound.is_some(),
        field,
        "must be a day such as 2026-12-01 or a time such as 2026-12-01T20:00:00Z",
    );
    bound
}

pub(crate) fn price(check: &mut Check, value: Option<&str>) -> Option<i64> {
    let price =
        parse_decimal(given(value)?, 3).ok().filter(|price| (0..=MAX_PRICE_THOUSANDTHS).contains(price));
    check.that(price.is_some(), "max_price", "must be an amount such as 80 or 79.50");
    price
}

fn currency(check: &mut Check, value: Option<&str>) -> Option<Currency> {
    let currency = Currency::from_code(&given(value)?.to_uppercase());
    check.that(currency.is_some(), "currency", "must be a currency such as USD");
    currency
}

pub(crate) fn status(check: &mut Check, value: Option<&str>) -> Option<EventStatus> {
    let status = EventStatus::from_name(given(value)?);
    check.that(
        status.is_some(),
        "status",
        "must be upcoming, on_sale, sold_out, cancelled or, with drafts=true, draft",
    );
    status
}

fn coming(check: &mut Check, value: Option<&str>) -> Option<Coming> {
    let coming = match given(value)? {
        "today" => Some(Coming::Today),
        "weekend" => Some(Coming::Weekend),
        _ => None,
    };
    check.that(coming.is_some(), "when", "must be today or weekend");
    coming
}

pub(crate) fn order(check: &mut Check, value: Option<&str>) -> (Sort, bool) {
    let Some(value) = given(value) else { return (Sort::default(), false) };
    let (name, descending) = value.strip_prefix('-').map_or((value, false), |name| (name, true));
    let sort = match name {
        "start_time" => Some(Sort::StartTime),
        "price" => Some(Sort::Price),
        "name" => Some(Sort::Name),
        "newest" => Some(Sort::Newest),
        "bookable" if !descending => Some(Sort::Bookable),
        _ => None,
    };
    check.that(
        sort.is_some(),
        "sort",
        "must be bookable, or start_time, price, name or newest, with or without a minus before it",
    );
    (sort.unwrap_or_default(), descending)
}
