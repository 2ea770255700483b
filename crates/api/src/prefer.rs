//! `Prefer: return=minimal` (RFC 7240, 4.2): orders without the QR codes of their tickets.
//!
//! Drawing and encoding the codes is the most expensive part of an order's JSON, and most callers do not show them.

use axum::extract::FromRequestParts;
use axum::http::HeaderName;
use axum::http::request::Parts;
use std::convert::Infallible;
use utoipa::IntoParams;

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// Whether an order's tickets have QR codes in the answer; an extractor for handlers that answer with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QrCodes {
    /// Every valid ticket has its code.
    Included,
    /// The caller prefers a minimal answer.
    LeftOut,
}

/// The header, for the documentation of the API.
#[derive(IntoParams, Debug)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header; QrCodes reads it")]
pub(crate) struct PreferHeader {
    /// `return=minimal` leaves `qr_code` out of the tickets
    #[param(rename = "Prefer", required = false)]
    prefer: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for QrCodes {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let values = parts.headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
        let mut preferences = values.flat_map(|value| value.split(',')).map(str::trim);
        let is_minimal = preferences.any(|preference| preference.eq_ignore_ascii_case("return=minimal"));
        Ok(if is_minimal { Self::LeftOut } else { Self::Included })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    #[tokio::test]
    async fn only_return_minimal_leaves_the_codes_out() {
        for (values, expected) in [
            (&[][..], QrCodes::Included),
            (&["return=representation"], QrCodes::Included),
            (&["return=minimal"], QrCodes::LeftOut),
            (&["respond-async, Return=Minimal"], QrCodes::LeftOut),
            (&["wait=10", "return=minimal"], QrCodes::LeftOut),
        ] {
            let request =
                values.iter().fold(Request::get("/"), |request, value| request.header(PREFER, *value));
            let (mut parts, ()) = request.body(()).unwrap().into_parts();
            let Ok(codes) = QrCodes::from_request_parts(&mut parts, &()).await;
            assert_eq!(codes, expected, "{values:?}");
        }
    }
}
