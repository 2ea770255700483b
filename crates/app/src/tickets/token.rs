//! The token of a ticket: the text of its QR code. A gate with the public key can check it offline.
//!
//! `FS1.` and then base64url, without padding, of 97 bytes: version 1, the event's id (16), the ticket's id (16), and an
//! Ed25519 signature (RFC 8032) of `FS1.` followed by those 33 bytes. The token cannot tell whether the ticket is still valid.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use uuid::Uuid;

const PREFIX: &str = "FS1.";
const VERSION: u8 = 1;
const CLAIMS_BYTES: usize = 33;
const TOKEN_BYTES: usize = CLAIMS_BYTES + 64;

/// The format in words, for developers of gates.
pub const FORMAT: &str = "FS1. and then base64url without padding of: version (1 byte, 1), event id (16 bytes), ticket id \
                          (16 bytes), Ed25519 signature (64 bytes) of the ASCII bytes FS1. followed by those 33 bytes";

/// The contents of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The event it is for.
    pub event: Uuid,
    /// The ticket.
    pub ticket: Uuid,
}

fn signed_bytes(claims: &Claims) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(PREFIX.len() + CLAIMS_BYTES);
    bytes.extend_from_slice(PREFIX.as_bytes());
    bytes.push(VERSION);
    bytes.extend_from_slice(claims.event.as_bytes());
    bytes.extend_from_slice(claims.ticket.as_bytes());
    bytes
}

/// The token of a ticket. Ed25519 is deterministic, so it is always the same.
#[must_use]
pub fn sign(claims: &Claims, key: &SigningKey) -> String {
    let mut bytes = signed_bytes(claims);
    let signature = key.sign(&bytes);
    bytes.extend_from_slice(&signature.to_bytes());
    let sealed = bytes.get(PREFIX.len()..).unwrap_or_default();
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(sealed))
}

/// The contents of a token; `None` if the signature is not valid.
#[must_use]
pub fn verify(token: &str, public: &VerifyingKey) -> Option<Claims> {
    let mut bytes = [0; TOKEN_BYTES];
    let length = URL_SAFE_NO_PAD.decode_slice(token.strip_prefix(PREFIX)?, &mut bytes).ok()?;
    let (claims, signature) = bytes.split_first_chunk::<CLAIMS_BYTES>()?;
    let (version, ids) = claims.split_first()?;
    if length != TOKEN_BYTES || *version != VERSION {
        return None;
    }
    let (event, ticket) = ids.split_first_chunk::<16>()?;
    let claims = Claims { event: Uuid::from_bytes(*event), ticket: Uuid::from_slice(ticket).ok()? };
    let signature = Signature::from_slice(signature).ok()?;
    public.verify_strict(&signed_bytes(&claims), &signature).ok()?;
    Some(claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    fn claims() -> Claims {
        Claims { event: Uuid::from_u128(1 << 100), ticket: Uuid::from_u128(3 << 99) }
    }

    #[test]
    fn a_signed_token_is_read_back() {
        let token = sign(&claims(), &key());
        assert_eq!(token.len(), 134, "fits a QR code of a few centimetres");
        assert_eq!(verify(&token, &key().verifying_key()), Some(claims()));
        assert_eq!(token, sign(&claims(), &key()), "the same each time");
        let stranger = SigningKey::from_bytes(&[8; 32]);
        assert_eq!(verify(&token, &stranger.verifying_key()), None);
    }

    #[test]
    fn a_token_with_any_bit_flipped_is_refused() {
        let (token, public) = (sign(&claims(), &key()), key().verifying_key());
        for position in 0..token.len() {
            for bit in 0..8 {
                let mut bytes = token.clone().into_bytes();
                bytes[position] ^= 1 << bit;
                if let Ok(flipped) = String::from_utf8(bytes) {
                    assert_eq!(verify(&flipped, &public), None, "bit {bit} of byte {position}");
                }
            }
        }
    }

    #[test]
    fn a_hundred_thousand_forged_tokens_are_refused() {
        let public = key().verifying_key();
        let genuine = sign(&claims(), &key());
        let genuine = URL_SAFE_NO_PAD.decode(genuine.strip_prefix(PREFIX).unwrap()).unwrap();
        for seed in 0_u32..100_000 {
            let noise = blake3::hash(&seed.to_le_bytes());
            let mut forged = genuine.clone();
            // A third with other ids under a genuine signature, a third with another signature, a third of noise alone.
            match seed % 3 {
                0 => forged[17..33].copy_from_slice(&noise.as_bytes()[..16]),
                1 => forged[33..65].copy_from_slice(noise.as_bytes()),
                _ => forged[1..].copy_from_slice(&noise_of(seed)[..96]),
            }
            let forged = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&forged));
            assert_eq!(verify(&forged, &public), None, "{seed}");
        }
    }

    fn noise_of(seed: u32) -> [u8; 96] {
        let mut noise = [0; 96];
        blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut noise);
        noise
    }

    proptest! {
        #[test]
        fn no_other_text_is_a_valid_token(text in "\\PC{0,200}") {
            prop_assert_eq!(verify(&text, &key().verifying_key()), None);
            prop_assert_eq!(verify(&format!("FS1.{text}"), &key().verifying_key()), None);
        }
    }
}
