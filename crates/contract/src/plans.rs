//! The part of an answer about a seating plan that was imported.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The changes that a new plan made.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanChanged {
    /// Seats that are in both plans, sold ones included
    pub kept: usize,
    /// New seats
    pub added: usize,
    /// Seats that are not in the new plan: available ones are blocked; sold and reserved ones stay until they are released
    pub removed: usize,
    /// The sold seats whose label is another now, if there are any, at most the first 1000; their buyers are told by e-mail
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub relabelled: Vec<Relabelled>,
    pub repairs: Vec<Repaired>,
    /// The seats that got another number, if there are any
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub renumbered: Vec<Renumbered>,
    /// The parts of the plan that were left out; at most the first 1000
    pub left_out: Vec<LeftOut>,
}

/// A sold seat that has another label now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Relabelled {
    pub seat_id: Uuid,
    /// The label that tickets bear which were printed before
    pub from: String,
    /// The label that it has now
    pub to: String,
}

/// The place of a seat in the document.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeatPlace {
    /// JSON path
    pub path: String,
    pub section: String,
    pub row: String,
    pub number: String,
}

/// A `seat_guid` that was changed because another seat had it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Repaired {
    pub from: String,
    pub to: String,
    pub r#where: SeatPlace,
}

/// A `seat_number` that was changed because another seat of the same section and row had it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Renumbered {
    pub from: String,
    pub to: String,
    pub r#where: SeatPlace,
}

/// A part of a plan that was left out because it cannot be used; the plan is complete without it.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeftOut {
    /// JSON path
    pub r#where: String,
    /// Continues the path as a sentence: `polygon is missing`
    pub reason: String,
}

#[derive(Debug, Serialize)]
pub struct Duplicate {
    pub seat_guid: String,
    pub places: Vec<SeatPlace>,
}

/// A label that several seats have, so that their tickets could not be told apart.
#[derive(Debug, Serialize)]
pub struct DuplicateLabel {
    /// Section, row and number, as on a ticket
    pub label: String,
    pub places: Vec<SeatPlace>,
}
