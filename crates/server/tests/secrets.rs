//! Secrets must not be written down. The real program gets secrets in every place where somebody could enter one, and logs as much as it
//! can. Then every file that it wrote, its log included, is searched for them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

#[path = "common/command.rs"]
mod command;
#[path = "common/server_process.rs"]
mod server_process;
#[path = "common/smtp.rs"]
mod smtp;

use command::{PATIENCE, run};
use reqwest::blocking::{Client, Response};
use reqwest::{Method, header};
use serde_json::{Value, json};
use server_process::first_line;
use smtp::{Smtp, Tried};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

const FAIRSEAT: &str = env!("CARGO_BIN_EXE_fairseat");
const EMAIL: &str = "olga@planted.test";

/// Passwords and card data, each with a unique value that can be found in logs and files. A real cvv has too few digits to search for, so
/// this one is a longer text.
const FIRST_PASSWORD: &str = "planted-password-first";
const SECOND_PASSWORD: &str = "planted-password-second";
const WRONG_PASSWORD: &str = "planted-password-wrong";
const PASSWORD_WITHOUT_EMAIL: &str = "planted-password-without-email";
const PASSWORD_IN_BROKEN_JSON: &str = "planted-password-in-broken-json";
const PASSWORD_IN_A_WRONG_FIELD: &str = "planted-password-in-a-wrong-field";
const GOOD_CARD: &str = "4242424242424242";
const SPACED_CARD: &str = "4242 4242 4242 4242";
const DECLINED_CARD: &str = "4000000000000002";
const CARD_THAT_ASKS: &str = "4000002500003155";
const UNREAL_CARD: &str = "4539578763621487";
const CARD_IN_BROKEN_JSON: &str = "4916338506082833";
const CARD_IN_THE_METHOD: &str = "4556737586899854";
const CVV: &str = "planted-cvv";
const SMTP_PASSWORD: &str = "planted-smtp-password";
/// Answers of a mail server may contain personal data, so they must not be logged.
const SMTP_ANSWER: &str = "planted-smtp-answer";

struct Server {
    process: Child,
    stdout: BufReader<ChildStdout>,
    base: String,
    http: Client,
}

impl Server {
    /// Starts a server that logs everything, to `log`.
    fn start(data_dir: &Path, log: &Path, smtp: &Smtp) -> Self {
        let mut command = Command::new(FAIRSEAT);
        command.args(["serve", "--listen", "127.0.0.1:0", "--limits", "off", "--data-dir"]).arg(data_dir);
        command.env("FAIRSEAT_SMTP_URL", format!("smtp://tickets:{SMTP_PASSWORD}@{}", smtp.address));
        command.args(["--mail-from", "Box Office <tickets@planted.test>"]);
        command.env("FAIRSEAT_LOG", "debug").stdout(Stdio::piped()).stderr(File::create(log).unwrap());
        let mut process = command.spawn().unwrap();
        let (line, stdout) = first_line(&mut process);
        let base = line.strip_prefix("fairseat listening on ").unwrap().to_owned();
        Self { process, stdout, base, http: Client::new() }
    }

    fn send(&self, method: Method, path: &str, token: &str, body: String) -> Response {
        let request = self.http.request(method, format!("{}/api/v1{path}", self.base)).bearer_auth(token);
        let request =
            request.header(header::CONTENT_TYPE, "application/json").header("Idempotency-Key", path);
        request.body(body).send().unwrap()
    }

    fn ask(&self, status: u16, method: Method, path: &str, token: &str, body: &Value) -> Value {
        let response = self.send(method, path, token, body.to_string());
        assert_eq!(response.status(), status, "{path}");
        serde_json::from_str(&response.text().unwrap()).unwrap_or_default()
    }

    fn post(&self, status: u16, path: &str, token: &str, body: &Value) -> Value {
        self.ask(status, Method::POST, path, token, body)
    }

    /// A body that is not JSON.
    fn post_broken(&self, path: &str, token: &str, body: &str) {
        assert_eq!(self.send(Method::POST, path, token, body.to_owned()).status(), 422, "{path}");
    }

    /// Stops it; returns its output.
    fn stop(mut self) -> String {
        let (status, printed) = server_process::terminate(&mut self.process, &mut self.stdout);
        assert!(status.success(), "{status}");
        printed
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail if it has already ended, which is fine.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The secrets given to the server, by name.
type Secrets = Vec<(&'static str, String)>;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn sign_in(server: &Server, password: &str, secrets: &mut Secrets) -> String {
    let login = json!({"email": EMAIL, "password": password});
    let tokens = server.post(200, "/auth/login", "", &login);
    secrets.push(("an access token", text(&tokens["access_token"])));
    secrets.push(("a refresh token", text(&tokens["refresh_token"])));
    let refreshed = server.post(200, "/auth/refresh", "", &json!({"refresh_token": tokens["refresh_token"]}));
    secrets.push(("a second access token", text(&refreshed["access_token"])));
    secrets.push(("a second refresh token", text(&refreshed["refresh_token"])));
    text(&refreshed["access_token"])
}

/// Signs in and out, with passwords in every field that could take one.
fn plant_passwords(server: &Server, secrets: &mut Secrets) -> String {
    let token = sign_in(server, FIRST_PASSWORD, secrets);
    server.post(401, "/auth/login", "", &json!({"email": EMAIL, "password": WRONG_PASSWORD}));
    let no_address = json!({"email": "nobody", "username": "N", "password": PASSWORD_WITHOUT_EMAIL});
    server.post(422, "/auth/register", "", &no_address);
    let misplaced = json!({"email": EMAIL, "password": {"is": PASSWORD_IN_A_WRONG_FIELD}});
    server.post(422, "/auth/login", "", &misplaced);
    server.post_broken(
        "/auth/login",
        "",
        &format!(r#"{{"email": "{EMAIL}", "password": "{PASSWORD_IN_BROKEN_JSON}"#),
    );
    let change = json!({"current_password": FIRST_PASSWORD, "new_password": SECOND_PASSWORD});
    server.ask(200, Method::PATCH, "/users/me", &token, &change);
    sign_in(server, SECOND_PASSWORD, secrets)
}

/// One link that is sent, and one that the mail server refuses.
fn plant_links(server: &Server, smtp: &Smtp, secrets: &mut Secrets) {
    let forgotten = json!({"email": EMAIL});
    server.ask(202, Method::POST, "/auth/forgot-password?sent", "", &forgotten);
    let Tried::Sent(message) = smtp.tried.recv_timeout(PATIENCE).unwrap() else { panic!("it was refused") };
    let message = mail_parser::MessageParser::default().parse(&message).unwrap();
    let text = message.body_text(0).unwrap();
    let token = text.split_once("token=").unwrap().1.lines().next().unwrap();
    secrets.push(("the token of a link", token.to_owned()));
    smtp.refuse("RCPT", "550 planted-smtp-answer");
    server.ask(202, Method::POST, "/auth/forgot-password?refused", "", &forgotten);
    assert_eq!(smtp.tried.recv_timeout(PATIENCE).unwrap(), Tried::Refused("RCPT".to_owned()));
}

/// An unusable address of a mail server is not repeated, and help does not show the variables' values.
fn misuse_the_mail_server(data_dir: &Path) {
    for arguments in [
        &["serve", "--listen", "127.0.0.1:0", "--mail-from", "a@b.test"][..],
        &["serve"],
        &["serve", "--help"],
    ] {
        let mut command = Command::new(FAIRSEAT);
        command.args(arguments).env("FAIRSEAT_DATA_DIR", data_dir);
        command.env("FAIRSEAT_SMTP_URL", format!("smtps://tickets:{SMTP_PASSWORD}#@host"));
        let output = run(&mut command, "");
        assert_eq!(output.status.success(), arguments.contains(&"--help"));
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!said.is_empty() && !said.contains(SMTP_PASSWORD), "{said}");
    }
}

/// Good and bad cards, in every field that could take one.
fn plant_cards(server: &Server, token: &str) {
    let plan = json!({"sections": [{"name": "Floor", "rows": 2, "seats_per_row": 5}]});
    let venue = json!({"name": "Arena", "address": "1 Main Street", "city": "New York", "state": "NY", "country": "US",
                       "layout_type": "arena", "seating_plan": plan});
    let venue = server.post(201, "/venues", token, &venue);
    let event = json!({"name": "First Night", "description": "", "venue_id": venue["venue_id"], "category": "concert",
        "start_time": "2099-05-01T20:00:00Z", "end_time": "2099-05-01T23:00:00Z",
        "on_sale_time": "2020-01-01T00:00:00Z", "price_tiers": {"Floor": 10.00}});
    let event = text(&server.post(201, "/events", token, &event)["event_id"]);
    let seats = json!({"best_available": {"section": "Floor", "quantity": 2}});
    let reservation = server.post(201, &format!("/events/{event}/reserve"), token, &seats);
    let order = |method: &str, card: &str, cvv: &str| {
        json!({"reservation_id": reservation["reservation_id"], "payment_method": method,
               "payment_details": {"card_number": card, "expiry": "12/99", "cvv": cvv}})
    };
    let pay = |status: u16, body: &Value| {
        // Each attempt is a separate request.
        let response = server.http.post(format!("{}/api/v1/orders", server.base));
        let response = response.bearer_auth(token).json(body).send().unwrap();
        assert_eq!(response.status(), status, "{body} {:?}", response.text());
    };
    pay(422, &order("credit_card", UNREAL_CARD, "123"));
    pay(422, &order("credit_card", GOOD_CARD, CVV));
    pay(422, &order(CARD_IN_THE_METHOD, GOOD_CARD, "123"));
    pay(402, &order("credit_card", DECLINED_CARD, "123"));
    server.post_broken("/orders", token, &format!(r#"{{"card_number": "{CARD_IN_BROKEN_JSON}" "#));
    pay(202, &order("credit_card", CARD_THAT_ASKS, "123"));
    let again = server.post(201, &format!("/events/{event}/reserve?again"), token, &seats);
    let mut body = order("credit_card", SPACED_CARD, "123");
    body["reservation_id"] = again["reservation_id"].clone();
    pay(201, &body);
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The secrets that occur in a file below `folder`, and where.
fn found<'a>(folder: &Path, secrets: impl IntoIterator<Item = &'a (&'static str, String)>) -> Vec<String> {
    let files: Vec<_> = files(folder).into_iter().map(|path| (std::fs::read(&path).unwrap(), path)).collect();
    let mut found = Vec::new();
    for (name, secret) in secrets {
        for (bytes, path) in &files {
            if bytes.windows(secret.len()).any(|window| window == secret.as_bytes()) {
                found.push(format!("{name} in {}", path.display()));
            }
        }
    }
    found
}

#[test]
fn no_secret_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let (data_dir, log) = (folder.path().join("data"), folder.path().join("log"));
    let mut add = Command::new(FAIRSEAT);
    add.args(["user", "add", "--role", "organizer", "--password-stdin", "--email", EMAIL, "--data-dir"]);
    assert!(run(add.arg(&data_dir), FIRST_PASSWORD).status.success());

    let mut secrets: Secrets = [
        FIRST_PASSWORD,
        SECOND_PASSWORD,
        WRONG_PASSWORD,
        PASSWORD_WITHOUT_EMAIL,
        PASSWORD_IN_BROKEN_JSON,
        PASSWORD_IN_A_WRONG_FIELD,
        GOOD_CARD,
        SPACED_CARD,
        DECLINED_CARD,
        CARD_THAT_ASKS,
        UNREAL_CARD,
        CARD_IN_BROKEN_JSON,
        CARD_IN_THE_METHOD,
        CVV,
        SMTP_PASSWORD,
        SMTP_ANSWER,
    ]
    .map(|secret| (secret, secret.to_owned()))
    .into();
    misuse_the_mail_server(&data_dir);
    let smtp = Smtp::start();
    let server = Server::start(&data_dir, &log, &smtp);
    plant_links(&server, &smtp, &mut secrets);
    let token = plant_passwords(&server, &mut secrets);
    plant_cards(&server, &token);
    assert_eq!(found(folder.path(), &secrets), [""; 0], "while it runs");
    let me = server.send(Method::GET, "/users/me", &token, String::new()).text().unwrap();
    let account = text(&serde_json::from_str::<Value>(&me).unwrap()["user_id"]);
    let printed = server.stop();
    assert_eq!(printed, "", "after its line");
    assert_eq!(found(folder.path(), &secrets), [""; 0], "after it ended");
    // The search must find texts that may be written; this proves that it works.
    let open = [
        ("the address", EMAIL.to_owned()),
        ("the log", "\"/api/v1/orders\"".to_owned()),
        // Log lines name the account.
        ("the account", format!("\"account\":\"{account}\"")),
    ];
    let places = found(folder.path(), &open);
    assert!(places.iter().any(|place| place.starts_with("the address in ")), "{places:?}");
    assert!(places.iter().any(|place| place.starts_with("the log in ")), "{places:?}");
    assert!(
        places.iter().any(|place| place.starts_with("the account in ") && place.ends_with("/log")),
        "{places:?}"
    );
}
