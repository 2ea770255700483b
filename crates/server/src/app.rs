//! What every handler shares: one [`App`] behind one cheap handle.
//!
//! Tests build an `App` of their own and ask [`crate::http::server`] for a server over it; nothing is global.

use crate::auth::Auth;
use crate::catalogue::VenueMaps;
use crate::config::Settings;
use crate::http::event_brief::EventBriefs;
use crate::http::events::PreparedEvents;
use crate::http::login_guard::LoginGuard;
use crate::http::problem::Problem;
use crate::http::rate_limit::{Class, RateLimits, Who};
use crate::keys::Keys;
use crate::live::{Availabilities, Geometries, Hubs};
use crate::platform::Platform;
use crate::telemetry::metrics::Metrics;
use crate::tickets::drawn::Drawings;
use anyhow::Context as _;
use fairseat_domain::time::Timestamp;
use fairseat_engine::{Clock as _, SystemClock};
use std::ops::Deref;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};

/// The parts of one running server.
#[derive(Debug)]
pub struct App {
    /// What the operator asked for.
    pub settings: Settings,
    /// Where buyers reach this server, without a slash at the end.
    pub base_url: String,
    /// The installation's secrets.
    pub keys: Keys,
    /// Counters that cost nothing to touch.
    pub metrics: Arc<Metrics>,
    /// Where the data is.
    pub platform: Platform,
    /// What the seats of events are doing, compact and shared.
    pub availabilities: Availabilities,
    /// The maps of events.
    pub geometries: Geometries,
    /// Pictures of venues.
    pub venue_maps: VenueMaps,
    /// Who watches events.
    pub hubs: Hubs,
    /// What the catalogue said of events lately.
    pub briefs: EventBriefs,
    /// Public events as bytes.
    pub prepared_events: PreparedEvents,
    /// Draws tickets.
    pub drawings: Drawings,
    /// Who asks, and what they may do.
    pub auth: Auth,
    /// Who has asked how often.
    pub limits: RateLimits,
    /// Who has guessed passwords.
    pub logins: LoginGuard,
    /// Bodies past [`crate::http::body::DEFAULT_BODY_BYTES`] held in memory at once.
    pub(crate) large_bodies: Semaphore,
    /// Pictures being cut at once.
    pub(crate) pictures: Semaphore,
    closing: watch::Sender<bool>,
}

/// A handle to the [`App`]; axum's state.
#[derive(Clone, Debug)]
pub struct AppState(Arc<App>);

impl AppState {
    /// An app over the data folder of `settings`, which this process has locked. `base_url` is where buyers reach it.
    ///
    /// # Errors
    /// When a file of the data folder cannot be opened, or the journal finds that it lost something.
    pub async fn open(settings: Settings, keys: Keys, base_url: &str) -> anyhow::Result<Self> {
        let limits = RateLimits::new(settings.limits);
        let metrics = Arc::new(Metrics::new());
        let auth =
            Auth::new(&keys, settings.password_cost).context("the cost of passwords is out of range")?;
        let platform = Platform::open(&settings, &keys, &metrics, base_url).await?;
        Ok(Self(Arc::new(App {
            settings,
            base_url: base_url.trim_end_matches('/').to_owned(),
            keys,
            metrics,
            platform,
            availabilities: Availabilities::default(),
            geometries: Geometries::default(),
            venue_maps: VenueMaps::default(),
            hubs: Hubs::default(),
            briefs: EventBriefs::default(),
            prepared_events: PreparedEvents::default(),
            drawings: Drawings::default(),
            auth,
            limits,
            logins: LoginGuard::new(),
            large_bodies: Semaphore::new(crate::http::body::LARGE_BODIES_AT_ONCE),
            pictures: Semaphore::new(1),
            closing: watch::Sender::new(false),
        })))
    }
}

impl Deref for AppState {
    type Target = App;

    fn deref(&self) -> &App {
        &self.0
    }
}

impl App {
    /// The time now, for everything a request does.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    /// Counts one use of `class` by `who`.
    ///
    /// # Errors
    /// `rate_limited` with `Retry-After` when they have used it too often.
    pub fn check_limit(&self, class: Class, who: Who) -> Result<(), Problem> {
        self.limits.check(class, who).map_err(|retry_after| {
            self.metrics.rate_limited(class.name());
            Problem::rate_limited(retry_after)
        })
    }

    /// Tells everything long-lived that the server is going away.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Whether the server is going away.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Waits until the server is going away: live feeds say goodbye then.
    pub async fn closed(&self) {
        let mut closing = self.closing.subscribe();
        // The sender lives in `self`, so the only way this ends is the value becoming true.
        drop(closing.wait_for(|closing| *closing).await);
    }
}
