//! `/invitations/{token}`: an invitation to an organization, as the invited person sees it. The token is the secret in the letter's link.
//!
//! What must always hold: only the holder of the link sees an invitation; only a confirmed account with the invited address accepts it.

mod accept;
mod decline;
pub(crate) mod read;

use crate::routes::Routes;
use utoipa_axum::routes;

/// The routes of this folder.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(read::invitation))
        .with(routes!(accept::accept_invitation))
        .with(routes!(decline::decline_invitation))
}
