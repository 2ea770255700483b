//! An attacker: raw connections that announce, trickle, and do not read.

use crate::demo::{Demo, client};
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;

pub(crate) struct Attacker {
    host: u8,
    http: reqwest::Client,
}

/// A connection that stays open until it is dropped.
pub(crate) struct Open {
    stream: Option<TcpStream>,
    task: Option<JoinHandle<()>>,
}

impl Drop for Open {
    fn drop(&mut self) {
        drop(self.stream.take());
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

impl Attacker {
    /// An attacker at 127.0.0.`host`.
    pub(crate) fn at(host: u8) -> Self {
        Self { host, http: client(host) }
    }

    async fn connect(&self, demo: &Demo) -> Option<TcpStream> {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, self.host], 0))).unwrap();
        socket.connect(demo.address.parse().unwrap()).await.ok()
    }

    /// Opens a connection and sends the head of a request that announces so many bytes.
    pub(crate) async fn announce(&self, demo: &Demo, path: &str, bytes: usize) -> Open {
        let mut stream = self.connect(demo).await;
        if let Some(stream) = &mut stream {
            let kind = if path.starts_with("/api") {
                "application/json"
            } else {
                "application/x-www-form-urlencoded"
            };
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: {kind}\r\ncontent-length: {bytes}\r\n\r\n",
                demo.address
            );
            drop(stream.write_all(head.as_bytes()).await);
        }
        Open { stream, task: None }
    }

    /// Sends all but the last of so many bytes, as far as the server takes them.
    pub(crate) async fn send_all_but_one(&self, demo: &Demo, path: &str, bytes: usize) -> Open {
        let mut open = self.announce(demo, path, bytes).await;
        if let Some(mut stream) = open.stream.take() {
            open.task = Some(tokio::spawn(async move {
                let piece = vec![b' '; 64 << 10];
                let mut left = bytes - 1;
                while left > 0 {
                    let next = left.min(piece.len());
                    if stream.write_all(piece.get(..next).unwrap_or_default()).await.is_err() {
                        return;
                    }
                    left -= next;
                }
                // Waits for the answer, or for the end of the connection.
                let mut answer = [0; 1_024];
                while stream.read(&mut answer).await.is_ok_and(|read| read > 0) {}
            }));
        }
        open
    }

    /// Asks for something and reads nothing of the answer but its status.
    pub(crate) async fn ask(&self, demo: &Demo, path: &str) -> (Open, u16) {
        let mut stream = self.connect(demo).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", demo.address);
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut line = [0; 12];
        stream.read_exact(&mut line).await.unwrap();
        let status = String::from_utf8_lossy(&line[9..]).parse().unwrap();
        (Open { stream: Some(stream), task: None }, status)
    }

    /// Sends a whole request and reads nothing of the answer.
    pub(crate) async fn begin(
        &self,
        demo: &Demo,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> Open {
        let mut stream = self.connect(demo).await;
        if let Some(stream) = &mut stream {
            let length = body.len();
            let head = format!(
                "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {length}\r\n{headers}\r\n",
                demo.address
            );
            drop(stream.write_all(&[head.as_bytes(), body].concat()).await);
        }
        Open { stream, task: None }
    }

    /// Uploads a picture, one byte a second.
    pub(crate) async fn trickle(&self, demo: &Demo, path: &str, token: &str) -> Open {
        let Some(mut stream) = self.connect(demo).await else { return Open { stream: None, task: None } };
        let head = format!(
            "PUT {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\ncontent-type: image/png\r\ncontent-length: 5000000\r\n\r\n",
            demo.address
        );
        drop(stream.write_all(head.as_bytes()).await);
        let task = tokio::spawn(async move {
            let mut seconds = tokio::time::interval(Duration::from_secs(1));
            while stream.write_all(b"x").await.is_ok() {
                seconds.tick().await;
            }
        });
        Open { stream: None, task: Some(task) }
    }

    /// Posts a form; the status, or 408 if the server ended the connection before the form was sent.
    pub(crate) async fn post_form(&self, demo: &Demo, path: &str, form: &str) -> u16 {
        let request =
            self.http.post(demo.url(path)).header("content-type", "application/x-www-form-urlencoded");
        request.body(form.to_owned()).send().await.map_or(408, |answer| answer.status().as_u16())
    }

    /// Registers an account; its access token.
    pub(crate) async fn register(&self, demo: &Demo, email: &str) -> String {
        let password = "a-long-password";
        let account = json!({"email": email, "password": password, "username": "New"});
        let made = self.http.post(demo.url("/api/v1/auth/register")).json(&account).send().await.unwrap();
        assert_eq!(made.status(), 201, "{email} is registered");
        let body = json!({"email": email, "password": password});
        let signed_in = self.http.post(demo.url("/api/v1/auth/login")).json(&body).send().await.unwrap();
        let signed_in: serde_json::Value = signed_in.json().await.unwrap();
        signed_in["access_token"].as_str().unwrap().to_owned()
    }

    /// Founds an organization with a venue of 250,000 seats; the venue's id.
    pub(crate) async fn make_venue_of_250_000_seats(&self, demo: &Demo, token: &str) -> String {
        let post = |path: &str| self.http.post(demo.url(&format!("/api/v1{path}"))).bearer_auth(token);
        let founded = post("/organizations").json(&json!({"name": "Much"})).send().await.unwrap();
        assert_eq!(founded.status(), 201);
        let sections: Vec<_> = (1..=25)
            .map(|number| json!({"name": format!("S {number}"), "rows": 100, "seats_per_row": 100}))
            .collect();
        let venue = json!({"name": "Much", "address": "1 Road", "city": "Bern", "country": "CH", "layout_type": "hall",
            "seating_plan": {"sections": sections}});
        let made: serde_json::Value =
            post("/venues").json(&venue).send().await.unwrap().json().await.unwrap();
        made["venue_id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
    }

    /// Makes an event there; the status, and the code of a refusal.
    pub(crate) async fn make_event(&self, demo: &Demo, token: &str, venue: &str) -> (u16, String) {
        let prices: serde_json::Map<_, _> =
            (1..=25).map(|number| (format!("S {number}"), json!(10))).collect();
        let event = json!({"name": "Much", "description": "", "venue_id": venue, "category": "concert",
            "start_time": "2036-12-16T01:00:00Z", "end_time": "2036-12-16T04:00:00Z",
            "on_sale_time": "2026-01-01T00:00:00Z", "price_tiers": prices});
        let request = self.http.post(demo.url("/api/v1/events")).bearer_auth(token).json(&event);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let body: serde_json::Value = answer.json().await.unwrap();
        (status, body["code"].as_str().unwrap_or_default().to_owned())
    }

    /// Registers an account and holds the best seat that is left; the status of the hold.
    pub(crate) async fn register_and_hold(&self, demo: &Demo, number: usize, event: &str) -> u16 {
        let token = self.register(demo, &format!("new-{number}@example.org")).await;
        let hold = self.http.post(demo.url(&format!("/api/v1/events/{event}/reserve"))).bearer_auth(token);
        let hold = hold.json(&json!({"best_available": {"quantity": 1}})).send().await.unwrap();
        hold.status().as_u16()
    }

    /// Tries a password; the status.
    pub(crate) async fn sign_in(&self, demo: &Demo, email: &str, password: &str) -> u16 {
        let body = json!({"email": email, "password": password});
        let answer = self.http.post(demo.url("/api/v1/auth/login")).json(&body).send().await;
        answer.unwrap().status().as_u16()
    }
}
