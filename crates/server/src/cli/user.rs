//! `fairseat user`: manages accounts from the terminal, before the first start or while a server runs.
//!
//! Adding is idempotent: an existing account keeps its data and gets the role, if the password is right. So the command can run at every
//! start of a container, and can be repeated after an interruption.

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::{Args, Subcommand, ValueEnum};
use fairseat_app::access::{MailAddress, Password, PasswordCost, Passwords, Verdict};
use fairseat_app::data_dir;
use fairseat_app::database_server::{DatabaseServer, DatabaseUrl};
use fairseat_domain::ids::AccountId;
use fairseat_domain::text::fits_line;
use fairseat_engine::{Clock as _, SystemClock};
use fairseat_maintenance::migrate::mark;
use fairseat_store::organizations::{Organization, Role as Membership};
use fairseat_store::users::{NewUser, User};
use fairseat_store::{OrganizationId, STORE_FILE, Store};
use fairseat_turns::TurnKeys;
use std::io::{Read, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

/// The most bytes read from stdin; more than the longest password.
const MAX_STDIN: u64 = 8 * 1_024;

/// The subcommands.
#[derive(Subcommand, Debug)]
pub(super) enum Action {
    /// Make an account
    Add(Add),
}

/// The options of `fairseat user add`.
#[derive(Args, Debug)]
pub(super) struct Add {
    /// Folder of all of Fairseat's data; created when missing
    #[arg(long, env = "FAIRSEAT_DATA_DIR", value_name = "DIR", default_value = "fairseat-data")]
    pub(super) data_dir: PathBuf,
    /// The PostgreSQL database of journal and store, instead of the data folder
    #[arg(long, env = "FAIRSEAT_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(super) database: Option<DatabaseUrl>,
    /// The e-mail address to sign in with
    #[arg(long, env = "FAIRSEAT_EMAIL", value_name = "EMAIL")]
    pub(super) email: String,
    /// What the account may do
    #[arg(long, env = "FAIRSEAT_ROLE", value_enum)]
    pub(super) role: Role,
    /// The organization that the account belongs to, created when missing; without it, an organizer gets an organization of their own
    #[arg(long, env = "FAIRSEAT_ORGANIZATION", value_name = "NAME")]
    pub(super) organization: Option<String>,
    /// Read the password from stdin: arguments are visible to other users of the machine
    #[arg(long, env = "FAIRSEAT_PASSWORD_STDIN", required = true)]
    pub(super) password_stdin: bool,
}

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Role {
    /// Reserve and buy
    Buyer,
    /// Make venues and events of an organization
    Organizer,
    /// Let people in at the door
    Staff,
    /// Administer the whole platform
    Admin,
}

pub(super) fn run(action: Action) -> Result<()> {
    let Action::Add(add) = action;
    let password = read_password(std::io::stdin().lock())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = runtime.context("cannot start")?.block_on(self::add(add, password))?;
    writeln!(std::io::stdout(), "{result}").context("cannot write to stdout")
}

/// Reads the password from stdin; a line break at its end is dropped.
fn read_password(stdin: impl Read) -> Result<Password> {
    let mut text = String::new();
    let read = stdin.take(MAX_STDIN).read_to_string(&mut text);
    read.context("cannot read the password from stdin: it must be UTF-8")?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    let password = Password::new(text.to_owned());
    Ok(password)
}

async fn add(options: Add, password: Password) -> Result<String> {
    let Add { data_dir, database, email, role, organization, .. } = options;
    let email = MailAddress::parse(&email).map_err(|refusal| anyhow!("--email {refusal}"))?;
    let email = email.shown();
    match (role, &organization) {
        (Role::Staff, None) => bail!("staff belong to an organization: name it with --organization"),
        (Role::Buyer | Role::Admin, Some(_)) => bail!("--organization is for organizers and staff"),
        (Role::Organizer | Role::Staff, Some(_)) | (Role::Buyer | Role::Admin | Role::Organizer, None) => {}
    }
    if let Some(name) = organization.as_ref().map(|name| name.trim()) {
        let fits = (1..=200).contains(&name.chars().count()) && name.chars().all(fits_line);
        ensure!(fits, "--organization must have 1 to 200 characters, and none that cannot be printed");
    }
    let store = match database {
        Some(url) => {
            let server = DatabaseServer { allow_unsafe_server: false, ..DatabaseServer::for_command(&url) };
            server.store(Arc::new(|_, _| {})).await?
        }
        None => {
            mark::refuse(&data_dir)?;
            data_dir::create(&data_dir)?;
            let file = data_dir.join(STORE_FILE);
            Store::open(&file).await.with_context(|| format!("{} cannot be opened", file.display()))?
        }
    };
    // Checked before the account is made, so that a refused role changes nothing.
    let within = find_organization(&store, role, organization.as_deref()).await?;
    let (user, is_new) = find_or_create(&store, email, password, role).await?;
    let place = give_role(&store, &user, role, organization, within).await?;
    let verb = if is_new { "added" } else { "already exists:" };
    let role = role.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    Ok(format!("{verb} {email}, {role}{place}"))
}

/// The organization with this name, if it exists.
async fn find_organization(store: &Store, role: Role, name: Option<&str>) -> Result<Option<Organization>> {
    let Some(name) = name else { return Ok(None) };
    let mut named = store.organizations().by_name(name.trim()).await?;
    match (named.len(), role) {
        (0, Role::Staff) => bail!("there is no organization {name:?}: add its organizer first"),
        (0, Role::Organizer | Role::Buyer | Role::Admin) => Ok(None),
        (1, _) => Ok(named.pop()),
        (_, _) => bail!("several organizations are called {name:?}: let one of their owners add the account"),
    }
}

/// The account with this address, made if it is missing. An existing account must have this password.
async fn find_or_create(store: &Store, email: &str, password: Password, role: Role) -> Result<(User, bool)> {
    /// Nobody else is waiting.
    const KEYS: TurnKeys = [0, 0];
    let passwords = Passwords::new(PasswordCost::default()).context("passwords cannot be hashed")?;
    if let Some(user) = store.users().by_email(email).await? {
        let hash = Some(user.password_hash.clone());
        return match passwords.verify(password, hash, KEYS, false).await? {
            Verdict::Right | Verdict::Outdated => Ok((user, false)),
            Verdict::Wrong => bail!("{email} has an account already, with another password"),
        };
    }
    if let Some(complaint) = password.complaint(&[email]) {
        bail!("the password {complaint}");
    }
    let new = NewUser {
        email: email.to_owned(),
        username: local_part(email).to_owned(),
        password_hash: passwords.hash(password, KEYS).await?,
        phone_number: None,
        is_admin: role == Role::Admin,
        email_verified: true,
    };
    Ok((store.users().create(new, None, SystemClock.now()).await?, true))
}

/// Gives the account the role, unless it has it already. Returns the organization, for the output.
async fn give_role(
    store: &Store,
    user: &User,
    role: Role,
    name: Option<String>,
    within: Option<Organization>,
) -> Result<String> {
    match (role, within) {
        (Role::Buyer, _) => Ok(String::new()),
        (Role::Admin, _) => {
            store.users().set_admin(user.id, true, SystemClock.now()).await?;
            Ok(String::new())
        }
        (Role::Organizer, Some(organization)) => {
            ensure_member(store, organization.id, user.id, Membership::Manager).await?;
            Ok(format!(" of {}", organization.name))
        }
        (Role::Staff, Some(organization)) => {
            ensure_member(store, organization.id, user.id, Membership::Staff).await?;
            Ok(format!(" of {}", organization.name))
        }
        (Role::Organizer | Role::Staff, None) => {
            let organization = create_organization(store, user, name).await?;
            Ok(format!(" of {organization}"))
        }
    }
}

/// Creates the named organization; without a name, one named after the account, unless the account owns one.
async fn create_organization(store: &Store, user: &User, name: Option<String>) -> Result<String> {
    let organizations = store.organizations();
    if name.is_none() {
        let own = organizations.of_user(user.id).await?;
        if let Some(owned) = own.into_iter().find(|own| own.role == Membership::Owner) {
            return Ok(owned.organization.name);
        }
    }
    let name = name.map_or_else(|| local_part(&user.email).to_owned(), |name| name.trim().to_owned());
    Ok(organizations.create(name, user.id, None, SystemClock.now()).await?.name)
}

async fn ensure_member(
    store: &Store,
    organization: OrganizationId,
    user: AccountId,
    role: Membership,
) -> Result<()> {
    let organizations = store.organizations();
    let own = organizations.of_user(user).await?;
    if own.iter().any(|own| own.organization.id == organization) {
        return Ok(());
    }
    Ok(organizations.set_member(organization, user, role, SystemClock.now()).await?)
}

fn local_part(email: &str) -> &str {
    email.split('@').next().unwrap_or(email)
}
