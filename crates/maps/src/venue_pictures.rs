//! Pictures of venues' plans, each drawn once until the venue gets another plan.

use axum::http::HeaderValue;
use fairseat_app::catalogue::plans;
use fairseat_app::{App, Failure};
use fairseat_domain::seating_plan::seatmap_svg;
use fairseat_edge::prepared::{CachePolicy, Prepared};
use fairseat_store::venues::VenuePlan;
use fairseat_store::{Scope, VenueId};
use moka::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

/// A plan that was replaced on another node is shown for so long at most.
const REPLACED_ELSEWHERE: Duration = Duration::from_secs(60);
/// The most pictures in the cache.
const MAX_PICTURES: u64 = 200;

/// The pictures, cached.
#[derive(Debug)]
pub struct VenuePictures {
    pictures: Cache<VenueId, Prepared>,
    /// How many plans were replaced: a picture that was drawn meanwhile may be of the plan before.
    replaced: Arc<AtomicU64>,
    /// One picture is drawn at a time, so that a crowd that asks for a new one waits for a single drawing of it.
    drawing: Arc<Mutex<()>>,
}

impl Default for VenuePictures {
    fn default() -> Self {
        let pictures = Cache::builder().max_capacity(MAX_PICTURES).time_to_live(REPLACED_ELSEWHERE).build();
        Self { pictures, replaced: Arc::default(), drawing: Arc::default() }
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
        let drawing = Arc::clone(&self.drawing).lock_owned().await;
        if let Some(drawn) = self.pictures.get(&venue) {
            return Ok(Some(drawn));
        }
        let before = self.replaced.load(Ordering::Acquire);
        let Some(stored) = app.store.venues().plan(venue, &Scope::All).await? else { return Ok(None) };
        let (pictures, replaced) = (self.pictures.clone(), Arc::clone(&self.replaced));
        // The thread holds the lock and keeps the picture, because it goes on when nobody waits for it any more.
        let work = tokio::task::spawn_blocking(move || {
            let drawn = draw(&stored)?;
            if before == replaced.load(Ordering::Acquire) {
                pictures.insert(venue, drawn.clone());
            }
            drop(drawing);
            Ok(Some(drawn))
        });
        work.await.map_err(Failure::bug)?
    }

    /// Forgets the picture of a venue that has another plan now.
    pub fn forget(&self, venue: VenueId) {
        self.replaced.fetch_add(1, Ordering::AcqRel);
        self.pictures.invalidate(&venue);
    }
}

fn draw(stored: &VenuePlan) -> Result<Prepared, Failure> {
    let svg = seatmap_svg(&plans::decode(stored)?, |_seat| None).into_bytes();
    Ok(Prepared::new(HeaderValue::from_static("image/svg+xml"), svg.into(), CachePolicy::REVALIDATE))
}
