//! Seating plans through their public functions: import, refusal, repair, export, change, choice of seats, drawing.

mod arrangement;
mod best;
mod change;
mod focus;
mod hostile;
mod import;
mod labels;
mod map;
mod pretix_schema;
mod random_plans;
mod wire;

use fairseat_domain::ids::SeatIndex;
use fairseat_domain::seating_plan::{ImportError, ImportOptions, Imported, SeatingPlan, import};

const SMALL_THEATRE: &str = include_str!("../../../../examples/plans/small-theatre.json");
const CLUB: &str = include_str!("../../../../examples/plans/club.json");
const CONCERT_HALL: &str = include_str!("../../../../examples/plans/concert-hall.json");
const ARENA: &str = include_str!("../../../../examples/plans/arena.json");

/// The plan of a file that must be valid.
fn plan(json: &str) -> SeatingPlan {
    read(json).unwrap_or_else(|error| panic!("{error}: {error:#?}")).plan
}

/// The plan of a file whose duplicates are repaired.
fn repaired(json: &str) -> Imported {
    import(json, ImportOptions { repair: true }).unwrap_or_else(|error| panic!("{error}: {error:#?}"))
}

fn read(json: &str) -> Result<Imported, ImportError> {
    import(json, ImportOptions::default())
}

fn label(plan: &SeatingPlan, index: SeatIndex) -> String {
    plan.seat(index).map_or_else(|| format!("no seat {index}"), |seat| seat.label())
}

/// The index of the seat with this label.
fn index_of(plan: &SeatingPlan, wanted: &str) -> SeatIndex {
    let found = plan.seats().find(|seat| seat.label() == wanted);
    found.unwrap_or_else(|| panic!("no seat {wanted}")).index
}
