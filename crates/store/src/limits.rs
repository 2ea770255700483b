//! Every bound of the store by name (I9). What a caller may send is bounded at the edge; these bound what accumulates.

use fairseat_domain::time::Millis;

/// Characters of an e-mail address (RFC 5321, 4.5.3.1.3, less the angle brackets).
pub const MAX_EMAIL_CHARS: usize = 254;
/// Characters of a display name.
pub const MAX_USERNAME_CHARS: usize = 200;
/// Characters of a phone number.
pub const MAX_PHONE_CHARS: usize = 50;
/// Sessions one account may have open; the one used longest ago makes room for the next.
pub const MAX_SESSIONS_PER_USER: u64 = 100;
/// Refresh tokens of one session that may be current at once, by second tabs refreshing in the time of grace.
pub const MAX_CURRENT_TOKENS_PER_SESSION: u64 = 8;
/// How long after its rotation the previous refresh token is accepted again.
pub const REFRESH_GRACE: Millis = Millis::from_seconds(30);
/// How long a session lasts after its last use.
pub const SESSION_TTL: Millis = Millis::from_seconds(30 * 24 * 3600);
/// One-time tokens of one purpose an account may have open; the oldest makes room for the next.
pub const MAX_ONE_TIME_TOKENS: u64 = 5;
/// Members of one organization.
pub const MAX_MEMBERS_PER_ORGANIZATION: u64 = 1_000;
/// Organizations one account may be a member of.
pub const MAX_MEMBERSHIPS_PER_USER: u64 = 100;
/// How long it is remembered that a message was sent or given up, so that it is not queued again.
pub const MESSAGE_MEMORY: Millis = Millis::from_seconds(90 * 24 * 3600);
/// Letters in the demo's mailbox.
pub const MAX_LETTERS: u64 = 1_000;
/// Rows one page of a list may have.
pub const MAX_PAGE: u32 = 100;
/// How long a claimed idempotency key without an answer blocks others; longer than any request may run.
pub const IN_FLIGHT_TTL: Millis = Millis::from_seconds(60);
