//! Importing and exporting seating plans. The store keeps two forms: the document in pretix's format, and the compact form for sales.

use crate::failure::Failure;
use fairseat_domain::seating_plan::{
    ImportError, ImportOptions, Imported, SeatingPlan, export_pretix, import,
};
use fairseat_domain::wire::{decode_plan, encode_plan};
use fairseat_store::venues::VenuePlan;
use fairseat_turns::{HeavyWork, HeavyWorkError, TurnKeys};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::io::{Read as _, Write as _};
use std::sync::LazyLock;

/// Why a plan was not imported.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The document is not a valid plan; the error lists all problems.
    #[error("the seating plan cannot be used")]
    Refused(ImportError),
    /// It was not imported.
    #[error(transparent)]
    NotDone(#[from] HeavyWorkError),
}

/// Imports, and documents that are unpacked: one at a time, since the largest takes some hundred megabytes.
static DOCUMENTS: LazyLock<HeavyWork> = LazyLock::new(|| HeavyWork::new(1, 64, 8));

/// Imports a plan: a document, or `{"seating_plan": …}` around it. `keys` say who asks.
///
/// # Errors
/// [`PlanError`].
pub async fn import_document(
    document: Box<RawValue>,
    repair: bool,
    keys: TurnKeys,
) -> Result<Imported, PlanError> {
    let imported = DOCUMENTS.run(keys, move || import(plan_in(&document), ImportOptions { repair })).await?;
    imported.map_err(PlanError::Refused)
}

#[derive(Deserialize)]
struct Wrapped<'a> {
    #[serde(borrow)]
    seating_plan: Option<&'a RawValue>,
}

/// The plan in a body, which is the plan itself or `{"seating_plan": …}`.
fn plan_in(body: &RawValue) -> &str {
    let wrapped: Option<Wrapped<'_>> = serde_json::from_str(body.get()).ok();
    wrapped.and_then(|wrapped| wrapped.seating_plan).map_or(body.get(), RawValue::get)
}

/// A plan in both forms that the store keeps.
///
/// # Errors
/// When the work was cancelled or memory ran out.
pub async fn pack(plan: SeatingPlan) -> Result<VenuePlan, Failure> {
    let work = tokio::task::spawn_blocking(move || {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(4));
        encoder.write_all(export_pretix(&plan).as_bytes())?;
        Ok::<_, anyhow::Error>(VenuePlan { document: encoder.finish()?, compact: encode_plan(&plan)? })
    });
    work.await.map_err(Failure::bug)?.map_err(Failure::bug)
}

/// A venue's plan, read from its compact form.
///
/// # Errors
/// When the stored bytes cannot be decoded.
pub async fn unpack(stored: VenuePlan) -> Result<SeatingPlan, Failure> {
    tokio::task::spawn_blocking(move || decode(&stored)).await.map_err(Failure::bug)?
}

/// As [`unpack`], on this thread.
///
/// # Errors
/// When the stored bytes cannot be decoded.
pub fn decode(stored: &VenuePlan) -> Result<SeatingPlan, Failure> {
    decode_plan(&stored.compact).map_err(Failure::bug)
}

/// A venue's plan as a document in pretix's format.
///
/// # Errors
/// When the stored bytes cannot be decoded, or too many ask.
pub async fn document(stored: VenuePlan, keys: TurnKeys) -> Result<Vec<u8>, HeavyWorkError> {
    let read = DOCUMENTS.run(keys, move || {
        let mut document = Vec::new();
        GzDecoder::new(&*stored.document).read_to_end(&mut document).map(|_| document)
    });
    read.await?.map_err(|damaged| HeavyWorkError::Failed(damaged.to_string()))
}
