//! From an event's id in an address to its sale, for everybody who may see it.

pub use super::refusals::failed as fault;

use super::event_brief;
use super::problem::Problem;
use crate::app::App;
use crate::auth::{MaybeSignedIn, Permission};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use fairseat_domain::Command;
use fairseat_domain::ids::EventNumber;
use fairseat_engine::{Published, SaleHandle};
use std::sync::Arc;
use uuid::Uuid;

/// The sale of a published event.
///
/// # Errors
/// `not_found` for ids that are made up, and for events that are drafts or withdrawn; else as [`fault`].
pub async fn public_sale(app: &App, event_id: Uuid) -> Result<(EventNumber, Arc<SaleHandle>), Problem> {
    let (event, sale, published) = any_sale(app, event_id).await?;
    if published.state.terms().published { Ok((event, sale)) } else { Err(Problem::not_found()) }
}

/// The sale of an event whose seats somebody looks at.
#[derive(Debug)]
pub struct Seen {
    /// Its number.
    pub event: EventNumber,
    /// Its sale.
    pub sale: Arc<SaleHandle>,
    /// Whether only its organization may see it.
    pub draft: bool,
}

impl Seen {
    /// The answer about it: that about a draft is kept by nobody.
    #[must_use]
    pub fn answer(&self, mut response: Response) -> Response {
        if self.draft {
            let headers = response.headers_mut();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
            headers.remove(header::ETAG);
        }
        response
    }
}

/// The sale of an event that whoever sent `headers` may see: a published one, or a draft of their organization.
///
/// # Errors
/// As [`public_sale`]; `forbidden` for members who may not see the catalogue.
pub async fn seen_sale(app: &App, headers: &HeaderMap, event_id: Uuid) -> Result<Seen, Problem> {
    let (event, sale, published) = any_sale(app, event_id).await?;
    let draft = !published.state.terms().published;
    if draft {
        let MaybeSignedIn(caller) = MaybeSignedIn::sender(app, headers).await?;
        let known = event_brief::known(app, event).await?;
        let (caller, known) = caller.zip(known).ok_or_else(Problem::not_found)?;
        caller.require(known.organization, Permission::SeeCatalogue)?;
    }
    Ok(Seen { event, sale, draft })
}

/// The sale of an event, published or draft; the caller must have asked whether it may be seen.
///
/// # Errors
/// `not_found` for ids that are made up and for events that were withdrawn; else as [`fault`].
pub async fn any_sale(
    app: &App,
    event_id: Uuid,
) -> Result<(EventNumber, Arc<SaleHandle>, Arc<Published>), Problem> {
    let event = app.platform.ids.open_event(event_id).ok_or_else(Problem::not_found)?;
    let sale = app.platform.engine.sale(event).await.map_err(fault)?;
    let published = sale.published();
    let exists = published.state.is_opened() && !published.state.is_deleted();
    if exists { Ok((event, sale, published)) } else { Err(Problem::not_found()) }
}

/// A sale as it is now: what time alone has changed by now is taken in first.
///
/// # Errors
/// As [`fault`].
pub async fn sale_now(app: &App, event: EventNumber) -> Result<Arc<Published>, Problem> {
    let published = app.platform.engine.sale(event).await.map_err(fault)?.published();
    if published.state.next_due().is_none_or(|due| due > app.now()) {
        return Ok(published);
    }
    let answered = app.platform.engine.submit_system(event, Command::Tick).await;
    Ok(answered.map_err(fault)?.published)
}
