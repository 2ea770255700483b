//! Payment providers behind the engine's port, one module each.

pub mod card;
pub mod sandbox;
pub mod signature;

use fairseat_domain::fact::DeclineReason;

/// Why a payment was declined, in a word for programs and metrics.
#[must_use]
pub const fn decline_word(reason: DeclineReason) -> &'static str {
    match reason {
        DeclineReason::Generic => "declined",
        DeclineReason::InsufficientFunds => "insufficient_funds",
        DeclineReason::ExpiredCard => "expired_card",
        DeclineReason::InvalidCard => "invalid_card",
        DeclineReason::AuthenticationFailed => "authentication_failed",
    }
}
