//! `/users/me/sessions`: the caller's sessions, and ending one of them or all others.

use crate::handler::*;
use fairseat_app::access::sessions;
use fairseat_contract::accounts::{SessionJson, SessionKindJson, Sessions};
use fairseat_store::SessionId;
use fairseat_store::sessions::{Session, SessionKind};

pub(crate) fn kind_json(kind: SessionKind) -> SessionKindJson {
    match kind {
        SessionKind::Tokens => SessionKindJson::Tokens,
        SessionKind::Cookie => SessionKindJson::Cookie,
    }
}

/// Where you are signed in
#[utoipa::path(get, path = "/users/me/sessions", tag = "Accounts", responses((status = 200, body = Sessions)))]
pub(crate) async fn my_sessions(
    State(app): State<ApiState>,
    signed_in: SignedIn,
) -> Result<Json<Sessions>, ApiError> {
    let found = app.store.sessions().list(signed_in.account, app.now()).await?;
    let session = |session: Session| SessionJson {
        session_id: session.id.0,
        current: session.id == signed_in.session,
        kind: kind_json(session.kind),
        created_at: JsonTime(session.created_at),
        last_used_at: JsonTime(session.last_used_at),
        expires_at: JsonTime(session.expires_at),
    };
    Ok(Json(Sessions { sessions: found.into_iter().map(session).collect() }))
}

/// Sign out somewhere
///
/// Ends one of your sessions. It may be the session that sends this request.
#[utoipa::path(delete, path = "/users/me/sessions/{session_id}", tag = "Accounts",
    params(("session_id" = Uuid, Path)), responses((status = 204, description = "Signed out there"),
        (status = 404, description = "You have no active session with this id")))]
pub(crate) async fn end_session(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    let own = app.store.sessions().list(signed_in.account, app.now()).await?;
    let session = own.into_iter().map(|session| session.id).find(|session| *session == SessionId(id));
    sessions::end(&app, signed_in.account, session.ok_or_else(Problem::not_found)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign out everywhere else
///
/// Ends all your sessions, except the one that sends this request.
#[utoipa::path(delete, path = "/users/me/sessions", tag = "Accounts",
    responses((status = 204, description = "Signed out everywhere else")))]
pub(crate) async fn end_other_sessions(
    State(app): State<ApiState>,
    signed_in: SignedIn,
) -> Result<StatusCode, ApiError> {
    sessions::end_all(&app, signed_in.account, Some(signed_in.session)).await?;
    Ok(StatusCode::NO_CONTENT)
}
