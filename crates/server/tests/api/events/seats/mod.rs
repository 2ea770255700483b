//! `/api/v1/events/{event_id}/seats`.

mod block;
mod blocked;
