//! The cookies that pages set: the session, what the browser holds, and the address that was typed at checkout.
//!
//! The session and the typed address are for the server alone. What the browser holds is read by the script of every page, which counts down: public
//! pages are the same for everybody, so the server cannot write it into them. That cookie is only a reminder; the checkout tells the truth.

use crate::values::Instant;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use fairseat_client::ApiClient;
use fairseat_contract::{CART_COOKIE, SESSION_COOKIE, TYPED_EMAIL_COOKIE};

/// As long as the link of a forgotten password is valid.
const TYPED_EMAIL_SECONDS: i64 = 3_600;
/// The most carts in the cookie; the newest stay.
const MAX_CARTS: usize = 4;

/// A cart in the cookie: its reservation, its event, its end in milliseconds, its number of seats and the venue's time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeldCart {
    pub(crate) reservation: String,
    pub(crate) event: String,
    ends_at_ms: i64,
    seats: usize,
    timezone: String,
}

impl HeldCart {
    pub(crate) fn new(
        (reservation, event): (&str, &str),
        ends_at: &Instant,
        timezone: &str,
        seats: usize,
    ) -> Self {
        let (reservation, event) = (reservation.to_owned(), event.to_owned());
        Self {
            reservation,
            event,
            ends_at_ms: ends_at.0.as_millisecond(),
            seats,
            timezone: timezone.to_owned(),
        }
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let mut next = || parts.next();
        let (reservation, event) = (next()?.to_owned(), next()?.to_owned());
        let cart = Self {
            reservation,
            event,
            ends_at_ms: next()?.parse().ok()?,
            seats: next()?.parse().ok()?,
            // A cookie of an earlier version has none.
            timezone: next().unwrap_or("UTC").chars().take(64).collect(),
        };
        let is_id = |text: &str| text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        (is_id(&cart.reservation) && is_id(&cart.event)).then_some(cart)
    }

    /// The checkout's address.
    pub(crate) fn checkout(&self) -> String {
        format!("/reservations/{}", self.reservation)
    }

    /// `2 seats`.
    pub(crate) fn what(&self) -> String {
        format!("{} {}", self.seats, if self.seats == 1 { "seat" } else { "seats" })
    }

    /// The end, for the script that counts down.
    pub(crate) fn ends_at(&self) -> String {
        jiff::Timestamp::from_millisecond(self.ends_at_ms)
            .map_or_else(|_range| String::new(), |at| at.to_string())
    }

    /// Whole minutes until the end, for browsers without scripts.
    pub(crate) fn minutes_left(&self) -> i64 {
        ((self.ends_at_ms - jiff::Timestamp::now().as_millisecond()) / 60_000).max(0)
    }

    /// The end on the venue's clocks: `19:42 EST`.
    pub(crate) fn until(&self) -> String {
        let at = jiff::Timestamp::from_millisecond(self.ends_at_ms).unwrap_or_default();
        Instant(at).at(&self.timezone).clock_and_zone()
    }

    fn is_over(&self) -> bool {
        self.ends_at_ms <= jiff::Timestamp::now().as_millisecond()
    }
}

/// What the browser says it holds, the newest first.
pub(crate) fn held_carts(client: &ApiClient) -> Vec<HeldCart> {
    let text = client.cookie(CART_COOKIE).unwrap_or_default();
    text.split('~').filter_map(HeldCart::read).filter(|cart| !cart.is_over()).take(MAX_CARTS).collect()
}

/// The newest cart that the browser says it holds.
pub(crate) fn held_cart(client: &ApiClient) -> Option<HeldCart> {
    held_carts(client).into_iter().next()
}

/// The cookie after the browser got or changed this cart.
pub(crate) fn holds(client: &ApiClient, cart: HeldCart) -> HeaderValue {
    let mut carts = held_carts(client);
    carts.retain(|other| other.event != cart.event && other.reservation != cart.reservation);
    carts.insert(0, cart);
    written(&carts)
}

/// The cookie after this cart ended; `None` when the browser does not remember it.
pub(crate) fn holds_no_more(client: &ApiClient, reservation: &str) -> Option<HeaderValue> {
    let mut carts = held_carts(client);
    let before = carts.len();
    carts.retain(|cart| cart.reservation != reservation);
    (carts.len() < before).then(|| written(&carts))
}

/// The cookie with these carts.
pub(crate) fn written(carts: &[HeldCart]) -> HeaderValue {
    let now = jiff::Timestamp::now().as_millisecond();
    let last = carts.iter().map(|cart| cart.ends_at_ms).max().unwrap_or(now);
    let parts = carts.iter().take(MAX_CARTS).map(|cart| {
        let HeldCart { reservation, event, ends_at_ms, seats, timezone } = cart;
        format!("{reservation}.{event}.{ends_at_ms}.{seats}.{timezone}")
    });
    cookie(CART_COOKIE, &parts.collect::<Vec<_>>().join("~"), (last - now) / 1_000, Readable::ByScripts)
}

/// Deletes the session, what the browser holds, and the typed address.
pub(crate) fn nothing() -> [HeaderValue; 3] {
    [SESSION_COOKIE, CART_COOKIE, TYPED_EMAIL_COOKIE].map(|name| cookie(name, "", 0, Readable::ByServer))
}

/// The address that was typed at checkout, or on a page that was opened from there.
pub(crate) fn typed_email(client: &ApiClient) -> Option<String> {
    let text = client.cookie(TYPED_EMAIL_COOKIE)?;
    let (email, _) = form_urlencoded::parse(text.as_bytes()).next()?;
    Some(email.into_owned()).filter(|email| !email.is_empty())
}

/// The cookie that remembers a typed address for an hour.
pub(crate) fn typed(email: &str) -> HeaderValue {
    let email: String = email.trim().chars().take(254).collect();
    let text: String = form_urlencoded::byte_serialize(email.as_bytes()).collect();
    cookie(TYPED_EMAIL_COOKIE, &text, TYPED_EMAIL_SECONDS, Readable::ByServer)
}

/// Deletes the typed address.
pub(crate) fn not_typed() -> HeaderValue {
    cookie(TYPED_EMAIL_COOKIE, "", 0, Readable::ByServer)
}

/// Adds cookies to a response.
pub(crate) fn with(mut response: Response, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Readable {
    ByServer,
    ByScripts,
}

fn cookie(name: &str, value: &str, seconds: i64, readable: Readable) -> HeaderValue {
    let http_only = if readable == Readable::ByServer { " HttpOnly;" } else { "" };
    let text = format!("{name}={value}; Path=/; Secure;{http_only} SameSite=Lax; Max-Age={}", seconds.max(0));
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cart_in_a_cookie_is_read_as_it_was_written() {
        let id = "0193a1b2-1111-7222-8333-444455556666";
        let text = format!("{id}.{id}.1767225600000.3.America/New_York");
        let cart = HeldCart::read(&text).unwrap();
        assert_eq!((cart.checkout(), cart.what()), (format!("/reservations/{id}"), "3 seats".to_owned()));
        assert_eq!(cart.until(), "19:00 EST");
        assert!(written(&[cart]).to_str().unwrap().contains(&text));
        let earlier = HeldCart::read(&format!("{id}.{id}.1767225600000.3")).unwrap();
        assert_eq!(earlier.until(), "00:00 UTC", "a cookie without a time zone");
        for odd in ["", "x", "a.b.c.d", &format!("{id}.{id}.soon.3"), &format!("//evil.test.{id}.1.1")] {
            assert_eq!(HeldCart::read(odd), None, "{odd}");
        }
    }
}
