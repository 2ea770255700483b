//! Reads connection strings. What is wrong with one is said without any part of it: a password with a special character is easily taken for
//! something else.

use crate::error::{ServerError, describe};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// The settings of a connection string.
pub(crate) fn parse(url: &str) -> Result<Config, ServerError> {
    let config: Config = url.parse().map_err(|error| ServerError::BadUrl(complaint(&error)))?;
    // Then a part of the password was taken for the host, and would be printed as such.
    let in_host = |host: &Host| matches!(host, Host::Tcp(name) if name.contains('@'));
    if config.get_hosts().iter().any(in_host) {
        return Err(ServerError::BadUrl("an @ in user or password must be written as %40".to_owned()));
    }
    Ok(config)
}

fn complaint(error: &tokio_postgres::Error) -> String {
    let said = describe(error);
    match said.split_once("invalid value for option ") {
        Some((_, "`sslmode`")) => {
            "sslmode must be disable, prefer or require; require verifies the certificate, as verify-full does elsewhere".to_owned()
        }
        // The name of an option that there is.
        Some((_, option)) => format!("the value of {option} is not allowed"),
        None => "it must look like postgres://user:password@host/name. Percent-encode special characters in user and password".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Connector, Demands};

    #[test]
    fn a_connection_string_that_cannot_be_used_is_not_repeated() {
        for (url, said) in [
            ("postgres://shop:Gallery7@[", "the value of `host` is not allowed"),
            ("postgres://shop:Gall%ery7@db/x", ""),
            ("host=db password=left Gallery7=x", "it must look like postgres://"),
            ("host=db password='Gallery7", "it must look like postgres://"),
            ("postgres://shop:Gall@Gallery7@db/x", "an @ in user or password must be written as %40"),
            ("postgres://shop:Gall@Gallery7:x@db/x", "the value of `port` is not allowed"),
            (
                "postgres://shop:Gallery7@db/x?sslmode=verify-full",
                "sslmode must be disable, prefer or require; require verifies",
            ),
            (
                "postgres://shop:Gallery7@db/x?password=Gallery7&port=Gallery7",
                "the value of `port` is not allowed",
            ),
            ("user=shop password=Gallery7", "it names no host"),
        ] {
            match Connector::new(url, Demands::default()) {
                Ok(connector) => {
                    let shown = format!("{connector:?}");
                    assert!(said.is_empty() && !shown.contains("Gallery7"), "{url}: {shown}");
                }
                Err(refused) => {
                    let refused = refused.to_string();
                    assert!(!said.is_empty() && refused.contains(said), "{url}: {refused}");
                    assert!(!refused.contains("Gallery7") && !refused.contains('\n'), "{url}: {refused}");
                }
            }
        }
    }
}
