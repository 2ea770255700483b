//! Creating events: first the row in the store, then the sale. A crash in between leaves an event that nobody sees; the next start opens
//! its sale.

use super::terms::SaleOptions;
use super::{plans, terms};
use crate::app::App;
use crate::failure::Failure;
use fairseat_domain::entry::Actor;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::sale::Request;
use fairseat_domain::seating_plan::SeatingPlan;
use fairseat_domain::terms::TermsChange;
use fairseat_domain::time::Timestamp;
use fairseat_domain::{Command, Refusal};
use fairseat_engine::{Published, stream_of};
use fairseat_journal::{Position, crash_point};
use fairseat_store::Scope;
use fairseat_store::events::{Event, Lifecycle, NewEvent};
use fairseat_store::idempotency::ScopeKey;
use fairseat_store::quotas::{QuotaError, QuotaReached};
use std::sync::Arc;

/// Events read in one page.
const AT_ONCE: u32 = 100;

/// Who creates an event, and in which request.
#[derive(Clone, Copy, Debug)]
pub struct CreatedBy {
    /// The actor.
    pub actor: Actor,
    /// The request id, as in the logs; 0 for none.
    pub request: u128,
}

impl CreatedBy {
    /// Creation by the server itself.
    pub const SYSTEM: Self = Self { actor: Actor::System, request: 0 };
}

/// Creates an event and opens its sale. When this returns `Ok`, both are durable; after a crash in between, [`resume`] or
/// [`finish_creating`] opens the sale. `claim` is the idempotency key of the request.
///
/// # Errors
/// [`CreateError::Quota`]; otherwise faults only, because all other refusals were checked before.
pub async fn create(
    app: &App,
    new: NewEvent,
    plan: SeatingPlan,
    by: CreatedBy,
    claim: Option<ScopeKey>,
) -> Result<(Event, Arc<Published>), CreateError> {
    let event = app.store.events().create(new, claim, app.now()).await?;
    crash_point!("event.before_sale");
    Ok(open_sale(app, event, plan, by).await?)
}

/// Why an event was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// A quota of its organization does not allow it.
    #[error("a quota is used up")]
    Quota(QuotaReached),
    /// A layer below failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<QuotaError> for CreateError {
    fn from(error: QuotaError) -> Self {
        match error {
            QuotaError::Reached(reached) => Self::Quota(reached),
            QuotaError::Store(error) => Self::Failure(error.into()),
        }
    }
}

/// Opens the sale of an event whose first request stopped after writing the row.
///
/// # Errors
/// Faults only.
pub async fn finish_creating(app: &App, number: EventNumber) -> Result<(Event, Arc<Published>), Failure> {
    let event = app.store.events().by_number(number).await?;
    reopen(app, event.ok_or_else(|| Failure::bug("the row of a created event is missing"))?).await
}

async fn open_sale(
    app: &App,
    event: Event,
    plan: SeatingPlan,
    by: CreatedBy,
) -> Result<(Event, Arc<Published>), Failure> {
    let terms = terms::terms_of(&event.details)?;
    let tiers = terms::tiers_from_json(&event.details.price_tiers)?;
    let command = Command::OpenSale { terms, tiers, plan };
    let request = Request { command, actor: by.actor, request: by.request, idempotency: None, holder: None };
    let answered = app.engine.submit(event.number, request).await?;
    match answered.answer {
        Ok(_) | Err(Refusal::AlreadyOpened) => {}
        Err(refusal) => return Err(Failure::bug(format!("opening event {}: {refusal}", event.number))),
    }
    let published = match choose_options(app, &event, &answered.published, by).await? {
        Some(published) => published,
        None => answered.published,
    };
    crash_point!("event.before_ready");
    app.store.events().move_to(event.number, Lifecycle::Ready, app.now()).await?;
    Ok((Event { lifecycle: Lifecycle::Ready, ..event }, published))
}

/// Gives a new sale the options in its event's row, before anybody sees the event. Returns the version with them; `None` if it has them already.
async fn choose_options(
    app: &App,
    event: &Event,
    published: &Published,
    by: CreatedBy,
) -> Result<Option<Arc<Published>>, Failure> {
    let options = SaleOptions::in_row(&event.details)?;
    if options == SaleOptions::of(&published.state) {
        return Ok(None);
    }
    let terms = TermsChange {
        hold_limits: Some(options.hold_limits),
        refuse_single_seats: Some(options.refuse_single_seats),
        ..TermsChange::default()
    };
    let command = Command::ChangeEvent { terms, tiers: None };
    let request = Request { command, actor: by.actor, request: by.request, idempotency: None, holder: None };
    let answered = app.engine.submit(event.number, request).await?;
    match answered.answer {
        Ok(_) => Ok(Some(answered.published)),
        Err(refusal) => Err(Failure::bug(format!("the options of event {}: {refusal}", event.number))),
    }
}

/// Opens the sales of events from before this time that a crash left without one. If that fails for an event, it is logged, and the next call
/// tries again.
///
/// # Errors
/// When the store cannot be read.
pub async fn resume(app: &App, before: Timestamp) -> Result<(), Failure> {
    open_missing(app, Lifecycle::Creating, before).await
}

/// Opens the sales of events that have no journal, because restoring a backup may lose the newest journals. This reads every event, so it
/// runs after the server has become ready.
///
/// # Errors
/// When store or journal cannot be read.
pub async fn reopen_lost(app: &App) -> Result<(), Failure> {
    open_missing(app, Lifecycle::Ready, app.now()).await
}

async fn open_missing(app: &App, lifecycle: Lifecycle, before: Timestamp) -> Result<(), Failure> {
    let mut after = EventNumber(0);
    loop {
        let page = app.store.events().with_lifecycle(lifecycle, after, AT_ONCE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.number;
        for event in page.into_iter().filter(|event| event.created_at <= before) {
            if lifecycle == Lifecycle::Creating || !has_journal(app, event.number).await? {
                resume_one(app, event).await;
            }
        }
    }
}

async fn has_journal(app: &App, event: EventNumber) -> Result<bool, Failure> {
    let head = app.journal.head(stream_of(event)).await.map_err(Failure::bug)?;
    Ok(head.position > Position(0))
}

async fn resume_one(app: &App, event: Event) {
    let number = event.number.0;
    match reopen(app, event).await {
        Ok(_) => tracing::info!(event = number, "opened the sale of an event that had none"),
        Err(failure) => {
            tracing::error!(event = number, %failure, "cannot open the sale of an event; the next start tries again")
        }
    }
}

async fn reopen(app: &App, event: Event) -> Result<(Event, Arc<Published>), Failure> {
    let stored = app.store.venues().plan(event.venue, &Scope::All).await?;
    let plan = plans::unpack(stored.ok_or_else(|| Failure::bug("its venue has no plan"))?).await?;
    open_sale(app, event, plan, CreatedBy::SYSTEM).await
}
