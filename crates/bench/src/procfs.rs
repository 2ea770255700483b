//! Reads /proc: processor time, memory and children of processes.

use std::collections::BTreeSet;
use std::fs;

/// Clock ticks a second in /proc; Linux uses 100 on all current architectures.
const TICKS: f64 = 100.0;

/// Processor seconds that these processes and their descendants have used so far.
pub(crate) fn cpu_seconds(roots: &[u32]) -> f64 {
    family(roots).into_iter().filter_map(stat).map(|stat| stat.cpu_seconds).sum()
}

/// Processor seconds of this process.
pub(crate) fn own_cpu_seconds() -> f64 {
    stat(std::process::id()).map_or(0.0, |stat| stat.cpu_seconds)
}

/// Resident bytes of one process.
pub(crate) fn resident_bytes(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

struct Stat {
    parent: u32,
    cpu_seconds: f64,
}

fn stat(pid: u32) -> Option<Stat> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The process's name may contain spaces and brackets, so fields are counted from its last bracket on.
    let (_, fields) = line.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    // The last two are those of children that have ended, such as connections of a database.
    let used: f64 = (11..=14).map(ticks).sum();
    Some(Stat { parent: fields.get(1)?.parse().ok()?, cpu_seconds: used / TICKS })
}

/// These processes with all their descendants.
fn family(roots: &[u32]) -> BTreeSet<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parents: Vec<(u32, u32)> = pids.filter_map(|pid| Some((pid, stat(pid)?.parent))).collect();
    let mut family: BTreeSet<u32> = roots.iter().copied().collect();
    loop {
        let children = parents.iter().filter(|(_, parent)| family.contains(parent)).map(|(pid, _)| *pid);
        let children: Vec<u32> = children.filter(|pid| !family.contains(pid)).collect();
        if children.is_empty() {
            return family;
        }
        family.extend(children);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_found_with_its_memory() {
        assert!(resident_bytes(std::process::id()) > 100_000);
        assert!(family(&[1]).contains(&std::process::id()) || family(&[std::process::id()]).len() == 1);
        assert!(stat(std::process::id()).is_some());
    }
}
