//! What the browser holds, for visitors without scripts. Public pages are the same for everybody, so they cannot name a visitor's seats; they
//! show this picture instead, which the browser asks for with its cookie.

use crate::cookies::{self, HeldCart};
use crate::render::see_other;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use fairseat_client::ApiClient;

/// The picture of a visitor who holds nothing: it takes no room.
const NOTHING: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>"#;

/// `GET /held`: the checkout of the newest cart; else the page that lists carts and orders.
pub(crate) async fn checkout(client: ApiClient) -> Response {
    see_other(&cookies::held_cart(&client).map_or_else(|| "/orders".to_owned(), |held| held.checkout()))
}

/// `GET /held.svg`: what the visitor holds, and until when.
pub(crate) async fn picture(client: ApiClient) -> Response {
    let picture = cookies::held_cart(&client).map_or_else(|| NOTHING.to_owned(), |held| svg(&held));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, picture).into_response()
}

fn svg(held: &HeldCart) -> String {
    let text = format!("{} held for you until {}", held.what(), held.until());
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"380\" height=\"44\" role=\"img\"><title>{text}</title>\
         <rect width=\"380\" height=\"44\" rx=\"8\" fill=\"#15111a\"/>\
         <text x=\"16\" y=\"28\" font-family=\"sans-serif\" font-size=\"16\" fill=\"#faf6f0\">{text}</text></svg>"
    )
}
