//! `GET /events/{event_id}/live`: seat changes, over WebSocket.

use crate::caller::SignedIn;
use crate::handler::*;
use crate::sale_access::{VisibleSale, visible_sale};
use axum::extract::Extension;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::HeaderMap;
use fairseat_contract::seats::AvailabilityFormat;
use fairseat_domain::ids::AccountId;
use fairseat_maps::viewer::{Viewer, ViewingRight, with_small_buffers};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LiveQuery {
    /// `json` (the default) or `binary`
    #[param(required = false, inline)]
    format: Option<AvailabilityFormat>,
}

/// Seat changes as they happen (WebSocket)
///
/// The first message is `{"version": n, …}`. Then come `{"version": n, "changes": [{"seat_id", "index", "status"}]}`, at most ten times a
/// second, and less often the more people watch (once a second for ten thousand). Ignore versions that are not newer than yours.
/// `{"version": n, "reload": true}` means that changes were missed: read them from `availability?since=`. With `format=binary` changes come
/// as in `availability?format=binary`; the first message and `reload` are still text.
#[utoipa::path(get, path = "/events/{event_id}/live", tag = "Seats", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path), LiveQuery),
    responses((status = 101, description = "Switching to WebSocket"), (status = 404, description = "No such event"),
        (status = 422, description = "The request is not a WebSocket request")))]
pub(crate) async fn live(
    State(app): State<ApiState>,
    Path(event_id): Path<Uuid>,
    Query(query): Query<LiveQuery>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    app.check_limit(RateLimit::LiveOpen, LimitedCaller::address(context.client)).await?;
    // Subscribed first, so that no change is missed in between.
    let changes = app.access.changes();
    let VisibleSale { event, sale, member, .. } = visible_sale(&app, &headers, event_id).await?;
    let right =
        member.map(|member| Box::new(MembersRight { app: app.clone(), member, changes, headers, event_id }));
    let upgrade = upgrade.map_err(|_plain_http| {
        Problem::invalid("", "Ask for this address as a WebSocket (ws:// or wss://).")
    })?;
    let mut frames = app.broadcasters.join(&app.ids, event, &sale);
    let published = sale.published();
    let counts = published.state.counts();
    let first = format!(
        "{{\"version\":{},\"event_id\":\"{event_id}\",\"seats\":{},\"available\":{}}}",
        published.position.0,
        counts.total(),
        counts.available
    );
    let mut viewer = Viewer {
        event,
        binary: query.format.unwrap_or_default() == AvailabilityFormat::Binary,
        version: published.position,
        right,
    };
    Ok(with_small_buffers(upgrade).on_upgrade(move |mut socket| async move {
        // `serve` borrows these, because a value that is moved into another future takes memory in both.
        let served = async move {
            app.metrics.viewer_joined();
            viewer.serve(&mut socket, &mut frames, &app.edge.shutdown, first).await;
            app.metrics.viewer_left();
        };
        // Spawned as a new task, because the current one keeps the memory of every step of the upgrade until it ends.
        drop(tokio::spawn(served));
    }))
}

/// The right of a member to see a draft. It may end while the feed is open.
struct MembersRight {
    app: ApiState,
    member: SignedIn,
    changes: broadcast::Receiver<AccountId>,
    headers: HeaderMap,
    event_id: Uuid,
}

impl ViewingRight for MembersRight {
    async fn changed(&mut self) {
        loop {
            let concerns = match self.changes.recv().await {
                Ok(account) => account == self.member.account,
                Err(RecvError::Lagged(_)) => true,
                Err(RecvError::Closed) => std::future::pending().await,
            };
            if concerns {
                return;
            }
        }
    }

    async fn is_over(&self) -> bool {
        let visible = visible_sale(&self.app, &self.headers, self.event_id).await;
        let refused = visible.err().map(|error| error.0.code());
        matches!(refused, Some(Code::NotFound | Code::Forbidden | Code::Unauthenticated))
    }
}
