//! The operator's settings, parsed once. Every option is also an environment variable `FAIRSEAT_…`.

use crate::bus_settings::BusSettings;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use fairseat_app::access::PasswordCost;
use fairseat_app::background;
use fairseat_app::database_server::{DatabaseServer, DatabaseUrl};
use fairseat_edge::MetricsToken;
use fairseat_edge::context::Network;
use fairseat_edge::limits::RateLimiting;
use fairseat_messages::{MailAddress, SmtpUrl};
use fairseat_payments::ProviderKind;
use fairseat_redis::{RedisOptions, RedisUrl};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// The default address: loopback, so that nothing is exposed by accident.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

/// The default memory for sales, in MiB: about 30 sales of 100,000 seats that must all be awake at once, or 4,000 small ones.
pub(crate) const DEFAULT_SALES_MEMORY_MIB: usize = 256;

/// The settings of a server.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Address and port to listen on; with port 0 a free port is chosen and printed
    #[arg(long, env = "FAIRSEAT_LISTEN", value_name = "ADDRESS", default_value = DEFAULT_LISTEN)]
    pub listen: SocketAddr,

    /// Folder of all of Fairseat's data (journal, database, keys); created when missing
    #[arg(long, env = "FAIRSEAT_DATA_DIR", value_name = "DIR", default_value = "fairseat-data")]
    pub data_dir: PathBuf,

    /// The PostgreSQL database of journal and store, `postgres://user:password@host/name`, prepared by `fairseat database prepare`; then the data
    /// folder has the keys alone, and several machines can serve. Other users of this machine can see the command line: set the variable
    /// instead
    #[arg(long, env = "FAIRSEAT_DATABASE", value_name = "URL", hide_env_values = true)]
    pub database: Option<DatabaseUrl>,

    /// A read replica of the database, such as a standby, which answers lists and searches, never what is decided upon; repeat for several, or
    /// separate them by semicolons in the variable. It must not be more than 5 seconds late to be used
    #[arg(
        long = "database-replica",
        env = "FAIRSEAT_DATABASE_REPLICA",
        value_name = "URL",
        value_delimiter = ';',
        hide_env_values = true,
        requires = "database"
    )]
    pub database_replicas: Vec<DatabaseUrl>,

    /// Refuse to sell when the database server would not wait for a standby
    #[arg(long, env = "FAIRSEAT_REQUIRE_STANDBY", requires = "database")]
    pub require_standby: bool,

    /// Where other nodes reach this one, an address and port that only they can reach: requests about an event are then passed on to the node that
    /// serves it
    #[arg(
        long,
        env = "FAIRSEAT_NODES_LISTEN",
        value_name = "ADDRESS",
        requires = "database",
        requires = "nodes_key_file"
    )]
    pub nodes_listen: Option<SocketAddr>,

    /// A file with a secret of 32 characters or more, the same on all nodes, which sign what they pass on to each other with it
    #[arg(long, env = "FAIRSEAT_NODES_KEY_FILE", value_name = "FILE", requires = "nodes_listen")]
    pub nodes_key_file: Option<PathBuf>,

    /// How other nodes name this one, as HOST:PORT, if --nodes-listen is not an address that they can reach
    #[arg(long, env = "FAIRSEAT_NODES_ADDRESS", value_name = "HOST:PORT", requires = "nodes_listen")]
    pub nodes_address: Option<String>,

    /// The ids of events that this node serves, and no others, such as a hot on-sale; repeat or separate by commas. The other nodes leave them
    /// to it while it runs
    #[arg(
        long,
        env = "FAIRSEAT_SERVES_ONLY",
        value_name = "EVENT_ID",
        value_delimiter = ',',
        requires = "nodes_listen"
    )]
    pub serves_only: Vec<uuid::Uuid>,

    /// Redis or Valkey for several servers over one database, `redis://user:password@host:6379/0`, or rediss:// for TLS: live maps of all servers are
    /// then current at once, and limits by account hold for all together. It holds no data that may not be lost, and may be away. Other users of this
    /// machine can see the command line: set the variable instead
    #[arg(long, env = "FAIRSEAT_REDIS", value_name = "URL", hide_env_values = true, requires = "database")]
    pub redis: Option<RedisUrl>,

    /// How long an answer of Redis may take; tests on a busy machine choose more.
    #[arg(skip = RedisOptions::PATIENCE)]
    pub redis_patience: Duration,

    /// How often the journal is asked what other servers appended; tests of Redis choose more.
    #[arg(skip = background::READ_EVERY)]
    pub read_every: Duration,

    /// Whether a database server is accepted that may lose commits in a crash; for tests.
    #[arg(skip)]
    pub allow_unsafe_server: bool,

    /// The payment provider; "sandbox" moves no money
    #[arg(long, env = "FAIRSEAT_PAYMENTS", value_name = "PROVIDER", default_value = DEFAULT_PAYMENTS.name(), value_parser = payments())]
    pub payments: ProviderKind,

    /// Limits per account and per address; "off" is for load tests on loopback only
    #[arg(long, env = "FAIRSEAT_LIMITS", value_name = "ON|OFF", default_value = "on", value_parser = limits())]
    pub limits: RateLimiting,

    /// Address or network of a reverse proxy whose X-Forwarded-For is trusted; repeat or separate by commas
    #[arg(
        long = "trusted-proxy",
        env = "FAIRSEAT_TRUSTED_PROXY",
        value_name = "CIDR",
        value_delimiter = ','
    )]
    pub trusted_proxies: Vec<Network>,

    /// The address that buyers see, for links in answers and messages; default: the address listened on
    #[arg(long, env = "FAIRSEAT_PUBLIC_URL", value_name = "URL", value_parser = parse_public_url)]
    pub public_url: Option<String>,

    /// A further address and port that answers GET /metrics to everybody who can reach it, such as 10.0.0.5:9100. Without it, /metrics is
    /// answered to this machine, and to others with the token
    #[arg(long, env = "FAIRSEAT_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,

    /// The secret with which other machines read /metrics, as Authorization: Bearer TOKEN; 16 characters or more. Other users of this machine
    /// can see the command line: set the variable instead
    #[arg(long, env = "FAIRSEAT_METRICS_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub metrics_token: Option<MetricsToken>,

    /// How long to go on answering after a signal to stop, while /readyz says that the server is not ready, so that a load balancer sends new
    /// requests elsewhere first; longer than it takes to notice
    #[arg(long, env = "FAIRSEAT_DRAIN_SECONDS", value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=600))]
    pub drain_seconds: u16,

    /// The memory for sales in MiB, by estimate: above it, those that were not used for longest are put away until somebody needs them. 250,000
    /// seats take 15 MiB; sales that must stay may take as much again
    #[arg(long = "sales-memory", env = "FAIRSEAT_SALES_MEMORY", value_name = "MIB", default_value_t = DEFAULT_SALES_MEMORY_MIB)]
    pub sales_memory_mib: usize,

    /// The mail server, smtps://user:password@host:port, or smtp:// for STARTTLS; without it, messages wait. Other users of this machine
    /// can see the command line: set the variable instead
    #[arg(
        long,
        env = "FAIRSEAT_SMTP_URL",
        value_name = "URL",
        hide_env_values = true,
        requires = "mail_from",
        value_parser = SmtpUrl::given
    )]
    pub smtp_url: Option<SmtpUrl>,

    /// The sender of our mail, such as "Tickets <tickets@example.org>"
    #[arg(long, env = "FAIRSEAT_MAIL_FROM", value_name = "ADDRESS", value_parser = parse_mail_from)]
    pub mail_from: Option<lettre::message::Mailbox>,

    /// The message broker.
    #[command(flatten)]
    pub bus: BusSettings,

    /// Whether this is the demo, which shows its accounts to everybody.
    #[arg(skip)]
    pub demo: bool,

    /// The cost of password hashes; tests choose a low one.
    #[arg(skip)]
    pub password_cost: PasswordCost,
}

impl Settings {
    /// The database server, if journal and store are on one.
    #[must_use]
    pub fn database_server(&self) -> Option<DatabaseServer> {
        let url = self.database.as_ref()?.expose().to_owned();
        let (require_standby, allow_unsafe_server) = (self.require_standby, self.allow_unsafe_server);
        let replicas = self.database_replicas.iter().map(|url| url.expose().to_owned()).collect();
        Some(DatabaseServer { url, replicas, require_standby, allow_unsafe_server })
    }

    /// The default settings with this data folder, on a free loopback port.
    #[must_use]
    pub fn new(data_dir: PathBuf) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data_dir,
            database: None,
            require_standby: false,
            redis: None,
            redis_patience: RedisOptions::PATIENCE,
            read_every: background::READ_EVERY,
            nodes_listen: None,
            nodes_key_file: None,
            nodes_address: None,
            serves_only: Vec::new(),
            database_replicas: Vec::new(),
            drain_seconds: 0,
            allow_unsafe_server: false,
            payments: DEFAULT_PAYMENTS,
            limits: RateLimiting::On,
            trusted_proxies: Vec::new(),
            public_url: None,
            metrics_listen: None,
            metrics_token: None,
            sales_memory_mib: DEFAULT_SALES_MEMORY_MIB,
            smtp_url: None,
            mail_from: None,
            bus: BusSettings::default(),
            demo: false,
            password_cost: PasswordCost::default(),
        }
    }
}

/// The provider when none is chosen.
pub const DEFAULT_PAYMENTS: ProviderKind = ProviderKind::ALL[0];

fn payments() -> impl TypedValueParser<Value = ProviderKind> {
    let names = PossibleValuesParser::new(ProviderKind::ALL.map(ProviderKind::name));
    names.map(|name| ProviderKind::named(&name).unwrap_or(DEFAULT_PAYMENTS))
}

/// Reads `on` or `off`.
pub(crate) fn limits() -> impl TypedValueParser<Value = RateLimiting> {
    PossibleValuesParser::new(["on", "off"])
        .map(|word| if word == "off" { RateLimiting::Off } else { RateLimiting::On })
}

fn parse_mail_from(text: &str) -> Result<lettre::message::Mailbox, &'static str> {
    let unusable = "must look like Tickets <tickets@example.org>";
    let mut from: lettre::message::Mailbox = text.parse().map_err(|_unreadable| unusable)?;
    if !from.email.domain().is_ascii() {
        let address = MailAddress::parse(from.email.as_ref()).map_err(|_unsendable| unusable)?;
        from.email = address.into_sendable();
    }
    Ok(from)
}

pub(crate) fn parse_public_url(text: &str) -> Result<String, String> {
    let url: axum::http::Uri = text.parse().map_err(|_unreadable| "is not a URL".to_owned())?;
    let plain = matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some();
    let no_query = url.query().is_none();
    if plain && no_query {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err("must look like https://tickets.example.org".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_password() {
        let mut settings = Settings::new(PathBuf::from("data"));
        settings.database = Some("postgres://shop:Gallery7@db.example.org/fairseat".to_owned().into());
        settings.redis = "redis://shop:Gallery7@redis.example.org".parse().ok();
        let shown = format!("{settings:?} {:#?} {:?}", settings, settings.database_server());
        assert!(
            !shown.contains("Gallery7")
                && shown.contains("DatabaseUrl(secret)")
                && shown.contains("RedisUrl(secret)"),
            "{shown}"
        );
    }

    #[test]
    fn a_public_url_is_a_plain_web_address() {
        assert_eq!(
            parse_public_url("https://tickets.example.org/"),
            Ok("https://tickets.example.org".to_owned())
        );
        for bad in ["tickets.example.org", "ftp://x", "https://", "https://x/?a=b", "https://x y"] {
            assert!(parse_public_url(bad).is_err(), "{bad}");
        }
    }
}
