//! `GET /healthz` and `GET /readyz`.

use crate::handler::{ApiError, ApiState, Code, Problem, State};
use fairseat_journal::AppendError;
use std::time::Duration;

/// Whether the process is up
#[utoipa::path(get, path = "/healthz", tag = "Operations", security(()), responses((status = 200, body = String)))]
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether the server can sell
///
/// 503 while it starts, shuts down, or cannot write. A further line of the answer names each optional part that is away.
#[utoipa::path(get, path = "/readyz", tag = "Operations", security(()), responses((status = 200, body = String)))]
pub(crate) async fn readyz(State(app): State<ApiState>) -> Result<String, ApiError> {
    if app.edge.shutdown.has_begun() {
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

/// The answer of a server that can sell, with the optional parts that are away.
fn ready(app: &ApiState) -> String {
    let parts = [
        ("message broker", app.bus.as_ref().is_some_and(|bus| !bus.is_there())),
        ("redis", app.edge.limits.misses_shared_counters()),
    ];
    let away = parts.into_iter().filter(|(_, is_away)| *is_away);
    away.fold("ready\n".to_owned(), |answer, (part, _)| answer + part + ": away\n")
}
