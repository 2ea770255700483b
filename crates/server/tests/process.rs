//! The real binary, as scripts and operators see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

#[path = "common/command.rs"]
mod command;
#[path = "common/server_process.rs"]
mod server_process;

use command::{PATIENCE, run};
use fairseat_test_postgres::PostgresServer;
use fairseat_test_redis::RedisServer;
use server_process::first_line;
use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};

const FAIRSEAT: &str = env!("CARGO_BIN_EXE_fairseat");

struct Server {
    process: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    /// Starts a server on a free port and waits for its first line.
    fn start(data_dir: &Path) -> Self {
        let mut command = Command::new(FAIRSEAT);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data_dir);
        command.env("FAIRSEAT_LOG", "error");
        Self::of(command)
    }

    /// Starts a server with this command and waits for its first line.
    fn of(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let (line, stdout) = first_line(&mut process);
        let address =
            line.strip_prefix("fairseat listening on http://").unwrap_or_else(|| panic!("{line:?}"));
        Self { address: address.to_owned(), process, stdout }
    }

    fn get(&self, path: &str) -> String {
        get(&self.address, path)
    }

    /// Terminates it; returns the rest of its output, and how it ended.
    fn terminate(mut self) -> (ExitStatus, String) {
        server_process::terminate(&mut self.process, &mut self.stdout)
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

impl Drop for Server {
    fn drop(&mut self) {
        // Only a failed test leaves it running; it is fine if it has already ended.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn fairseat(arguments: &[&str], data_dir: &Path) -> Output {
    run(Command::new(FAIRSEAT).args(arguments).arg("--data-dir").arg(data_dir), "")
}

#[test]
fn a_server_prints_one_line_and_exits_with_0_when_terminated() {
    let parent = tempfile::tempdir().unwrap();
    let data_dir = parent.path().join("made/by/the/server");
    let server = Server::start(&data_dir);
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200 "));
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200 "));
    let (status, rest) = server.terminate();
    assert_eq!(status.code(), Some(0));
    assert_eq!(rest, "", "one line is all");
    let again = Server::start(&data_dir);
    assert!(again.get("/").contains("Good seats, fairly sold."));
    assert_eq!(again.terminate().0.code(), Some(0));
}

#[test]
fn startup_errors_are_one_sentence_that_says_what_to_do() {
    let parent = tempfile::tempdir().unwrap();
    let data_dir = parent.path().join("data");
    let server = Server::start(&data_dir);
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    let other = parent.path().join("other");
    std::fs::write(parent.path().join("file"), "").unwrap();
    for (arguments, data_dir, expected) in [
        (
            &["serve", "--listen", "127.0.0.1:0"][..],
            data_dir.as_path(),
            "another fairseat server uses the data folder",
        ),
        (
            &["serve", "--listen", taken.as_str()],
            other.as_path(),
            "the port is taken: stop the other program, or choose another",
        ),
        (
            &["serve", "--listen", "192.0.2.1:80"],
            other.as_path(),
            "choose an address of this machine with --listen",
        ),
        (&["serve"], parent.path().join("file").as_path(), "choose another with --data-dir"),
    ] {
        let output = fairseat(arguments, data_dir);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.starts_with("fairseat: ") && said.contains(expected) && said.lines().count() == 1,
            "{said}"
        );
        assert!(output.stdout.is_empty());
    }
    drop(server);
}

#[test]
fn wrong_options_are_explained() {
    for (arguments, expected) in [
        (&["serve", "--limits", "maybe"][..], "[possible values: on, off]"),
        (&["serve", "--listen", "here"], "--listen <ADDRESS>"),
        (&["serve", "--trusted-proxy", "everyone"], "is neither an address nor a network"),
        (
            &["user", "add", "--email", "a@b.c", "--role", "king", "--password-stdin"],
            "[possible values: buyer",
        ),
        (&["sell"], "unrecognized subcommand"),
    ] {
        let output = run(Command::new(FAIRSEAT).args(arguments), "");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains(expected), "{arguments:?}: {said}");
    }
    let help = run(Command::new(FAIRSEAT).arg("--help"), "");
    assert!(help.status.success() && String::from_utf8(help.stdout).unwrap().contains("Examples:"));
    let version = run(Command::new(FAIRSEAT).arg("--version"), "");
    assert_eq!(
        String::from_utf8(version.stdout).unwrap(),
        format!("fairseat {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn rotating_keys_adds_a_token_key_to_an_existing_folder() {
    let folder = tempfile::tempdir().unwrap();
    let refused = fairseat(&["rotate-keys"], folder.path());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(1) && said.contains("has no keys"), "{said}");
    assert!(!folder.path().join("keys").exists(), "nothing is made");
    assert!(Server::start(folder.path()).terminate().0.success());
    let keys = || std::fs::read_to_string(folder.path().join("keys/token-keys")).unwrap();
    let before = keys();
    assert!(fairseat(&["rotate-keys"], folder.path()).status.success());
    let after = keys();
    assert!(
        before.lines().all(|key| after.contains(key)) && after.lines().count() > before.lines().count(),
        "{}",
        after.lines().count()
    );
}

/// The files and folders in `folder`, and `folder` itself, that anybody but their owner may use; each with its rights.
fn open_to_others(folder: &Path) -> Vec<String> {
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let named =
        |path: &Path| (mode(path) & 0o077 != 0).then(|| format!("{:o} {}", mode(path), path.display()));
    let mut open: Vec<String> = named(folder).into_iter().collect();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { open.extend(open_to_others(&path)) } else { open.extend(named(&path)) }
    }
    open
}

#[test]
fn nothing_that_the_program_writes_can_be_read_by_others() {
    let parent = tempfile::tempdir().unwrap();
    let data_dir = parent.path().join("data");
    // Somebody made the folder, and a file in it, readable for all; the shell's mask forbids nothing.
    std::fs::create_dir(&data_dir).unwrap();
    std::fs::write(data_dir.join("server.lock"), "").unwrap();
    for path in [data_dir.clone(), data_dir.join("server.lock")] {
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o777)).unwrap();
    }
    let without_mask = |arguments: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("umask 000; exec \"$0\" {arguments} \"$@\""), FAIRSEAT]);
        shell.env("FAIRSEAT_LOG", "error").env("FAIRSEAT_DATA_DIR", &data_dir);
        shell
    };
    let mut process = without_mask("serve --listen 127.0.0.1:0").stdout(Stdio::piped()).spawn().unwrap();
    let (line, stdout) = first_line(&mut process);
    let address = line.strip_prefix("fairseat listening on http://").unwrap().to_owned();
    let server = Server { process, stdout, address };
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200 "));
    assert_eq!(open_to_others(&data_dir), Vec::<String>::new(), "while it runs");
    let made = run(
        &mut without_mask("user add --email a@example.org --role admin --password-stdin"),
        "seven cold swans",
    );
    assert!(made.status.success(), "{made:?}");
    let backup = parent.path().join("backup.fairseat");
    let written = run(without_mask("backup").arg(&backup), "");
    assert!(written.status.success(), "{written:?}");
    let restored = parent.path().join("restored");
    let arguments = format!("restore {} --data-dir {}", backup.display(), restored.display());
    assert!(run(&mut without_mask(&arguments), "").status.success());
    assert_eq!(std::fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(open_to_others(&restored), Vec::<String>::new());
    drop(server);
    assert_eq!(open_to_others(&data_dir), Vec::<String>::new());
}

#[test]
fn verify_names_the_line_of_the_audit_trail_that_was_removed() {
    let parent = tempfile::tempdir().unwrap();
    let data_dir = parent.path().join("data");
    run(
        Command::new(FAIRSEAT)
            .args(["user", "add", "--email", "a@example.org", "--role", "organizer"])
            .args(["--password-stdin", "--data-dir"])
            .arg(&data_dir),
        "seven cold swans",
    );
    let by_hand = |text: &str| {
        rusqlite::Connection::open(data_dir.join("store.db")).unwrap().execute_batch(text).unwrap();
    };
    let said = |arguments: &[&str]| String::from_utf8(fairseat(arguments, &data_dir).stdout).unwrap();
    let empty = "0:0000000000000000000000000000000000000000000000000000000000000000";
    assert_eq!(
        said(&["verify"]),
        format!("audit trail: 0 lines, the last is {empty}\n0 events verified, 0 violations\n")
    );
    by_hand("UPDATE audit_head SET line = 2");
    let found = fairseat(&["verify"], &data_dir);
    assert_eq!(found.status.code(), Some(1));
    assert!(said(&["verify"]).contains("VIOLATION: audit trail: lines 1 to 2 are missing\n"), "{found:?}");
    assert!(said(&["verify", "--json"]).contains(r#""violation":"audit trail: lines 1 to 2 are missing""#));
}

#[test]
fn measurements_have_a_listener_of_their_own_where_the_operator_asks_for_one() {
    let parent = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut process = Command::new(FAIRSEAT)
        .args(["serve", "--listen", "127.0.0.1:0", "--metrics-listen", &taken.to_string(), "--data-dir"])
        .arg(parent.path().join("data"))
        .env("FAIRSEAT_LOG", "error")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (line, stdout) = first_line(&mut process);
    let address = line.strip_prefix("fairseat listening on http://").unwrap().to_owned();
    let server = Server { process, stdout, address };
    assert!(server.get("/metrics").starts_with("HTTP/1.1 200 "), "on this machine");
    assert!(get(&taken.to_string(), "/metrics").contains("fairseat_"));
    assert!(get(&taken.to_string(), "/").starts_with("HTTP/1.1 404 "), "nothing else");
}

/// A server on a database, and the same command when it is expected to be refused.
fn serve_on(database: &str, data_dir: &Path) -> Command {
    let mut command = Command::new(FAIRSEAT);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data_dir);
    command.env("FAIRSEAT_DATABASE", database).env("FAIRSEAT_LOG", "error");
    command
}

fn refused(command: &mut Command) -> String {
    let output = run(command, "");
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error.trim().lines().count(), 1, "{error}");
    error
}

#[test]
fn journal_and_store_can_be_in_postgresql_and_several_servers_use_them() {
    let postgres = PostgresServer::start(&[]).unwrap();
    let database = postgres.url("postgres");
    let folders = tempfile::tempdir().unwrap();
    let first = folders.path().join("first");
    let unprepared = refused(&mut serve_on(&database, &first));
    assert!(unprepared.contains("fairseat database prepare"), "{unprepared}");
    let on_database = |arguments: &[&str], input: &str| {
        let mut command = Command::new(FAIRSEAT);
        let output = run(command.args(arguments).env("FAIRSEAT_DATABASE", &database), input);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    for _ in 0..2 {
        assert_eq!(on_database(&["database", "prepare"], "").trim(), "the database is ready");
    }
    let start = |folder: &Path| Server::of(serve_on(&database, folder));
    let server = start(&first);
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200 "));
    let made: Vec<_> = std::fs::read_dir(&first).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(made, ["keys"], "the folder has the keys alone");

    let stranger = refused(&mut serve_on(&database, &folders.path().join("stranger")));
    assert!(stranger.contains("copy the folder keys"), "{stranger}");
    let second = folders.path().join("second");
    std::fs::create_dir(&second).unwrap();
    let copied =
        Command::new("cp").arg("-r").args([first.join("keys"), second.join("keys")]).status().unwrap();
    assert!(copied.success());
    let other = start(&second);
    assert!(other.get("/readyz").starts_with("HTTP/1.1 200 "));

    let add = ["user", "add", "--email", "ada@example.test", "--role", "organizer", "--password-stdin"];
    assert!(on_database(&add, "a long password of some words").starts_with("added ada@example.test"));
    drop(server);
    assert!(other.get("/api/v1/events").starts_with("HTTP/1.1 200 "), "it goes on when the first was killed");
    assert!(other.terminate().0.success());
    let verified = on_database(&["verify"], "");
    assert!(verified.trim().ends_with("0 events verified, 0 violations"), "{verified}");
}

#[test]
fn a_database_server_that_may_lose_tickets_or_cannot_be_reached_is_refused_in_one_line() {
    let postgres = PostgresServer::start(&["fsync=off"]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut prepare = Command::new(FAIRSEAT);
    let prepared = run(prepare.args(["database", "prepare", "--database"]).arg(postgres.url("postgres")), "");
    assert!(prepared.status.success(), "{prepared:?}");
    let unsafe_server = refused(&mut serve_on(&postgres.url("postgres"), folder.path()));
    assert!(unsafe_server.contains("fsync"), "{unsafe_server}");
    for (database, expected) in [
        (postgres.url("nowhere"), "nowhere"),
        ("host=/nowhere user=postgres dbname=x".to_owned(), "cannot be"),
        ("nonsense".to_owned(), "connection string"),
    ] {
        let error = refused(&mut serve_on(&database, folder.path()));
        assert!(error.contains(expected), "{database}: {error}");
    }
}

#[test]
fn the_password_of_the_database_is_in_no_output() {
    const PASSWORD: &str = "Gallery7";
    let postgres = PostgresServer::start(&[]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let with_password =
        |url: String| url.replace("user=postgres", &format!("user=postgres password={PASSWORD}"));
    let good = with_password(postgres.url("postgres"));
    let prepare = run(Command::new(FAIRSEAT).args(["database", "prepare", "--database", &good]), "");
    assert!(prepare.status.success() && !format!("{prepare:?}").contains(PASSWORD), "{prepare:?}");

    let log = folder.path().join("log");
    let mut serve = serve_on(&good, &folder.path().join("data"));
    serve.env("FAIRSEAT_LOG", "debug").stderr(std::fs::File::create(&log).unwrap());
    let server = Server::of(serve);
    assert!(server.get("/api/v1/events").starts_with("HTTP/1.1 200 "));
    // It loses its database, and says so.
    drop(postgres);
    assert!(server.get("/api/v1/events").starts_with("HTTP/1.1 503 "));
    let (_, rest) = server.terminate();
    let logged = std::fs::read_to_string(&log).unwrap();
    assert!(
        logged.contains("/api/v1/events") && !logged.contains(PASSWORD) && !rest.contains(PASSWORD),
        "{logged}"
    );

    let data = folder.path().join("data").display().to_string();
    std::fs::write(folder.path().join("data/store.db"), "").unwrap();
    for url in [
        good,
        format!("postgres://shop:{PASSWORD}@127.0.0.1:1/shop"),
        format!("postgres://shop:x@{PASSWORD}@127.0.0.1:1/shop"),
        format!("postgres://shop:{PASSWORD}@["),
        format!("host=127.0.0.1 port=1 password=two {PASSWORD}=words"),
        format!("postgres://shop:{PASSWORD}@127.0.0.1:1/shop?sslmode=verify-full"),
    ] {
        for arguments in [
            &["serve", "--listen", "127.0.0.1:0", "--data-dir", &data, "--database", &url][..],
            &["verify", "--database", &url],
            &[
                "user",
                "add",
                "--email",
                "a@b.example",
                "--role",
                "buyer",
                "--password-stdin",
                "--database",
                &url,
            ],
            &["database", "prepare", "--database", &url],
            &["database", "distribute", "--database", &url],
            &["migrate", "--data-dir", &data, "--to", &url],
        ] {
            let output = run(
                Command::new(FAIRSEAT).args(arguments).env("FAIRSEAT_LOG", "debug"),
                "a long password of words",
            );
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(!output.status.success() && !said.contains(PASSWORD), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn a_missing_right_of_the_database_user_is_said_in_one_line() {
    let postgres = PostgresServer::start(&[]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let owner = postgres.url("postgres");
    assert!(
        run(Command::new(FAIRSEAT).args(["database", "prepare", "--database", &owner]), "").status.success()
    );
    postgres.by_hand("CREATE ROLE shop LOGIN").unwrap();
    let url = owner.replace("user=postgres", "user=shop");
    let mut grants = Vec::new();
    // What each line says is done, until the server starts.
    let server = loop {
        assert!(grants.len() < 40, "{grants:?}");
        let mut probe = serve_on(&url, folder.path());
        let mut process = probe.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (line, stdout) = first_line(&mut process);
        if let Some(address) = line.strip_prefix("fairseat listening on http://") {
            break Server { address: address.to_owned(), process, stdout };
        }
        let said = String::from_utf8(process.wait_with_output().unwrap().stderr).unwrap();
        assert_eq!(said.trim().lines().count(), 1, "{said}");
        let (_, grant) = said
            .trim()
            .split_once("the database user shop lacks a right: ")
            .unwrap_or_else(|| panic!("{said}"));
        assert!(!grants.contains(&grant.to_owned()), "{grant}");
        postgres.by_hand(grant).unwrap();
        grants.push(grant.to_owned());
    };
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200 "));
    assert!(server.terminate().0.success());
    assert_eq!(grants[0], "GRANT USAGE ON SCHEMA fairseat_store TO shop");
}

#[test]
fn redis_may_come_and_go_and_an_address_that_cannot_work_is_refused_in_one_line() {
    const PASSWORD: &str = "Gallery7";
    let postgres = PostgresServer::start(&[]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let database = postgres.url("postgres");
    let prepare = run(Command::new(FAIRSEAT).args(["database", "prepare", "--database", &database]), "");
    assert!(prepare.status.success(), "{prepare:?}");
    let serve = |redis: &str| {
        let mut command = serve_on(&database, &folder.path().join("data"));
        command.env("FAIRSEAT_REDIS", redis).env("FAIRSEAT_LOG", "info");
        command
    };
    let mut redis = RedisServer::start(&["--requirepass", PASSWORD]).unwrap();
    for (address, expected) in [
        (format!("{PASSWORD}@localhost"), "--redis must look like redis://user:password@host:6379/0"),
        (format!("{}?pass={PASSWORD}8", redis.url()), "does not accept the user or the password"),
    ] {
        let output = run(&mut serve(&address), "");
        let said = String::from_utf8(output.stderr).unwrap();
        let errors: Vec<&str> = said.lines().filter(|line| line.starts_with("fairseat: ")).collect();
        assert!(errors.len() == 1 && errors[0].contains(expected) && !said.contains(PASSWORD), "{said}");
    }

    redis.kill();
    let log = folder.path().join("log");
    let mut command = serve(&format!("{}?pass={PASSWORD}", redis.url()));
    command.stderr(std::fs::File::create(&log).unwrap());
    let server = Server::of(command);
    let until_ready_says = |expected: &str| {
        let began = std::time::Instant::now();
        while server.get("/readyz").split_once("\r\n\r\n").unwrap().1 != expected {
            assert!(began.elapsed() < PATIENCE, "{}", server.get("/readyz"));
        }
    };
    until_ready_says("ready\nredis: away\n");
    redis.restart().unwrap();
    until_ready_says("ready\n");
    redis.kill();
    until_ready_says("ready\nredis: away\n");
    assert!(server.terminate().0.success());
    let logged = std::fs::read_to_string(&log).unwrap();
    let changes: Vec<bool> =
        logged.lines().filter(|line| line.contains("Redis is ")).map(|line| line.contains("away:")).collect();
    assert!(changes.len() >= 3 && changes[0], "{logged}");
    assert!(changes.windows(2).all(|two| two[0] != two[1]), "one line for each change: {logged}");
    assert!(!logged.contains(PASSWORD), "{logged}");
}
