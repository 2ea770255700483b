//! `GET /ticket-key`: the public key for checking tickets.

use crate::handler::{ApiState, Json, State};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fairseat_app::tickets::token;
use fairseat_contract::tickets::TicketKeyView;

/// The public key for checking tickets
///
/// With it a gate can verify a ticket's token offline.
#[utoipa::path(get, path = "/ticket-key", tag = "Buying", security(()),
    responses((status = 200, body = TicketKeyView)))]
pub(crate) async fn ticket_key(State(app): State<ApiState>) -> Json<TicketKeyView> {
    let public_key = URL_SAFE_NO_PAD.encode(app.keys.tickets.public());
    Json(TicketKeyView { algorithm: "Ed25519", public_key, format: token::FORMAT })
}
