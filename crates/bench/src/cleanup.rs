//! When somebody ends the command early: what it started ends with it, and its folders go.

use parking_lot::Mutex;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

/// How long what was started may take to end.
const END_TIMEOUT: Duration = Duration::from_secs(10);
/// What a shell says of a program that was interrupted.
const INTERRUPTED: i32 = 130;

static CHILDREN: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static FOLDERS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Notes a process that is ours to end.
pub(crate) fn started(child: Pid) {
    CHILDREN.lock().insert(child.as_raw_nonzero().get());
}

/// Forgets a process that has been waited for: its number may be somebody else's now.
pub(crate) fn ended(child: Pid) {
    CHILDREN.lock().remove(&child.as_raw_nonzero().get());
}

/// Notes a folder that is ours to remove.
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
    reason = "the main thread waits for what was just ended, and would report that as a failure"
)]
fn end_everything() {
    // Held until the end, so that nothing new is started.
    let children = CHILDREN.lock();
    let pids: Vec<Pid> = children.iter().filter_map(|pid| Pid::from_raw(*pid)).collect();
    for pid in &pids {
        // One that has ended already cannot be ended, which is as good.
        let _ended = kill_process(*pid, Signal::TERM);
    }
    let begun = Instant::now();
    while begun.elapsed() < END_TIMEOUT && pids.iter().any(|pid| is_running(*pid)) {
        std::thread::sleep(Duration::from_millis(50));
    }
    for folder in FOLDERS.lock().iter() {
        // What cannot be removed stays in the folder for temporary things.
        let _removed = std::fs::remove_dir_all(folder);
    }
    std::process::exit(INTERRUPTED);
}

/// Nobody waits for our children any more, so those that ended stay as zombies.
fn is_running(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    test_kill_process(pid).is_ok() && state.is_some_and(|state| state != 'Z')
}
