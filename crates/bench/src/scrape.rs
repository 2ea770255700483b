//! Reads a server's own measurements, as Prometheus does.

use anyhow::{Context, Result, ensure};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The queues of consumers that have read everything are empty.
const QUEUES: [&str; 4] = ["views_behind", "messages_behind", "audit_behind", "event_rows_behind"];
/// How long consumers may take to read what a load has left.
const READ_TIMEOUT: Duration = Duration::from_secs(120);

/// Waits until views, letters and audit trail have everything that happened.
///
/// # Errors
/// When they do not get there in time.
pub(crate) fn wait_until_read(address: &str) -> Result<()> {
    let begun = Instant::now();
    // Facts that were just announced are not in these queues yet, so they must be empty twice.
    let mut empty = 0;
    while empty < 2 {
        ensure!(begun.elapsed() < READ_TIMEOUT, "the consumers did not read everything in time");
        std::thread::sleep(Duration::from_millis(700));
        let text = metrics(address)?;
        let waiting =
            |queue: &&str| !text.contains(&format!("fairseat_queue_length{{queue=\"{queue}\"}} 0\n"));
        empty = if QUEUES.iter().any(waiting) { 0 } else { empty + 1 };
    }
    Ok(())
}

/// Everything that a server measures. HTTP/1.0, so that the answer is not chunked.
fn metrics(address: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET /metrics HTTP/1.0\r\nhost: bench\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    ensure!(answer.starts_with("HTTP/1.0 200") || answer.starts_with("HTTP/1.1 200"), "no metrics: {answer}");
    let (_, body) = answer.split_once("\r\n\r\n").context("no metrics")?;
    Ok(body.to_owned())
}
