//! The part of an answer about a plan that was imported or refused.

use fairseat_app::catalogue::plans::{self, PlanError};
use fairseat_contract::plans::{Duplicate, DuplicateLabel, LeftOut, Renumbered, Repaired, SeatPlace};
use fairseat_domain::seating_plan::{self, ImportError, Imported, Renumbering, Repair, SeatLocation};
use fairseat_edge::problem::{FieldError, Problem};
use fairseat_problems::errors::ApiError;
use fairseat_turns::TurnKeys;
use serde_json::value::RawValue;

fn seat_place(location: &SeatLocation) -> SeatPlace {
    SeatPlace {
        path: location.path.clone(),
        section: location.section.clone(),
        row: location.row.clone(),
        number: location.number.clone(),
    }
}

/// Imports a plan: a document, or `{"seating_plan": …}` around it.
///
/// # Errors
/// `invalid` with every problem found. Duplicate guids and duplicate labels are listed with all their places.
pub(crate) async fn import_document(
    document: Box<RawValue>,
    repair: bool,
    keys: TurnKeys,
) -> Result<Imported, ApiError> {
    plans::import_document(document, repair, keys).await.map_err(|error| match error {
        PlanError::Refused(error) => refused(&error).into(),
        PlanError::NotDone(error) => error.into(),
    })
}

/// The parts that were left out, for an answer.
pub(crate) fn left_out(parts: Vec<seating_plan::LeftOut>) -> Vec<LeftOut> {
    parts.into_iter().map(|part| LeftOut { r#where: part.path, reason: part.reason }).collect()
}

/// The seats that got another guid, for an answer.
pub(crate) fn repaired(repairs: &[Repair]) -> Vec<Repaired> {
    let repaired = |repair: &Repair| Repaired {
        from: repair.from.clone(),
        to: repair.to.clone(),
        r#where: seat_place(&repair.location),
    };
    repairs.iter().map(repaired).collect()
}

/// The seats that got another number, for an answer.
pub(crate) fn renumbered(seats: &[Renumbering]) -> Vec<Renumbered> {
    let renumbered = |seat: &Renumbering| Renumbered {
        from: seat.from.clone(),
        to: seat.to.clone(),
        r#where: seat_place(&seat.location),
    };
    seats.iter().map(renumbered).collect()
}

fn refused(error: &ImportError) -> Problem {
    let mut fields: Vec<FieldError> = error
        .problems
        .iter()
        .map(|problem| FieldError {
            field: format!("seating_plan{}{}", if problem.path.is_empty() { "" } else { "." }, problem.path)
                .into(),
            message: problem.message.clone().into(),
        })
        .collect();
    let duplicates: Vec<Duplicate> = error
        .duplicates
        .iter()
        .map(|duplicate| Duplicate {
            seat_guid: duplicate.guid.clone(),
            places: duplicate.locations.iter().map(seat_place).collect(),
        })
        .collect();
    let labels: Vec<DuplicateLabel> = error
        .duplicate_labels
        .iter()
        .map(|duplicate| DuplicateLabel {
            label: duplicate.label.clone(),
            places: duplicate.locations.iter().map(seat_place).collect(),
        })
        .collect();
    let more = [error.more_problems, error.more_duplicates, error.more_duplicate_labels];
    let more = more.into_iter().fold(0, usize::saturating_add);
    let mut complain = |message: String| {
        fields.push(FieldError { field: "seating_plan".into(), message: message.into() });
    };
    if !duplicates.is_empty() {
        let count = duplicates.len().saturating_add(error.more_duplicates);
        complain(format!(
            "{count} seat_guids are given to more than one seat, see duplicates; with ?repair=true they are renumbered"
        ));
    }
    if !labels.is_empty() {
        let count = labels.len().saturating_add(error.more_duplicate_labels);
        complain(format!(
            "{count} labels (section, row and number) are given to more than one seat, see duplicate_labels; give each seat its \
             own number, or its part of the hall a zone of its own; with ?repair=true the second gets ~2 behind its number"
        ));
    }
    let problem = Problem::invalid_fields(fields);
    let problem = if more > 0 { problem.with("more", &more) } else { problem };
    let problem = if duplicates.is_empty() { problem } else { problem.with("duplicates", &duplicates) };
    if labels.is_empty() { problem } else { problem.with("duplicate_labels", &labels) }
}
