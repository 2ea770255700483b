//! Passwords: hashed with Argon2id on blocking threads, few at a time.
//!
//! What must always hold: a check takes the same time whether the account exists or not, because without an account it is made against
//! a decoy; at most [`MAX_HASHES_AT_ONCE`] hashes run at once, at most [`MAX_WAITING`] more wait, and further ones are refused at once.

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use fairseat_domain::passwords::{EasyToGuess, easy_to_guess};
use fairseat_store::users::PasswordHash;
use fairseat_turns::{HeavyWork, HeavyWorkError, TurnKeys};
use serde::Deserialize;
use std::fmt;

/// The most hashes computed at once; each occupies a core.
const MAX_HASHES_AT_ONCE: usize = 2;
/// The most hashes that may wait: about five seconds of work.
const MAX_WAITING: usize = 256;
/// The most that may wait for one address.
const MAX_WAITING_OF_ADDRESS: usize = 64;
/// Characters of a password. Longer passwords are better; the upper bound limits our work.
const CHARS: std::ops::RangeInclusive<usize> = 8..=1_024;

/// A password in clear, until it is hashed; never printed.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// Takes `text` for a password.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Why it is not acceptable as a new password of a person with these details (name, address): it is too short, or the first that
    /// others would try (NIST SP 800-63B, 3.1.1.2).
    #[must_use]
    pub fn complaint(&self, details: &[&str]) -> Option<&'static str> {
        if !CHARS.contains(&self.0.chars().count()) {
            return Some("must have 8 to 1024 characters");
        }
        easy_to_guess(&self.0, details).map(|why| match why {
            EasyToGuess::Common => "is one of the most common passwords, which others try first: choose another, such as a few words in a row",
            EasyToGuess::Own => "is your name or your address, which others try first: choose another, such as a few words in a row",
        })
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// The cost of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory it takes.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

impl Default for PasswordCost {
    /// As the OWASP Password Storage Cheat Sheet advises for Argon2id.
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2 }
    }
}

/// The result of checking a password against a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is not the password.
    Wrong,
    /// It is the password.
    Right,
    /// It is the password, but its hash was made at another cost than today's: hash it again.
    Outdated,
}

/// Why a password was neither hashed nor checked.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many are waiting; nothing was done.
    #[error("too many passwords are waiting")]
    Busy,
    /// Hashing failed, which is a bug.
    #[error("a password could not be hashed: {0}")]
    Failed(String),
}

impl From<HeavyWorkError> for HashError {
    fn from(error: HeavyWorkError) -> Self {
        match error {
            HeavyWorkError::Busy => Self::Busy,
            HeavyWorkError::Failed(failure) => failed(failure),
        }
    }
}

fn failed(cause: impl fmt::Display) -> HashError {
    HashError::Failed(cause.to_string())
}

/// Hashes and checks passwords.
#[derive(Debug)]
pub struct Passwords {
    argon2: Argon2<'static>,
    decoy: String,
    hashing: HeavyWork,
}

impl Passwords {
    /// At this cost.
    ///
    /// # Errors
    /// When Argon2 does not allow the cost.
    pub fn new(cost: PasswordCost) -> Result<Self, argon2::Error> {
        let PasswordCost { memory_kib, passes } = cost;
        let params = Params::new(memory_kib, passes, 1, None)?;
        Ok(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            // The decoy: a hash of this cost, of a random password.
            decoy: format!(
                "$argon2id$v=19$m={memory_kib},t={passes},p=1${}${}",
                "A".repeat(22),
                "A".repeat(43)
            ),
            hashing: HeavyWork::new(MAX_HASHES_AT_ONCE, MAX_WAITING, MAX_WAITING_OF_ADDRESS),
        })
    }

    /// Hashes a password.
    ///
    /// # Errors
    /// [`HashError::Busy`] when too many are waiting.
    pub async fn hash(&self, password: Password, keys: TurnKeys) -> Result<PasswordHash, HashError> {
        let argon2 = self.argon2.clone();
        let hashed = self.hashing.run(keys, move || argon2.hash_password(password.0.as_bytes())).await?;
        hashed.map(|hash| PasswordHash(hash.to_string())).map_err(failed)
    }

    /// Checks `password` against `hash`. Without a hash the result is always wrong, after the same time. Whoever asks from a device on which the
    /// account's owner has signed in before does not wait for those who guess.
    ///
    /// # Errors
    /// [`HashError::Busy`] when too many are waiting.
    pub async fn verify(
        &self,
        password: Password,
        hash: Option<PasswordHash>,
        keys: TurnKeys,
        on_known_device: bool,
    ) -> Result<Verdict, HashError> {
        let (argon2, decoy) = (self.argon2.clone(), self.decoy.clone());
        let work = move || verdict(&argon2, &password, hash.as_ref(), &decoy);
        Ok(match on_known_device {
            true => self.hashing.run_first(keys, work).await?,
            false => self.hashing.run(keys, work).await?,
        })
    }
}

fn verdict(argon2: &Argon2<'_>, password: &Password, hash: Option<&PasswordHash>, decoy: &str) -> Verdict {
    let stored = hash.and_then(|hash| phc::PasswordHash::new(&hash.0).ok());
    let Some(compared) = stored.as_ref().cloned().or_else(|| phc::PasswordHash::new(decoy).ok()) else {
        return Verdict::Wrong;
    };
    let same = argon2.verify_password(password.0.as_bytes(), &compared).is_ok();
    match stored {
        Some(stored) if same && is_current(argon2, &stored) => Verdict::Right,
        Some(_) if same => Verdict::Outdated,
        Some(_) | None => Verdict::Wrong,
    }
}

fn is_current(argon2: &Argon2<'_>, hash: &phc::PasswordHash) -> bool {
    let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
    let theirs = Params::try_from(hash).ok();
    hash.algorithm.as_str() == "argon2id"
        && theirs.is_some_and(|theirs| cost(&theirs) == cost(argon2.params()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    fn passwords(memory_kib: u32) -> Passwords {
        Passwords::new(PasswordCost { memory_kib, passes: 1 }).unwrap()
    }

    const KEYS: TurnKeys = [1, 2];

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_is_right_wrong_or_outdated() {
        let (old, new) = (passwords(8), passwords(16));
        let hash = old.hash(password("correct horse"), KEYS).await.unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{}", hash.0);
        for (checker, text, expected) in [
            (&old, "correct horse", Verdict::Right),
            (&old, "correct horsf", Verdict::Wrong),
            (&old, "", Verdict::Wrong),
            (&new, "correct horse", Verdict::Outdated),
            (&new, "wrong", Verdict::Wrong),
        ] {
            assert_eq!(
                checker.verify(password(text), Some(hash.clone()), KEYS, false).await.unwrap(),
                expected,
                "{text}"
            );
        }
    }

    #[tokio::test]
    async fn without_an_account_the_decoy_is_checked() {
        let passwords = passwords(8);
        let decoy = phc::PasswordHash::new(&passwords.decoy).unwrap();
        assert!(is_current(&passwords.argon2, &decoy), "as costly as a hash made today");
        assert_eq!(decoy.hash.map(|hash| hash.len()), Some(32));
        for hash in [None, Some(PasswordHash(String::new())), Some(PasswordHash("damaged".to_owned()))] {
            assert_eq!(passwords.verify(password("any"), hash, KEYS, false).await.unwrap(), Verdict::Wrong);
        }
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let passwords = passwords(8);
        let (release, released) = std::sync::mpsc::channel::<()>();
        let released = std::sync::Arc::new(std::sync::Mutex::new(released));
        let wait = || {
            let released = released.clone();
            passwords.hashing.run(KEYS, move || released.lock().unwrap().recv().is_ok()).boxed()
        };
        let mut waiting: Vec<_> = (0..MAX_HASHES_AT_ONCE + MAX_WAITING_OF_ADDRESS).map(|_| wait()).collect();
        waiting.iter_mut().for_each(|waits| assert!(waits.now_or_never().is_none()));
        let refused = passwords.hash(password("any"), KEYS).await.unwrap_err();
        assert!(matches!(refused, HashError::Busy), "{refused}");
        drop((waiting, release));
        assert!(passwords.hash(password("any"), KEYS).await.is_ok());
    }

    #[test]
    fn a_new_password_is_long_enough_and_not_the_first_that_others_try() {
        for good in ["8letters", "пароль-длинный", &"x".repeat(1_024)] {
            assert_eq!(password(good).complaint(&[]), None, "{good}");
        }
        for bad in ["", "1234567", &"x".repeat(1_025), "password123", "Ada@Example.org"] {
            assert!(password(bad).complaint(&["ada@example.org"]).is_some(), "{bad}");
        }
    }
}
