//! The table of rate limits, and the callers to whom they apply.

use fairseat_domain::ids::AccountId;
use std::net::{IpAddr, Ipv6Addr};

/// Whether rate limits apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimiting {
    /// Per account and per address.
    On,
    /// No limits: for load tests on loopback.
    Off,
}

/// A kind of request with a limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateLimit {
    /// Any request, by address.
    ApiByAddress,
    /// Any request of somebody signed in.
    ApiByAccount,
    /// Signing in, by address; wrong passwords are counted apart (see [`super::wrong_passwords`]).
    Login,
    /// Registering an account, by address.
    Registration,
    /// Making guests, by address.
    Guest,
    /// Letters to an address that a guest gives, by that address.
    Contact,
    /// Asking for a new password or another verification message, by address.
    PasswordResetByAddress,
    /// The same by account, which limits the messages that its owner receives.
    PasswordResetByAccount,
    /// Making, changing and giving back reservations, by account.
    ReserveByAccount,
    /// The same, by address.
    ReserveByAddress,
    /// Starting payments, by account: limits the testing of stolen cards.
    Payment,
    /// Opening live feeds, by address.
    LiveOpen,
    /// Letters to addresses that somebody typed and nobody has confirmed, by the account that causes them.
    LetterByAccount,
    /// The same, by the network address that causes them. Forgotten passwords count under `PasswordResetByAddress` instead, so that a crowd
    /// that registers does not keep others from signing in.
    LetterByAddress,
    /// The same, by recipient, across all senders.
    LetterToRecipient,
    /// Invitations, by the account that sends them.
    InvitationByAccount,
    /// Invitations, by organization.
    InvitationByOrganization,
    /// Letters to customers of the box office, by seller.
    CounterLetterByAccount,
    /// The same, by network address: all counters of a venue share one.
    CounterLetterByAddress,
    /// Changes of an event about which its ticket holders get a letter, by event.
    HoldersTold,
}

pub(super) struct Rate {
    pub(super) name: &'static str,
    /// Requests at once.
    pub(super) burst: u32,
    /// The time between requests in the long run, in nanoseconds.
    pub(super) interval: u64,
}

const fn per_minute(requests: u64) -> u64 {
    60_000_000_000 / requests
}

const fn per_hour(requests: u64) -> u64 {
    3_600_000_000_000 / requests
}

impl RateLimit {
    /// Offices, campuses and mobile networks share one address, so the limits by address are generous. What is costly (a password hash, a
    /// message) or invites abuse has a strict limit by account.
    pub(super) const fn rate(self) -> Rate {
        let (name, burst, interval) = match self {
            Self::ApiByAddress => ("api_by_address", 2_000, per_minute(12_000)),
            Self::ApiByAccount => ("api_by_account", 300, per_minute(1_800)),
            Self::Login => ("login", 100, per_minute(120)),
            Self::Registration => ("registration", 100, per_minute(60)),
            Self::Guest => ("guest", 100, per_minute(60)),
            Self::Contact => ("contact", 20, per_hour(20)),
            Self::PasswordResetByAddress => ("password_reset_by_address", 20, per_minute(10)),
            Self::PasswordResetByAccount => ("password_reset_by_account", 3, per_minute(1)),
            Self::ReserveByAccount => ("reserve_by_account", 60, per_minute(60)),
            Self::ReserveByAddress => ("reserve_by_address", 600, per_minute(1_200)),
            Self::Payment => ("payment", 20, per_minute(20)),
            Self::LiveOpen => ("live_open", 300, per_minute(300)),
            Self::LetterByAccount => ("letter_by_account", 10, per_hour(10)),
            Self::LetterByAddress => ("letter_by_address", 200, per_hour(600)),
            Self::LetterToRecipient => ("letter_to_recipient", 10, per_hour(2)),
            Self::InvitationByAccount => ("invitation_by_account", 20, per_hour(20)),
            Self::InvitationByOrganization => ("invitation_by_organization", 50, per_hour(30)),
            Self::CounterLetterByAccount => ("counter_letter_by_account", 60, per_hour(240)),
            Self::CounterLetterByAddress => ("counter_letter_by_address", 300, per_hour(1_200)),
            Self::HoldersTold => ("holders_told", 10, per_hour(4)),
        };
        Rate { name, burst, interval }
    }

    /// The name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.rate().name
    }

    /// Whether it is counted for all servers together where they share counters. Limits by address are counted by each server, because a load
    /// balancer sends an address to one of them.
    #[must_use]
    pub const fn is_shared(self) -> bool {
        match self {
            Self::ApiByAddress
            | Self::Login
            | Self::Registration
            | Self::Guest
            | Self::PasswordResetByAddress
            | Self::ReserveByAddress
            | Self::LiveOpen
            | Self::LetterByAddress
            | Self::CounterLetterByAddress => false,
            Self::ApiByAccount
            | Self::Contact
            | Self::PasswordResetByAccount
            | Self::ReserveByAccount
            | Self::Payment
            | Self::LetterByAccount
            | Self::LetterToRecipient
            | Self::InvitationByAccount
            | Self::InvitationByOrganization
            | Self::CounterLetterByAccount
            | Self::HoldersTold => true,
        }
    }
}

/// The caller whose requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitedCaller {
    /// An IPv4 address, or the /64 network of an IPv6 address, because one subscriber owns all of it.
    Address(u64),
    /// Somebody with an account.
    Account(AccountId),
    /// An organization; all its members together.
    Organization(u128),
    /// An event; all who change it together.
    Event(u64),
    /// The recipient of letters: a keyed hash of an e-mail address.
    Recipient(u128),
}

impl LimitedCaller {
    /// A number that differs between callers.
    #[must_use]
    pub fn key(self) -> u128 {
        match self {
            Self::Address(number) | Self::Event(number) => u128::from(number),
            Self::Account(account) => account.0,
            Self::Organization(key) | Self::Recipient(key) => key,
        }
    }

    /// The site of the caller at `address`: an IPv6 site has up to 2^16 networks (RFC 6177), each of which would be another caller for
    /// [`Self::address`].
    #[must_use]
    pub fn site(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => Self::address(Ipv6Addr::from_bits(address.to_bits() >> 80 << 80).into()),
            address => Self::address(address),
        }
    }

    /// The caller at `address`.
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V4(address) => u64::from(address.to_bits()),
            IpAddr::V6(address) => u64::try_from(address.to_bits() >> 64).unwrap_or_default() | (1 << 63),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> LimitedCaller {
        LimitedCaller::address(text.parse().unwrap())
    }

    #[test]
    fn one_subscriber_is_one_caller() {
        assert_eq!(address("2001:db8:1:2::1"), address("2001:db8:1:2:ffff::9"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
        let site = |text: &str| LimitedCaller::site(text.parse().unwrap());
        assert_eq!(site("2001:db8:1:2::1"), site("2001:db8:1:3::1"));
        assert_ne!(site("2001:db8:1::1"), site("2001:db8:2::1"));
        assert_eq!(site("192.0.2.1"), address("192.0.2.1"));
    }
}
