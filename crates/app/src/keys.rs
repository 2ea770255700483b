//! The installation's secret keys: one file each in `DATA_DIR/keys/`, made on the first start and kept for ever.
//!
//! What must always hold: a key in use is never replaced by accident (a key file appears complete or not at all; of two processes that start
//! at once, the second loads the first one's keys); only their owner can read the files; a key is durable before it is used; no key is
//! ever printed, not even by `Debug`.

use anyhow::{Context, Result, bail};
use ed25519_dalek::SigningKey;
use fairseat_payments::ProviderKind;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Previous signing keys that are kept, so that tokens stay valid after a rotation.
const OLD_TOKEN_KEYS: usize = 2;
const TOKEN_KEYS_FILE: &str = "token-keys";

/// A secret of `N` bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Secret<N> {
    /// The bytes. Pass them only to cryptographic functions.
    #[must_use]
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// All keys of the installation.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Seals local numbers into public ids.
    pub ids: Secret<16>,
    /// Sign access tokens.
    pub tokens: TokenKeys,
    /// Signs tickets' QR codes.
    pub tickets: TicketKey,
    /// Key for the fingerprints of idempotency keys and bodies.
    pub fingerprints: Secret<32>,
    /// Key from which the secrets of links in messages are derived, so that the outbox holds no secret.
    pub links: Secret<32>,
    /// One for each payment provider.
    providers: Vec<(ProviderKind, Secret<32>)>,
}

/// A key that signs access tokens (HMAC-SHA256).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenKey {
    /// Names the key in a token's header.
    pub kid: String,
    /// The key itself.
    pub secret: Secret<32>,
}

/// The key that signs and those that signed before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenKeys {
    /// Signs from now on.
    pub current: TokenKey,
    /// The previous keys; tokens that they signed are still accepted. Newest first.
    pub previous: Vec<TokenKey>,
}

impl TokenKeys {
    /// The key a token names.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<&TokenKey> {
        std::iter::once(&self.current).chain(&self.previous).find(|key| key.kid == kid)
    }
}

/// The Ed25519 key that signs tickets. With its public half anybody can check a ticket offline.
#[derive(Clone)]
pub struct TicketKey(SigningKey);

impl TicketKey {
    /// The key that signs.
    #[must_use]
    pub fn signing_key(&self) -> &SigningKey {
        &self.0
    }

    /// The public half, 32 bytes.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }
}

impl fmt::Debug for TicketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketKey")
    }
}

impl Keys {
    /// The key for a payment provider's own use, such as signing its webhooks; every provider of [`ProviderKind::ALL`] has one.
    #[must_use]
    pub fn provider(&self, kind: ProviderKind) -> Option<&Secret<32>> {
        self.providers.iter().find(|(known, _)| *known == kind).map(|(_, key)| key)
    }

    /// Whether a data folder has all keys that never change.
    #[must_use]
    pub fn exist(data_dir: &Path) -> bool {
        let own = ["ids", "tickets", "fingerprints", "links"].into_iter();
        let mut names = own.chain(ProviderKind::ALL.map(ProviderKind::name));
        names.all(|name| data_dir.join("keys").join(name).exists())
    }

    /// A hash of the keys that never change, to compare them with those of another machine.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = blake3::Hasher::new_derive_key("fairseat: fingerprint of the keys of an installation");
        hash.update(self.ids.expose()).update(self.fingerprints.expose()).update(self.links.expose());
        *hash.update(&self.tickets.public()).finalize().as_bytes()
    }

    /// Loads the keys of this data folder, making those that are missing.
    ///
    /// # Errors
    /// When the folder cannot be written, or a key file is damaged.
    pub fn load_or_create(data_dir: &Path) -> Result<Self> {
        let dir = data_dir.join("keys");
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&dir);
        made.with_context(|| format!("cannot create {}", dir.display()))?;
        sync_dir(data_dir)?;
        Ok(Self {
            ids: secret(&dir, "ids")?,
            tokens: token_keys(&dir)?,
            tickets: TicketKey(SigningKey::from_bytes(secret::<32>(&dir, "tickets")?.expose())),
            fingerprints: secret(&dir, "fingerprints")?,
            links: secret(&dir, "links")?,
            providers: ProviderKind::ALL
                .into_iter()
                .map(|kind| Ok((kind, secret(&dir, kind.name())?)))
                .collect::<Result<_>>()?,
        })
    }
}

/// Makes a new signing key for access tokens and keeps the previous ones. Servers use it from their next start.
///
/// # Errors
/// When the key file cannot be read or written.
pub fn rotate_token_keys(data_dir: &Path) -> Result<TokenKeys> {
    let dir = data_dir.join("keys");
    let TokenKeys { current, mut previous } = token_keys(&dir)?;
    previous.insert(0, current);
    previous.truncate(OLD_TOKEN_KEYS);
    let keys = TokenKeys { current: new_token_key()?, previous };
    let temporary = write_temporary(&dir, TOKEN_KEYS_FILE, token_keys_text(&keys).as_bytes())?;
    fs::rename(&temporary, dir.join(TOKEN_KEYS_FILE)).context("cannot replace the token keys")?;
    sync_dir(&dir)?;
    Ok(keys)
}

fn secret<const N: usize>(dir: &Path, name: &str) -> Result<Secret<N>> {
    let bytes = load_or_create(dir, name, || Ok(random::<N>()?.to_vec()))?;
    let length = bytes.len();
    let Ok(secret) = bytes.try_into() else {
        bail!(
            "the key file {} has {length} bytes instead of {N}: restore it from a backup",
            dir.join(name).display()
        );
    };
    Ok(Secret(secret))
}

fn token_keys(dir: &Path) -> Result<TokenKeys> {
    let first =
        || Ok(token_keys_text(&TokenKeys { current: new_token_key()?, previous: Vec::new() }).into_bytes());
    let text = load_or_create(dir, TOKEN_KEYS_FILE, first)?;
    let damaged = || {
        format!("the key file {} is damaged: restore it from a backup", dir.join(TOKEN_KEYS_FILE).display())
    };
    let text = String::from_utf8(text).with_context(damaged)?;
    let mut keys =
        text.lines().map(parse_token_key).collect::<Option<Vec<_>>>().with_context(damaged)?.into_iter();
    let current = keys.next().with_context(damaged)?;
    Ok(TokenKeys { current, previous: keys.collect() })
}

fn new_token_key() -> Result<TokenKey> {
    Ok(TokenKey { kid: hex(&random::<8>()?), secret: Secret(random()?) })
}

/// One key per line, `kid secret`, both in hexadecimal; the first one signs.
fn token_keys_text(keys: &TokenKeys) -> String {
    let line = |key: &TokenKey| format!("{} {}\n", key.kid, hex(key.secret.expose()));
    std::iter::once(&keys.current).chain(&keys.previous).map(line).collect()
}

fn parse_token_key(line: &str) -> Option<TokenKey> {
    let (kid, secret) = line.split_once(' ')?;
    let secret = blake3::Hash::from_hex(secret).ok()?;
    Some(TokenKey { kid: kid.to_owned(), secret: Secret(*secret.as_bytes()) })
}

/// The contents of a key file; `make` makes them if there is no file.
fn load_or_create(dir: &Path, name: &str, make: impl FnOnce() -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    let path = dir.join(name);
    let cannot_read = || format!("cannot read the key file {}", path.display());
    match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        found => return found.with_context(cannot_read),
    }
    let temporary = write_temporary(dir, name, &make()?)?;
    // A hard link fails if the name exists: of two processes the first one wins, and the file is never seen incomplete.
    let linked = fs::hard_link(&temporary, &path);
    fs::remove_file(&temporary).context("cannot remove a temporary key file")?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(error).with_context(|| format!("cannot create the key file {}", path.display()));
        }
        _ => sync_dir(dir)?,
    }
    fs::read(&path).with_context(cannot_read)
}

/// Writes a file under a new name, durably.
fn write_temporary(dir: &Path, name: &str, bytes: &[u8]) -> Result<std::path::PathBuf> {
    let path = dir.join(format!(".{name}-{}", hex(&random::<8>()?)));
    let write = || {
        let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

fn sync_dir(dir: &Path) -> Result<()> {
    let synced = File::open(dir).and_then(|dir| dir.sync_all());
    synced.with_context(|| format!("cannot make {} durable", dir.display()))
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).context("the system gives no random numbers")?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_restart_loads_the_same_keys() {
        let dir = tempfile::tempdir().unwrap();
        let first = Keys::load_or_create(dir.path()).unwrap();
        let second = Keys::load_or_create(dir.path()).unwrap();
        assert_eq!(first.ids, second.ids);
        assert_eq!(first.tokens, second.tokens);
        assert_eq!(first.tickets.public(), second.tickets.public());
        assert_eq!(first.links, second.links);
        assert_ne!(first.fingerprints, *first.provider(ProviderKind::ALL[0]).unwrap());
        for entry in fs::read_dir(dir.path().join("keys")).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        }
        assert_eq!(fs::read_dir(dir.path().join("keys")).unwrap().count(), 6, "no temporary files stay");
    }

    #[test]
    fn processes_that_start_at_the_same_time_load_the_same_keys() {
        let dir = tempfile::tempdir().unwrap();
        let keys: Vec<Keys> = std::thread::scope(|scope| {
            let start = || scope.spawn(|| Keys::load_or_create(dir.path()).unwrap());
            let threads: Vec<_> = (0..8).map(|_| start()).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|other| other.ids == keys[0].ids && other.tokens == keys[0].tokens));
    }

    #[test]
    fn rotation_keeps_old_keys_for_a_while() {
        let dir = tempfile::tempdir().unwrap();
        let first = Keys::load_or_create(dir.path()).unwrap().tokens;
        let second = rotate_token_keys(dir.path()).unwrap();
        assert_eq!(second.find(&first.current.kid), Some(&first.current));
        assert_ne!(second.current, first.current);
        rotate_token_keys(dir.path()).unwrap();
        let fourth = rotate_token_keys(dir.path()).unwrap();
        assert_eq!(fourth.find(&first.current.kid), None);
        assert_eq!(Keys::load_or_create(dir.path()).unwrap().tokens, fourth);
    }

    #[test]
    fn a_damaged_key_is_reported_and_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        Keys::load_or_create(dir.path()).unwrap();
        for file in ["ids", "token-keys"] {
            let path = dir.path().join("keys").join(file);
            let good = fs::read(&path).unwrap();
            fs::write(&path, "short").unwrap();
            let error = Keys::load_or_create(dir.path()).unwrap_err().to_string();
            assert!(error.ends_with("restore it from a backup"), "{error}");
            fs::write(&path, good).unwrap();
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::load_or_create(dir.path()).unwrap();
        let printed = format!("{keys:?}");
        assert!(!printed.contains(&hex(keys.tokens.current.secret.expose())));
        assert!(!printed.contains(&format!("{:?}", keys.ids.expose())));
        assert!(printed.len() < 400, "{printed}");
    }
}
