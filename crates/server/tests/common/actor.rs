//! People who send requests to a server.

use super::Answer;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use axum::response::Response;
use fairseat_domain::ids::AccountId;
use fairseat_edge::context::Peer;
use fairseat_store::OrganizationId;
use serde_json::Value;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};
use uuid::Uuid;

/// The connection to a server. It leads to the new server after a restart, so that actors stay usable.
#[derive(Clone)]
pub(crate) struct ServerLink(Arc<Mutex<ServerService>>);

/// A server, or an empty router while none runs.
type ServerService = BoxCloneSyncService<Request<Body>, Response, Infallible>;

impl ServerLink {
    pub(crate) fn new(router: Router) -> Self {
        Self(Arc::new(Mutex::new(ServerService::new(router))))
    }

    /// Sends all later requests to another server.
    pub(crate) fn switch_to<S>(&self, service: S)
    where
        S: Service<Request<Body>, Response = Response, Error = Infallible, Future: Send>,
        S: Clone + Send + Sync + 'static,
    {
        *self.0.lock().unwrap() = ServerService::new(service);
    }

    fn service(&self) -> ServerService {
        self.0.lock().unwrap().clone()
    }
}

/// A person, with the headers of their requests. A path such as `/events` stands for `/api/v1/events`.
#[derive(Clone)]
pub(crate) struct Actor {
    link: ServerLink,
    token: Option<String>,
    headers: Vec<(String, String)>,
    peer: SocketAddr,
    pub(crate) account: Option<AccountId>,
    pub(crate) organization: Option<OrganizationId>,
}

impl Actor {
    pub(crate) fn new(link: ServerLink) -> Self {
        let peer = SocketAddr::from(([192, 0, 2, 1], 4711));
        Self { link, token: None, headers: Vec::new(), peer, account: None, organization: None }
    }

    /// The same person with another access token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same person, sending requests to another server.
    /// Their access token.
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    pub(super) fn at_server(&self, link: ServerLink) -> Self {
        Self { link, ..self.clone() }
    }

    /// The same person, who sends one more header.
    pub(crate) fn with_header(&self, name: &str, value: &str) -> Self {
        let mut actor = self.clone();
        actor.headers.push((name.to_owned(), value.to_owned()));
        actor
    }

    /// The value of a cookie that they send.
    pub(crate) fn cookie(&self, name: &str) -> String {
        let cookies = self.headers.iter().filter(|(header, _)| header == "cookie");
        let mut pairs = cookies.filter_map(|(_, pair)| pair.split_once('='));
        pairs.find(|(found, _)| *found == name).unwrap().1.to_owned()
    }

    /// The same person, who sends this idempotency key.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        self.with_header("idempotency-key", key)
    }

    /// The same person at another network address.
    pub(crate) fn at(&self, address: [u8; 4]) -> Self {
        Self { peer: SocketAddr::from((address, 4711)), ..self.clone() }
    }

    /// The id of their account in the API.
    pub(crate) fn id(&self) -> Uuid {
        Uuid::from_u128(self.account.unwrap().0)
    }

    /// Their organization.
    pub(crate) fn organization(&self) -> OrganizationId {
        self.organization.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// The object at a path, which must be there.
    pub(crate) async fn json_of(&self, path: &str) -> Value {
        self.get(path).await.expect(200).clone()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete_with(&self, path: &str, body: Value) -> Answer {
        self.send(Method::DELETE, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Sends a request with any method, with or without a JSON body.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let body = body.map(|body| body.to_string().into_bytes());
        let kind = body.as_ref().map(|_| "application/json");
        self.send_bytes(method, path, kind, body.unwrap_or_default()).await
    }

    /// Sends a request with any method, any bytes and any content type.
    pub(crate) async fn send_bytes(
        &self,
        method: Method,
        path: &str,
        kind: Option<&str>,
        body: Vec<u8>,
    ) -> Answer {
        let outside_the_api = [
            "/api/",
            "/healthz",
            "/readyz",
            "/metrics",
            "/openapi.json",
            "/docs",
            "/sandbox/",
            "/robots.txt",
            "/assets/",
        ];
        let whole = path == "/" || outside_the_api.iter().any(|prefix| path.starts_with(prefix));
        let uri = if whole { path.to_owned() } else { format!("/api/v1{path}") };
        self.ask(method, &uri, kind, body).await
    }

    /// Requests a page as a browser does.
    pub(crate) async fn page(&self, path: &str) -> Answer {
        self.with_header("accept", "text/html").ask(Method::GET, path, None, Vec::new()).await
    }

    /// Sends a form of a page as a browser does.
    pub(crate) async fn form(&self, path: &str, fields: &str) -> Answer {
        let kind = Some("application/x-www-form-urlencoded");
        self.with_header("accept", "text/html").ask(Method::POST, path, kind, fields.into()).await
    }

    /// Sends a request with any method and any bytes to exactly this path, which need not be below `/api/v1`.
    pub(crate) async fn send_whole(&self, method: Method, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        self.ask(method, path, Some(kind), body).await
    }

    async fn ask(&self, method: Method, uri: &str, kind: Option<&str>, body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(Peer(self.peer));
        Answer::of(self.link.service().oneshot(request).await.unwrap()).await
    }
}
