//! A running server.

use rustix::process::{Pid, Signal, kill_process};
use std::io::{self, BufRead as _, BufReader};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a server may take to become ready.
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// A shell script. Its arguments are the command that starts the server. It says the server's process, waits until its own stdin is closed, which
/// happens when this process ends, and kills the server.
const WATCHDOG: &str = r#""$@" > /dev/null & echo $!; cat > /dev/null; kill -9 $!; wait"#;

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct RedisServer {
    folder: TempDir,
    settings: Vec<String>,
    /// The shell that runs the server, and kills it when its stdin is closed, and the server.
    running: Option<(Child, Pid)>,
}

impl RedisServer {
    /// Starts one with further settings, such as `["--requirepass", "secret"]`.
    ///
    /// # Errors
    /// When Redis is not installed or does not start.
    pub fn start(settings: &[&str]) -> io::Result<Self> {
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let mut server = Self { folder: tempfile::tempdir()?, settings, running: None };
        server.run()?;
        Ok(server)
    }

    /// Its address, for a user without a password.
    #[must_use]
    pub fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Its Unix socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    /// Kills it; what it knew is lost.
    pub fn kill(&mut self) {
        if let Some((mut watchdog, _)) = self.running.take() {
            drop(watchdog.stdin.take());
            // It fails only if somebody else has waited for it.
            drop(watchdog.wait());
        }
    }

    /// Starts it again, without data.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&mut self) -> io::Result<()> {
        self.kill();
        self.run()
    }

    /// Stops it by a signal: connections stay open and nothing is answered.
    ///
    /// # Errors
    /// When it does not run.
    pub fn pause(&self) -> io::Result<()> {
        self.signal(Signal::STOP)
    }

    /// Goes on after [`Self::pause`].
    ///
    /// # Errors
    /// When it does not run.
    pub fn resume(&self) -> io::Result<()> {
        self.signal(Signal::CONT)
    }

    /// Runs a command, such as `["KEYS", "*"]`; returns what `redis-cli` prints.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn by_hand(&self, command: &[&str]) -> io::Result<String> {
        let output = Command::new("redis-cli").arg("-s").arg(self.socket()).args(command).output()?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    fn signal(&self, signal: Signal) -> io::Result<()> {
        let (_, server) = self.running.as_ref().ok_or_else(|| io::Error::other("the server does not run"))?;
        Ok(kill_process(*server, signal)?)
    }

    fn run(&mut self) -> io::Result<()> {
        let socket = self.socket();
        drop(std::fs::remove_file(&socket));
        let mut watchdog = Command::new("sh");
        watchdog.args([
            "-c",
            WATCHDOG,
            "sh",
            "redis-server",
            "--port",
            "0",
            "--save",
            "",
            "--appendonly",
            "no",
        ]);
        watchdog.arg("--dir").arg(self.folder.path()).arg("--unixsocket").arg(&socket).args(&self.settings);
        watchdog.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut watchdog = watchdog.spawn()?;
        let mut line = String::new();
        if let Some(stdout) = watchdog.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let pid = line.trim().parse().ok().and_then(Pid::from_raw);
        self.running = Some((watchdog, pid.ok_or_else(|| io::Error::other("no server was started"))?));
        let begun = Instant::now();
        while UnixStream::connect(&socket).is_err() {
            if begun.elapsed() > START_TIMEOUT {
                return Err(io::Error::other("Redis did not start (Debian: apt-get install redis-server)"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
