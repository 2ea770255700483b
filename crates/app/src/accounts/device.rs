//! Devices on which somebody has signed in before. Their owner does not wait for guesses that strangers make elsewhere, also at an address
//! that the server has never seen.
//!
//! Whoever signs in gets a token that contains a random number for the device, and for each account that signed in there a proof: a keyed
//! hash of number and account. It gives access to nothing. Who steals it may guess as often as one address may.

use super::address_keys::guesses_at;
use crate::keys::Keys;
use blake3::Hash;
use uuid::Uuid;

/// The most accounts that one device proves; families share devices.
const MAX_ACCOUNTS: usize = 5;

/// A device, as its token describes it.
#[derive(Debug)]
pub struct Device {
    id: Uuid,
    proofs: Vec<Hash>,
}

impl Device {
    /// The device with this token; a new one without a usable token.
    #[must_use]
    pub fn of(token: Option<&str>) -> Self {
        token.and_then(Self::read).unwrap_or_else(|| Self { id: Uuid::new_v4(), proofs: Vec::new() })
    }

    fn read(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let id = Uuid::try_parse(parts.next()?).ok()?;
        let proofs: Option<Vec<Hash>> =
            parts.take(MAX_ACCOUNTS).map(|proof| Hash::from_hex(proof).ok()).collect();
        Some(Self { id, proofs: proofs? })
    }

    /// The device's number, if the account with this address has signed in on it.
    #[must_use]
    pub fn proven(&self, keys: &Keys, email: &str) -> Option<u128> {
        let proof = self.proof(keys, email);
        self.proofs.contains(&proof).then_some(self.id.as_u128())
    }

    /// The device's token, now that the account with this address has signed in on it.
    #[must_use]
    pub fn token_with(mut self, keys: &Keys, email: &str) -> String {
        let proof = self.proof(keys, email);
        self.proofs.retain(|other| *other != proof);
        self.proofs.insert(0, proof);
        self.proofs.truncate(MAX_ACCOUNTS);
        let proofs = self.proofs.iter().map(|proof| format!(".{}", proof.to_hex()));
        format!("{}{}", self.id.simple(), proofs.collect::<String>())
    }

    fn proof(&self, keys: &Keys, email: &str) -> Hash {
        let mut hash = blake3::Hasher::new_keyed(keys.fingerprints.expose());
        hash.update(b"signed in on this device ")
            .update(self.id.as_bytes())
            .update(&guesses_at(keys, email).to_le_bytes());
        hash.finalize()
    }
}
