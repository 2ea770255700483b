//! A hash of each event's seating plan, computed once per plan. It is part of the event's edit tag.

use fairseat_app::Failure;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::seating_plan::{SeatingPlan, SeatmapFormat, seatmap_json};
use quick_cache::sync::Cache;
use std::sync::Arc;

/// Plans whose hash is kept.
const MAX_EVENTS: usize = 10_000;

/// The hashes, cached.
#[derive(Debug)]
pub struct PlanTags(Cache<EventNumber, (SeatingPlan, Arc<str>)>);

impl Default for PlanTags {
    fn default() -> Self {
        Self(Cache::new(MAX_EVENTS))
    }
}

impl PlanTags {
    /// The hash of an event's plan.
    ///
    /// # Errors
    /// When the work was cancelled, which happens only when the server stops.
    pub async fn of(&self, event: EventNumber, plan: &SeatingPlan) -> Result<Arc<str>, Failure> {
        if let Some((_, tag)) = self.0.get(&event).filter(|(known, _)| known == plan) {
            return Ok(tag);
        }
        let hashed = plan.clone();
        let work = tokio::task::spawn_blocking(move || {
            blake3::hash(&seatmap_json(&hashed, SeatmapFormat::EveryRow, &[], |_seat| None))
        });
        let tag = Arc::from(work.await.map_err(Failure::bug)?.to_hex().as_str());
        self.0.insert(event, (plan.clone(), Arc::clone(&tag)));
        Ok(tag)
    }
}
