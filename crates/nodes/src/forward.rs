//! Passes commands on to the node that serves their sale: a layer around the API.
//!
//! Reads are answered by every node: those of one object by its id first read what other nodes appended, and maps and lists follow within a
//! second.

use crate::membership::{Home, Node, Nodes};
use crate::receive::now_ms;
use crate::signature::{Claims, IDEMPOTENCY_KEY, NodesKey, REFUSED, SIGNATURE, Signed};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::uri::{Authority, PathAndQuery, Scheme};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use fairseat_app::ids::PublicIds;
use fairseat_domain::ids::EventNumber;
use fairseat_edge::body::{self, DEFAULT_BODY_BYTES};
use fairseat_edge::context::{PassedOn, REQUEST_ID, RequestContext, TRACEPARENT};
use fairseat_engine::stream_of;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How long a connection to another node may take. Nodes are close to each other.
const CONNECT_TIME: Duration = Duration::from_millis(500);
/// Headers that concern one connection (RFC 9110, section 7.6.1), and those that the client sets itself.
const OF_ONE_CONNECTION: [HeaderName; 9] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Passes commands on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Forwarder {
    nodes: Arc<Nodes>,
    key: NodesKey,
    ids: PublicIds,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// A command as it is passed on.
struct ForwardedCommand {
    parts: Parts,
    body: Bytes,
    context: RequestContext,
    /// Under this id the command is repeated if no answer comes.
    id: u128,
}

/// How passing on a command ended.
enum Outcome {
    /// The other node answered.
    Answered(Response),
    /// The other node certainly did not receive it.
    NotSent,
    /// It may have arrived.
    Unanswered,
}

impl Forwarder {
    /// Passes commands on to the homes of their sales, signed with this key.
    #[must_use]
    pub fn new(nodes: Arc<Nodes>, key: NodesKey, ids: PublicIds) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_TIME));
        connector.set_nodelay(true);
        Self { nodes, key, ids, client: Client::builder(TokioExecutor::new()).build(connector) }
    }

    /// The event that a command belongs to, by the first id in its path or, for an order, by the reservation in its body.
    fn event_of(&self, parts: &Parts, body: &[u8]) -> Option<EventNumber> {
        #[derive(Deserialize)]
        struct Order {
            reservation_id: Uuid,
        }
        let ids = parts.uri.path().split('/').filter_map(|segment| Uuid::try_parse(segment).ok());
        let in_path = ids.filter_map(|id| self.ids.event_of(id)).next();
        in_path.or_else(|| {
            let order: Order =
                serde_json::from_slice(body).ok().filter(|_| parts.uri.path().ends_with("/orders"))?;
            self.ids.event_of(order.reservation_id)
        })
    }

    /// Sends a command to another node.
    async fn send(&self, node: &Node, command: &ForwardedCommand) -> Outcome {
        let Some(request) = self.request(node, command) else {
            return Outcome::NotSent;
        };
        let answer = async {
            let (head, body) = self.client.request(request).await?.into_parts();
            Ok::<_, SendError>((head, body.collect().await?.to_bytes()))
        };
        let answered = tokio::select! {
            answered = answer => answered,
            // A node that was stopped or cut off does not answer, and its connection does not break.
            () = self.nodes.gone(&node.id) => return Outcome::Unanswered,
        };
        match answered {
            Ok((head, _)) if head.headers.contains_key(REFUSED) => {
                tracing::warn!(
                    node = node.address,
                    "a node refuses our signature: all nodes need the same --nodes-key-file, and clocks that agree"
                );
                Outcome::NotSent
            }
            Ok((mut head, body)) => {
                OF_ONE_CONNECTION.iter().for_each(|name| drop(head.headers.remove(name)));
                Outcome::Answered(Response::from_parts(head, Body::from(body)))
            }
            Err(SendError::Request(error)) if error.is_connect() => Outcome::NotSent,
            Err(error) => {
                tracing::warn!(node = node.address, %error, "a node did not answer a request that was passed on to it");
                Outcome::Unanswered
            }
        }
    }

    fn request(&self, node: &Node, command: &ForwardedCommand) -> Option<hyper::Request<Full<Bytes>>> {
        let ForwardedCommand { parts, body, context, id } = command;
        let target = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let uri = Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(Authority::try_from(&*node.address).ok()?)
            .path_and_query(target)
            .build()
            .ok()?;
        let mut headers: HeaderMap = parts.headers.clone();
        OF_ONE_CONNECTION.iter().for_each(|name| drop(headers.remove(name)));
        headers.insert(REQUEST_ID, context.request_id_header());
        headers.insert(TRACEPARENT, context.trace.header());
        let claims = Claims { at_ms: now_ms(), client: context.client, command: *id };
        let signed = Signed { method: &parts.method, target, headers: &headers, body };
        let signature = self.key.sign(&claims, &signed)?;
        headers.insert(SIGNATURE, signature);
        let mut request = hyper::Request::new(Full::new(body.clone()));
        (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) =
            (parts.method.clone(), uri, headers);
        Some(request)
    }
}

#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("{0}")]
    Request(#[from] hyper_util::client::legacy::Error),
    #[error("{0}")]
    Body(#[from] hyper::Error),
}

/// Whether a request belongs to the home of its sale, and is small enough to be kept until it is answered.
fn is_for_the_home(request: &Request) -> bool {
    let most = hyper::body::Body::size_hint(request.body()).upper();
    let is_small = most.is_some_and(|most| most <= u64::try_from(DEFAULT_BODY_BYTES).unwrap_or(u64::MAX));
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // The statistics count what the home has refused.
    is_small && (!only_reads || request.uri().path().ends_with("/statistics"))
}

/// Passes a command on to the node that serves its sale, if that is another one; for [`axum::middleware::from_fn_with_state`].
pub async fn forward(State(forwarder): State<Forwarder>, request: Request, next: Next) -> Response {
    let is_here = request.extensions().get::<PassedOn>().is_some();
    let Some(context) = request.extensions().get::<RequestContext>().copied() else {
        return next.run(request).await;
    };
    if is_here || !is_for_the_home(&request) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let body = match body::read(Request::new(body), DEFAULT_BODY_BYTES, None).await {
        Ok(body) => body,
        Err(problem) => return problem.into_response(),
    };
    let Some(event) = forwarder.event_of(&parts, &body) else {
        return next.run(Request::from_parts(parts, Body::from(body))).await;
    };
    let stream = stream_of(event);
    let Home::At(node) = forwarder.nodes.home_of(stream).await else {
        return next.run(Request::from_parts(parts, Body::from(body))).await;
    };
    let id = Uuid::new_v4();
    if let Ok(key) = HeaderValue::from_str(&format!("node-{id}")) {
        // Work that is not one command of a sale, such as copying an event, has a key of its own kind.
        parts.headers.entry(IDEMPOTENCY_KEY).or_insert(key);
    }
    let command = ForwardedCommand { parts, body, context, id: id.as_u128() };
    let outcome = forwarder.send(&node, &command).await;
    let ForwardedCommand { parts, body, mut context, id } = command;
    let mut here = Request::from_parts(parts, Body::from(body));
    match outcome {
        Outcome::Answered(response) => {
            forwarder.nodes.metrics().forwarded("answered");
            return response;
        }
        Outcome::NotSent => forwarder.nodes.metrics().forwarded("not_sent"),
        Outcome::Unanswered => {
            forwarder.nodes.metrics().forwarded("unanswered");
            context.command = Some(id);
            here.extensions_mut().insert(context);
        }
    }
    forwarder.nodes.forget(stream);
    next.run(here).await
}
