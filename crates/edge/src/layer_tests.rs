//! Conventions that hold for every route, tested on a router in process.

use crate::context::Peer;
use crate::gate::{ARRIVING_SHARE, LARGE_BODY_TIME, MAX_IN_FLIGHT};
use crate::limits::RateLimiting;
use crate::problem::PROBLEM_JSON;
use crate::test_routes::{LARGE, TestEdge, router};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use bytes::Bytes;
use futures::FutureExt as _;
use http_body_util::BodyExt;
use serde_json::Value;
use std::time::Duration;
use tower::ServiceExt;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Bytes,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// `422 invalid seats[1]`: status, code and the first field.
    fn in_short(&self) -> String {
        if self.status.is_success() {
            return self.status.as_u16().to_string();
        }
        assert_eq!(self.headers.get(header::CONTENT_TYPE), Some(&PROBLEM_JSON));
        let document = self.json();
        assert_eq!(document["status"], self.status.as_u16(), "{document}");
        let field =
            document["errors"][0]["field"].as_str().map(|field| format!(" {field}")).unwrap_or_default();
        format!("{} {}{field}", self.status.as_u16(), document["code"].as_str().unwrap_or_default())
    }
}

async fn send(app: &TestEdge, request: Request<Body>) -> Answer {
    let (parts, body) = router(&app.edge).oneshot(request).await.unwrap().into_parts();
    Answer { status: parts.status, headers: parts.headers, bytes: body.collect().await.unwrap().to_bytes() }
}

async fn get(app: &TestEdge, path: &str) -> Answer {
    send(app, Request::get(path).body(Body::empty()).unwrap()).await
}

async fn post(app: &TestEdge, path: &str, body: impl Into<Body>) -> Answer {
    send(app, json_post(path, body.into())).await
}

fn json_post(path: &str, body: Body) -> Request<Body> {
    Request::post(path).header(header::CONTENT_TYPE, "application/json").body(body).unwrap()
}

#[tokio::test]
async fn a_refused_body_names_the_wrong_field() {
    let app = TestEdge::new(RateLimiting::On);
    for (body, expected) in [
        (r#"{"name": "Ada", "seats": [1, 2]}"#, "200"),
        (r#"{"name": "Ada", "seats": [1], "mode": "fast", "colour": "red"}"#, "200"),
        (r#"{"seats": [1]}"#, "422 invalid name"),
        (r#"{"name": "Ada", "seats": [1, "2"]}"#, "422 invalid seats[1]"),
        (r#"{"name": "Ada", "seats": [1, -2]}"#, "422 invalid seats[1]"),
        (r#"{"name": "Ada", "seats": [1, 2.5]}"#, "422 invalid seats[1]"),
        (r#"{"name": "Ada", "seats": [1, 5000000000]}"#, "422 invalid seats[1]"),
        (r#"{"name": "Ada", "seats": [1, 1e999]}"#, "422 invalid seats[1]"),
        (r#"{"name": "Ada", "seats": {}}"#, "422 invalid seats"),
        (r#"{"name": "Ada", "seats": [1], "mode": "evil"}"#, "422 invalid mode"),
        (r#"{"name": "Ada", "name": "Bob", "seats": [1]}"#, "422 invalid name"),
        (r#"{"name": "", "seats": []}"#, "422 invalid name"),
        (r#"{"name": "a\u0000b", "seats": [1]}"#, "422 invalid name"),
        (r#"{"name": "\ud800", "seats": [1]}"#, "422 invalid "),
        ("[]", "422 invalid "),
        ("null", "422 invalid "),
        ("", "422 invalid "),
        ("{", "422 invalid "),
        (r#"{"name": "Ada", "seats": [1]} trailing"#, "422 invalid "),
    ] {
        let answer = post(&app, "/echo", body).await;
        assert_eq!(answer.in_short(), expected, "{body}: {:?}", answer.bytes);
    }
    let not_utf8 = post(&app, "/echo", &b"{\"name\": \"\xff\", \"seats\": [1]}"[..]).await;
    assert_eq!(not_utf8.in_short(), "422 invalid ");
    let deep = post(&app, "/maybe", "[".repeat(30_000)).await;
    assert_eq!(deep.in_short(), "422 invalid ");
    let both = post(&app, "/echo", r#"{"name": "", "seats": []}"#).await.json();
    assert_eq!(both["errors"][1]["field"], "seats", "all complaints at once");
}

#[tokio::test]
async fn no_answer_repeats_a_value() {
    let app = TestEdge::new(RateLimiting::On);
    let card = "4242424242424242";
    for body in [
        format!(r#"{{"name": {card}, "seats": [1]}}"#),
        format!(r#"{{"name": "Ada", "seats": ["{card}"]}}"#),
        format!(r#"{{"name": "Ada", "seats": [1], "mode": "{card}"}}"#),
        format!(r#"{{"name": "Ada", "seats": [{card}]}}"#),
        format!(r#"{{"name": "{card}\u0000", "seats": [1]}}"#),
        format!(r#"{{"name": "Ada" {card}"#),
    ] {
        let answer = post(&app, "/echo", body.clone()).await;
        assert!(answer.status == 422 && !String::from_utf8_lossy(&answer.bytes).contains(card), "{body}");
    }
}

#[tokio::test]
async fn content_types_and_sizes_are_limited() {
    let app = TestEdge::new(RateLimiting::On);
    let good = r#"{"name": "Ada", "seats": [1]}"#;
    for (kind, expected) in [
        ("application/json", "200"),
        ("Application/JSON; charset=UTF-8", "200"),
        ("application/json; charset=latin1", "415 unsupported_media_type"),
        ("text/plain", "415 unsupported_media_type"),
        ("application/x-www-form-urlencoded", "415 unsupported_media_type"),
        ("", "415 unsupported_media_type"),
    ] {
        let request =
            Request::post("/echo").header(header::CONTENT_TYPE, kind).body(Body::from(good)).unwrap();
        assert_eq!(send(&app, request).await.in_short(), expected, "{kind}");
    }
    let packed = Request::post("/echo").header(header::CONTENT_TYPE, "application/json");
    let packed = packed.header(header::CONTENT_ENCODING, "gzip").body(Body::from(good)).unwrap();
    assert_eq!(send(&app, packed).await.in_short(), "415 unsupported_media_type");

    let text = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
    assert_eq!(post(&app, "/maybe", text(64 * 1024)).await.in_short(), "200");
    assert_eq!(post(&app, "/maybe", text(64 * 1024 + 1)).await.in_short(), "413 body_too_large");
    assert_eq!(post(&app, "/large", text(LARGE)).await.bytes, LARGE.to_string(), "parsed on another thread");
    assert_eq!(post(&app, "/large", text(LARGE + 1)).await.in_short(), "413 body_too_large");
    let chunks =
        futures::stream::iter((0..100).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 1024]))));
    assert_eq!(post(&app, "/maybe", Body::from_stream(chunks)).await.in_short(), "413 body_too_large");

    let none = Request::post("/maybe").body(Body::empty()).unwrap();
    assert_eq!(send(&app, none).await.bytes, "none");
    assert_eq!(post(&app, "/maybe", "{}").await.bytes, "some");
}

#[tokio::test]
async fn a_body_that_never_comes_is_408() {
    let app = TestEdge::new(RateLimiting::On);
    tokio::time::pause();
    let never = Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
    let begun = tokio::time::Instant::now();
    let answer = post(&app, "/echo", never).await;
    assert_eq!(answer.in_short(), "408 request_timeout");
    let (took, limit) = (begun.elapsed(), crate::gate::BODY_TIME);
    assert!((limit..limit + Duration::from_millis(10)).contains(&took), "{took:?}");
    assert_eq!(answer.headers[header::CONNECTION], "close");
}

#[tokio::test]
async fn bugs_and_faults_are_answered_without_their_cause() {
    let app = TestEdge::new(RateLimiting::On);
    tokio::time::pause();
    for (path, expected) in [
        ("/panics", "500 internal"),
        ("/broken", "500 internal"),
        ("/hangs", "503 timed_out"),
        ("/by_hand", "409 conflict"),
    ] {
        let answer = get(&app, path).await;
        assert_eq!(answer.in_short(), expected, "{path}");
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("secret"), "{path}");
        assert!(answer.headers.contains_key("x-request-id"), "{path}");
    }
    assert_eq!(app.edge.gates.in_flight.taken(), 0);
    let metrics = app.metrics();
    assert!(metrics.contains("fairseat_panics_total 1"), "{metrics}");
    let line =
        "fairseat_http_request_duration_seconds_count{method=\"GET\",route=\"/panics\",status=\"5xx\"} 1";
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test]
async fn wrong_addresses_parameters_and_methods_are_refused() {
    let app = TestEdge::new(RateLimiting::On);
    let id = "0190d7a2-1111-7222-8333-444455556666";
    let found = get(&app, &format!("/things/{id}?limit=5&q=a%20b&unknown=1")).await;
    assert_eq!(found.json(), serde_json::json!({"id": id, "limit": 5, "offset": 0, "q": "a b"}));
    for (path, expected) in [
        ("/nothing/here", "404 not_found"),
        ("/things/not-a-uuid", "404 not_found"),
        ("/things/%ff", "404 not_found"),
        ("/socket", "400 bad_request"),
        (&format!("/things/{id}?limit=101"), "422 invalid limit"),
        (&format!("/things/{id}?limit=5&limit=6"), "422 invalid limit"),
    ] {
        assert_eq!(get(&app, path).await.in_short(), expected, "{path}");
    }
    for method in [Method::DELETE, Method::OPTIONS, Method::TRACE, Method::from_bytes(b"BREW").unwrap()] {
        let request =
            Request::builder().method(&method).uri(format!("/things/{id}")).body(Body::empty()).unwrap();
        let answer = send(&app, request).await;
        assert_eq!(answer.in_short(), "405 method_not_allowed", "{method}");
        assert_eq!(answer.headers[header::ALLOW], "GET,HEAD,PATCH", "{method}");
        assert!(!answer.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    }
    let head = Request::head("/docs").body(Body::empty()).unwrap();
    let head = send(&app, head).await;
    assert!(head.status == 200 && head.bytes.is_empty() && head.headers.contains_key(header::CONTENT_LENGTH));
}

#[tokio::test]
async fn every_answer_has_the_common_headers() {
    let app = TestEdge::new(RateLimiting::On);
    for path in ["/docs", "/openapi.json", "/healthz", "/nothing", "/panics"] {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let request = Request::get(path).header("traceparent", parent).body(Body::empty()).unwrap();
        let answer = send(&app, request).await;
        let has = |name: &str| {
            answer.headers.get(name).unwrap_or_else(|| panic!("{path} has no {name}")).to_str().unwrap()
        };
        assert_eq!(has("x-content-type-options"), "nosniff");
        assert_eq!(has("referrer-policy"), "no-referrer");
        assert_eq!(has("strict-transport-security"), "max-age=31536000", "visitors reach it by https");
        assert!(has("content-security-policy").contains("frame-ancestors 'none'"));
        assert!(!has("cache-control").is_empty());
        if path == "/docs" {
            let ids = ["traceparent", "x-request-id"].map(|name| answer.headers.contains_key(name));
            assert_eq!(ids, [false; 2], "a page that caches share has no request id");
        } else {
            assert!(has("traceparent").starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
            assert_ne!(has("traceparent"), parent);
            assert_eq!(has("x-request-id").len(), 36);
        }
    }
}

#[tokio::test]
async fn public_answers_are_revalidated_and_compressed() {
    let app = TestEdge::new(RateLimiting::On);
    for path in ["/openapi.json", "/docs"] {
        let packed = Request::get(path).header(header::ACCEPT_ENCODING, "gzip").body(Body::empty()).unwrap();
        let packed = send(&app, packed).await;
        assert_eq!(packed.headers[header::CONTENT_ENCODING], "gzip");
        let again = Request::get(path).header(header::ACCEPT_ENCODING, "gzip");
        let again = again.header(header::IF_NONE_MATCH, &packed.headers[header::ETAG]);
        let again = send(&app, again.body(Body::empty()).unwrap()).await;
        assert!(again.status == 304 && again.bytes.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn another_site_cannot_use_a_cookie() {
    let app = TestEdge::new(RateLimiting::On);
    for (headers, expected) in [
        (&[][..], "200"),
        (&[("cookie", "session=1")][..], "200"),
        (&[("cookie", "session=1"), ("sec-fetch-site", "same-origin")][..], "200"),
        (&[("cookie", "session=1"), ("sec-fetch-site", "cross-site")][..], "403 forbidden"),
        (&[("cookie", "session=1"), ("sec-fetch-site", "same-site")][..], "403 forbidden"),
        (&[("cookie", "session=1"), ("origin", "https://fairseat.test")][..], "200"),
        (&[("cookie", "session=1"), ("origin", "https://evil.test")][..], "403 forbidden"),
        (&[("cookie", "session=1"), ("origin", "null")][..], "403 forbidden"),
        (&[("origin", "https://evil.test")][..], "200"),
    ] {
        let request = Request::post("/maybe").header(header::HOST, "fairseat.test");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        assert_eq!(
            send(&app, request.body(Body::empty()).unwrap()).await.in_short(),
            expected,
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn overload_is_refused_at_once_but_health_answers() {
    let app = TestEdge::new(RateLimiting::On);
    let others = app.edge.gates.in_flight.take(None, MAX_IN_FLIGHT - 1).unwrap();
    assert_eq!(get(&app, "/by_hand").await.in_short(), "409 conflict");
    let last = app.edge.gates.in_flight.take(None, 1).unwrap();
    let refused = get(&app, "/by_hand").await;
    assert_eq!(refused.in_short(), "503 overloaded");
    assert_eq!(refused.headers[header::RETRY_AFTER], "1");
    assert_eq!(post(&app, "/maybe", "{}").await.in_short(), "503 overloaded", "also when its body is there");
    assert_eq!(get(&app, "/healthz").await.in_short(), "200");
    drop((others, last));
    assert_eq!(post(&app, "/maybe", "{}").await.in_short(), "200");
}

/// A body whose sender announces something and never sends it.
fn endless() -> Body {
    Body::from_stream(futures::stream::pending::<Result<&'static str, std::io::Error>>())
}

#[tokio::test]
async fn bodies_that_never_come_fill_only_their_addresses_share() {
    let app = TestEdge::new(RateLimiting::On);
    let waiting: Vec<_> = (0..ARRIVING_SHARE).map(|_| send(&app, json_post("/maybe", endless()))).collect();
    let mut waiting = futures::future::join_all(waiting).boxed();
    assert!(futures::poll!(&mut waiting).is_pending());
    assert_eq!(app.edge.gates.arriving.taken(), ARRIVING_SHARE);
    assert_eq!(app.edge.gates.in_flight.taken(), 0, "none of them is in flight");
    let refused = post(&app, "/maybe", "{}").await;
    assert_eq!(refused.in_short(), "503 overloaded", "the address has used its share");
    assert_eq!(refused.headers[header::CONNECTION], "close");
    assert_eq!(get(&app, "/by_hand").await.in_short(), "409 conflict", "it can still ask");
    let other = Peer("192.0.2.7:1".parse().unwrap());
    let mut from_elsewhere = json_post("/maybe", Body::from("{}"));
    from_elsewhere.extensions_mut().insert(other);
    assert_eq!(send(&app, from_elsewhere).await.in_short(), "200", "others are not kept out");
    drop(waiting);
    assert_eq!(app.edge.gates.arriving.taken(), 0, "whoever leaves gives the place back");
    assert_eq!(post(&app, "/maybe", "{}").await.in_short(), "200");
}

#[tokio::test]
async fn large_bodies_are_bounded_by_address_and_by_account() {
    let app = TestEdge::new(RateLimiting::On);
    let sent_by = |account: &str, body: Body| {
        let mut request = json_post("/large", body);
        request.headers_mut().insert("account", account.parse().unwrap());
        send(&app, request)
    };
    let mut first = sent_by("1", endless()).boxed();
    assert!(futures::poll!(&mut first).is_pending());
    let again = sent_by("1", Body::from("\"x\"")).await;
    assert_eq!(again.in_short(), "503 overloaded", "one at a time for an account");
    let mut second = sent_by("2", endless()).boxed();
    assert!(futures::poll!(&mut second).is_pending());
    let third = sent_by("3", Body::from("\"x\"")).await;
    assert_eq!(third.in_short(), "503 overloaded", "two at a time for an address");
    assert_eq!(post(&app, "/maybe", "{}").await.in_short(), "200", "small bodies need no such place");
    drop(first);
    assert_eq!(sent_by("3", Body::from("\"x\"")).await.in_short(), "200");
}

#[tokio::test(start_paused = true)]
async fn a_large_body_that_trickles_is_refused() {
    let app = TestEdge::new(RateLimiting::On);
    let trickle = futures::stream::unfold((), async |()| {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Some((Ok::<_, std::io::Error>(" ".repeat(1_000)), ()))
    });
    let begun = tokio::time::Instant::now();
    assert_eq!(post(&app, "/large", Body::from_stream(trickle)).await.in_short(), "408 request_timeout");
    assert!(begun.elapsed() < LARGE_BODY_TIME, "long before its time is over: {:?}", begun.elapsed());
}

#[tokio::test]
async fn addresses_are_limited_unless_limits_are_off() {
    let on = TestEdge::new(RateLimiting::On);
    let off = TestEdge::new(RateLimiting::Off);
    tokio::time::pause();
    for request in 1..=2_000 {
        assert_eq!(get(&on, "/by_hand").await.status, 409, "request {request} of the burst");
    }
    let refused = get(&on, "/by_hand").await;
    assert_eq!(refused.in_short(), "429 rate_limited", "one more than the burst");
    assert_eq!(refused.headers[header::RETRY_AFTER], "1");
    assert_eq!(get(&on, "/healthz").await.in_short(), "200");
    for _ in 0..3_000 {
        assert_eq!(get(&off, "/by_hand").await.status, 409);
    }
    assert!(on.metrics().contains("fairseat_rate_limited_total{class=\"api_by_address\"} 1"));
}

#[tokio::test]
async fn a_browser_remembers_a_change_where_lists_may_be_late() {
    for (late_lists, request, remembers) in [
        (true, json_post("/echo", "{}".into()), true),
        (true, Request::get("/echo").body(Body::empty()).unwrap(), false),
        (true, with_token(json_post("/echo", "{}".into())), false),
        (false, json_post("/echo", "{}".into()), false),
    ] {
        let app = TestEdge::with_late_lists(late_lists);
        let shown = format!("{late_lists} {} {:?}", request.method(), request.headers());
        let answer = send(&app, request).await;
        assert_eq!(answer.headers.contains_key(header::SET_COOKIE), remembers, "{shown}");
    }
}

fn with_token(mut request: Request<Body>) -> Request<Body> {
    request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer x"));
    request
}
