//! The state that every handler gets.

use axum::extract::FromRef;
use fairseat_app::App;
use fairseat_app::catalogue::event_answers::EventAnswers;
use fairseat_edge::limits::{LimitedCaller, RateLimit};
use fairseat_edge::prepared::Prepared;
use fairseat_edge::{EdgeState, Problem};
use fairseat_maps::{Availabilities, Broadcasters, Geometries, PlanTags, SectionAnswers, VenuePictures};
use fairseat_turns::HeavyWork;
use prometheus_client::registry::Registry;
use serde_json::Value;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The state of the API: the application, the edge, and caches of answers. Cheap to clone. It dereferences to the application.
#[derive(Clone, Debug)]
pub struct ApiState(Arc<Parts>);

/// The parts of an [`ApiState`].
pub struct Parts {
    /// The application.
    pub app: Arc<App>,
    /// Limits, budgets and measurements of HTTP.
    pub edge: EdgeState,
    /// Every metric, to be encoded.
    pub registry: Registry,
    /// The OpenAPI document.
    pub(crate) document: &'static Value,
    /// Whether this is the demo, whose mailbox is public.
    pub demo: bool,
    /// The availability of seats, by event.
    pub(crate) availabilities: Availabilities,
    /// The maps of events.
    pub(crate) geometries: Geometries,
    /// Pictures of venues.
    pub(crate) venue_pictures: VenuePictures,
    /// The viewers of events.
    pub broadcasters: Broadcasters,
    /// Hashes of plans, for the edit tags of events.
    pub(crate) plan_tags: PlanTags,
    /// The sections of events with their free seats.
    pub(crate) sections: SectionAnswers,
    /// Public events as prepared answers.
    pub(crate) prepared_events: EventAnswers<Prepared>,
    /// Pictures that are resized: one at a time, because each may take the memory of 40 million pixels.
    pub(crate) pictures: HeavyWork,
    /// Lists of many seats, which are written two at a time.
    pub(crate) seat_lists: HeavyWork,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiState")
    }
}

impl ApiState {
    /// The API of an application, behind an edge.
    #[must_use]
    pub fn new(
        app: Arc<App>,
        edge: EdgeState,
        registry: Registry,
        document: &'static Value,
        demo: bool,
    ) -> Self {
        Self(Arc::new(Parts {
            app,
            edge,
            registry,
            document,
            demo,
            availabilities: Availabilities::default(),
            geometries: Geometries::default(),
            venue_pictures: VenuePictures::default(),
            broadcasters: Broadcasters::default(),
            plan_tags: PlanTags::default(),
            sections: SectionAnswers::default(),
            prepared_events: EventAnswers::default(),
            pictures: HeavyWork::new(1, 64, 8),
            seat_lists: HeavyWork::new(2, 512, 64),
        }))
    }
}

impl Deref for ApiState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Deref for Parts {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl FromRef<ApiState> for EdgeState {
    fn from_ref(state: &ApiState) -> Self {
        state.edge.clone()
    }
}

impl Parts {
    /// Counts one request of `caller` under `limit`.
    ///
    /// # Errors
    /// `rate_limited` with `Retry-After` when the caller has reached it.
    pub async fn check_limit(&self, limit: RateLimit, caller: LimitedCaller) -> Result<(), Problem> {
        self.edge.check_limit(limit, caller).await
    }
}
