//! What the organizers' console asks beyond the catalogue: figures, orders of everybody, the counter, the trail of who did what.
//!
//! What must always hold: each route is for members of the event's or organization's own organization, in a role that includes
//! it; for anybody else the object does not exist.

mod audit;
mod blocked;
mod cancellation;
mod counter;
mod csv;
mod curve;
mod exports;
mod figures;
mod orders;
mod statistics;

use super::Routes;

/// The routes of this folder.
pub(super) fn routes() -> Routes {
    Routes::new()
        .and(statistics::routes())
        .and(orders::routes())
        .and(cancellation::routes())
        .and(counter::routes())
        .and(exports::routes())
        .and(blocked::routes())
        .and(audit::routes())
}
