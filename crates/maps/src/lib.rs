//! Seat maps for crowds. Each part is computed once and shared by everybody who asks for it.
//!
//! What lives here: the immutable [`geometry`] of events, the [`availability`] of their seats, the feed of changes ([`broadcaster`],
//! [`viewer`]), [`venue_pictures`], and the hashes of plans ([`plan_tags`]). Everything is derived from the engine's published versions and the
//! store, and may be discarded at any time. What must always hold: an answer for version `n` shows exactly the state of version `n`, so that
//! together with the changes since `n` it gives the newest state. What deliberately does not live here: routes, and who may see an event
//! (see `fairseat-api`).

pub mod availability;
pub mod broadcaster;
pub mod geometry;
pub mod plan_tags;
pub mod section_answers;
pub mod venue_pictures;
pub mod viewer;

pub use availability::{Availabilities, SeatChange};
pub use broadcaster::{Broadcasters, Frame};
pub use geometry::Geometries;
pub use plan_tags::PlanTags;
pub use section_answers::SectionAnswers;
pub use venue_pictures::VenuePictures;
