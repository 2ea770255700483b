//! The demo as a process, its memory, and what any visitor can ask of it.

use crate::command::run;
use crate::server_process::{first_line, terminate};
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

const FAIRSEAT: &str = env!("CARGO_BIN_EXE_fairseat");

/// The running demo, with its limits on; killed when dropped.
pub(crate) struct Demo {
    process: Child,
    /// `127.0.0.1:40123`
    pub(crate) address: String,
    pub(crate) http: reqwest::Client,
    folder: tempfile::TempDir,
}

/// Notes the most memory that the server takes.
pub(crate) struct MemoryWatch {
    most: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Demo {
    /// Starts the demo on a free port. Blocks until it listens.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts the demo with further options.
    pub(crate) fn start_with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(FAIRSEAT);
        command.args(["demo", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.path().join("data"));
        command.args(options);
        command.env("FAIRSEAT_LOG", "error").stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let (line, mut rest) = first_line(&mut process);
        let address =
            line.rsplit_once("http://").map(|(_, address)| address.trim_end_matches('/').to_owned());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}"));
        // The demo goes on to print its accounts.
        std::thread::spawn(move || std::io::copy(&mut rest, &mut std::io::sink()));
        Self { process, address, http: client(1), folder }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The resident memory now.
    pub(crate) fn memory_mb(&self) -> u64 {
        memory_mb(self.process.id())
    }

    /// Watches the memory until the watch is asked for the most.
    pub(crate) fn watch_memory(&self) -> MemoryWatch {
        let (most, over, pid) =
            (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)), self.process.id());
        let (noted, ended) = (Arc::clone(&most), Arc::clone(&over));
        let thread = std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                noted.fetch_max(memory_mb(pid), Ordering::Relaxed);
                std::thread::park_timeout(Duration::from_millis(20));
            }
        });
        MemoryWatch { most, over, thread: Some(thread) }
    }

    /// Stops the server in order, and verifies its data.
    pub(crate) fn end(mut self) {
        let (status, _) = terminate(&mut self.process, &mut std::io::empty());
        assert!(status.success(), "{status}");
        let folder = self.folder.path().join("data");
        let verified = run(Command::new(FAIRSEAT).args(["verify", "--data-dir"]).arg(folder), "");
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    }

    /// The status of a GET.
    pub(crate) async fn get(&self, path: &str) -> u16 {
        self.http.get(self.url(path)).send().await.unwrap().status().as_u16()
    }

    /// The value of a metric without labels.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let text = self.http.get(self.url("/metrics")).send().await.unwrap().text().await.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
    }

    /// The id of the event with the most seats.
    pub(crate) async fn largest_event(&self) -> String {
        let answer = self.http.get(self.url("/api/v1/events?limit=100")).send().await.unwrap();
        let list: Value = answer.json().await.unwrap();
        let events = list["events"].as_array().unwrap();
        let largest = events.iter().max_by_key(|event| event["total_seats"].as_u64()).unwrap();
        largest["event_id"].as_str().unwrap().to_owned()
    }

    /// An access token of a demo account.
    pub(crate) async fn token(&self, email: &str) -> String {
        let body = json!({"email": email, "password": "demo-password"});
        let answer = self.http.post(self.url("/api/v1/auth/login")).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{email} signs in");
        let answer: Value = answer.json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// Uploads an event's picture; the status.
    pub(crate) async fn put_picture(&self, event: &str, token: &str) -> u16 {
        let request = self.http.put(self.url(&format!("/api/v1/events/{event}/image"))).bearer_auth(token);
        let request = request.header("content-type", "image/png").body(one_coloured_png(1_200, 630));
        request.send().await.unwrap().status().as_u16()
    }
}

/// A large picture in a small file.
pub(crate) fn one_coloured_png(width: u32, height: u32) -> Vec<u8> {
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(width, height).write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Both fail if it has already ended, which is fine.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl MemoryWatch {
    pub(crate) fn most_mb(mut self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            thread.join().unwrap();
        }
        self.most.load(Ordering::Relaxed)
    }
}

/// A client at 127.0.0.`host`.
pub(crate) fn client(host: u8) -> reqwest::Client {
    let address = std::net::IpAddr::from([127, 0, 0, host]);
    let client =
        reqwest::Client::builder().local_address(address).redirect(reqwest::redirect::Policy::none());
    client.timeout(Duration::from_secs(60)).build().unwrap()
}

fn memory_mb(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1_024
}
