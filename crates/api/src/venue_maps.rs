//! Pictures of venues' plans, each drawn once until the venue gets another plan.

use crate::error::ApiError;
use crate::state::ApiState;
use axum::http::HeaderValue;
use fairseat_app::catalogue::plans;
use fairseat_domain::seating_plan::seatmap_svg;
use fairseat_edge::prepared::{CachePolicy, Prepared};
use fairseat_edge::problem::Problem;
use fairseat_store::{Scope, VenueId};
use moka::sync::Cache;
use std::sync::atomic::{AtomicU64, Ordering};

/// The most pictures in the cache.
const MAX_PICTURES: u64 = 200;

/// The pictures, cached.
#[derive(Debug)]
pub(crate) struct VenueMaps {
    pictures: Cache<VenueId, Prepared>,
    /// How many plans were replaced: a picture that was drawn meanwhile may be of the plan before.
    replaced: AtomicU64,
    /// One picture is drawn at a time, so that a crowd that asks for a new one waits for a single drawing of it.
    drawing: tokio::sync::Mutex<()>,
}

impl Default for VenueMaps {
    fn default() -> Self {
        Self {
            pictures: Cache::new(MAX_PICTURES),
            replaced: AtomicU64::new(0),
            drawing: tokio::sync::Mutex::default(),
        }
    }
}

impl VenueMaps {
    /// The picture of a venue's plan.
    ///
    /// # Errors
    /// `not_found` when there is no such venue.
    pub(crate) async fn of(&self, app: &ApiState, venue: VenueId) -> Result<Prepared, ApiError> {
        if let Some(drawn) = self.pictures.get(&venue) {
            return Ok(drawn);
        }
        let _drawing = self.drawing.lock().await;
        if let Some(drawn) = self.pictures.get(&venue) {
            return Ok(drawn);
        }
        let before = self.replaced.load(Ordering::Acquire);
        let drawn = draw(app, venue).await?;
        if before == self.replaced.load(Ordering::Acquire) {
            self.pictures.insert(venue, drawn.clone());
        }
        Ok(drawn)
    }

    /// Forgets the picture of a venue that has another plan now.
    pub(crate) fn forget(&self, venue: VenueId) {
        self.replaced.fetch_add(1, Ordering::AcqRel);
        self.pictures.invalidate(&venue);
    }
}

async fn draw(app: &ApiState, venue: VenueId) -> Result<Prepared, ApiError> {
    let stored = app.store.venues().plan(venue, &Scope::All).await?;
    let plan = plans::unpack(stored.ok_or_else(Problem::not_found)?).await?;
    let work = tokio::task::spawn_blocking(move || seatmap_svg(&plan, |_seat| None).into_bytes());
    let svg = work.await.map_err(Problem::internal)?;
    Ok(Prepared::make(HeaderValue::from_static("image/svg+xml"), svg.into(), CachePolicy::REVALIDATE)
        .await
        .map_err(Problem::internal)?)
}
