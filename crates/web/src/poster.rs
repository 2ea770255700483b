//! Pictures for events without one: their addresses, and a cache of those that were drawn.
//!
//! A picture depends only on its address. It is drawn when it is requested, and caches may store it for ever.

use axum::http::HeaderValue;
use fairseat_edge::prepared::{CachePolicy, Prepared};
use fairseat_turns::{HeavyWork, HeavyWorkError, TurnKeys};
use moka::sync::Cache;

/// The address of an event's drawn picture; `form` is `svg` or `png`. It names the venue by the beginning of its id.
#[must_use]
pub fn url(category: &str, venue_id: &str, event_id: &str, form: &str) -> String {
    let kind: String = category.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
    let kind = if kind.is_empty() { "event" } else { &kind };
    let venue = venue_id.get(..VENUE).unwrap_or_default();
    format!("/posters/{}/{event_id}-{venue}.{form}", kind.to_ascii_lowercase())
}

/// The length of an event's id, and of the part of a venue's id, in an address.
const EVENT: usize = 36;
const VENUE: usize = 8;

/// The event's id and the start of the venue's id in a file's name. Addresses made by earlier releases have no venue; it is empty then.
fn parts(name: &str) -> Option<(&str, &str)> {
    let (event, rest) = name.split_at_checked(EVENT)?;
    let venue = if rest.is_empty() { "" } else { rest.strip_prefix('-')? };
    let is_id = |text: &str| text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    (is_id(event) && is_id(venue) && venue.len() <= VENUE).then_some((event, venue))
}

/// Draws a picture; `None` for an unknown form.
fn drawn(category: &str, venue: &str, event: &str, form: &str) -> Option<Prepared> {
    let picture = fairseat_art::picture(category, venue, event);
    match form {
        "svg" => {
            let kind = HeaderValue::from_static("image/svg+xml");
            Some(Prepared::new(kind, picture.svg().into(), CachePolicy::IMMUTABLE))
        }
        "png" => {
            let kind = HeaderValue::from_static("image/png");
            Some(Prepared::fleeting(kind, picture.png()?.into(), CachePolicy::IMMUTABLE))
        }
        _ => None,
    }
}

/// The size of the cache of pictures, in bytes: room for some hundreds.
const CACHED_BYTES: u64 = 32 << 20;
/// The most pictures drawn at the same time. Further requests for pictures wait; other requests do not.
const DRAWN_AT_ONCE: usize = 2;
/// The most that wait, and those of one address.
const MAX_WAITING: usize = 1_024;
const MAX_WAITING_OF_ADDRESS: usize = 128;

/// Cache of drawn pictures, by their address below `/posters`.
#[derive(Clone, Debug)]
pub(crate) struct Posters {
    cached: Cache<String, Prepared>,
    drawing: HeavyWork,
}

impl Default for Posters {
    fn default() -> Self {
        let weigh = |_: &String, picture: &Prepared| u32::try_from(picture.bytes().len()).unwrap_or(u32::MAX);
        let cached = Cache::builder().weigher(weigh).max_capacity(CACHED_BYTES).build();
        Self { cached, drawing: HeavyWork::new(DRAWN_AT_ONCE, MAX_WAITING, MAX_WAITING_OF_ADDRESS) }
    }
}

impl Posters {
    /// The picture at this address; `None` when the address is not that of a picture. `keys` say who asks.
    ///
    /// # Errors
    /// When too many wait.
    pub(crate) async fn of(
        &self,
        category: String,
        file: String,
        keys: TurnKeys,
    ) -> Result<Option<Prepared>, HeavyWorkError> {
        let address = format!("{category}/{file}");
        if let Some(cached) = self.cached.get(&address) {
            return Ok(Some(cached));
        }
        let Some((name, form)) = file.split_once('.') else { return Ok(None) };
        let Some((event, venue)) = parts(name).filter(|_| category.len() <= 20) else { return Ok(None) };
        let (event, venue, form) = (event.to_owned(), venue.to_owned(), form.to_owned());
        let cache = self.cached.clone();
        let draw = move || {
            // Another request may have drawn it meanwhile.
            if let Some(cached) = cache.get(&address) {
                return Some(cached);
            }
            let picture = drawn(&category, &venue, &event, &form)?;
            cache.insert(address, picture.clone());
            Some(picture)
        };
        self.drawing.run(keys, draw).await
    }
}
