//! The names of everything in Redis: different for each database, and without personal data.

use fairseat_edge::limits::shared::CounterName;

/// The names that nodes over one database share.
#[derive(Clone)]
pub(crate) struct Names {
    /// What every name begins with.
    prefix: String,
    /// The key of the hashes of counters.
    key: [u8; 32],
}

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Names").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl Names {
    /// The names for an installation: `fingerprint` tells its keys from those of others, and `secret` is known to its nodes alone.
    pub(crate) fn new(fingerprint: &[u8; 32], secret: &[u8; 32]) -> Self {
        let database = blake3::derive_key("fairseat: the name of a database in Redis", fingerprint);
        let key = blake3::derive_key("fairseat: names of counters in Redis", secret);
        Self { prefix: format!("fairseat:{}", hex(&database[..8])), key }
    }

    /// The channel of the doorbell.
    pub(crate) fn doorbell(&self) -> String {
        format!("{}:doorbell", self.prefix)
    }

    /// The counter with which a node checks whether Redis counts.
    pub(crate) fn check(&self) -> String {
        format!("{}:check", self.prefix)
    }

    /// The key of a counter.
    pub(crate) fn counter(&self, name: CounterName) -> String {
        let mut hash = blake3::Hasher::new_keyed(&self.key);
        // The word ends with a byte that is in no word, so that no two names are hashed alike.
        hash.update(name.what.as_bytes()).update(&[0xff]);
        for number in name.whose {
            hash.update(&number.to_be_bytes());
        }
        format!("{}:{}", self.prefix, hex(&hash.finalize().as_bytes()[..16]))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_database_and_every_counter_has_a_name_of_its_own() {
        let (one, other) = (Names::new(&[1; 32], &[9; 32]), Names::new(&[2; 32], &[9; 32]));
        assert_ne!(one.doorbell(), other.doorbell());
        let name = |what, whose| CounterName { what, whose };
        let names = [
            one.counter(name("payment", [7, 0])),
            one.counter(name("payment", [0, 7])),
            one.counter(name("payments", [7, 0])),
            other.counter(name("payment", [7, 0])),
            Names::new(&[1; 32], &[8; 32]).counter(name("payment", [7, 0])),
            one.check(),
        ];
        let different: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), names.len(), "{names:?}");
        assert_eq!(one.counter(name("payment", [7, 0])), names[0], "on every node the same");
        assert!(!format!("{one:?}").contains("key"), "{one:?}");
    }
}
