//! The harness of the tests over HTTP: a whole server in process over a folder of its own, and people who ask it things.
//!
//! Nothing is pretended: journal, store and sandbox are the real ones. Accounts are made through the store, because
//! registering and signing in have tests of their own and cost a password hash each.

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
pub(crate) mod test_sale;
mod views;

pub(crate) use actor::Actor;
pub(crate) use answer::Answer;
pub(crate) use patience::{until, within_patience};
pub(crate) use sales::EventOnSale;
pub(crate) use stopped_clock::StoppedClock;

use actor::Door;
use axum::Router;
use fairseat_app::App;
use fairseat_app::access::{PasswordCost, sessions};
use fairseat_app::keys::Keys;
use fairseat_edge::limits::Limits;
use fairseat_server::Server;
use fairseat_server::config::Settings;
use fairseat_store::organizations::Role;
use fairseat_store::users::{NewUser, PasswordHash, User};
use fairseat_store::{OrganizationId, Store};
use std::path::Path;
use std::sync::Arc;

/// A server in process.
pub(crate) struct TestServer {
    pub(crate) app: Arc<App>,
    pub(crate) server: Server,
    door: Door,
    folder: tempfile::TempDir,
}

impl TestServer {
    /// One without limits.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// One with other settings.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::open_behind(Door::new(Router::new()), tempfile::tempdir().unwrap(), change).await
    }

    /// One without limits over a folder that may have been used before.
    pub(crate) async fn start_over(folder: tempfile::TempDir) -> Self {
        Self::open_behind(Door::new(Router::new()), folder, |_| {}).await
    }

    /// One that answers requests and does nothing by itself: no view follows, no money is collected, no sale is woken. As it
    /// leaves things, a kill between a fact and what follows from it does.
    pub(crate) async fn start_idle() -> Self {
        Self::open(Door::new(Router::new()), tempfile::tempdir().unwrap(), |_| {}).await
    }

    /// The same installation after its end and another start, without limits; everybody is still signed in.
    pub(crate) async fn restart(self) -> Self {
        self.app.engine.stop().await;
        let Self { app, server, door, folder } = self;
        door.leads_to(Router::new());
        let journal = Arc::downgrade(&app.journal);
        drop((app, server));
        // Tasks that still run end by themselves once the engine has stopped.
        until("every task of the stopped server lets go of the journal", async || {
            journal.strong_count() == 0
        })
        .await;
        Self::open_behind(door, folder, |_| {}).await
    }

    async fn open_behind(door: Door, folder: tempfile::TempDir, change: impl FnOnce(&mut Settings)) -> Self {
        let server = Self::open(door, folder, change).await;
        server.app.start();
        server
    }

    async fn open(door: Door, folder: tempfile::TempDir, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::new(folder.path().to_owned());
        settings.limits = Limits::Off;
        settings.password_cost = PasswordCost { memory_kib: 8, passes: 1 };
        change(&mut settings);
        let keys = Keys::load_or_create(folder.path()).unwrap();
        let server = Server::open(settings, keys, "http://fairseat.test").await.unwrap();
        door.leads_to(server.service());
        Self { app: server.app.clone(), server, door, folder }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.app.store
    }

    /// Where everything is kept.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Nobody in particular.
    pub(crate) fn anonymous(&self) -> Actor {
        Actor::new(self.door.clone())
    }

    /// Somebody who is known from another server, with what they had there.
    pub(crate) fn visited_by(&self, actor: &Actor) -> Actor {
        actor.before(self.door.clone())
    }

    /// Somebody with an account and nothing else; their address is `name@example.test`.
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

    /// A member of the organization of `organizer` who lets people in.
    pub(crate) async fn staff(&self, name: &str, organizer: &Actor) -> Actor {
        self.member(name, organizer.organization(), Role::Staff).await
    }

    /// Somebody who administers the whole platform.
    pub(crate) async fn admin(&self) -> Actor {
        let user = self.account("admin", true).await;
        self.signed_in(&user).await
    }

    async fn account(&self, name: &str, is_admin: bool) -> User {
        let new = NewUser {
            email: format!("{name}@example.test"),
            username: name.to_owned(),
            // Nobody has a password with this hash.
            password_hash: PasswordHash(String::new()),
            phone_number: None,
            is_admin,
            email_verified: true,
        };
        self.store().users().create(new, None, self.app.now()).await.unwrap()
    }

    /// Somebody with a session of this account.
    pub(crate) async fn signed_in(&self, user: &User) -> Actor {
        let tokens = sessions::begin(&self.app, user).await.unwrap();
        let mut actor = self.anonymous().with_token(&tokens.access);
        actor.account = Some(user.id);
        actor
    }
}
