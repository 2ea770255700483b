//! The URL of a mail server. It contains a password, so it is never shown, not even in errors.
//!
//! Connections are encrypted, unless the server is on this machine or the URL has `?tls=off`. Together with a password, `?tls=off` is
//! refused for other machines.

use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use std::convert::Infallible;
use std::fmt;
use std::net::IpAddr;

const SHAPE: &str = "must look like smtps://user:password@host:465 or smtp://user:password@host:587; what of user and password is \
                     neither letter nor digit is percent-encoded";

/// `smtps://user:password@host:port`, as it was given.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl(String);

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpUrl")
    }
}

impl SmtpUrl {
    /// Accepts any text without checking it, because clap's error would show the refused text. The sender checks it later.
    ///
    /// # Errors
    /// Never.
    pub fn given(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }

    /// A transport to the server it names.
    ///
    /// # Errors
    /// A description of the error in the URL, without repeating the URL.
    pub(super) fn transport(&self) -> Result<AsyncSmtpTransportBuilder, &'static str> {
        let url = self.with_encryption()?;
        AsyncSmtpTransport::<Tokio1Executor>::from_url(&url).map_err(|_unusable| SHAPE)
    }

    /// The URL for lettre, for which a plain `smtp://` is unencrypted.
    fn with_encryption(&self) -> Result<String, &'static str> {
        let (scheme, rest) = self.0.split_once("://").ok_or(SHAPE)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let (login, server) = match authority.rsplit_once('@') {
            Some((login, server)) => (Some(login), server),
            None => (None, authority),
        };
        let local = is_this_machine(server).ok_or(SHAPE)?;
        if authority.contains(['/', '#']) || login.is_some_and(|login| !login.contains(':')) {
            return Err(SHAPE);
        }
        match (scheme, query) {
            ("smtps", "") => Ok(format!("smtps://{authority}")),
            ("smtp", "") if !local => Ok(format!("smtp://{authority}?tls=required")),
            ("smtp", "tls=off") if login.is_some() && !local => {
                Err("would send the password unencrypted: leave ?tls=off out")
            }
            ("smtp", "" | "tls=off") => Ok(format!("smtp://{authority}")),
            _ => Err(SHAPE),
        }
    }
}

/// Whether `host:port` is this machine; `None` if the text is not a host and a port.
fn is_this_machine(server: &str) -> Option<bool> {
    let plain = |host: &str| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte))
    };
    let (host, rest) = match server.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => server.find(':').map_or((server, ""), |colon| server.split_at(colon)),
    };
    let port = rest.strip_prefix(':').map(|port| port.parse::<u16>().is_ok());
    if !(rest.is_empty() || port == Some(true)) {
        return None;
    }
    let address = host.parse::<IpAddr>().ok();
    if address.is_none() && (server.starts_with('[') || !plain(host)) {
        return None;
    }
    Some(host == "localhost" || address.is_some_and(|address| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_is_encrypted_unless_the_server_is_local_or_tls_is_off() {
        for (given, expected) in [
            ("smtps://u:p%40@mail.test:465", Some("smtps://u:p%40@mail.test:465")),
            ("smtps://mail.test/", Some("smtps://mail.test")),
            ("smtp://u:p@mail.test", Some("smtp://u:p@mail.test?tls=required")),
            ("smtp://u:p@127.0.0.1:25", Some("smtp://u:p@127.0.0.1:25")),
            ("smtp://[::1]:25", Some("smtp://[::1]:25")),
            ("smtp://localhost", Some("smtp://localhost")),
            ("smtp://localhost.mail.test", Some("smtp://localhost.mail.test?tls=required")),
            ("smtp://mailpit:1025?tls=off", Some("smtp://mailpit:1025")),
            ("smtp://u:p@mailpit:1025?tls=off", None),
            ("smtps://u@mail.test", None),
            ("smtps://u:p/q@mail.test", None),
            ("smtps://mail.test/name", None),
            ("smtp://mail.test?tls=opportunistic", None),
            ("https://mail.test", None),
            ("mail.test", None),
            ("smtps://", None),
            ("", None),
        ] {
            let url = SmtpUrl::given(given).unwrap();
            assert_eq!(url.with_encryption().ok().as_deref(), expected, "{given}");
            assert_eq!(url.transport().is_ok(), expected.is_some(), "{given}");
            assert_eq!(format!("{url:?}"), "SmtpUrl");
        }
    }
}
