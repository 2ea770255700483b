//! Writes log lines to stderr on a separate thread, so that no request waits for stderr.
//!
//! Each thread that logs has a bounded buffer, and one thread empties all of them. Lines of one thread stay in order; lines of different
//! threads are ordered by their timestamps. If stderr blocks (a full disk behind a pipe, a stopped terminal), lines are dropped, counted
//! and reported, but no request is delayed.
//!
//! `tracing-appender` does the same. With it, an event's page took 11 % more processor time, because every line is allocated and every
//! thread writes to one channel (docs/adr/0012-per-thread.md).

use fairseat_edge::PerThread;
use parking_lot::{Condvar, Mutex};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The size of a thread's buffer in bytes: some thousand lines.
const MAX_BYTES: usize = 1024 * 1024;
/// How long lines gather before they are written together. Waking the writer for each line would cost more than formatting the line.
const GATHER: Duration = Duration::from_millis(5);
/// How long the shutdown waits for the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Accepts lines. Clones share the buffers.
#[derive(Clone, Debug)]
pub(super) struct Lines(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    waiting: PerThread<Waiting>,
    /// Whether the writer will check for lines before it sleeps. A writer that sleeps must be woken, which costs a system call.
    awake: AtomicBool,
    /// Whether the writer has taken lines that it has not written yet.
    writing: Mutex<bool>,
    /// Signals that there are lines to write.
    more: Condvar,
    /// Signals that all lines were written.
    done: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    lost_lines: u64,
}

impl Shared {
    fn anything_waits(&self) -> bool {
        self.waiting.lock_each().any(|waiting| !waiting.bytes.is_empty())
    }
}

impl Lines {
    /// Starts a thread that writes lines to `out` for the rest of the process's life.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(super) fn into(out: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Shared {
            waiting: PerThread::default(),
            awake: AtomicBool::new(true),
            writing: Mutex::new(false),
            more: Condvar::new(),
            done: Condvar::new(),
        };
        let lines = Self(Arc::new(shared));
        let writer = lines.clone();
        std::thread::Builder::new().name("log".to_owned()).spawn(move || writer.write_for_ever(out))?;
        Ok(lines)
    }

    fn write_for_ever(&self, mut out: impl Write) {
        let mut batch = Vec::new();
        loop {
            self.wait_for_lines();
            std::thread::sleep(GATHER);
            batch.clear();
            let mut lost = 0;
            for mut waiting in self.0.waiting.lock_each() {
                batch.append(&mut waiting.bytes);
                lost += std::mem::take(&mut waiting.lost_lines);
            }
            if lost > 0 {
                let line =
                    format!("{{\"level\":\"WARN\",\"message\":\"log lines were lost\",\"lines\":{lost}}}\n");
                batch.extend_from_slice(line.as_bytes());
            }
            // If stderr is closed, the error cannot be reported anywhere.
            drop(out.write_all(&batch).and_then(|()| out.flush()));
        }
    }

    fn wait_for_lines(&self) {
        let mut writing = self.0.writing.lock();
        *writing = false;
        self.0.done.notify_all();
        // A thread that adds a line after this check sees `awake` = false, and takes the lock to wake the writer.
        self.0.awake.store(false, Ordering::SeqCst);
        while !self.0.anything_waits() {
            self.0.more.wait(&mut writing);
        }
        self.0.awake.store(true, Ordering::SeqCst);
        *writing = true;
    }

    /// Buffers a line; drops it if the buffer is full.
    pub(super) fn push(&self, line: &[u8]) {
        let mut waiting = self.0.waiting.current();
        if waiting.bytes.len() + line.len() > MAX_BYTES {
            waiting.lost_lines += 1;
            return;
        }
        waiting.bytes.extend_from_slice(line);
        drop(waiting);
        if !self.0.awake.load(Ordering::SeqCst) {
            let _writing = self.0.writing.lock();
            self.0.more.notify_one();
        }
    }

    /// Waits until all buffered lines are written, at most [`LAST_LINES`].
    pub(super) fn wait_until_written(&self) {
        let mut writing = self.0.writing.lock();
        let unwritten = |writing: &mut bool| *writing || self.0.anything_waits();
        self.0.done.wait_while_for(&mut writing, unwritten, LAST_LINES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, Sender, channel};

    /// A reader that accepts output only when the test permits it.
    struct Reader {
        called: Sender<()>,
        go: Receiver<()>,
        read: Sender<Vec<u8>>,
    }

    impl Write for Reader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.called.send(()).map_err(io::Error::other)?;
            self.go.recv().map_err(io::Error::other)?;
            self.read.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_blocked_reader_loses_lines_but_delays_nobody() {
        let ((call, called), (go, wait), (send, read)) = (channel(), channel(), channel());
        let lines = Lines::into(Reader { called: call, go: wait, read: send }).unwrap();
        lines.push(b"first\n");
        called.recv().unwrap();
        let line = vec![b'x'; MAX_BYTES / 4];
        for _ in 0..100 {
            lines.push(&line);
        }
        go.send(()).unwrap();
        assert_eq!(read.recv().unwrap(), b"first\n");
        go.send(()).unwrap();
        lines.wait_until_written();
        let rest = String::from_utf8(read.recv().unwrap()).unwrap();
        assert!(rest.ends_with("x{\"level\":\"WARN\",\"message\":\"log lines were lost\",\"lines\":96}\n"));
    }
}
