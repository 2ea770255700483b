//! The operator's settings of the message broker.

use anyhow::{Context as _, Result, bail};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use fairseat_bus::kafka::{KafkaOptions, Password, Sasl, SaslMechanism, Tls};
use std::path::{Path, PathBuf};

/// What the names of topics begin with, unless the operator says otherwise.
const DEFAULT_PREFIX: &str = "fairseat.";
/// The longest prefix: with it, the name of a topic stays below the 249 characters that Kafka allows.
const MAX_PREFIX: usize = 200;

/// The settings of the message broker.
#[derive(Args, Clone, Debug)]
pub struct BusSettings {
    /// Brokers of a Kafka cluster to which reservations, orders, tickets and the status of seats are published, separated by commas; the
    /// topics must exist (docs/bus.md)
    #[arg(
        long,
        env = "FAIRSEAT_KAFKA_BROKERS",
        value_name = "HOST:PORT",
        value_delimiter = ',',
        value_parser = parse_broker
    )]
    pub kafka_brokers: Vec<String>,

    /// What the names of the topics begin with
    #[arg(
        long,
        env = "FAIRSEAT_KAFKA_TOPIC_PREFIX",
        value_name = "PREFIX",
        default_value = DEFAULT_PREFIX,
        value_parser = parse_prefix
    )]
    pub kafka_topic_prefix: String,

    /// Encrypt connections to the brokers
    #[arg(long, env = "FAIRSEAT_KAFKA_TLS", requires = "kafka_brokers")]
    pub kafka_tls: bool,

    /// PEM file with the certificates of the authorities that sign the brokers' certificates; default: the system's authorities
    #[arg(long, env = "FAIRSEAT_KAFKA_CA_FILE", value_name = "FILE", requires = "kafka_tls")]
    pub kafka_ca_file: Option<PathBuf>,

    /// The user with whose name to sign in to the brokers (SASL)
    #[arg(long, env = "FAIRSEAT_KAFKA_USER", value_name = "USER", requires_all = ["kafka_brokers", "kafka_password_file"])]
    pub kafka_user: Option<String>,

    /// File with the user's password; a line break at its end is ignored
    #[arg(long, env = "FAIRSEAT_KAFKA_PASSWORD_FILE", value_name = "FILE", requires = "kafka_user")]
    pub kafka_password_file: Option<PathBuf>,

    /// How to sign in; "plain" needs --kafka-tls
    #[arg(long, env = "FAIRSEAT_KAFKA_MECHANISM", value_name = "MECHANISM", default_value = DEFAULT_MECHANISM.name(), value_parser = mechanisms())]
    pub kafka_mechanism: SaslMechanism,
}

/// The mechanism, unless the operator says otherwise.
const DEFAULT_MECHANISM: SaslMechanism = SaslMechanism::ScramSha512;

impl Default for BusSettings {
    /// No broker.
    fn default() -> Self {
        Self {
            kafka_brokers: Vec::new(),
            kafka_topic_prefix: DEFAULT_PREFIX.to_owned(),
            kafka_tls: false,
            kafka_ca_file: None,
            kafka_user: None,
            kafka_password_file: None,
            kafka_mechanism: DEFAULT_MECHANISM,
        }
    }
}

impl BusSettings {
    /// How the cluster is reached; `None` without brokers.
    ///
    /// # Errors
    /// When the password cannot be read, or would be sent without encryption.
    pub fn kafka(&self) -> Result<Option<KafkaOptions>> {
        if self.kafka_brokers.is_empty() {
            return Ok(None);
        }
        let tls = self.kafka_tls.then(|| Tls { ca_file: self.kafka_ca_file.clone() });
        let sasl = match (&self.kafka_user, &self.kafka_password_file) {
            (Some(user), Some(file)) => Some(self.sasl(user.clone(), file)?),
            _ => None,
        };
        let (brokers, topic_prefix) = (self.kafka_brokers.clone(), self.kafka_topic_prefix.clone());
        Ok(Some(KafkaOptions { brokers, topic_prefix, tls, sasl }))
    }

    fn sasl(&self, user: String, file: &Path) -> Result<Sasl> {
        let mechanism = self.kafka_mechanism;
        if mechanism == SaslMechanism::Plain && !self.kafka_tls {
            bail!(
                "--kafka-mechanism plain sends the password itself: add --kafka-tls, or use --kafka-mechanism scram-sha-512"
            );
        }
        let unreadable = || format!("--kafka-password-file {}: the file cannot be read", file.display());
        let password = std::fs::read_to_string(file).with_context(unreadable)?;
        let password = password.trim_end_matches(['\r', '\n']);
        if password.is_empty() {
            bail!("--kafka-password-file {}: the file is empty: put the password into it", file.display());
        }
        Ok(Sasl { mechanism, user, password: Password::new(password.to_owned()) })
    }
}

fn mechanisms() -> impl TypedValueParser<Value = SaslMechanism> {
    let names = PossibleValuesParser::new(SaslMechanism::ALL.map(SaslMechanism::name));
    names.map(|name| {
        let named = |mechanism: &SaslMechanism| mechanism.name() == name;
        SaslMechanism::ALL.into_iter().find(named).unwrap_or(DEFAULT_MECHANISM)
    })
}

fn parse_broker(text: &str) -> Result<String, String> {
    let is_usable = text.rsplit_once(':').is_some_and(|(host, port)| {
        let is_host = !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || "/,@".contains(c));
        is_host && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    if is_usable { Ok(text.to_owned()) } else { Err("must look like kafka1.example.org:9092".to_owned()) }
}

fn parse_prefix(text: &str) -> Result<String, String> {
    let is_usable = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if text.len() <= MAX_PREFIX && text.chars().all(is_usable) {
        Ok(text.to_owned())
    } else {
        Err(format!("must have at most {MAX_PREFIX} of the characters a-z A-Z 0-9 . _ -"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_password(mechanism: SaslMechanism, tls: bool, file: &Path) -> BusSettings {
        BusSettings {
            kafka_brokers: vec!["localhost:9092".to_owned()],
            kafka_tls: tls,
            kafka_user: Some("fairseat".to_owned()),
            kafka_password_file: Some(file.to_owned()),
            kafka_mechanism: mechanism,
            ..BusSettings::default()
        }
    }

    #[test]
    fn brokers_and_prefixes_that_cannot_work_are_refused() {
        for good in ["kafka:9092", "10.0.0.1:1", "kafka.example.org:65535"] {
            assert_eq!(parse_broker(good), Ok(good.to_owned()));
        }
        for bad in ["kafka", ":9092", "kafka:", "kafka:0", "kafka:70000", "http://kafka:9092", "a b:1", ""] {
            assert!(parse_broker(bad).unwrap_err().contains("kafka1.example.org:9092"), "{bad}");
        }
        for bad in ["a b", "ticket/", "é", &"x".repeat(201)] {
            assert!(parse_prefix(bad).is_err(), "{bad}");
        }
        assert_eq!(parse_prefix(""), Ok(String::new()));
    }

    #[test]
    fn a_password_is_read_from_its_file_and_never_sent_unencrypted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        let error =
            |mechanism, tls| format!("{:#}", with_password(mechanism, tls, &file).kafka().unwrap_err());
        assert!(error(SaslMechanism::Plain, false).contains("add --kafka-tls"));
        assert!(error(SaslMechanism::Plain, true).contains("cannot be read"));
        std::fs::write(&file, "\n").unwrap();
        assert!(error(SaslMechanism::ScramSha256, false).contains("is empty"));
        std::fs::write(&file, "open sesame\r\n").unwrap();
        let options = with_password(SaslMechanism::ScramSha256, false, &file).kafka().unwrap().unwrap();
        let sasl = options.sasl.unwrap();
        assert_eq!((sasl.user.as_str(), sasl.mechanism), ("fairseat", SaslMechanism::ScramSha256));
        assert!(!format!("{sasl:?}").contains("sesame"), "{sasl:?}");
        assert!(BusSettings::default().kafka().unwrap().is_none());
    }
}
