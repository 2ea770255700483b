//! Writes log events as JSON lines: `{"timestamp":…,"level":…,"message":…,…}` with the event's own fields.
//!
//! This is a subscriber of our own instead of tracing-subscriber's: every request writes a line, and this one formats it in a tenth of the
//! time. It does not support spans; a request's ids are fields of its lines.

use super::writer::Lines;
use jiff::fmt::temporal::DateTimePrinter;
use serde::Serialize;
use std::cell::RefCell;
use std::fmt::{self, Debug};
use std::io::Write as _;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber, span};

/// Writes events of our crates up to a level. Of other crates it writes only errors, because libraries may log data that clients sent. The
/// client of the message broker writes nothing: it calls each attempt to connect an error, and the bus says when the broker goes and returns.
#[derive(Debug)]
pub(super) struct JsonLines {
    lines: Lines,
    level: LevelFilter,
}

impl JsonLines {
    pub(super) fn new(lines: Lines, level: LevelFilter) -> Self {
        Self { lines, level }
    }
}

impl Subscriber for JsonLines {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let level = match metadata.target() {
            target if target.starts_with("fairseat") => self.level,
            target if target.starts_with("rskafka") => LevelFilter::OFF,
            _ => self.level.min(LevelFilter::ERROR),
        };
        metadata.is_event() && *metadata.level() <= level
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn event(&self, event: &Event<'_>) {
        thread_local! {
            static LINE: RefCell<Vec<u8>> = RefCell::default();
        }
        LINE.with_borrow_mut(|line| {
            line.clear();
            // Writing to memory fails only if a value's Display fails; the part written so far is still logged.
            write_line(line, event).unwrap_or_default();
            self.lines.push(line);
        });
    }

    // Spans are accepted and ignored.
    fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

const MICROSECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(6));

fn write_line(line: &mut Vec<u8>, event: &Event<'_>) -> fmt::Result {
    let metadata = event.metadata();
    line.extend_from_slice(b"{\"timestamp\":\"");
    MICROSECONDS.print_timestamp(&jiff::Timestamp::now(), &mut *line).map_err(|_full| fmt::Error)?;
    line.extend_from_slice(b"\",\"level\":\"");
    line.extend_from_slice(metadata.level().as_str().as_bytes());
    line.push(b'"');
    event.record(&mut Fields(line));
    line.extend_from_slice(b",\"target\":\"");
    line.extend_from_slice(metadata.target().as_bytes());
    line.extend_from_slice(b"\"}\n");
    Ok(())
}

/// Appends each field as a member of a JSON object.
struct Fields<'a>(&'a mut Vec<u8>);

impl Fields<'_> {
    fn add(&mut self, field: &Field, value: &(impl Serialize + ?Sized)) {
        self.name(field);
        // Writing these values to memory cannot fail.
        serde_json::to_writer(&mut *self.0, value).unwrap_or_default();
    }

    fn name(&mut self, field: &Field) {
        self.0.extend_from_slice(b",\"");
        self.0.extend_from_slice(field.name().as_bytes());
        self.0.extend_from_slice(b"\":");
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    /// Writes the value as an escaped text, so that it cannot end the line or forge another.
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.name(field);
        let start = self.0.len();
        self.0.push(b'"');
        write!(self.0, "{value:?}").unwrap_or_default();
        let text = self.0.get(start + 1..).unwrap_or_default();
        if text.iter().all(|byte| is_plain(*byte)) {
            self.0.push(b'"');
            return;
        }
        let text = String::from_utf8_lossy(text).into_owned();
        self.0.truncate(start);
        serde_json::to_writer(&mut *self.0, &text).unwrap_or_default();
    }
}

/// Whether a byte needs no escaping in a JSON string.
fn is_plain(byte: u8) -> bool {
    byte >= b' ' && byte != b'"' && byte != b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;
    use std::io;
    use std::sync::Arc;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn each_event_is_one_line_of_json() {
        let written = Written::default();
        let lines = Lines::into(written.clone()).unwrap();
        let subscriber = JsonLines::new(lines.clone(), LevelFilter::INFO);
        tracing::subscriber::with_default(subscriber, || {
            let absent: Option<&str> = None;
            let hostile = "quote \" slash \\ line\nreturn\r nul\0 é\u{1f3ab}";
            tracing::info!(status = 200_u16, took = 1.5, forged = hostile, absent, shown = %hostile, "request");
            tracing::debug!("too quiet");
            tracing::warn!(target: "hyper", "a library's worry");
            tracing::error!(target: "hyper", infinite = f64::INFINITY, ok = false, "a library's failure");
        });
        lines.wait_until_written();
        let text = String::from_utf8(written.0.lock().clone()).unwrap();
        let mut parsed = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let first = parsed.next().unwrap();
        assert_eq!(first["forged"], "quote \" slash \\ line\nreturn\r nul\0 é\u{1f3ab}");
        assert_eq!(first["shown"], first["forged"]);
        assert_eq!((&first["status"], &first["took"]), (&200.into(), &1.5.into()));
        assert_eq!((&first["message"], &first["level"]), (&"request".into(), &"INFO".into()));
        assert!(first["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
        assert!(first.get("absent").is_none());
        let second = parsed.next().unwrap();
        assert_eq!((&second["message"], &second["infinite"]), (&"a library's failure".into(), &().into()));
        assert!(parsed.next().is_none());
    }
}
