//! Changes of events that need room in a quota of the organization.

use crate::app::App;
use fairseat_domain::ids::EventNumber;
use fairseat_store::quotas::{Claim, QuotaError};

/// Carries out a change of an event after claiming what it needs, so that changes at the same time cannot exceed a quota together.
///
/// # Errors
/// [`QuotaError`], or the errors of the change.
pub async fn with_claim<T, E: From<QuotaError>>(
    app: &App,
    event: EventNumber,
    claim: Option<Claim>,
    change: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let Some(claim) = claim else { return change.await };
    let quotas = app.store.quotas();
    quotas.claim(event, claim, app.now()).await?;
    let changed = change.await;
    if changed.is_err()
        && let Err(error) = quotas.release(event).await
    {
        // Too much is counted until the event is changed the next time.
        tracing::warn!(event = event.0, %error, "what was claimed for a change was not released");
    }
    changed
}
