//! The real program on a failing machine: failing syncs, full disks, jumping clocks, a second server, no network. `test.sh`
//! installs libfiu and libfaketime; mounts and namespaces need root.

use crate::chance::Chance;
use crate::command::run;
use crate::hall::{Answer, Hall, Post, Sizes};
use crate::server::{Death, Place, Server};
use crate::{Crowd, proof};
use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn long() -> bool {
    std::env::var_os("FAIRSEAT_LONG").is_some()
}

/// The preloaded libraries of a Debian package.
fn library(name: &str, package: &str) -> PathBuf {
    let folders = [
        "/usr/lib/fiu",
        "/usr/lib/x86_64-linux-gnu/fiu",
        "/usr/lib/x86_64-linux-gnu/faketime",
        "/usr/lib/faketime",
    ];
    let found = folders.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{name} is missing: install the Debian package {package}"))
}

/// Makes one in `one_in` calls of fsync and fdatasync fail with EIO.
pub(crate) fn fail_syncs(command: &mut Command, one_in: u64) {
    let [run, posix] = ["fiu_run_preload.so", "fiu_posix_preload.so"].map(|name| library(name, "fiu-utils"));
    let probability = 1.0 / one_in as f64;
    let rule =
        |call| format!("enable_random name=posix/io/sync/{call},probability={probability},failinfo=5\n");
    command.env("LD_PRELOAD", format!("{} {}", run.display(), posix.display()));
    command.env("FIU_ENABLE", rule("fsync") + &rule("fdatasync"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_changes_survive_failed_syncs() {
    let (failures, sizes) = match long() {
        true => (200, Sizes { clients: 32, rows: 40, seats_per_row: 50 }),
        false => (8, Sizes { clients: 8, rows: 10, seats_per_row: 20 }),
    };
    let mut chance = Chance::from_environment();
    let hall = Hall::open(&sizes).await;
    let crowd = Crowd::gather(&hall, &sizes, &mut chance);
    for _ in 0..failures {
        hall.serve_until(Death::FailedSync { one_in: 20 + chance.below(200) }).await;
    }
    let server = hall.serve_on().await;
    proof::holds(&hall, vec![server], &crowd.claims().await).await;
}

/// A small mounted disk; unmounted when dropped.
struct Disk(tempfile::TempDir);

impl Disk {
    /// Needs root.
    fn mount(size: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={size},mode=700");
        run_well(
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "fairseat-test"]).arg(folder.path()),
        );
        Self(folder)
    }

    /// Fills the disk until the result is dropped.
    fn fill(&self) -> Ballast {
        let path = self.0.path().join("ballast");
        let mut file = std::fs::File::create(&path).unwrap();
        for size in [1 << 20, 1 << 12, 1] {
            while file.write_all(&vec![1; size]).is_ok() {}
        }
        Ballast(path)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        run_well(Command::new("umount").arg("--lazy").arg(self.0.path()));
    }
}

struct Ballast(PathBuf);

impl Drop for Ballast {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

fn run_well(command: &mut Command) -> Output {
    let output = run(command, "");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Whether this process may mount disks and create namespaces. Prints a line if not, because the test then proves nothing.
fn may_administer() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("not run: only root may do this");
    }
    root
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_changes_until_there_is_room() {
    if !may_administer() {
        return;
    }
    let (cycles, sizes) = match long() {
        true => (50, Sizes { clients: 16, rows: 40, seats_per_row: 50 }),
        false => (4, Sizes { clients: 8, rows: 10, seats_per_row: 20 }),
    };
    let mut chance = Chance::from_environment();
    let disk = Disk::mount("256m");
    let hall = Hall::open_in(tempfile::tempdir_in(disk.0.path()).unwrap(), &sizes).await;
    let crowd = Crowd::gather(&hall, &sizes, &mut chance);
    let server = hall.serve(hall.place().serve()).await;
    for _ in 0..cycles {
        hall.answered(1 + chance.below(200)).await;
        let ballast = disk.fill();
        hall.refused_as_read_only(20).await;
        assert_eq!(hall.status("/readyz").await, 503);
        assert_eq!(hall.status("/healthz").await, 200);
        drop(ballast);
    }
    hall.answered(50).await;
    assert_eq!(hall.status("/readyz").await, 200);
    hall.close();
    proof::holds(&hall, vec![server], &crowd.claims().await).await;
}

#[test]
fn a_second_server_cannot_use_the_folder_of_a_suspended_one() {
    let folder = tempfile::tempdir().unwrap();
    let first = Server::start(&Place::folder(folder.path()), None).unwrap();
    kill_process(first.pid(), Signal::STOP).unwrap();
    let second = run(&mut Place::folder(folder.path()).serve(), "");
    kill_process(first.pid(), Signal::CONT).unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success() && said.contains("another"), "{said}");
    assert!(first.stop().success());
    assert_eq!(Place::folder(folder.path()).verify()["violations"], json!([]));
}

/// The clock of the next server; it can be set while the server runs.
struct Clock(PathBuf);

impl Clock {
    fn of(command: &mut Command, folder: &Path) -> Self {
        let file = folder.join("clock");
        command.env("LD_PRELOAD", library("libfaketimeMT.so.1", "faketime"));
        command.env("FAKETIME_TIMESTAMP_FILE", &file).env("FAKETIME_NO_CACHE", "1");
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        let clock = Self(file);
        clock.differs_by("+0s");
        clock
    }

    fn differs_by(&self, offset: &str) {
        // Replaced by renaming, because the server may read the file at any time.
        let new = self.0.with_extension("new");
        std::fs::write(&new, format!("{offset}\n")).unwrap();
        std::fs::rename(new, &self.0).unwrap();
    }
}

async fn do_once(hall: &Hall, token: &str, key: &str, path: &str, body: Value) -> Answer {
    hall.post(&Post { path: path.to_owned(), body, key: key.to_owned() }, token).await
}

async fn reserve(hall: &Hall, token: &str, key: &str, seats: &[u32]) -> Value {
    let path = format!("/api/v1/events/{}/reserve", hall.event());
    let answer = do_once(hall, token, key, &path, json!({"seat_indexes": seats, "hold_duration": 600})).await;
    assert_eq!(answer.status, 201, "{key}: {}", answer.json);
    answer.json
}

async fn buy(hall: &Hall, token: &str, key: &str, reservation: &Value) -> String {
    let card = json!({"card_number": "4242424242424242", "expiry": "12/99", "cvv": "123"});
    let body = json!({"reservation_id": reservation["reservation_id"], "payment_method": "credit_card", "payment_details": card});
    let answer = do_once(hall, token, key, "/api/v1/orders", body).await;
    assert_eq!(answer.status, 201, "{key}: {}", answer.json);
    answer.json["order_id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_jumping_clock_loses_no_order_and_revives_no_reservation() {
    let hall = Hall::open(&Sizes { clients: 1, rows: 2, seats_per_row: 5 }).await;
    let mut command = hall.place().serve();
    let clocks = tempfile::tempdir().unwrap();
    let clock = Clock::of(&mut command, clocks.path());
    let server = hall.serve(command).await;
    let token = hall.buyer(0);
    let status = async |token: &str, kind: &str, id: &str| {
        let seen = hall.get(&format!("/api/v1/{kind}/{id}"), Some(token)).await;
        assert_eq!(seen.status, 200, "{}", seen.json);
        seen.json["status"].as_str().unwrap().to_owned()
    };
    let held = reserve(&hall, token, "held", &[2, 3]).await;
    let order = buy(&hall, token, "bought", &reserve(&hall, token, "first", &[0, 1]).await).await;
    let held_id = held["reservation_id"].as_str().unwrap();

    clock.differs_by("-1d");
    assert_eq!(status(token, "reservations", held_id).await, "active");
    let later = reserve(&hall, token, "later", &[4]).await;
    assert!(later["expires_at"].as_str() >= held["expires_at"].as_str(), "{later} {held}");
    buy(&hall, token, "bought-later", &later).await;

    clock.differs_by("+2h");
    let token = hall.sign_in_buyer(0).await;
    assert_eq!(status(&token, "reservations", held_id).await, "expired");
    reserve(&hall, &token, "again", &[2, 3]).await;

    clock.differs_by("+0s");
    assert_eq!(status(&token, "reservations", held_id).await, "expired");
    assert_eq!(status(&token, "orders", &order).await, "confirmed");
    assert!(server.stop().success());
    let proof = hall.place().verify();
    assert_eq!((&proof["violations"], &proof["events"][0]["sold"]), (&json!([]), &json!(3)));
}

#[test]
fn the_server_starts_without_a_network() {
    if !may_administer() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let serve = Place::folder(folder.path()).serve();
    let mut alone = Command::new("unshare");
    alone.args(["--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"]).arg(serve.get_program());
    alone.args(serve.get_args());
    let server = Server::spawn(alone).unwrap();
    let network = format!("--net=/proc/{}/ns/net", server.pid().as_raw_nonzero());
    let ready = run_well(
        Command::new("nsenter")
            .args([&network, "curl", "-sf"])
            .arg(format!("http://{}/readyz", server.address)),
    );
    assert_eq!(String::from_utf8_lossy(&ready.stdout), "ready\n");
    assert!(server.stop().success());
}
