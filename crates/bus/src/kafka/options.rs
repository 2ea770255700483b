//! How the cluster is reached.

use crate::message::Topic;
use std::fmt;
use std::path::PathBuf;

/// How the cluster is reached, and what its topics are called.
#[derive(Clone, Debug)]
pub struct KafkaOptions {
    /// Brokers to ask first, as `host:port`.
    pub brokers: Vec<String>,
    /// What the names of the topics begin with, such as `fairseat.`.
    pub topic_prefix: String,
    /// Encryption; `None` for none.
    pub tls: Option<Tls>,
    /// Signing in; `None` if the broker lets everybody in.
    pub sasl: Option<Sasl>,
}

impl KafkaOptions {
    /// The full name of a topic.
    #[must_use]
    pub fn topic_name(&self, topic: Topic) -> String {
        format!("{}{}", self.topic_prefix, topic.name())
    }
}

/// How connections are encrypted.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// A PEM file with the certificates of the authorities to trust; the system's without it.
    pub ca_file: Option<PathBuf>,
}

/// How to sign in.
#[derive(Clone, Debug)]
pub struct Sasl {
    /// The mechanism.
    pub mechanism: SaslMechanism,
    /// The user.
    pub user: String,
    /// The password.
    pub password: Password,
}

/// A password. It is never printed.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// This password.
    #[must_use]
    pub fn new(password: String) -> Self {
        Self(password)
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(secret)")
    }
}

/// The mechanism of signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaslMechanism {
    /// The password itself is sent, so the connection must be encrypted.
    Plain,
    /// A proof of the password is sent, by SHA-256.
    ScramSha256,
    /// A proof of the password is sent, by SHA-512.
    ScramSha512,
}

impl SaslMechanism {
    /// Every mechanism.
    pub const ALL: [Self; 3] = [Self::Plain, Self::ScramSha256, Self::ScramSha512];

    /// Its name in options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::ScramSha256 => "scram-sha-256",
            Self::ScramSha512 => "scram-sha-512",
        }
    }
}

/// Options that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// The file of certificates cannot be used.
    #[error("the certificates in {} cannot be used ({reason}): it must be a readable PEM file", file.display())]
    CaFile {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// The system has no certificates of authorities.
    #[error(
        "the system has no certificates of authorities: install them (Debian: ca-certificates) or name a file"
    )]
    NoSystemCertificates,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}
