//! Pictures of venues' plans, drawn once: a venue's plan never changes, so neither does its picture.

use super::plans;
use crate::app::App;
use crate::http::cache::{CachePolicy, Prepared};
use crate::http::problem::Problem;
use axum::http::HeaderValue;
use fairseat_domain::seating_plan::seatmap_svg;
use fairseat_store::{Scope, VenueId};
use moka::sync::Cache;

/// Pictures kept at once.
const MAX_PICTURES: u64 = 200;

/// Pictures somebody asked for.
#[derive(Debug)]
pub struct VenueMaps {
    pictures: Cache<VenueId, Prepared>,
}

impl Default for VenueMaps {
    fn default() -> Self {
        Self { pictures: Cache::new(MAX_PICTURES) }
    }
}

impl VenueMaps {
    /// The picture of a venue's plan.
    ///
    /// # Errors
    /// `not_found` when there is no such venue.
    pub async fn of(&self, app: &App, venue: VenueId) -> Result<Prepared, Problem> {
        if let Some(drawn) = self.pictures.get(&venue) {
            return Ok(drawn);
        }
        let drawn = draw(app, venue).await?;
        self.pictures.insert(venue, drawn.clone());
        Ok(drawn)
    }
}

async fn draw(app: &App, venue: VenueId) -> Result<Prepared, Problem> {
    let stored = app.platform.store.venues().plan(venue, &Scope::All).await?;
    let plan = plans::unpack(stored.ok_or_else(Problem::not_found)?).await?;
    let work = tokio::task::spawn_blocking(move || seatmap_svg(&plan, |_seat| None).into_bytes());
    let svg = work.await.map_err(Problem::internal)?;
    Prepared::make(HeaderValue::from_static("image/svg+xml"), svg.into(), CachePolicy::seconds(300))
        .await
        .map_err(Problem::internal)
}
