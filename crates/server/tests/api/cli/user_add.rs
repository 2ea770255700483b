//! `fairseat user add`.

use crate::common::command::run;
use crate::common::{Actor, TestServer};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const PASSWORD: &str = "a password for tests";

/// How the command ended, and what it printed: its stdout if it succeeded, else its stderr.
struct Outcome {
    succeeded: bool,
    said: String,
}

impl Outcome {
    #[track_caller]
    fn done(self) -> String {
        assert!(self.succeeded, "{}", self.said);
        self.said
    }

    #[track_caller]
    fn refused(self) -> String {
        assert!(!self.succeeded, "{}", self.said);
        self.said
    }
}

/// Runs the command with `password` on stdin.
fn user_add(folder: &Path, arguments: &[&str], password: &str) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fairseat"));
    command.args(["user", "add", "--password-stdin", "--data-dir"]).arg(folder).args(arguments);
    let output = run(&mut command, password);
    let succeeded = output.status.success();
    let said = String::from_utf8(if succeeded { output.stdout } else { output.stderr }).unwrap();
    Outcome { succeeded, said: said.trim().to_owned() }
}

/// Signs in; returns the person, and the account in the answer.
async fn sign_in(server: &TestServer, email: &str) -> (Actor, Value) {
    let body = json!({"email": email, "password": PASSWORD});
    let answer = server.anonymous().post("/auth/login", body).await;
    let token = answer.expect(200)["access_token"].as_str().unwrap().to_owned();
    (server.anonymous().with_token(&token), answer.json["user"].clone())
}

#[tokio::test]
async fn user_add_works_before_the_first_start_and_beside_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let add =
        |role: &str, email: &str| user_add(folder.path(), &["--role", role, "--email", email], PASSWORD);
    assert_eq!(add("buyer", "buyer@example.org").done(), "added buyer@example.org, buyer");
    assert_eq!(add("organizer", "ada@example.org").done(), "added ada@example.org, organizer of ada");
    let server = TestServer::start_over(folder).await;
    let (_, buyer) = sign_in(&server, "buyer@example.org").await;
    assert_eq!((&buyer["is_admin"], &buyer["organizations"]), (&json!(false), &json!([])));
    assert_eq!(buyer["email_verified"], true);
    let (_, ada) = sign_in(&server, "ada@example.org").await;
    assert_eq!(
        (&ada["organizations"][0]["name"], &ada["organizations"][0]["role"]),
        (&json!("ada"), &json!("owner"))
    );

    let beside = |arguments: &[&str]| user_add(server.folder(), arguments, PASSWORD).done();
    beside(&["--role", "admin", "--email", "admin@example.org"]);
    beside(&["--role", "staff", "--email", "door@example.org", "--organization", "ada"]);
    beside(&["--role", "organizer", "--email", "second@example.org", "--organization", "ada"]);
    beside(&["--role", "organizer", "--email", "other@example.org", "--organization", "The Other"]);
    let (admin, _) = sign_in(&server, "admin@example.org").await;
    assert_eq!(admin.get("/organizations").await.expect(200)["total"], 2);
    for (email, organization, role) in [
        ("door@example.org", "ada", "staff"),
        ("second@example.org", "ada", "manager"),
        ("other@example.org", "The Other", "owner"),
    ] {
        let (_, user) = sign_in(&server, email).await;
        let own = &user["organizations"][0];
        assert_eq!((&own["name"], &own["role"]), (&json!(organization), &json!(role)), "{email}");
    }
}

#[tokio::test]
async fn adding_a_user_again_only_gives_a_missing_role() {
    let server = TestServer::start().await;
    let add =
        |role: &str| user_add(server.folder(), &["--role", role, "--email", "ada@example.org"], PASSWORD);
    add("organizer").done();
    let (ada, before) = sign_in(&server, "ada@example.org").await;
    assert_eq!(add("organizer").done(), "already exists: ada@example.org, organizer of ada");
    assert_eq!(*ada.get("/users/me").await.expect(200), before);
    add("admin").done();
    assert_eq!(ada.get("/users/me").await.expect(200)["is_admin"], true);
    let other =
        user_add(server.folder(), &["--role", "admin", "--email", "Ada@example.org"], "another password");
    assert!(other.refused().contains("has an account already, with another password"));
}

#[test]
fn user_add_explains_its_refusals() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("none");
    for (arguments, password, expected) in [
        (&["--role", "staff", "--email", "a@example.org"][..], PASSWORD, "name it with --organization"),
        (
            &["--role", "staff", "--email", "a@example.org", "--organization", "X"],
            PASSWORD,
            "there is no organization",
        ),
        (
            &["--role", "buyer", "--email", "a@example.org", "--organization", "X"],
            PASSWORD,
            "for organizers and staff",
        ),
        (
            &["--role", "organizer", "--email", "a@example.org", "--organization", " "],
            PASSWORD,
            "1 to 200 characters",
        ),
        (&["--role", "buyer", "--email", "a"], PASSWORD, "must be an e-mail address"),
        (&["--role", "buyer", "--email", "a@example.org"], "short\n", "must have 8 to 1024 characters"),
        (&["--role", "buyer", "--email", "a@example.org"], "", "must have 8 to 1024 characters"),
        (
            &["--role", "king", "--email", "a@example.org"],
            PASSWORD,
            "possible values: buyer, organizer, staff, admin",
        ),
    ] {
        let said = user_add(&folder, arguments, password).refused();
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}
