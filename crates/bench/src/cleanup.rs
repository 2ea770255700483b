//! Cleans up when the command is interrupted: ends the processes that it started and removes its folders.

use parking_lot::Mutex;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

/// How long the processes may take to end.
const END_TIMEOUT: Duration = Duration::from_secs(10);
/// The exit code that shells give an interrupted program.
const INTERRUPTED: i32 = 130;

static CHILDREN: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static FOLDERS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Registers a process to end.
pub(crate) fn started(child: Pid) {
    CHILDREN.lock().insert(child.as_raw_nonzero().get());
}

/// Unregisters a process that has ended, because another process may get its number.
pub(crate) fn ended(child: Pid) {
    CHILDREN.lock().remove(&child.as_raw_nonzero().get());
}

/// Registers a folder to remove.
pub(crate) fn made(folder: &Path) {
    FOLDERS.lock().insert(folder.to_owned());
}

/// Waits for signals in the background, for the rest of the process's life.
///
/// # Errors
/// When the system gives no thread or no signals.
pub(crate) fn watch() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut terminate, mut interrupt) = {
        let _inside = runtime.enter();
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
    };
    let wait = move || {
        runtime.block_on(async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        });
        end_everything();
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait)?;
    Ok(())
}

#[expect(
    clippy::exit,
    reason = "the main thread waits for the processes ended here, and would report their end as a failure"
)]
fn end_everything() {
    // Locked until the exit, so that no other process can be registered.
    let children = CHILDREN.lock();
    let pids: Vec<Pid> = children.iter().filter_map(|pid| Pid::from_raw(*pid)).collect();
    for pid in &pids {
        // Fails if the process has ended already.
        let _ended = kill_process(*pid, Signal::TERM);
    }
    let begun = Instant::now();
    while begun.elapsed() < END_TIMEOUT && pids.iter().any(|pid| is_running(*pid)) {
        std::thread::sleep(Duration::from_millis(50));
    }
    for folder in FOLDERS.lock().iter() {
        // A folder that cannot be removed stays.
        let _removed = std::fs::remove_dir_all(folder);
    }
    std::process::exit(INTERRUPTED);
}

/// Whether a process is running. Nobody waits for these children any more, so ended ones remain as zombies.
fn is_running(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    test_kill_process(pid).is_ok() && state.is_some_and(|state| state != 'Z')
}
