//! Pictures of venues' plans, each drawn once until the venue gets another plan.

use axum::http::HeaderValue;
use fairseat_app::catalogue::plans;
use fairseat_app::{App, Failure};
use fairseat_domain::seating_plan::seatmap_svg;
use fairseat_edge::prepared::{CachePolicy, Prepared};
use fairseat_store::{Scope, VenueId};
use moka::sync::Cache;
use std::sync::atomic::{AtomicU64, Ordering};

/// The most pictures in the cache.
const MAX_PICTURES: u64 = 200;

/// The pictures, cached.
#[derive(Debug)]
pub struct VenuePictures {
    pictures: Cache<VenueId, Prepared>,
    /// How many plans were replaced: a picture that was drawn meanwhile may be of the plan before.
    replaced: AtomicU64,
    /// One picture is drawn at a time, so that a crowd that asks for a new one waits for a single drawing of it.
    drawing: tokio::sync::Mutex<()>,
}

impl Default for VenuePictures {
    fn default() -> Self {
        Self {
            pictures: Cache::new(MAX_PICTURES),
            replaced: AtomicU64::new(0),
            drawing: tokio::sync::Mutex::default(),
        }
    }
}

impl VenuePictures {
    /// The picture of a venue's plan; `None` when there is no such venue.
    ///
    /// # Errors
    /// When the store fails or the stored plan cannot be read.
    pub async fn of(&self, app: &App, venue: VenueId) -> Result<Option<Prepared>, Failure> {
        if let Some(drawn) = self.pictures.get(&venue) {
            return Ok(Some(drawn));
        }
        let _drawing = self.drawing.lock().await;
        if let Some(drawn) = self.pictures.get(&venue) {
            return Ok(Some(drawn));
        }
        let before = self.replaced.load(Ordering::Acquire);
        let Some(drawn) = draw(app, venue).await? else { return Ok(None) };
        if before == self.replaced.load(Ordering::Acquire) {
            self.pictures.insert(venue, drawn.clone());
        }
        Ok(Some(drawn))
    }

    /// Forgets the picture of a venue that has another plan now.
    pub fn forget(&self, venue: VenueId) {
        self.replaced.fetch_add(1, Ordering::AcqRel);
        self.pictures.invalidate(&venue);
    }
}

async fn draw(app: &App, venue: VenueId) -> Result<Option<Prepared>, Failure> {
    let stored = app.store.venues().plan(venue, &Scope::All).await?;
    let Some(stored) = stored else { return Ok(None) };
    let plan = plans::unpack(stored).await?;
    let work = tokio::task::spawn_blocking(move || seatmap_svg(&plan, |_seat| None).into_bytes());
    let svg = work.await.map_err(Failure::bug)?;
    let kind = HeaderValue::from_static("image/svg+xml");
    Prepared::make(kind, svg.into(), CachePolicy::REVALIDATE).await.map(Some).map_err(Failure::bug)
}
