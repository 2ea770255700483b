//! Keyed hashes of requests: they show only whether two requests are equal.

use crate::keys::Secret;
use serde_json::Value;

/// Members that no fingerprint includes, at any depth: each has so few possible values that it could be guessed from a leaked fingerprint.
const SECRET_MEMBERS: [&str; 9] = [
    "password",
    "new_password",
    "card_number",
    "expiry",
    "exp_month",
    "exp_year",
    "cvv",
    "cvc",
    "cardholder_name",
];

/// Most requests fit into so many bytes.
const USUAL_BYTES: usize = 512;

/// A keyed hash over parts. The length of each part is hashed too, so that different lists of parts never give the same bytes. All parts
/// are hashed in one call, which for many small parts is several times faster.
#[derive(Debug)]
pub struct Fingerprint(Vec<u8>);

impl Fingerprint {
    /// Without parts; `purpose` keeps hashes for different purposes apart.
    #[must_use]
    pub fn new(purpose: &[u8]) -> Self {
        let mut hash = Self(Vec::with_capacity(USUAL_BYTES));
        hash.part(purpose);
        hash
    }

    /// Adds a part.
    pub fn part(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        self.0.extend_from_slice(bytes);
    }

    /// Equal for every spelling of the same JSON: members are sorted by name, and spaces are dropped. serde has limited the depth.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.part(b"null"),
            Value::Bool(value) => self.part(if *value { b"true" } else { b"false" }),
            Value::Number(number) => {
                self.part(b"number");
                self.part(number.to_string().as_bytes());
            }
            Value::String(text) => {
                self.part(b"string");
                self.part(text.as_bytes());
            }
            Value::Array(values) => {
                self.part(b"array");
                self.part(&values.len().to_le_bytes());
                values.iter().for_each(|value| self.value(value));
            }
            Value::Object(members) => {
                self.part(b"object");
                let mut members: Vec<_> =
                    members.iter().filter(|(name, _)| !SECRET_MEMBERS.contains(&name.as_str())).collect();
                members.sort_unstable_by_key(|(name, _)| name.as_str());
                self.part(&members.len().to_le_bytes());
                for (name, value) in members {
                    self.part(name.as_bytes());
                    self.value(value);
                }
            }
        }
    }

    /// The hash under `key`.
    #[must_use]
    pub fn finish(self, key: &Secret<32>) -> [u8; 32] {
        *blake3::keyed_hash(key.expose(), &self.0).as_bytes()
    }
}
