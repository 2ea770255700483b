//! `GET /healthz` and `GET /readyz`.

use crate::handler::{ApiError, ApiState, Code, Deserialize, IntoParams, Problem, Query, State};
use fairseat_journal::AppendError;
use std::iter;
use std::time::Duration;

/// How a server that drains answers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Draining {
    /// `404`: it answers with this status
    #[param(required = false)]
    draining: Option<u16>,
}

/// Whether the process is up
#[utoipa::path(get, path = "/healthz", tag = "Operations", security(()), responses((status = 200, body = String)))]
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether the server can sell
///
/// 503 while it starts, drains or shuts down, or cannot write. A further line of the answer names each optional part that is away. For `HAProxy`, whose
/// `http-check disable-on-404` lets requests under way finish: with `?draining=404` the answer is 404 while it drains.
#[utoipa::path(get, path = "/readyz", tag = "Operations", security(()), params(Draining),
    responses((status = 200, body = String), (status = 404, description = "With `draining=404`: it drains")))]
pub(crate) async fn readyz(
    State(app): State<ApiState>,
    Query(Draining { draining }): Query<Draining>,
) -> Result<String, ApiError> {
    if app.edge.shutdown.is_near() {
        if draining == Some(404) {
            return Err(Problem::not_found().into());
        }
        return Err(Problem::new(Code::Overloaded, "The server is shutting down.")
            .retry_after(Duration::from_secs(5))
            .into());
    }
    match app.journal.ready().await {
        Ok(()) => Ok(ready(&app)),
        Err(AppendError::Full) => Err(Problem::new(Code::ReadOnly, "The disk is full: make room.")
            .retry_after(Duration::from_secs(5))
            .into()),
        Err(error) => {
            Err(Problem::new(Code::Unavailable, format!("The journal does not accept writes: {error}."))
                .retry_after(Duration::from_secs(5))
                .into())
        }
    }
}

/// The answer of a server that can sell, with a line for each optional part that is away.
fn ready(app: &ApiState) -> String {
    let parts = [
        ("message broker", app.bus.as_ref().is_some_and(|bus| !bus.is_there())),
        ("redis", app.edge.limits.misses_shared_counters()),
    ];
    let parts = parts.into_iter().filter(|(_, is_away)| *is_away).map(|(part, _)| format!("{part}: away\n"));
    let replicas = app.store.replicas().into_iter().filter(|replica| replica.delay.is_none());
    let replicas = replicas.map(|replica| format!("database replica {}: away or late\n", replica.name));
    iter::once("ready\n".to_owned()).chain(parts).chain(replicas).collect()
}
