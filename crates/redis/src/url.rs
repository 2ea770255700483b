//! The address of Redis, and what is wrong with it.

use redis::io::tcp::TcpSettings;
use redis::{
    Client, ConnectionAddr, ErrorKind, IntoConnectionInfo as _, RedisError as Failure, ServerErrorKind,
};
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// The address of Redis, such as `redis://user:password@host:6379/0`. It may contain a password, so its Debug output does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(String);

impl FromStr for RedisUrl {
    type Err = Infallible;

    /// Takes every text: what is wrong with it is said without repeating it, when Redis is opened.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisUrl(secret)")
    }
}

/// What the operator must change before Redis can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedisError {
    /// The address cannot be read.
    #[error(
        "--redis must look like redis://user:password@host:6379/0, rediss:// for TLS, or unix:///path/of/redis.sock; \
         special characters of a password are percent-encoded"
    )]
    Address,
    /// The server at the address does not let this program do what it must.
    #[error("--redis: the server at {address} cannot be used: {reason}")]
    Unusable {
        /// Where it is, without a password.
        address: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    NoRandomNumbers,
}

impl RedisUrl {
    /// A client of the server, which does not connect yet, and where the server is, without a password.
    pub(crate) fn client(&self) -> Result<(Client, String), RedisError> {
        let info = self.0.as_str().into_connection_info().map_err(|_with_the_text| RedisError::Address)?;
        if matches!(info.addr(), ConnectionAddr::TcpTls { insecure: true, .. }) {
            return Err(RedisError::Address);
        }
        let address = info.addr().to_string();
        if matches!(info.addr(), ConnectionAddr::TcpTls { .. }) {
            // The client takes the provider of the process. Another part may have installed the same one before.
            drop(rustls::crypto::ring::default_provider().install_default());
        }
        // Small requests are sent at once instead of waiting for the acknowledgement of earlier ones (Nagle's algorithm).
        let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
        // One command less that the user must be allowed.
        let settings = info.redis_settings().clone().set_skip_set_lib_name();
        let info = info.set_redis_settings(settings);
        let client = Client::open(info).map_err(|_with_the_text| RedisError::Address)?;
        Ok((client, address))
    }
}

/// Why Redis did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It cannot be reached, or does not answer in time. That may pass.
    Away(String),
    /// It answers, and refuses. Only the operator can change that.
    Refused(String),
}

impl Trouble {
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::Away(reason) | Self::Refused(reason) => reason,
        }
    }

    pub(crate) fn slow() -> Self {
        Self::Away("no answer in time".to_owned())
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        let refused = |reason: &str| Self::Refused(reason.to_owned());
        match (failure.kind(), failure.code()) {
            (ErrorKind::AuthenticationFailed, _) | (_, Some("NOAUTH" | "WRONGPASS")) => {
                refused("it does not accept the user or the password in the URL")
            }
            (ErrorKind::Server(ServerErrorKind::NoPerm), _) => Self::Refused(format!(
                "its user lacks a right ({}): allow keys and channels that begin with fairseat:, and the commands in docs/operations.md",
                failure.detail().unwrap_or("NOPERM")
            )),
            (ErrorKind::Server(ServerErrorKind::ResponseError), _) => Self::Refused(failure.to_string()),
            (ErrorKind::Parse | ErrorKind::UnexpectedReturnType, _) => refused(
                "it does not speak the protocol of Redis: check the port, and redis:// against rediss://",
            ),
            (ErrorKind::InvalidClientConfig, _) => Self::Refused(failure.to_string()),
            _ => Self::Away(failure.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(text: &str) -> Result<String, RedisError> {
        let Ok(url) = text.parse::<RedisUrl>();
        url.client().map(|(_, address)| address)
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (text, address) in [
            ("redis://redis.example.org", "redis.example.org:6379"),
            ("redis://:Gallery7@10.0.0.5:7000/2", "10.0.0.5:7000"),
            ("rediss://shop:Gallery7@redis.example.org:6380/0", "redis.example.org:6380"),
            ("valkey://shop:Gallery7@cache", "cache:6379"),
            ("unix:///run/redis.sock?db=1&pass=Gallery7", "/run/redis.sock"),
        ] {
            assert_eq!(opened(text), Ok(address.to_owned()), "{text}");
        }
        let Ok(url) = "redis://:Gallery7@host".parse::<RedisUrl>();
        assert_eq!(format!("{url:?}"), "RedisUrl(secret)");
    }

    #[test]
    fn what_cannot_be_an_address_is_refused_without_repeating_it() {
        for text in [
            "",
            "redis.example.org",
            "http://:Gallery7@host",
            "redis://",
            "redis://:Gallery7@host:port",
            "redis://:Gallery7@host/first",
            "rediss://:Gallery7@host/#insecure",
        ] {
            let said = opened(text).unwrap_err().to_string();
            assert!(
                said.starts_with("--redis must look like") && !said.contains("Gallery7"),
                "{text}: {said}"
            );
        }
    }
}
