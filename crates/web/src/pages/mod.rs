//! The pages, one file for each subject, and where they live.

pub(crate) mod account;
pub(crate) mod event;
pub(crate) mod events;
pub(crate) mod feeds;
pub(crate) mod installed;
pub(crate) mod mailbox;
pub(crate) mod orders;
pub(crate) mod passwords;
pub(crate) mod reservation;
pub(crate) mod seats;
pub(crate) mod sign_in;
pub(crate) mod tickets;

use crate::api::Holds;
use crate::poster::{self, Posters};
use crate::prepared::Prepared;
use crate::{Web, assets, error_page, forms};
use axum::Router;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::{get, post};
use moka::sync::Cache;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Pages made lately: those that are the same for everybody.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Lists, for a second each.
    lists: Cache<String, Prepared>,
    /// Events by id.
    events: Arc<EventPages>,
    /// Pictures of events that have none of their own.
    pub(crate) posters: Posters,
}

type EventPages = quick_cache::sync::Cache<String, Arc<EventPage>>;

/// The page of an event.
struct EventPage {
    page: Prepared,
    /// The tag of the object it shows.
    etag: HeaderValue,
    /// Whether the object is still that.
    holds: Option<Holds>,
}

impl fmt::Debug for EventPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventPage").field("etag", &self.etag).finish_non_exhaustive()
    }
}

impl Default for Kept {
    fn default() -> Self {
        let lists = Cache::builder().max_capacity(500).time_to_live(Duration::from_secs(1)).build();
        let events = Arc::new(EventPages::new(2_000));
        Self { lists, events, posters: Posters::default() }
    }
}

/// The pages that many look at and that can be answered without a handler.
#[derive(Clone, Debug)]
pub struct KeptPages(Arc<EventPages>);

impl KeptPages {
    /// The route they belong to.
    pub const ROUTE: &str = "/events/{event_id}";

    pub(crate) fn new(web: &Web) -> Self {
        Self(Arc::clone(&web.kept.events))
    }

    /// The page at this path, when it is kept and what it shows has not changed.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<KeptPage> {
        let kept = self.0.get(path.strip_prefix("/events/")?)?;
        kept.holds.as_ref().is_some_and(|holds| holds()).then_some(KeptPage(kept))
    }
}

/// A page that is kept and still true.
#[derive(Clone, Debug)]
pub struct KeptPage(Arc<EventPage>);

impl KeptPage {
    /// The answer to a request with these headers.
    #[must_use]
    pub fn respond(&self, request: &HeaderMap) -> Response {
        self.0.page.respond(request)
    }
}

/// Where every page lives.
pub(crate) fn router() -> Router<Web> {
    let buying = Router::new()
        .route("/", get(events::start))
        .route("/events", get(events::search))
        .route(KeptPages::ROUTE, get(event::show))
        .route("/events/{event_id}/event.ics", get(event::calendar))
        .route("/events/{event_id}/seats", get(seats::choose))
        .route("/events/{event_id}/reserve", get(reservation::confirm).post(reservation::reserve))
        .route("/reservations/{reservation_id}", get(reservation::show))
        .route("/reservations/{reservation_id}/{action}", get(forms::back).post(reservation::act))
        .route("/orders", get(orders::list))
        .route("/orders/{order_id}", get(orders::show))
        .route("/orders/{order_id}/cancel", get(forms::back).post(orders::cancel))
        .route("/tickets/{ticket_id}", get(tickets::show));
    let account = Router::new()
        .route("/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/register", get(sign_in::register_form).post(sign_in::register))
        .route("/verify-email", get(passwords::verify_form).post(passwords::verify))
        .route("/forgot-password", get(passwords::forgot_form).post(passwords::forgot))
        .route("/reset-password", get(passwords::reset_form).post(passwords::reset))
        .route("/account", get(account::show).post(account::change))
        .route("/account/sessions/{session_id}/end", post(account::end_session))
        .route("/account/verify", get(forms::back).post(account::verify))
        .route("/account/delete", get(forms::back).post(account::delete))
        .route("/demo/mailbox", get(mailbox::list))
        .route("/demo/mailbox/{message_id}", get(mailbox::show));
    let machines = Router::new()
        .route("/sitemap.xml", get(feeds::sitemap))
        .route("/feed.rss", get(feeds::rss))
        .route("/manifest.webmanifest", get(installed::manifest))
        .route("/service-worker.js", get(installed::service_worker))
        .route("/posters/{category}/{file}", get(poster::picture))
        .route("/assets/{folder}/{*name}", get(assets::file));
    buying
        .merge(account)
        .merge(machines)
        .merge(crate::console::router())
        .layer(from_fn(forms::refuse_foreign))
        .layer(from_fn(error_page::as_page))
}
