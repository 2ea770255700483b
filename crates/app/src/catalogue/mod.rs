//! What organizers enter: venues with their plans, events with their sales.
//!
//! An event lives in two places. Its sale is the truth of everything that decides about seats and money: terms, prices, plan,
//! whether it is a draft, cancelled or deleted. Its row in the store is the truth of what it is called, described as, filed
//! under, and when it ends; the row's other columns follow the sale. So a change goes to the sale first and then to the row
//! ([`rows::follow`]), and the follower of the journals does the same whenever it sees such a change: a crash in between leaves
//! nothing apart for longer than the next start takes.

mod event_info;
mod event_locks;
pub mod events;
pub mod images;
pub mod plans;
pub mod rows;
pub mod terms;
pub mod timezones;

pub use event_info::{EventInfo, EventInfos};
pub use event_locks::EventLocks;
