//! The machine and the versions of the measured programs; the figures depend on them.

use crate::process::output;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Machine and versions, as lines for the document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Machine {
    pub(crate) lines: Vec<(&'static str, String)>,
}

impl Machine {
    /// Adds the versions of PostgreSQL and Redis.
    pub(crate) fn with(mut self, postgres: Option<&str>, redis: Option<&str>) -> Self {
        let installed = |version: Option<&str>| version.unwrap_or("not measured").to_owned();
        self.lines.extend([("PostgreSQL", installed(postgres)), ("Redis", installed(redis))]);
        self
    }

    /// Reads the properties of this machine; `dir` is the folder with the data.
    pub(crate) fn here(dir: &Path) -> Self {
        let said = |program: &str, arguments: &[&str]| {
            let said = output(Command::new(program).args(arguments)).unwrap_or_default();
            said.trim().to_owned()
        };
        let changed = !said("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty();
        let commit = said("git", &["rev-parse", "--short=12", "HEAD"]);
        let command: Vec<String> = std::env::args().skip(1).collect();
        let separator = if command.is_empty() { "" } else { " -- " };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            lines: vec![
                (
                    "command",
                    format!("`cargo run --release -p fairseat-bench{separator}{}`", command.join(" ")),
                ),
                ("date", said("date", &["-u", "+%Y-%m-%d %H:%M UTC"])),
                ("commit", if changed { format!("{commit}, with changes") } else { commit }),
                ("processor", format!("{}, {cores} cores", processor())),
                ("memory", format!("{} GB", memory_gigabytes())),
                ("kernel", said("uname", &["-sr"])),
                ("data on", disk(dir)),
                ("load of the machine before", load_average()),
                ("rustc", said("rustc", &["--version"])),
            ],
        }
    }
}

/// The load average of the last minute. Above half the number of cores, other programs were running too.
pub(crate) fn load_average() -> String {
    let line = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    line.split(' ').next().unwrap_or_default().to_owned()
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = info.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(": ")).map(|(_, name)| name);
    name.unwrap_or("unknown").to_owned()
}

fn memory_gigabytes() -> u64 {
    let info = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = info.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok());
    total.unwrap_or(0) / 1_000_000
}

fn disk(dir: &Path) -> String {
    let table = output(Command::new("df").args(["--output=source,fstype"]).arg(dir)).unwrap_or_default();
    let line = table.lines().nth(1).unwrap_or("unknown").split_whitespace().collect::<Vec<_>>().join(", ");
    if line.contains("tmpfs") { format!("{line}: MEMORY, nothing here is durable") } else { line }
}
