//! Keyed hashes. Signatures of callbacks: `t=…,v1=…`, an HMAC-SHA256 (RFC 2104) over the time and the body, so that neither can be changed
//! and an old callback cannot be replayed.

use fairseat_domain::command::InstrumentMark;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::time::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The header with the signature.
pub const HEADER: &str = "fairseat-signature";
/// How far the time of a callback may differ from the server's, in seconds.
const TOLERANCE: i64 = 300;

/// The mark of whoever pays for an event. Under another key, or for another event, the same owner has another mark.
pub(super) fn keyed_mark(owner: &[u8], event: EventNumber, key: &[u8; 32]) -> Option<InstrumentMark> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(b"payment instrument");
    mac.update(&event.0.to_le_bytes());
    mac.update(owner);
    let bytes = mac.finalize().into_bytes();
    bytes.first_chunk().copied().map(u64::from_le_bytes).map(InstrumentMark)
}

fn mac(seconds: &str, body: &[u8], key: &[u8; 32]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(seconds.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

/// The header's value for a body that is sent now.
#[must_use]
pub fn sign(body: &[u8], key: &[u8; 32], now: Timestamp) -> Option<String> {
    let seconds = (now.as_millis() / 1_000).to_string();
    let bytes = mac(&seconds, body, key)?.finalize().into_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(format!("t={seconds},v1={hex}"))
}

/// Whether the header has a valid and recent signature of this body. It may contain several `v1`, as while a key is being replaced.
#[must_use]
pub fn is_good(header: &str, body: &[u8], key: &[u8; 32], now: Timestamp) -> bool {
    let mut parts = header.split(',').filter_map(|part| part.trim().split_once('='));
    let Some(("t", seconds)) = parts.next() else { return false };
    let age = seconds.parse::<i64>().ok().map(|sent| (now.as_millis() / 1_000).abs_diff(sent));
    if age.is_none_or(|age| age > TOLERANCE.unsigned_abs()) {
        return false;
    }
    let is_ours = |hex: &str| {
        let bytes = from_hex(hex)?;
        mac(seconds, body, key)?.verify_slice(&bytes).ok()
    };
    parts.take(3).any(|(scheme, hex)| scheme == "v1" && is_ours(hex).is_some())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8]| Some(digit(pair.first()?)? * 16 + digit(pair.get(1)?)?);
    (digits.len() == 64).then(|| digits.chunks(2).map(byte).collect::<Option<Vec<u8>>>())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use fairseat_domain::time::Millis;

    #[test]
    fn only_recent_signatures_of_the_same_body_are_valid() {
        let (key, body) = ([1; 32], b"{}".as_slice());
        let now = Timestamp::from_millis(1_796_155_200_000);
        let good = sign(body, &key, now).unwrap();
        let later = |seconds| now.plus(Millis::from_seconds(seconds));
        assert!(is_good(&good, body, &key, now));
        assert!(is_good(&good, body, &key, later(300)));
        assert!(
            is_good(&good.replace(",", ",v1=00, "), body, &key, now),
            "another key's signature beside it"
        );
        assert!(!is_good(&good, body, &key, later(301)));
        assert!(!is_good(&good, body, &key, later(-301)));
        assert!(!is_good(&good, b"{ }", &key, now));
        assert!(!is_good(&good, body, &[2; 32], now));
        for bad in
            ["", "t=", "v1=", "t=,v1=", "t=1796155200", "t=-9223372036854775808,v1=00", "t=1796155200,v1=zz"]
        {
            assert!(!is_good(bad, body, &key, now), "{bad}");
        }
        assert!(!is_good(&good.replace("t=1", "t=2"), body, &key, now));
        assert!(!is_good(&good.replace("v1", "v0"), body, &key, now));
    }
}
