//! Secret tokens of which only the hash is stored: refresh tokens, and links in messages.

use crate::keys::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fairseat_store::sessions::TokenHash;
use sha2::{Digest as _, Sha256};
use std::fmt;
use uuid::Uuid;

/// Bytes of randomness. So many cannot be guessed, so a fast hash is enough.
const BYTES: usize = 32;

/// A token in clear; never printed, never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretToken(String);

impl SecretToken {
    /// A new random token.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The token of a link, derived from the link's number with the key. The number alone is useless, so it can be stored.
    #[must_use]
    pub fn of_link(key: &Secret<32>, link: Uuid) -> Self {
        Self(URL_SAFE_NO_PAD.encode(blake3::keyed_hash(key.expose(), link.as_bytes()).as_bytes()))
    }

    /// The token of the link in the letters about an order, which opens this order without signing in.
    #[must_use]
    pub fn of_order(key: &Secret<32>, order: Uuid) -> Self {
        let mut hash = blake3::Hasher::new_keyed(key.expose());
        hash.update(b"link to the order ").update(order.as_bytes());
        Self(URL_SAFE_NO_PAD.encode(hash.finalize().as_bytes()))
    }

    /// Whether `text` is this token. Comparing the hashes tells nothing about the token by the time it takes.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.hash() == Self::hash_of(text)
    }

    /// The text to hand out.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The hash to store.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        Self::hash_of(&self.0)
    }

    /// The hash of a received text, to look up.
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
