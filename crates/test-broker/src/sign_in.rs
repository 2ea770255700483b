//! The broker's side of signing in: PLAIN (RFC 4616) and SCRAM-SHA-256 (RFC 5802, RFC 7677).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

const ITERATIONS: u32 = 4_096;
const SALT: &[u8] = b"salt of a test";

/// The one user that may sign in.
#[derive(Clone, Debug)]
pub struct Users {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
}

/// A sign-in that is under way.
#[derive(Debug)]
pub(crate) enum SignIn {
    Plain,
    Scram(ScramStep),
}

#[derive(Debug)]
pub(crate) enum ScramStep {
    First,
    Final { exchanged: String, nonce: String },
}

/// What the broker says to a message of the client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    More(Vec<u8>),
    SignedIn(Vec<u8>),
    Refused,
}

impl SignIn {
    /// The mechanisms that the broker offers.
    pub(crate) const MECHANISMS: [&'static str; 2] = ["PLAIN", "SCRAM-SHA-256"];

    pub(crate) fn begin(mechanism: &[u8]) -> Option<Self> {
        match mechanism {
            b"PLAIN" => Some(Self::Plain),
            b"SCRAM-SHA-256" => Some(Self::Scram(ScramStep::First)),
            _ => None,
        }
    }

    pub(crate) fn step(&mut self, message: &[u8], users: &Users) -> Reply {
        let answer = match self {
            Self::Plain => {
                let expected = format!("\0{}\0{}", users.user, users.password);
                return if message == expected.as_bytes() {
                    Reply::SignedIn(Vec::new())
                } else {
                    Reply::Refused
                };
            }
            Self::Scram(step) => step.take(message, users),
        };
        answer.unwrap_or(Reply::Refused)
    }
}

impl ScramStep {
    fn take(&mut self, message: &[u8], users: &Users) -> Option<Reply> {
        let message = std::str::from_utf8(message).ok()?;
        match self {
            Self::First => {
                let bare = message.strip_prefix("n,,")?;
                let mut fields = bare.split(',');
                if fields.next()? != format!("n={}", users.user) {
                    return None;
                }
                let nonce = format!("{}of-the-broker", fields.next()?.strip_prefix("r=")?);
                let first = format!("r={nonce},s={},i={ITERATIONS}", STANDARD.encode(SALT));
                *self = Self::Final { exchanged: format!("{bare},{first}"), nonce };
                Some(Reply::More(first.into_bytes()))
            }
            Self::Final { exchanged, nonce } => {
                let (without_proof, proof) = message.rsplit_once(",p=")?;
                if without_proof != format!("c=biws,r={nonce}") {
                    return None;
                }
                let signed = format!("{exchanged},{without_proof}");
                let salted = salted(&users.password);
                let client_key = hmac(&salted, b"Client Key");
                let signature = hmac(&Sha256::digest(client_key), signed.as_bytes());
                let expected: Vec<u8> =
                    client_key.iter().zip(signature).map(|(key, sign)| key ^ sign).collect();
                if STANDARD.decode(proof).ok()? != expected {
                    return None;
                }
                let server = hmac(&hmac(&salted, b"Server Key"), signed.as_bytes());
                Some(Reply::SignedIn(format!("v={}", STANDARD.encode(server)).into_bytes()))
            }
        }
    }
}

/// PBKDF2 with one block (RFC 8018).
fn salted(password: &str) -> [u8; 32] {
    let mut last = hmac(password.as_bytes(), &[SALT, &1_u32.to_be_bytes()].concat());
    let mut sum = last;
    for _ in 1..ITERATIONS {
        last = hmac(password.as_bytes(), &last);
        sum.iter_mut().zip(last).for_each(|(sum, more)| *sum ^= more);
    }
    sum
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}
