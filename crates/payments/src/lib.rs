//! Payment providers, one folder each, behind one port ([`PaymentProvider`]).
//!
//! To add a provider, add a folder that implements [`PaymentProvider`] and the `PaymentGateway` of `fairseat-engine`, and a variant of
//! [`ProviderKind`] (also in its `ALL`). No handler and no rule of a sale changes.
//!
//! What must always hold: a call that is repeated with the same reference takes effect at most once; card numbers, tokens and secrets are
//! never stored, logged or repeated in an error.

mod provider;
pub mod sandbox;

pub use provider::{
    ActionUrl, BuyerVerdict, Details, DetailsError, FieldProblem, OpenPaymentId, PaymentProvider,
    ProviderOptions, Webhook, WebhookError,
};

use std::sync::Arc;

/// The providers that an operator can choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// Moves no money; accepts Stripe's published test numbers.
    Sandbox,
}

impl ProviderKind {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::Sandbox];

    /// The name in configuration, addresses and the folder of keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sandbox => sandbox::NAME,
        }
    }

    /// The provider of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The file in the data folder with the provider's own records, if it has one. Every backup contains it.
    #[must_use]
    pub const fn books(self) -> Option<&'static str> {
        match self {
            Self::Sandbox => Some(sandbox::BOOKS_FILE),
        }
    }

    /// Opens the provider.
    ///
    /// # Errors
    /// When its file cannot be opened; the error is a sentence for the operator.
    pub fn open(self, options: ProviderOptions<'_>) -> Result<Arc<dyn PaymentProvider>, String> {
        match self {
            Self::Sandbox => Ok(Arc::new(sandbox::Sandbox::open(options)?)),
        }
    }
}

/// The code of the reason for a declined payment, for API answers and metrics.
#[must_use]
pub const fn decline_code(reason: fairseat_domain::fact::DeclineReason) -> &'static str {
    use fairseat_domain::fact::DeclineReason;
    match reason {
        DeclineReason::Generic => "declined",
        DeclineReason::InsufficientFunds => "insufficient_funds",
        DeclineReason::ExpiredCard => "expired_card",
        DeclineReason::InvalidCard => "invalid_card",
        DeclineReason::AuthenticationFailed => "authentication_failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fairseat_domain::fact::DeclineReason;
    use std::collections::HashSet;

    #[test]
    fn every_provider_is_found_by_its_name() {
        for kind in ProviderKind::ALL {
            assert_eq!(ProviderKind::named(kind.name()), Some(kind));
            assert!(kind.name().bytes().all(|byte| byte.is_ascii_lowercase()), "it stands in addresses");
        }
        for unknown in ["", "Sandbox", "sandbox ", "stripe"] {
            assert_eq!(ProviderKind::named(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn every_decline_reason_has_its_own_code() {
        let reasons = [
            DeclineReason::Generic,
            DeclineReason::InsufficientFunds,
            DeclineReason::ExpiredCard,
            DeclineReason::InvalidCard,
            DeclineReason::AuthenticationFailed,
        ];
        assert_eq!(reasons.map(decline_code).into_iter().collect::<HashSet<_>>().len(), reasons.len());
    }

    #[test]
    fn debug_output_shows_no_card_and_no_body() {
        let secret = || Some("planted".to_owned());
        let details =
            Details { payment_token: secret(), card_number: secret(), expiry: secret(), cvv: secret() };
        let webhook = Webhook { header: &|_name| Some("planted"), body: b"planted" };
        assert!(!format!("{details:?}{webhook:?}").contains("planted"));
    }
}
