//! The catalogue: venues with their seating plans, and events.
//!
//! An event is stored in two places. Its sale decides everything about seats and money: terms, prices, plan, whether it is a draft,
//! cancelled or deleted. Its row in the store has the name, description, category and end; the row's other columns are copied from the
//! sale. A change goes to the sale first and then to the row ([`rows::update_from_sale`]). The journal consumer `event_rows` also updates
//! the row when it reads the change, so a crash in between is repaired at the next start.

pub mod claims;
mod copied_times;
pub mod event_answers;
mod event_info;
mod event_locks;
pub mod events;
pub mod images;
pub mod plan_changes;
pub mod plans;
pub mod rows;
pub mod terms;

pub use copied_times::CopiedTimes;
pub use event_info::{EventInfo, EventInfos};
pub use event_locks::EventLocks;
pub use fairseat_places::{currencies, timezones};
