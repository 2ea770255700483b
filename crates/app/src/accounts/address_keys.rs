//! Keyed numbers that stand for e-mail addresses. Addresses without an account have one too.

use crate::keys::Keys;
use fairseat_store::email;

/// The number under which wrong passwords for an address are counted.
#[must_use]
pub fn guesses_at(keys: &Keys, address: &str) -> u128 {
    number(keys, b"password guesses at ", address)
}

/// The number under which letters to an address are counted. What follows a `+` is left out, because many mailboxes take all of these.
#[must_use]
pub fn letters_to(keys: &Keys, address: &str) -> u128 {
    let mailbox = match address.rsplit_once('@') {
        Some((local, domain)) => [local.split('+').next().unwrap_or(local), "@", domain].concat(),
        None => address.to_owned(),
    };
    number(keys, b"letters to ", &mailbox)
}

fn number(keys: &Keys, purpose: &[u8], address: &str) -> u128 {
    let mut hash = blake3::Hasher::new_keyed(keys.fingerprints.expose());
    hash.update(purpose).update(email::key(address).as_bytes());
    hash.finalize().as_bytes().first_chunk().copied().map_or(0, u128::from_le_bytes)
}
