//! Secrets handed to a person or a browser and known to us by their hash alone: refresh tokens, links in messages.

use crate::keys::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fairseat_store::sessions::TokenHash;
use sha2::{Digest as _, Sha256};
use std::fmt;
use uuid::Uuid;

/// Bytes of randomness: nobody guesses one, so a plain hash protects it as well as a slow one.
const BYTES: usize = 32;

/// A secret in the form it is handed out in; never shown, never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretToken(String);

impl SecretToken {
    /// A new one, at random.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The one in the link of this number, the same each time. The number alone is of no use, so that it may be stored.
    #[must_use]
    pub fn of_link(key: &Secret<32>, link: Uuid) -> Self {
        Self(URL_SAFE_NO_PAD.encode(blake3::keyed_hash(key.expose(), link.as_bytes()).as_bytes()))
    }

    /// For the one it is handed to.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        Self::hash_of(&self.0)
    }

    /// What is stored of one that came back. Anything that was never handed out has a hash that is stored nowhere.
    #[must_use]
    pub fn hash_of(text: &str) -> TokenHash {
        Sha256::digest(text.as_bytes()).into()
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretToken")
    }
}
