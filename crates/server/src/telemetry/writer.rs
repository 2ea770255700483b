//! Log lines on their way to stderr, without making a request wait for whoever reads them.
//!
//! Lines gather in bounded buffers, one for each thread that logs, which one thread empties: lines of one thread stay in their order,
//! of several their times tell it. A reader that stalls (a full disk behind a pipe, a stopped terminal) costs lines, which are counted
//! and reported, but never an answer.

use fairseat_edge::PerThread;
use parking_lot::{Condvar, Mutex};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Bytes of one thread that may wait: some thousand lines.
const MAX_BYTES: usize = 1024 * 1024;
/// Lines gather for so long before they are written together: waking the thread for each line costs a busy server more
/// than the line.
const GATHER: Duration = Duration::from_millis(5);
/// How long the end waits for the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Takes lines; cloning it shares the buffer.
#[derive(Clone, Debug)]
pub(super) struct Lines(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    waiting: PerThread<Waiting>,
    /// Whether the thread that writes will look for lines again before it sleeps: only a sleeping one must be woken, which costs a
    /// system call.
    awake: AtomicBool,
    /// Whether it has lines that are not written.
    writing: Mutex<bool>,
    /// There is something to write.
    more: Condvar,
    /// All was written.
    done: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    lost_lines: u64,
}

impl Shared {
    fn anything_waits(&self) -> bool {
        self.waiting.each().any(|waiting| !waiting.bytes.is_empty())
    }
}

impl Lines {
    /// Lines that end up in `out`, written by a thread of their own for the rest of the process's life.
    ///
    /// # Errors
    /// When the system gives no thread.
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
            for mut waiting in self.0.waiting.each() {
                batch.append(&mut waiting.bytes);
                lost += std::mem::take(&mut waiting.lost_lines);
            }
            if lost > 0 {
                let line =
                    format!("{{\"level\":\"WARN\",\"message\":\"log lines were lost\",\"lines\":{lost}}}\n");
                batch.extend_from_slice(line.as_bytes());
            }
            // If stderr is gone there is nobody to tell.
            drop(out.write_all(&batch).and_then(|()| out.flush()));
        }
    }

    fn wait_for_lines(&self) {
        let mut writing = self.0.writing.lock();
        *writing = false;
        self.0.done.notify_all();
        // Whoever adds a line after it was looked for finds this, and waits for the lock to wake us.
        self.0.awake.store(false, Ordering::SeqCst);
        while !self.0.anything_waits() {
            self.0.more.wait(&mut writing);
        }
        self.0.awake.store(true, Ordering::SeqCst);
        *writing = true;
    }

    /// Takes one line, or loses it when too many wait.
    pub(super) fn push(&self, line: &[u8]) {
        let mut waiting = self.0.waiting.mine();
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

    /// Waits a moment until what was logged is written.
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

    /// A reader that takes what is written when the test says so.
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
    fn a_stalled_reader_costs_lines_not_time() {
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
