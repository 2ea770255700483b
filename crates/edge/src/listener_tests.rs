//! The listener on real sockets. Tests of time limits pause the clock: when all tasks wait, tokio moves it to the next deadline.

use crate::limits::RateLimiting;
use crate::listener::{DRAIN_TIME, IDLE_TIME, MAX_HEAD_BYTES, serve};
use crate::socket::HEAD_TIME;
use crate::state::EdgeState;
use crate::test_routes::{AT_THE_GATE, GATE, TestEdge, router};
use futures::{SinkExt, StreamExt};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant, timeout};
use tokio_tungstenite::tungstenite::Message;

/// How long a test may wait for an event that should come at once.
const HANG: Duration = Duration::from_secs(20);

struct Server {
    address: SocketAddr,
    edge: EdgeState,
    serving: JoinHandle<bool>,
}

async fn start(max_connections: usize) -> Server {
    let TestEdge { edge, .. } = TestEdge::new(RateLimiting::On);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(serve(listener, router(&edge), edge.clone(), max_connections));
    Server { address, edge, serving }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends `request` and returns all that the server sends until it closes. Panics on a reset.
    async fn converse(&self, request: &[u8]) -> String {
        let mut client = self.connect().await;
        client.write_all(request).await.unwrap();
        read_to_end(&mut client).await
    }
}

async fn read_to_end(client: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    client.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Reads one answer with a content-length from a connection that stays open.
async fn read_answer(client: &mut TcpStream) -> String {
    let mut text = String::new();
    loop {
        let mut buffer = [0; 4096];
        let read = client.read(&mut buffer).await.unwrap();
        assert_ne!(read, 0, "closed after {text:?}");
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return text;
        }
    }
}

/// Asserts that it took `limit` and hardly longer: the timers of tokio are precise to a millisecond, and a few of them follow each other.
fn assert_took(begun: Instant, limit: Duration) {
    let took = begun.elapsed();
    assert!((limit..limit + Duration::from_secs(1)).contains(&took), "{took:?} instead of {limit:?}");
}

#[tokio::test]
async fn a_slow_head_and_an_idle_connection_are_closed() {
    let server = start(10).await;
    tokio::time::pause();
    let begun = Instant::now();
    assert_eq!(server.converse(b"GET /healthz HT").await, "");
    assert_took(begun, HEAD_TIME);
    let begun = Instant::now();
    assert_eq!(server.converse(b"").await, "");
    assert_took(begun, IDLE_TIME);

    let mut client = server.connect().await;
    client.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(read_answer(&mut client).await.ends_with("ok\n"));
    let begun = Instant::now();
    client.write_all(b"G").await.unwrap();
    assert_eq!(read_to_end(&mut client).await, "");
    assert_took(begun, HEAD_TIME);
}

#[tokio::test]
async fn a_slow_body_is_408_and_closed() {
    let server = start(10).await;
    tokio::time::pause();
    let head =
        b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    let answer = server.converse(head).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn a_huge_head_is_431() {
    let server = start(10).await;
    tokio::time::pause();
    let huge = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(4 * MAX_HEAD_BYTES));
    assert!(server.converse(huge.as_bytes()).await.starts_with("HTTP/1.1 431 "));
    let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "x: y\r\n".repeat(500));
    assert!(server.converse(many.as_bytes()).await.starts_with("HTTP/1.1 431 "));
}

#[tokio::test]
async fn the_answer_to_a_huge_body_arrives() {
    let server = start(10).await;
    for (path, expected) in [("/echo", "413"), ("/deaf", "401"), ("/nothing", "404")] {
        for size in [100_000, 900_000, 20_000_000] {
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {size}\r\n\r\n"
            );
            let mut client = server.connect().await;
            client.write_all(head.as_bytes()).await.unwrap();
            // A client that sends everything before it reads, as most do.
            client.write_all(&vec![b' '; size]).await.unwrap();
            let answer = read_answer(&mut client).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {expected} ")), "{path} {size}: {answer}");
            assert_eq!(answer.contains("connection: close"), size > 1_000_000, "{path} {size}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_connection_stays_usable_after_a_refused_body() {
    let server = start(10).await;
    let mut client = server.connect().await;
    for _ in 0..3 {
        let head = b"POST /deaf HTTP/1.1\r\nhost: x\r\ncontent-length: 50000\r\n\r\n";
        client.write_all(head).await.unwrap();
        client.write_all(&[b'x'; 50_000]).await.unwrap();
        assert!(read_answer(&mut client).await.starts_with("HTTP/1.1 401 "));
    }
}

#[tokio::test]
async fn a_refusal_is_sent_instead_of_100_continue() {
    let server = start(10).await;
    let head = b"POST /deaf HTTP/1.1\r\nhost: x\r\ncontent-length: 50000\r\nexpect: 100-continue\r\n\r\n";
    let mut client = server.connect().await;
    client.write_all(head).await.unwrap();
    let answer = read_answer(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn garbage_is_400_even_after_a_valid_request() {
    let server = start(10).await;
    tokio::time::pause();
    assert!(
        server
            .converse(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 400 ")
    );
    let answers = server.converse(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n\x01garbage\r\n\r\n").await;
    assert!(answers.starts_with("HTTP/1.1 200 ") && answers.contains("ok\nHTTP/1.1 400 "), "{answers}");
    let smuggled = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcde";
    assert!(server.converse(smuggled).await.starts_with("HTTP/1.1 400 "));
    let chunked = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n";
    let answer = server.converse(chunked).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("bad_request"), "{answer}");
}

#[tokio::test]
async fn one_connection_too_many_is_refused_until_another_closes() {
    let server = start(2).await;
    let mut first = server.connect().await;
    first.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    read_answer(&mut first).await;
    let mut second = server.connect().await;
    second.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    read_answer(&mut second).await;
    let refused = server.converse(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("retry-after"), "{refused}");
    let (head, body) = refused.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}", body.len())), "{refused}");
    assert!(serde_json::from_str::<serde_json::Value>(body).is_ok(), "{body}");
    drop((first, second));
    // The server notices the closed connections a moment later.
    let accepted = async {
        loop {
            let mut again = server.connect().await;
            again.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
            if read_answer(&mut again).await.starts_with("HTTP/1.1 200 ") {
                return;
            }
        }
    };
    timeout(HANG, accepted).await.expect("a closed connection makes room for another");
}

#[tokio::test]
async fn a_shutdown_waits_for_requests_in_progress() {
    let server = start(10).await;
    let mut idle = server.connect().await;
    let mut busy = server.connect().await;
    busy.write_all(b"GET /gate HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    timeout(HANG, AT_THE_GATE.acquire()).await.expect("the request begins").unwrap().forget();
    server.edge.shutdown.begin();
    assert_eq!(read_to_end(&mut idle).await, "", "an idle connection ends at once");
    assert!(!server.serving.is_finished());
    GATE.add_permits(1);
    let answer = read_to_end(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("through"), "{answer}");
    drop((idle, busy));
    assert!(server.serving.await.unwrap(), "all was answered");
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn time_limits_of_requests_do_not_apply_to_web_sockets() {
    let server = start(10).await;
    let url = format!("ws://{}/socket", server.address);
    let stream = server.connect().await;
    let (mut socket, _answer) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    tokio::time::pause();
    for text in ["one", "an hour later", "two hours later"] {
        socket.send(Message::text(text)).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::text(text));
        tokio::time::advance(Duration::from_secs(3_600)).await;
    }
    server.edge.shutdown.begin();
    assert!(socket.next().await.unwrap().unwrap().is_close(), "the feed says goodbye");
    drop(socket);
    assert!(server.serving.await.unwrap());
}

#[tokio::test]
async fn a_shutdown_waits_no_longer_than_the_drain_time() {
    let server = start(10).await;
    tokio::time::pause();
    let mut busy = server.connect().await;
    busy.write_all(b"GET /hangs HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let begun = Instant::now();
    // Yielding keeps this task runnable, so the paused clock does not move.
    for _ in 0..1_000_000 {
        if server.edge.gates.in_flight.taken() > 0 {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(server.edge.gates.in_flight.taken(), 1, "the request has begun");
    server.edge.shutdown.begin();
    assert!(!server.serving.await.unwrap());
    assert_took(begun, DRAIN_TIME);
}

#[tokio::test]
async fn a_request_without_one_usable_host_is_refused() {
    let server = start(10).await;
    for (head, expected) in [
        ("GET /echo HTTP/1.1\r\nhost: a\r\nhost: b\r\n", "400"),
        ("GET /echo HTTP/1.1\r\nhost: a\r\nhost: a\r\n", "400"),
        ("GET /echo HTTP/1.1\r\n", "400"),
        ("GET /echo HTTP/1.1\r\nhost:\r\n", "400"),
        ("GET /echo HTTP/1.1\r\nhost: a@b\r\n", "400"),
        ("GET /echo HTTP/1.1\r\nhost: a:8080\r\n", "405"),
        ("GET /echo HTTP/1.0\r\n", "405"),
    ] {
        let answer = server.converse(format!("{head}connection: close\r\n\r\n").as_bytes()).await;
        assert_eq!(answer.split(' ').nth(1), Some(expected), "{head}: {answer}");
        assert_eq!(answer.contains("\"code\":\"bad_request\""), expected == "400", "{answer}");
    }
}
