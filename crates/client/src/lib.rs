//! Calls of the public API from the pages: in the same process, with the visitor's own cookie.
//!
//! A call passes the same routes, permission checks and limits as a request over the network, with two differences: it does not pass the
//! edge again, and it is not logged, because the page's own request already is. Each page declares small types for the answers that it
//! reads, with only the fields that it shows.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use fairseat_contract::{API_ROOT, SESSION_COOKIE};
use fairseat_edge::gate::BodyRefused;
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use tower::ServiceExt as _;

/// Copies the extensions that the edge added to a page's request (request id, client address) for the API calls of that page. The
/// router's own extensions are left out.
pub type ForwardContext = fn(&Extensions) -> Extensions;

/// Whether a cached answer is still current. Also `false` when that cannot be decided without a request.
pub type FreshnessCheck = Arc<dyn Fn() -> bool + Send + Sync>;

/// Makes the [`FreshnessCheck`] for the answer to a GET of this API path with this `ETag`; `None` for paths that have no such check.
pub type FreshnessOf = Arc<dyn Fn(&str, &HeaderValue) -> Option<FreshnessCheck> + Send + Sync>;

/// Whether a member of an organization with this role, as the API names it, may do a task. The server answers from the application's table
/// of permissions, so that the pages have no table of their own.
pub type Permits = fn(role: &str, ConsoleTask) -> bool;

/// Something that only members with certain roles may do, so that the console offers it to them alone. The API checks it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsoleTask {
    /// Make and change venues and events.
    ManageCatalogue,
    /// Block seats and put them back on sale.
    BlockSeats,
    /// See the members of the organization.
    SeeMembers,
    /// Add and remove members and change their roles.
    ManageMembers,
    /// See orders and sales figures.
    SeeOrders,
    /// Cancel orders and refund them.
    Refund,
    /// Sell tickets at the box office.
    SellAtCounter,
    /// Give tickets away at the box office.
    GiveAway,
    /// See the audit log.
    SeeAudit,
}

/// The API's routes, and how the server connects them with the pages.
#[derive(Clone)]
pub struct Api {
    routes: Router,
    forward_context: ForwardContext,
    freshness_of: FreshnessOf,
    permits: Permits,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Api")
    }
}

impl Api {
    /// The API behind `routes`.
    #[must_use]
    pub fn new(
        routes: Router,
        forward_context: ForwardContext,
        freshness_of: FreshnessOf,
        permits: Permits,
    ) -> Self {
        Self { routes, forward_context, freshness_of, permits }
    }

    /// The check that tells whether the answer with this `ETag` is still current. A page that thousands look at uses it instead of an API
    /// request that would only answer 304.
    #[must_use]
    pub fn freshness_check(&self, path: &str, etag: &HeaderValue) -> Option<FreshnessCheck> {
        (self.freshness_of)(path, etag)
    }
}

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// A successful answer.
#[derive(Debug)]
pub struct Answer {
    /// 2xx, or 304.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// Reads the body as JSON.
    ///
    /// # Errors
    /// When the body does not fit `T`, which is a bug.
    pub fn json<T: DeserializeOwned>(&self, client: &ApiClient) -> Result<T, PageError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            tracing::error!(%error, path = %client.path, "a page cannot read the answer of the API");
            client.page_error(Problem::internal())
        })
    }
}

/// A problem document of the API (RFC 9457), with the members that pages show.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// The stable code for programs, such as `seat_unavailable`.
    pub code: String,
    /// A short sentence, the same for every problem with this code.
    pub title: String,
    /// What went wrong in this request, and what the visitor can do.
    #[serde(default)]
    pub detail: String,
    /// The fields that were refused, if any.
    #[serde(default)]
    pub errors: Vec<FieldProblem>,
    /// Why the payment provider declined.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Why one field was refused.
#[derive(Clone, Debug, Deserialize)]
pub struct FieldProblem {
    /// The field's name in the API.
    pub field: String,
    /// What is wrong with its value.
    pub message: String,
}

impl From<BodyRefused> for Problem {
    fn from(refused: BodyRefused) -> Self {
        Self::of_edge(&refused.into())
    }
}

impl Problem {
    /// A problem of the edge, as a page shows it.
    #[must_use]
    pub fn of_edge(problem: &fairseat_edge::Problem) -> Self {
        serde_json::from_value(problem.document()).unwrap_or_else(|_unreadable| Self::internal())
    }

    fn internal() -> Self {
        Self {
            status: 500,
            code: "internal".to_owned(),
            title: "Something went wrong".to_owned(),
            detail: "That’s our fault, and we’ve been notified. Please try again.".to_owned(),
            ..Self::default()
        }
    }
}

/// Why a page cannot be shown. As a response it has a status, no body, and this error as an extension; the layer around all pages replaces it
/// by an error page, or by a redirect to the sign-in page when the API answered 401.
#[derive(Clone, Debug)]
pub struct PageError {
    /// The problem to show.
    pub problem: Problem,
    /// Path and query to return to after signing in.
    pub return_to: String,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The API, as the visitor of one page may use it. Handlers of pages take it as an argument.
#[derive(Clone, Debug)]
pub struct ApiClient {
    /// Path and query of the page.
    pub path: String,
    cookie: Option<HeaderValue>,
    /// The extensions that the edge added to the page's request; every call gets a copy.
    context: Extensions,
    api: Api,
}

impl<S: Send + Sync> FromRequestParts<S> for ApiClient
where
    Api: axum::extract::FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let api: Api = axum::extract::FromRef::from_ref(state);
        Ok(Self {
            path: page_address(parts),
            cookie: cookies_of(&parts.headers),
            context: (api.forward_context)(&parts.extensions),
            api,
        })
    }
}

/// All cookies of a request as one header: HTTP/2 may send each in a header of its own (RFC 9113, 8.2.3).
fn cookies_of(headers: &HeaderMap) -> Option<HeaderValue> {
    let lines: Vec<&[u8]> = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    HeaderValue::from_bytes(&lines.join(&b"; "[..])).ok().filter(|all| !all.is_empty())
}

/// The `If-Match` header for a version. A tag that cannot be a header value becomes one that names no version, so that the change is
/// refused.
fn if_match(edit_tag: Option<&str>) -> HeaderMap {
    let header =
        |tag| HeaderValue::try_from(format!("\"{tag}\"")).unwrap_or(HeaderValue::from_static("\"\""));
    edit_tag.map(|tag| (header::IF_MATCH, header(tag))).into_iter().collect()
}

/// Path and query of the page. For a submitted form this is the page with the form: the `Referer`, if it is on this host.
fn page_address(parts: &Parts) -> String {
    let own = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    if parts.method.is_safe() {
        return own.to_owned();
    }
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let from = text(header::REFERER).and_then(|from| from.parse::<Uri>().ok());
    let from = from.filter(|from| from.authority().map(|host| host.as_str()) == text(header::HOST));
    from.as_ref().and_then(Uri::path_and_query).map_or(own, |path| path.as_str()).to_owned()
}

impl ApiClient {
    /// The same client without the visitor's cookie: for public pages, which must be the same for everybody.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { cookie: None, ..self.clone() }
    }

    /// The same client with the session of this `Set-Cookie` header: for a visitor whose browser gets the cookie with the answer to this request.
    #[must_use]
    pub fn with_session(&self, set_cookie: &HeaderValue) -> Self {
        let pair = set_cookie.as_bytes().split(|byte| *byte == b';').next();
        let cookie = pair.and_then(|pair| HeaderValue::from_bytes(pair).ok());
        Self { cookie, ..self.clone() }
    }

    /// Whether the request has a session cookie. The session may have ended.
    #[must_use]
    pub fn may_be_signed_in(&self) -> bool {
        self.cookie(SESSION_COOKIE).is_some_and(|token| !token.is_empty())
    }

    /// A cookie of the page's request.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        let text = self.cookie.as_ref()?.to_str().ok()?;
        let mut pairs = text.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    }

    /// Tells which role may do which task.
    #[must_use]
    pub fn permits(&self) -> Permits {
        self.api.permits
    }

    /// The error of this page for `problem`.
    #[must_use]
    pub fn page_error(&self, problem: Problem) -> PageError {
        PageError { problem, return_to: self.path.clone() }
    }

    /// Gets a resource.
    ///
    /// # Errors
    /// When the API answers with a problem.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, PageError> {
        self.send(Method::GET, path, HeaderMap::new(), Bytes::new()).await?.json(self)
    }

    /// Gets a resource unless it still has this `etag` (`If-None-Match`); then the answer is 304.
    ///
    /// # Errors
    /// When the API answers with a problem.
    pub async fn get_if_changed(&self, path: &str, etag: Option<&HeaderValue>) -> Result<Answer, PageError> {
        let condition = etag.map(|etag| (header::IF_NONE_MATCH, etag.clone()));
        self.send(Method::GET, path, condition.into_iter().collect(), Bytes::new()).await
    }

    /// Gets a resource that can be edited, with its edit tag: the part of its `ETag` that identifies the editable fields.
    ///
    /// # Errors
    /// When the API answers with a problem.
    pub async fn get_editable<T: DeserializeOwned>(&self, path: &str) -> Result<(T, String), PageError> {
        let answer = self.send(Method::GET, path, HeaderMap::new(), Bytes::new()).await?;
        let etag = answer.headers.get(header::ETAG).and_then(|etag| etag.to_str().ok()).unwrap_or_default();
        let edit_tag = etag.trim_matches('"').split('.').next().unwrap_or_default().to_owned();
        Ok((answer.json(self)?, edit_tag))
    }

    /// Sends JSON as a change of the version with this edit tag, or of any version if there is no tag.
    ///
    /// # Errors
    /// When the API answers with a problem; `precondition_failed` when there is a newer version.
    pub async fn send_json_if_match(
        &self,
        method: Method,
        path: &str,
        edit_tag: Option<&str>,
        body: &impl Serialize,
    ) -> Result<Answer, PageError> {
        self.send_json_with(method, path, if_match(edit_tag), body).await
    }

    /// Sends a request without a body as a change of the version with this edit tag, or of any version if there is no tag.
    ///
    /// # Errors
    /// When the API answers with a problem; `precondition_failed` when there is a newer version.
    pub async fn send_empty_if_match(
        &self,
        method: Method,
        path: &str,
        edit_tag: Option<&str>,
    ) -> Result<Answer, PageError> {
        self.send(method, path, if_match(edit_tag), Bytes::new()).await
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// When the API answers with a problem.
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer, PageError> {
        self.send_json(Method::POST, path, body).await
    }

    /// Posts JSON with an idempotency key: a repeated request with the same `key` and body changes nothing and gets the first answer again.
    ///
    /// # Errors
    /// When the API answers with a problem.
    pub async fn post_idempotent(
        &self,
        path: &str,
        key: &str,
        body: &impl Serialize,
    ) -> Result<Answer, PageError> {
        let key = HeaderValue::try_from(key).ok().filter(|key| !key.is_empty());
        let key = key.map(|key| (HeaderName::from_static("idempotency-key"), key));
        self.send_json_with(Method::POST, path, key.into_iter().collect(), body).await
    }

    /// Sends JSON with any method.
    ///
    /// # Errors
    /// When the API answers with a problem.
    pub async fn send_json(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer, PageError> {
        self.send_json_with(method, path, HeaderMap::new(), body).await
    }

    async fn send_json_with(
        &self,
        method: Method,
        path: &str,
        mut headers: HeaderMap,
        body: &impl Serialize,
    ) -> Result<Answer, PageError> {
        let json = serde_json::to_vec(body).map_err(|error| {
            tracing::error!(%error, path, "a page cannot serialize its request to the API");
            self.page_error(Problem::internal())
        })?;
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.send(method, path, headers, json.into()).await
    }

    /// Sends the bytes of a file with its media type.
    ///
    /// # Errors
    /// When the API answers with a problem.
    pub async fn send_file(
        &self,
        method: Method,
        path: &str,
        kind: HeaderValue,
        file: Bytes,
    ) -> Result<Answer, PageError> {
        self.send(method, path, HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]), file).await
    }

    /// Sends a request without a body.
    ///
    /// # Errors
    /// When the API answers with a problem.
    pub async fn send_empty(&self, method: Method, path: &str) -> Result<Answer, PageError> {
        self.send(method, path, HeaderMap::new(), Bytes::new()).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, PageError> {
        let unusable = |_error| self.page_error(Problem::internal());
        let uri: Uri = format!("{API_ROOT}{path}").parse().map_err(unusable)?;
        if let Some(cookie) = &self.cookie {
            headers.insert(header::COOKIE, cookie.clone());
        }
        headers.insert(header::CONTENT_LENGTH, body.len().into());
        // No page shows the QR codes within an order, which are slow to draw; the page of a ticket requests the ticket itself.
        headers.insert(PREFER, HeaderValue::from_static("return=minimal"));
        let mut request = Request::new(Body::from(body));
        (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (method, uri, headers);
        *request.extensions_mut() = self.context.clone();
        let Ok(response) = self.api.routes.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|_broken| self.page_error(Problem::internal()))?.to_bytes();
        if parts.status.is_success() || parts.status == StatusCode::NOT_MODIFIED {
            return Ok(Answer { status: parts.status, headers: parts.headers, body });
        }
        let problem = serde_json::from_slice(&body).unwrap_or_else(|_unreadable| Problem::internal());
        Err(self.page_error(problem))
    }
}
