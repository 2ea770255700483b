//! The public API as the pages ask it: in process, with the visitor's own cookie.
//!
//! A call goes through the same routes, checks and limits as one over the network, except that the request was let in and is logged
//! once, as the page's. Answers are read into the small types beside each page, which name only what the page shows.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use fairseat_contract::{API_ROOT, SESSION_COOKIE};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use tower::ServiceExt as _;

/// What goes along from a page's request to those it makes. Not all of it: the router notes its own things there, too.
pub type Carry = fn(&Extensions) -> Extensions;

/// Whether what was answered still holds. `false` as well when that cannot be said at once: then the request has to be made.
pub type Holds = Arc<dyn Fn() -> bool + Send + Sync>;

/// What tells whether a GET of this path of the API would still be answered with this tag; `None` when nobody knows that beforehand.
pub type Watch = Arc<dyn Fn(&str, &HeaderValue) -> Option<Holds> + Send + Sync>;

/// The API's routes.
#[derive(Clone)]
pub struct Api {
    routes: Router,
    carry: Carry,
    watch: Watch,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Api")
    }
}

impl Api {
    /// The API that these routes are; `carry` takes along what the edge noted: who asks, and the request's id. `watch` saves a page that
    /// thousands look at the request that would only say that nothing has changed.
    #[must_use]
    pub fn new(routes: Router, carry: Carry, watch: Watch) -> Self {
        Self { routes, carry, watch }
    }

    /// What tells whether the answer with this tag, which a public page was made from, still holds.
    #[must_use]
    pub fn watch(&self, path: &str, etag: &HeaderValue) -> Option<Holds> {
        (self.watch)(path, etag)
    }
}

/// An answer that is not a problem.
#[derive(Debug)]
pub struct Answer {
    /// 2xx, or 304.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON of this shape.
    ///
    /// # Errors
    /// When it has another shape, which is a bug of ours.
    pub fn json<T: DeserializeOwned>(&self, visit: &Visit) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| {
            tracing::error!(%error, path = %visit.path, "an answer of the API has a shape its page does not know");
            visit.failed(Problem::internal())
        })
    }
}

/// What the API says when it refuses (RFC 9457), as far as pages show it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Stable and for machines: `seat_unavailable`.
    pub code: String,
    /// A short sentence, the same for every problem of this code.
    pub title: String,
    /// What is wrong this time, and what would do.
    #[serde(default)]
    pub detail: String,
    /// Which fields, when it is about fields.
    #[serde(default)]
    pub errors: Vec<FieldProblem>,
    /// The payment provider's reason.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, Deserialize)]
pub struct FieldProblem {
    /// Its name in the API.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

impl Problem {
    fn internal() -> Self {
        Self {
            status: 500,
            code: "internal".to_owned(),
            title: "Something went wrong".to_owned(),
            detail: "It is our fault, and it was noted. Please try again.".to_owned(),
            ..Self::default()
        }
    }
}

/// A page that cannot be shown, and where the visitor was.
#[derive(Debug)]
pub struct Failure {
    /// Why.
    pub problem: Problem,
    /// The page that was asked for, to come back to after signing in.
    pub here: String,
}

/// One request for a page: who makes it, and for what.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Path and query of the page.
    pub path: String,
    cookie: Option<HeaderValue>,
    /// What the edge noted about the request.
    noted: Extensions,
    api: Api,
}

impl<S: Send + Sync> FromRequestParts<S> for Visit
where
    Api: axum::extract::FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let api: Api = axum::extract::FromRef::from_ref(state);
        Ok(Self {
            path: page_of(parts),
            cookie: parts.headers.get(header::COOKIE).cloned(),
            noted: (api.carry)(&parts.extensions),
            api,
        })
    }
}

/// Path and query of the page a request is for: a form's is the page it was on, as its browser tells.
fn page_of(parts: &Parts) -> String {
    let own = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    if parts.method.is_safe() {
        return own.to_owned();
    }
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let from = text(header::REFERER).and_then(|from| from.parse::<Uri>().ok());
    let from = from.filter(|from| from.authority().map(|host| host.as_str()) == text(header::HOST));
    from.as_ref().and_then(Uri::path_and_query).map_or(own, |path| path.as_str()).to_owned()
}

impl Visit {
    /// The same visit as one of nobody: for public pages, which are the same for everybody.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { cookie: None, ..self.clone() }
    }

    /// Whether a cookie came that may be a session's.
    #[must_use]
    pub fn may_be_signed_in(&self) -> bool {
        self.cookie.as_ref().is_some_and(|cookie| {
            cookie.as_bytes().windows(SESSION_COOKIE.len()).any(|part| part == SESSION_COOKIE.as_bytes())
        })
    }

    /// This page, with this problem.
    #[must_use]
    pub fn failed(&self, problem: Problem) -> Failure {
        Failure { problem, here: self.path.clone() }
    }

    /// Gets an object.
    ///
    /// # Errors
    /// What the API refuses.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.send(Method::GET, path, HeaderMap::new(), Bytes::new()).await?.json(self)
    }

    /// Asks whether an object is another than the one of `etag`; the answer is 304 when it is not.
    ///
    /// # Errors
    /// What the API refuses.
    pub async fn get_unless(&self, path: &str, etag: Option<&HeaderValue>) -> Result<Answer, Failure> {
        let known = etag.map(|etag| (header::IF_NONE_MATCH, etag.clone()));
        self.send(Method::GET, path, known.into_iter().collect(), Bytes::new()).await
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// What the API refuses.
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer, Failure> {
        self.with_body(Method::POST, path, body).await
    }

    /// Posts JSON at most once: the same `key` and body again get the first answer again.
    ///
    /// # Errors
    /// What the API refuses.
    pub async fn post_once(&self, path: &str, key: &str, body: &impl Serialize) -> Result<Answer, Failure> {
        let key = HeaderValue::try_from(key).ok().filter(|key| !key.is_empty());
        let key = key.map(|key| (HeaderName::from_static("idempotency-key"), key));
        self.with_headers(Method::POST, path, key.into_iter().collect(), body).await
    }

    /// Sends JSON by any method.
    ///
    /// # Errors
    /// What the API refuses.
    pub async fn with_body(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer, Failure> {
        self.with_headers(method, path, HeaderMap::new(), body).await
    }

    async fn with_headers(
        &self,
        method: Method,
        path: &str,
        mut headers: HeaderMap,
        body: &impl Serialize,
    ) -> Result<Answer, Failure> {
        let json = serde_json::to_vec(body).map_err(|error| {
            tracing::error!(%error, path, "a page could not write its request");
            self.failed(Problem::internal())
        })?;
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.send(method, path, headers, json.into()).await
    }

    /// Sends a file of some kind as it is.
    ///
    /// # Errors
    /// What the API refuses.
    pub async fn with_file(
        &self,
        method: Method,
        path: &str,
        kind: HeaderValue,
        file: Bytes,
    ) -> Result<Answer, Failure> {
        self.send(method, path, HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]), file).await
    }

    /// Sends a request without a body.
    ///
    /// # Errors
    /// What the API refuses.
    pub async fn bare(&self, method: Method, path: &str) -> Result<Answer, Failure> {
        self.send(method, path, HeaderMap::new(), Bytes::new()).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let unusable = |_error| self.failed(Problem::internal());
        let uri: Uri = format!("{API_ROOT}{path}").parse().map_err(unusable)?;
        if let Some(cookie) = &self.cookie {
            headers.insert(header::COOKIE, cookie.clone());
        }
        headers.insert(header::CONTENT_LENGTH, body.len().into());
        let mut request = Request::new(Body::from(body));
        (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (method, uri, headers);
        *request.extensions_mut() = self.noted.clone();
        let Ok(response) = self.api.routes.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|_broken| self.failed(Problem::internal()))?.to_bytes();
        if parts.status.is_success() || parts.status == StatusCode::NOT_MODIFIED {
            return Ok(Answer { status: parts.status, headers: parts.headers, body });
        }
        let problem = serde_json::from_slice(&body).unwrap_or_else(|_unreadable| Problem::internal());
        Err(self.failed(problem))
    }
}
