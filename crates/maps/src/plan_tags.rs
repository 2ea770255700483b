//! A hash of each event's seating plan, computed once per plan. It is part of the event's edit tag.

use fairseat_domain::ids::EventNumber;
use fairseat_domain::seating_plan::{SeatingPlan, SeatmapFormat, seatmap_json};
use fairseat_turns::{HeavyWork, HeavyWorkError};
use quick_cache::sync::Cache;
use std::sync::Arc;

/// Plans whose hash is kept.
const MAX_EVENTS: usize = 10_000;

/// The hashes, cached.
#[derive(Debug)]
pub struct PlanTags {
    known: Arc<Cache<EventNumber, (SeatingPlan, Arc<str>)>>,
    /// One plan at a time, which takes some megabytes.
    hashing: HeavyWork,
}

impl Default for PlanTags {
    fn default() -> Self {
        Self { known: Arc::new(Cache::new(MAX_EVENTS)), hashing: HeavyWork::new(1, 1_024, 1_024) }
    }
}

impl PlanTags {
    /// The hash of an event's plan.
    ///
    /// # Errors
    /// When too many wait, or the server stops.
    pub async fn of(&self, event: EventNumber, plan: &SeatingPlan) -> Result<Arc<str>, HeavyWorkError> {
        if let Some(tag) = known(&self.known, event, plan) {
            return Ok(tag);
        }
        let (cache, plan) = (Arc::clone(&self.known), plan.clone());
        let hash = move || {
            // Another request may have hashed it meanwhile.
            if let Some(tag) = known(&cache, event, &plan) {
                return tag;
            }
            let hash = blake3::hash(&seatmap_json(&plan, SeatmapFormat::EveryRow, &[], |_seat| None));
            let tag: Arc<str> = Arc::from(hash.to_hex().as_str());
            cache.insert(event, (plan, Arc::clone(&tag)));
            tag
        };
        self.hashing.run([u128::from(event.0); 2], hash).await
    }
}

fn known(
    cache: &Cache<EventNumber, (SeatingPlan, Arc<str>)>,
    event: EventNumber,
    plan: &SeatingPlan,
) -> Option<Arc<str>> {
    cache.get(&event).filter(|(hashed, _)| hashed == plan).map(|(_, tag)| tag)
}
