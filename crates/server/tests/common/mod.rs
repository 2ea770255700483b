//! Shared by the tests over HTTP: a whole server in this process with its own data folder, and people who send requests to it.
//!
//! Journal, store and sandbox are the real ones: files in the data folder, or with `TEST_DATABASE=postgres` a database of a private server. Accounts are made through the store, because registering and signing in have
//! tests of their own and cost a password hash each.

pub(crate) mod accounts;
mod actor;
mod answer;
pub(crate) mod box_office;
pub(crate) mod browser;
pub(crate) mod catalogue;
pub(crate) mod command;
mod patience;
pub(crate) mod pictures;
mod sales;
pub(crate) mod smtp;
mod stopped_clock;
pub(crate) mod test_shop;
mod views;

pub(crate) use actor::Actor;
pub(crate) use answer::Answer;
pub(crate) use patience::{until, within_patience};
pub(crate) use sales::EventOnSale;
pub(crate) use stopped_clock::StoppedClock;

use actor::ServerLink;
use axum::Router;
use fairseat_app::App;
use fairseat_app::access::{PasswordCost, sessions};
use fairseat_app::database_server::DatabaseServer;
use fairseat_app::keys::Keys;
use fairseat_edge::limits::RateLimiting;
use fairseat_server::Server;
use fairseat_server::config::Settings;
use fairseat_store::organizations::Role;
use fairseat_store::users::{NewUser, PasswordHash, User};
use fairseat_store::{OrganizationId, Store};
use fairseat_test_postgres::TestDatabase;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// Whether servers keep journal and store in PostgreSQL. Tests that look into files of the data folder do nothing then.
pub(crate) fn is_on_postgres() -> bool {
    std::env::var_os("TEST_DATABASE").is_some_and(|database| database == "postgres")
}

/// The database of a data folder, made and prepared when the folder is new.
async fn database_of(folder: &Path) -> String {
    let note = folder.join("test-database");
    if let Ok(known) = std::fs::read_to_string(&note) {
        return known;
    }
    let url = TestDatabase::create().unwrap().url();
    let server = DatabaseServer::for_command(&url.clone().into());
    server.prepare().await.unwrap();
    std::fs::write(note, &url).unwrap();
    url
}

/// A server in process.
pub(crate) struct TestServer {
    pub(crate) app: Arc<App>,
    pub(crate) server: Server,
    link: ServerLink,
    folder: tempfile::TempDir,
}

impl TestServer {
    /// A server without rate limits.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A server with other settings.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::open_and_run(ServerLink::new(Router::new()), tempfile::tempdir().unwrap(), change).await
    }

    /// A node with other settings whose journal and store are in PostgreSQL, wherever those of other tests are.
    pub(crate) async fn start_node(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = database_of(folder.path()).await;
        Self::start_node_in(folder, database, change).await
    }

    /// Another node over the same database, with other settings.
    pub(crate) async fn start_beside(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = Command::new("cp").arg("-r").arg(self.folder().join("keys")).arg(folder.path()).status();
        assert!(keys.unwrap().success());
        Self::start_node_in(folder, database_of(self.folder()).await, change).await
    }

    async fn start_node_in(
        folder: tempfile::TempDir,
        database: String,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let change = |settings: &mut Settings| {
            settings.database = Some(database.into());
            change(settings);
        };
        Self::open_and_run(ServerLink::new(Router::new()), folder, change).await
    }

    /// A server without rate limits, with a folder that may have been used before.
    pub(crate) async fn start_over(folder: tempfile::TempDir) -> Self {
        Self::start_over_with(folder, |_| {}).await
    }

    /// As [`Self::start_over`], with other settings.
    pub(crate) async fn start_over_with(
        folder: tempfile::TempDir,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        Self::open_and_run(ServerLink::new(Router::new()), folder, change).await
    }

    /// A server that answers requests but runs no background work: views are not updated, money is not captured, sales are not woken. It
    /// leaves the data as a kill directly after a fact does.
    pub(crate) async fn start_without_workers() -> Self {
        Self::open(ServerLink::new(Router::new()), tempfile::tempdir().unwrap(), |_| {}).await
    }

    /// Stops the server and starts it again with the same folder, without rate limits. Everybody stays signed in.
    pub(crate) async fn restart(self) -> Self {
        self.restart_with(|_| {}).await
    }

    /// As [`Self::restart`], with other settings.
    pub(crate) async fn restart_with(self, change: impl FnOnce(&mut Settings)) -> Self {
        let (link, folder) = self.closed().await;
        Self::open_and_run(link, folder, change).await
    }

    /// Stops the server; returns its folder.
    pub(crate) async fn stop(self) -> tempfile::TempDir {
        self.closed().await.1
    }

    async fn closed(self) -> (ServerLink, tempfile::TempDir) {
        self.app.engine.stop().await;
        let Self { app, server, link, folder } = self;
        link.switch_to(Router::new());
        let journal = Arc::downgrade(&app.journal);
        drop((app, server));
        // Tasks that still run end by themselves after the engine has stopped.
        until("every task of the stopped server lets go of the journal", async || {
            journal.strong_count() == 0
        })
        .await;
        (link, folder)
    }

    async fn open_and_run(
        link: ServerLink,
        folder: tempfile::TempDir,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let server = Self::open(link, folder, change).await;
        fairseat_app::background::start(&server.app);
        server
    }

    async fn open(link: ServerLink, folder: tempfile::TempDir, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::new(folder.path().to_owned());
        settings.limits = RateLimiting::Off;
        settings.password_cost = PasswordCost { memory_kib: 8, passes: 1 };
        change(&mut settings);
        if is_on_postgres() && settings.database.is_none() {
            settings.database = Some(database_of(folder.path()).await.into());
        }
        settings.allow_unsafe_server = true;
        let keys = match settings.database_server() {
            Some(database) => database.keys(folder.path()).await.unwrap(),
            None => Keys::load_or_create(folder.path()).unwrap(),
        };
        let server = Server::open(settings, keys, "http://fairseat.test").await.unwrap();
        link.switch_to(server.service());
        Self { app: server.app.clone(), server, link, folder }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.app.store
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A person without an account.
    pub(crate) fn anonymous(&self) -> Actor {
        Actor::new(self.link.clone())
    }

    /// The same person at this server, with the token from another server.
    pub(crate) fn same_person(&self, actor: &Actor) -> Actor {
        actor.at_server(self.link.clone())
    }

    /// A person with an account and no organization; the address is `name@example.test`.
    pub(crate) async fn buyer(&self, name: &str) -> Actor {
        let user = self.account(name, false).await;
        self.signed_in(&user).await
    }

    /// The owner of an organization of their own.
    pub(crate) async fn organizer(&self, name: &str) -> Actor {
        let user = self.account(name, false).await;
        let organizations = self.store().organizations();
        let founded = organizations.create(format!("{name}'s"), user.id, None, self.app.now()).await.unwrap();
        let mut organizer = self.signed_in(&user).await;
        organizer.organization = Some(founded.id);
        organizer
    }

    /// A member of an organization in this role.
    pub(crate) async fn member(&self, name: &str, organization: OrganizationId, role: Role) -> Actor {
        let user = self.account(name, false).await;
        let organizations = self.store().organizations();
        organizations.set_member(organization, user.id, role, self.app.now()).await.unwrap();
        let mut member = self.signed_in(&user).await;
        member.organization = Some(organization);
        member
    }

    /// Makes a registered person a member, as an accepted invitation does: the address counts as confirmed.
    pub(crate) async fn join(&self, email: &str, organization: OrganizationId, role: Role) {
        let (users, now) = (self.store().users(), self.app.now());
        let user = users.by_email(email).await.unwrap().unwrap();
        users.set_verified(user.id, now).await.unwrap();
        self.store().organizations().set_member(organization, user.id, role, now).await.unwrap();
        self.app.access.access_changed(user.id);
    }

    /// A member of the organization of `organizer` in the role `staff`.
    pub(crate) async fn staff(&self, name: &str, organizer: &Actor) -> Actor {
        self.member(name, organizer.organization(), Role::Staff).await
    }

    /// A guest: an account without an address.
    pub(crate) async fn guest(&self) -> Actor {
        let user = self.store().users().create_guest(None, self.app.now()).await.unwrap();
        self.signed_in(&user).await
    }

    /// An administrator of the platform.
    pub(crate) async fn admin(&self) -> Actor {
        let user = self.account("admin", true).await;
        self.signed_in(&user).await
    }

    async fn account(&self, name: &str, is_admin: bool) -> User {
        let new = NewUser {
            email: format!("{name}@example.test"),
            username: name.to_owned(),
            // No password has this hash.
            password_hash: PasswordHash(String::new()),
            phone_number: None,
            is_admin,
            email_verified: true,
        };
        self.store().users().create(new, None, self.app.now()).await.unwrap()
    }

    /// A person with a new session of this account.
    pub(crate) async fn signed_in(&self, user: &User) -> Actor {
        let tokens = sessions::begin(&self.app, user).await.unwrap();
        let mut actor = self.anonymous().with_token(&tokens.access);
        actor.account = Some(user.id);
        actor
    }
}
