//! Turns templates into HTTP responses.

use crate::assets;
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use fairseat_client::Problem;
use fairseat_edge::prepared::{CachePolicy, PAGE_CSP, Prepared};

/// Renders a template; an empty text if that fails, which is a bug.
pub fn html(template: &impl Template) -> String {
    template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a template could not be rendered");
        String::new()
    })
}

/// A page for one visitor: no cache may store it.
pub fn personal(template: &impl Template) -> Response {
    personal_with(StatusCode::OK, template)
}

/// A page for one visitor, with a status.
pub fn personal_with(status: StatusCode, template: &impl Template) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_SECURITY_POLICY, PAGE_CSP),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    (status, headers, html(template)).into_response()
}

/// The same page, whose address no other page learns: it may carry a key.
pub fn private(mut page: Response) -> Response {
    page.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    page
}

/// The status of a page with a form: the problem's when the form was refused, else 200.
pub fn status_of(problem: Option<&Problem>) -> StatusCode {
    problem.map_or(StatusCode::OK, |problem| {
        StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY)
    })
}

/// A page that is the same for everybody.
pub fn public(template: &impl Template, policy: CachePolicy) -> Prepared {
    Prepared::html(html(template), policy)
}

/// Redirects the visitor to another page of this server (303, so the browser uses GET).
pub fn see_other(path: &str) -> Response {
    let location = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// The number of a list's last page, if `page` is beyond it.
pub fn last_page_if_past(page: u64, total: u64, per_page: u64) -> Option<u64> {
    let last = total.saturating_sub(1) / per_page;
    (page > last).then_some(last)
}

/// `wanted` if it is a path of this server, else `/`, so that no address can redirect to another site.
pub fn local_path(wanted: &str) -> &str {
    let ours =
        wanted.starts_with('/') && !wanted.starts_with("//") && !wanted.contains(['\\', '\r', '\n', '\t']);
    if ours { wanted } else { "/" }
}

/// Encodes a text for a query string or a path.
pub fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The address of an asset; templates call it.
pub fn asset(name: &str) -> String {
    assets::url(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_past_the_end_leads_to_the_last_page() {
        for (page, total, last) in
            [(0, 0, None), (1, 0, Some(0)), (1, 20, None), (2, 20, Some(1)), (9, 21, Some(2))]
        {
            assert_eq!(last_page_if_past(page, total, 10), last, "{page} of {total}");
        }
    }

    #[test]
    fn a_redirect_stays_on_this_server() {
        for (wanted, expected) in [
            ("/orders", "/orders"),
            ("/events/1/seats?seat=2", "/events/1/seats?seat=2"),
            ("https://evil.test/", "/"),
            ("//evil.test/", "/"),
            ("/\\evil.test", "/"),
            ("/a\r\nset-cookie: x", "/"),
            ("", "/"),
        ] {
            assert_eq!(local_path(wanted), expected, "{wanted:?}");
        }
    }
}
