//! Importing and exporting seating plans. The store keeps two forms: the document in pretix's format, and the compact form for sales.

use crate::failure::Failure;
use fairseat_domain::seating_plan::{
    ImportError, ImportOptions, Imported, SeatingPlan, export_pretix, import,
};
use fairseat_domain::wire::{decode_plan, encode_plan};
use fairseat_store::venues::VenuePlan;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::io::{Read as _, Write as _};
use tokio::sync::Semaphore;

/// Why a plan was not imported.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The document is not a valid plan; the error lists all problems.
    #[error("the seating plan cannot be used")]
    Refused(ImportError),
    /// The import failed or was cancelled.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Plans that are imported at the same time: the largest takes some hundred megabytes until it is imported.
static IMPORTS_AT_ONCE: Semaphore = Semaphore::const_new(1);

/// Imports a plan on a blocking thread, because a large one takes long.
///
/// # Errors
/// [`PlanError`].
pub async fn import_document(json: String, repair: bool) -> Result<Imported, PlanError> {
    let _turn = IMPORTS_AT_ONCE.acquire().await.map_err(Failure::bug)?;
    let work = tokio::task::spawn_blocking(move || import(&json, ImportOptions { repair }));
    work.await.map_err(Failure::bug)?.map_err(PlanError::Refused)
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
    let work = tokio::task::spawn_blocking(move || decode_plan(&stored.compact));
    work.await.map_err(Failure::bug)?.map_err(Failure::bug)
}

/// A venue's plan as a document in pretix's format.
///
/// # Errors
/// When the stored bytes cannot be decoded.
pub async fn document(stored: VenuePlan) -> Result<Vec<u8>, Failure> {
    let work = tokio::task::spawn_blocking(move || {
        let mut document = Vec::new();
        GzDecoder::new(&*stored.document).read_to_end(&mut document).map(|_| document)
    });
    work.await.map_err(Failure::bug)?.map_err(Failure::bug)
}
