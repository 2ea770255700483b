//! Finds the sale of the event whose id is in a request's path, and checks that the caller may see it.

use crate::caller::{MaybeSignedIn, SignedIn};
use crate::handler::{ApiError, ApiState, Permission, Problem, Response, Uuid};
use axum::http::{HeaderMap, HeaderValue, header};
use fairseat_domain::ids::EventNumber;
use fairseat_engine::{Published, SaleHandle};
use std::sync::Arc;

/// The sale of a published event.
///
/// # Errors
/// `not_found` for invalid ids, and for events that are drafts or deleted; else when the engine fails.
pub(crate) async fn public_sale(
    app: &ApiState,
    event_id: Uuid,
) -> Result<(EventNumber, Arc<SaleHandle>), ApiError> {
    let (event, sale, published) = any_sale(app, event_id).await?;
    if published.state.terms().published { Ok((event, sale)) } else { Err(Problem::not_found().into()) }
}

/// The sale of an event that the caller may see.
#[derive(Debug)]
pub(crate) struct VisibleSale {
    /// Its number.
    pub event: EventNumber,
    /// Its sale.
    pub sale: Arc<SaleHandle>,
    /// Whether only its organization may see it.
    pub draft: bool,
    /// The member who may see it, if it is a draft.
    pub member: Option<SignedIn>,
}

impl VisibleSale {
    /// Adds caching headers to an answer about the event: an answer about a draft must not be cached.
    #[must_use]
    pub(crate) fn answer(&self, mut response: Response) -> Response {
        if self.draft {
            let headers = response.headers_mut();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
            headers.remove(header::ETAG);
        }
        response
    }
}

/// The sale of an event that the sender of `headers` may see: a published event, or a draft of their organization.
///
/// # Errors
/// As [`public_sale`]; `forbidden` for members who may not see the catalogue.
pub(crate) async fn visible_sale(
    app: &ApiState,
    headers: &HeaderMap,
    event_id: Uuid,
) -> Result<VisibleSale, ApiError> {
    let (event, sale, published) = any_sale(app, event_id).await?;
    let draft = !published.state.terms().published;
    let mut member = None;
    if draft {
        let MaybeSignedIn(caller) = MaybeSignedIn::sender(app, headers).await?;
        let known = app.event_infos.get(event).await?;
        let (caller, known) = caller.zip(known).ok_or_else(Problem::not_found)?;
        caller.require(known.organization, Permission::SeeCatalogue)?;
        member = Some(caller);
    }
    Ok(VisibleSale { event, sale, draft, member })
}

/// The sale of an event, published or draft. It does not check permissions; the calling function must.
///
/// # Errors
/// `not_found` for invalid ids and for deleted events; else when the engine fails.
pub(crate) async fn any_sale(
    app: &ApiState,
    event_id: Uuid,
) -> Result<(EventNumber, Arc<SaleHandle>, Arc<Published>), ApiError> {
    let event = app.ids.open_event(event_id).ok_or_else(Problem::not_found)?;
    let sale = app.engine.sale(event).await?;
    let published = sale.published();
    let exists = published.state.is_opened() && !published.state.is_deleted();
    if exists { Ok((event, sale, published)) } else { Err(Problem::not_found().into()) }
}
