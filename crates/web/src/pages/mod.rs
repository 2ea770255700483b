//! The pages, one file for each subject, and their routes.

pub(crate) mod account;
pub(crate) mod best_seats;
pub(crate) mod carts;
pub(crate) mod event;
mod event_prices;
pub(crate) mod events;
pub(crate) mod feeds;
pub(crate) mod held;
pub(crate) mod invitations;
pub(crate) mod mailbox;
pub(crate) mod nearby;
pub(crate) mod orders;
pub(crate) mod passwords;
pub(crate) mod posters;
pub(crate) mod programme;
pub(crate) mod reservation;
pub(crate) mod reserve;
pub(crate) mod seats;
pub(crate) mod sign_in;
pub(crate) mod tickets;
pub(crate) mod web_app;

use crate::page_cache::EventPageCache;
use crate::state::Web;
use crate::{assets, forms};
use axum::Router;
use axum::routing::{get, post};

/// The routes of the shop and of the account.
pub(crate) fn router() -> Router<Web> {
    let buying = Router::new()
        .route("/", get(events::start))
        .route("/events", get(events::search))
        .route(EventPageCache::ROUTE, get(event::show))
        .route("/venues/{venue_id}", get(programme::venue))
        .route("/artists/{name}", get(programme::artist))
        .route("/events/{event_id}/event.ics", get(event::calendar))
        .route("/events/{event_id}/seats", get(seats::choose))
        .route("/events/{event_id}/reserve", get(reserve::again).post(reserve::reserve))
        .route("/reservations/{reservation_id}", get(reservation::show))
        .route("/reservations/{reservation_id}/{action}", get(forms::back).post(reservation::act))
        .route("/held", get(held::checkout))
        .route("/held.svg", get(held::picture))
        .route("/orders", get(orders::list))
        .route("/orders/{order_id}", get(orders::show))
        .route("/orders/{order_id}/cancel", get(forms::back).post(orders::cancel))
        .route("/tickets/{ticket_id}", get(tickets::show));
    let account = Router::new()
        .route("/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/typed-email", post(sign_in::keep_email))
        .route("/register", get(sign_in::register_form).post(sign_in::register))
        .route("/verify-email", get(passwords::verify_form).post(passwords::verify))
        .route("/forgot-password", get(passwords::forgot_form).post(passwords::forgot))
        .route("/reset-password", get(passwords::reset_form).post(passwords::reset))
        .route("/undo-email", get(passwords::undo_form).post(passwords::undo))
        .route("/account", get(account::show).post(account::change))
        .route("/account/sessions/{session_id}/end", post(account::end_session))
        .route("/account/sign-out-elsewhere", get(forms::back).post(account::end_other_sessions))
        .route("/account/organizations/{organization_id}/leave", post(account::leave))
        .route("/account/email", get(forms::back).post(account::change_email))
        .route("/account/password", get(forms::back).post(account::change_password))
        .route("/account/verify", get(forms::back).post(account::verify))
        .route("/account/delete", get(forms::back).post(account::delete))
        .route("/invitations/{token}", get(invitations::show))
        .route("/invitations/{token}/accept", get(forms::back).post(invitations::accept))
        .route("/invitations/{token}/decline", get(forms::back).post(invitations::decline))
        .route("/invitations/{token}/verify", get(forms::back).post(invitations::verify))
        .route("/demo/mailbox", get(mailbox::list))
        .route("/demo/mailbox/{message_id}", get(mailbox::show));
    let files = Router::new()
        .route("/sitemap.xml", get(feeds::sitemap))
        .route("/feed.rss", get(feeds::rss))
        .route("/manifest.webmanifest", get(web_app::manifest))
        .route("/service-worker.js", get(web_app::service_worker))
        .route("/posters/{category}/{file}", get(posters::picture))
        .route("/assets/{folder}/{*name}", get(assets::file));
    buying.merge(account).merge(files)
}
