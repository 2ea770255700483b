//! The hall: an installation, the servers that run on it now, and requests that are repeated until a server answers.

use crate::server::{Death, Place, Server};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// The longest wait; a longer one fails the test. The work takes less than a tenth of it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// How long a request waits for its answer before it is repeated elsewhere.
const ANSWER_TIME: Duration = Duration::from_secs(10);

const PASSWORD: &str = "a long enough password";
const ORGANIZER: &str = "olga@example.test";

/// The numbers of buyers and seats.
pub(crate) struct Sizes {
    pub(crate) clients: usize,
    pub(crate) rows: u32,
    pub(crate) seats_per_row: u32,
}

/// The state that all clones share.
#[derive(Clone)]
pub(crate) struct Hall(Arc<Inner>);

struct Inner {
    place: Place,
    /// Removes the data folder.
    _folder: tempfile::TempDir,
    http: Client,
    /// The addresses of the running servers.
    addresses: watch::Sender<Vec<String>>,
    /// Requests take the addresses in turn.
    turn: AtomicUsize,
    /// Whether buyers should stop, because the running server is the last one.
    closing: watch::Sender<bool>,
    answers: watch::Sender<u64>,
    /// The number of answers with the code `read_only`.
    read_only: watch::Sender<u64>,
    /// Requests that got no answer, or none but "later", or failed because of a server.
    failed: Mutex<Vec<String>>,
    seats: u32,
    organizer: String,
    venue: Value,
    buyers: Vec<String>,
    /// New access tokens of buyers whose first one has expired, by the first one.
    renewed: Mutex<HashMap<String, String>>,
    event: String,
}

/// A whole answer of a server.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) replayed: bool,
    pub(crate) json: Value,
    /// Whether an earlier attempt got no answer, so that the request may have been carried out.
    pub(crate) uncertain: bool,
}

/// A POST with its key, which can be repeated unchanged.
#[derive(Clone)]
pub(crate) struct Post {
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) key: String,
}

impl Hall {
    /// A hall with an event on sale and an account for each buyer; no server is running.
    pub(crate) async fn open(sizes: &Sizes) -> Self {
        Self::open_in(tempfile::tempdir().unwrap(), sizes).await
    }

    /// As [`Hall::open`], in this folder.
    pub(crate) async fn open_in(folder: tempfile::TempDir, sizes: &Sizes) -> Self {
        Self::open_at(Place::folder(folder.path()), folder, sizes).await
    }

    /// As [`Hall::open`], with the data at this place, in the folder or in a database that is prepared.
    pub(crate) async fn open_at(place: Place, folder: tempfile::TempDir, sizes: &Sizes) -> Self {
        place.add_organizer(ORGANIZER, PASSWORD);
        let inner = Inner {
            place,
            _folder: folder,
            // A server that was stopped by a signal does not answer, and its connection does not break.
            http: Client::builder().timeout(ANSWER_TIME).build().unwrap(),
            addresses: watch::Sender::new(Vec::new()),
            turn: AtomicUsize::new(0),
            closing: watch::Sender::new(false),
            answers: watch::Sender::new(0),
            read_only: watch::Sender::new(0),
            failed: Mutex::default(),
            seats: sizes.rows * sizes.seats_per_row,
            organizer: String::new(),
            venue: Value::Null,
            buyers: Vec::new(),
            renewed: Mutex::default(),
            event: String::new(),
        };
        let mut hall = Self(Arc::new(inner));
        let server = hall.start(None).await.unwrap();
        hall.furnish(sizes).await;
        hall.is_served_by(&[]);
        assert!(blocking(move || server.stop()).await.success());
        hall
    }

    async fn furnish(&mut self, sizes: &Sizes) {
        let organizer = self.sign_in(ORGANIZER).await;
        let plan = json!({"sections": [{"name": "Floor", "rows": sizes.rows, "seats_per_row": sizes.seats_per_row}]});
        let body = json!({"name": "Arena", "address": "1 Main Street", "city": "New York", "state": "NY", "country": "US",
                          "layout_type": "arena", "seating_plan": plan});
        let venue = self.created("/api/v1/venues", body, &organizer).await["venue_id"].take();
        let mut buyers = Vec::new();
        for number in 0..sizes.clients {
            let email = format!("buyer-{number}@example.test");
            let body = json!({"email": email, "username": "buyer", "password": PASSWORD});
            self.created("/api/v1/auth/register", body, "").await;
            buyers.push(self.sign_in(&email).await);
        }
        let inner = Arc::get_mut(&mut self.0).unwrap();
        (inner.organizer, inner.venue, inner.buyers) = (organizer, venue, buyers);
        let event = create_event(self.clone(), "First Night").await;
        Arc::get_mut(&mut self.0).unwrap().event = event;
    }

    async fn created(&self, path: &str, body: Value, token: &str) -> Value {
        let answer = self.ask(Method::POST, path, Some(token), None, Some(&body)).await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.json);
        answer.json
    }

    /// A new access token of a buyer.
    pub(crate) async fn sign_in_buyer(&self, number: usize) -> String {
        self.sign_in(&format!("buyer-{number}@example.test")).await
    }

    async fn sign_in(&self, email: &str) -> String {
        let body = json!({"email": email, "password": PASSWORD});
        let answer = self.ask(Method::POST, "/api/v1/auth/login", None, None, Some(&body)).await;
        answer.json["access_token"].as_str().unwrap().to_owned()
    }

    /// Where its data are.
    pub(crate) fn place(&self) -> &Place {
        &self.0.place
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.0.place.folder
    }

    /// From now on these servers answer.
    pub(crate) fn is_served_by(&self, addresses: &[String]) {
        self.0.addresses.send_replace(addresses.to_vec());
    }

    /// The event on sale.
    pub(crate) fn event(&self) -> &str {
        &self.0.event
    }

    /// How many seats it has.
    pub(crate) fn seats(&self) -> u32 {
        self.0.seats
    }

    /// The access token of a buyer.
    pub(crate) fn buyer(&self, number: usize) -> &str {
        &self.0.buyers[number]
    }

    /// Whether buyers should stop.
    pub(crate) fn is_closing(&self) -> bool {
        *self.0.closing.borrow()
    }

    async fn start(&self, death: Option<Death>) -> Option<Server> {
        let place = self.place().clone();
        let server = blocking(move || Server::start(&place, death)).await;
        self.is_served_by(server.as_ref().map(|server| server.address.clone()).as_slice());
        server
    }

    /// Starts a server that is to die in this way, and waits until it is dead.
    pub(crate) async fn serve_until(&self, death: Death) {
        let Some(mut server) = self.start(Some(death)).await else {
            let early = matches!(death, Death::FailedSync { .. } | Death::AtPoint { .. });
            assert!(early, "{death:?}: it did not start");
            return;
        };
        if let Death::AfterAnswers(more) = death {
            more_than_now(&self.0.answers, more).await;
            server.kill();
        }
        let pid = server.pid();
        let mut dead = std::pin::pin!(blocking(move || server.wait_for_death(death)));
        if tokio::time::timeout(PATIENCE, &mut dead).await.is_err() {
            // Otherwise the runtime would wait for the blocked thread for ever.
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
            panic!("{death:?} did not happen in {PATIENCE:?}");
        }
        self.is_served_by(&[]);
    }

    /// Waits until this many more answers have come.
    pub(crate) async fn answered(&self, more: u64) {
        more_than_now(&self.0.answers, more).await;
    }

    /// Notes a request that failed because of a server.
    pub(crate) fn note_failed(&self, request: String) {
        self.0.failed.lock().unwrap().push(request);
    }

    /// The requests since the last call that got no answer, or none but "later", or failed because of a server.
    pub(crate) fn take_failed(&self) -> Vec<String> {
        std::mem::take(&mut self.0.failed.lock().unwrap())
    }

    /// Waits until this many more answers with the code `read_only` have come.
    pub(crate) async fn refused_as_read_only(&self, more: u64) {
        more_than_now(&self.0.read_only, more).await;
    }

    /// Tells the buyers to stop.
    pub(crate) fn close(&self) {
        self.0.closing.send_replace(true);
    }

    /// Starts a server that stays, and tells the buyers to stop.
    pub(crate) async fn serve_on(&self) -> Server {
        let server = self.start(None).await.unwrap();
        self.close();
        server
    }

    /// Starts a server from this command, without stopping the buyers.
    pub(crate) async fn serve(&self, command: Command) -> Server {
        let server = blocking(move || Server::spawn(command)).await.unwrap();
        self.is_served_by(std::slice::from_ref(&server.address));
        server
    }

    /// Sends a request to the running server and its successors until one answers with anything but "retry later".
    async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Answer {
        let answer = self.ask_until_answered(method, path, token, key, body);
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        answer.unwrap_or_else(|_| panic!("{path}: no answer in {PATIENCE:?}"))
    }

    async fn ask_until_answered(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Answer {
        let mut addresses = self.0.addresses.subscribe();
        let mut uncertain = false;
        loop {
            let running = addresses.wait_for(|running| !running.is_empty()).await.unwrap().clone();
            let at = &running[self.0.turn.fetch_add(1, Ordering::Relaxed) % running.len()];
            let mut request = self.0.http.request(method.clone(), format!("http://{at}{path}"));
            if let Some(token) = token {
                let renewed = self.0.renewed.lock().unwrap().get(token).cloned();
                request = request.bearer_auth(renewed.as_deref().unwrap_or(token));
            }
            if let Some(key) = key {
                request = request.header("Idempotency-Key", key);
            }
            if let Some(body) = body {
                request = request.json(body);
            }
            let failed = match read(request).await {
                Ok(answer) if is_later(&answer) => {
                    // A failing disk may have stored the change.
                    uncertain |= answer.json["code"] == "unavailable";
                    if answer.json["code"] == "read_only" {
                        self.0.read_only.send_modify(|count| *count += 1);
                    }
                    answer.json.to_string()
                }
                // A load balancer lost the connection to the node, or waited too long.
                Ok(answer) if matches!(answer.status, 502 | 504) => {
                    uncertain = true;
                    answer.status.to_string()
                }
                Ok(answer) if answer.status == 401 && token.is_some() => {
                    // A long run lasts longer than its access tokens.
                    Box::pin(self.renew(token.unwrap())).await;
                    continue;
                }
                Ok(answer) => {
                    assert!(answer.status < 500, "{path}: {} {}", answer.status, answer.json);
                    self.0.answers.send_modify(|count| *count += 1);
                    return Answer { uncertain, ..answer };
                }
                Err(error) => {
                    uncertain = true;
                    format!("{error:?}")
                }
            };
            self.note_failed(format!("{method} {path}: {failed}"));
            // The server is dying or busy: let other tasks run.
            tokio::task::yield_now().await;
        }
    }

    /// Signs in again the buyer whose first access token is `token`.
    async fn renew(&self, token: &str) {
        let number = self.0.buyers.iter().position(|first| first == token).expect("a buyer's token");
        let renewed = self.sign_in_buyer(number).await;
        self.0.renewed.lock().unwrap().insert(token.to_owned(), renewed);
    }

    /// What a server answers to this request, without a retry.
    pub(crate) async fn ask_once(
        &self,
        at: &str,
        method: Method,
        path: &str,
        token: &str,
        body: &Value,
    ) -> Answer {
        let request = self.0.http.request(method, format!("http://{at}{path}")).bearer_auth(token).json(body);
        read(request).await.unwrap()
    }

    /// A measurement of a server, by its name and labels; 0 if it has none.
    pub(crate) async fn measured(&self, at: &str, name: &str) -> f64 {
        let text =
            self.0.http.get(format!("http://{at}/metrics")).send().await.unwrap().text().await.unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        value.unwrap_or_default()
    }

    /// The running server's status for a path, without a retry.
    pub(crate) async fn status(&self, path: &str) -> u16 {
        let at = self.0.addresses.borrow()[0].clone();
        read(self.0.http.get(format!("http://{at}{path}"))).await.unwrap().status
    }

    /// Reads one object.
    pub(crate) async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        self.ask(Method::GET, path, token, None, None).await
    }

    /// Sends a POST that takes effect once.
    pub(crate) async fn post(&self, post: &Post, token: &str) -> Answer {
        self.ask(Method::POST, &post.path, Some(token), Some(&post.key), Some(&post.body)).await
    }

    /// Changes or ends one object.
    pub(crate) async fn change(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<&Value>,
    ) -> Answer {
        self.ask(method, path, Some(token), None, body).await
    }
}

/// Creates an event, with retries over any number of server deaths.
pub(crate) async fn create_event(hall: Hall, name: &'static str) -> String {
    let body = json!({"name": name, "description": "", "venue_id": hall.0.venue, "category": "concert",
        "start_time": "2099-05-01T20:00:00Z", "end_time": "2099-05-01T23:00:00Z", "on_sale_time": "2020-01-01T00:00:00Z",
        "price_tiers": {"Floor": 10.00}, "max_tickets_per_user": 1000});
    let post = Post { path: "/api/v1/events".to_owned(), body, key: name.replace(' ', "-") };
    let answer = hall.post(&post, &hall.0.organizer).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    answer.json["event_id"].as_str().unwrap().to_owned()
}

async fn more_than_now(counter: &watch::Sender<u64>, more: u64) {
    let mut counter = counter.subscribe();
    let enough = *counter.borrow() + more;
    let waited = tokio::time::timeout(PATIENCE, counter.wait_for(|count| *count >= enough)).await;
    drop(waited.unwrap_or_else(|_| panic!("{more} more answers did not come in {PATIENCE:?}")).unwrap());
}

async fn read(request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let replayed = response.headers().contains_key("idempotent-replayed");
    let bytes = response.bytes().await?;
    let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Ok(Answer { status, replayed, json, uncertain: false })
}

/// Whether the answer asks for a retry.
fn is_later(answer: &Answer) -> bool {
    answer.status == 503 || (answer.status == 409 && answer.json["code"] == "idempotency_in_flight")
}

/// Runs blocking work.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}
