//! Seating plans on their way in and out: the store keeps the document for people and the compact form for sales.

use crate::http::problem::{FieldError, Problem};
use fairseat_domain::seating_plan::{
    ImportError, ImportOptions, Imported, SeatLocation, SeatingPlan, export_pretix, import,
};
use fairseat_domain::wire::{decode_plan, encode_plan};
use fairseat_store::venues::VenuePlan;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Serialize;
use std::io::{Read as _, Write as _};
use utoipa::ToSchema;

/// Where a seat stands in the file.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeatPlace {
    /// JSON path
    path: String,
    section: String,
    row: String,
    number: String,
}

impl From<&SeatLocation> for SeatPlace {
    fn from(location: &SeatLocation) -> Self {
        Self {
            path: location.path.clone(),
            section: location.section.clone(),
            row: location.row.clone(),
            number: location.number.clone(),
        }
    }
}

/// A `seat_guid` that was changed because another seat had it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Repaired {
    from: String,
    to: String,
    r#where: SeatPlace,
}

/// A part of a plan that was left out because it cannot be used; the plan is complete without it.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeftOut {
    /// JSON path
    r#where: String,
    /// Follows the path as in a sentence: `polygon is missing`
    reason: String,
}

#[derive(Debug, Serialize)]
struct Duplicate {
    seat_guid: String,
    places: Vec<SeatPlace>,
}

/// A plan that was taken in, ready to be stored.
#[derive(Debug)]
pub struct TakenIn {
    /// The plan.
    pub plan: SeatingPlan,
    /// What was changed on the way.
    pub repairs: Vec<Repaired>,
    /// The first 1,000 parts that were left out.
    pub left_out: Vec<LeftOut>,
}

/// Reads a plan, off the threads that answer requests.
///
/// # Errors
/// `invalid` with every problem found and, for duplicate guids, each with all its places.
pub async fn take_in(json: String, repair: bool) -> Result<TakenIn, Problem> {
    let work = tokio::task::spawn_blocking(move || import(&json, ImportOptions { repair }));
    match work.await.map_err(Problem::internal)? {
        Ok(Imported { plan, repairs, left_out, .. }) => {
            let repaired = repairs.iter().map(|repair| Repaired {
                from: repair.from.clone(),
                to: repair.to.clone(),
                r#where: SeatPlace::from(&repair.location),
            });
            let left_out =
                left_out.into_iter().map(|part| LeftOut { r#where: part.path, reason: part.reason });
            Ok(TakenIn { plan, repairs: repaired.collect(), left_out: left_out.collect() })
        }
        Err(error) => Err(refused(&error)),
    }
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
            places: duplicate.locations.iter().map(SeatPlace::from).collect(),
        })
        .collect();
    let more = error.more_problems.saturating_add(error.more_duplicates);
    if !duplicates.is_empty() {
        let count = duplicates.len().saturating_add(error.more_duplicates);
        let message = format!(
            "{count} seat_guids are given to more than one seat, see duplicates; with ?repair=true they are renumbered"
        );
        fields.push(FieldError { field: "seating_plan".into(), message: message.into() });
    }
    let problem = Problem::invalid_fields(fields);
    let problem = if more > 0 { problem.with("more", &more) } else { problem };
    if duplicates.is_empty() { problem } else { problem.with("duplicates", &duplicates) }
}

/// Both forms of a plan as the store keeps them.
///
/// # Errors
/// `internal` when the work was cancelled or memory ran out.
pub async fn pack(plan: SeatingPlan) -> Result<VenuePlan, Problem> {
    let work = tokio::task::spawn_blocking(move || {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(4));
        encoder.write_all(export_pretix(&plan).as_bytes())?;
        Ok::<_, anyhow::Error>(VenuePlan { document: encoder.finish()?, compact: encode_plan(&plan)? })
    });
    work.await.map_err(Problem::internal)?.map_err(Problem::internal)
}

/// The plan of a venue as sales take it.
///
/// # Errors
/// `internal` when what is stored is not what was written.
pub async fn unpack(stored: VenuePlan) -> Result<SeatingPlan, Problem> {
    let work = tokio::task::spawn_blocking(move || decode_plan(&stored.compact));
    work.await.map_err(Problem::internal)?.map_err(Problem::internal)
}

/// The plan of a venue as it is given out: pretix's form.
///
/// # Errors
/// `internal` when what is stored is not what was written.
pub async fn document(stored: VenuePlan) -> Result<Vec<u8>, Problem> {
    let work = tokio::task::spawn_blocking(move || {
        let mut document = Vec::new();
        GzDecoder::new(&*stored.document).read_to_end(&mut document).map(|_| document)
    });
    work.await.map_err(Problem::internal)?.map_err(Problem::internal)
}
