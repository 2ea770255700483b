//! The limits of the store (I9). The API limits what one request may contain; these limits bound what accumulates.

use fairseat_domain::time::Millis;

/// Characters of an e-mail address (RFC 5321, 4.5.3.1.3, less the angle brackets).
pub const MAX_EMAIL_CHARS: usize = 254;
/// Characters of a display name.
pub const MAX_USERNAME_CHARS: usize = 200;
/// Characters of a phone number.
pub const MAX_PHONE_CHARS: usize = 50;
/// Sessions of one account; a further one ends the least recently used.
pub const MAX_SESSIONS_PER_USER: u64 = 100;
/// The most refresh tokens of one session that are current at once; several tabs may refresh within [`REFRESH_GRACE`].
pub const MAX_CURRENT_TOKENS_PER_SESSION: u64 = 8;
/// How long after its rotation the previous refresh token is accepted again.
pub const REFRESH_GRACE: Millis = Millis::from_seconds(30);
/// A session that is not used for so long has ended.
pub const SESSION_IDLE: Millis = Millis::from_seconds(30 * 24 * 3600);
/// How long a session lasts at most, however often it is used.
pub const SESSION_LIFETIME: Millis = Millis::from_seconds(90 * 24 * 3600);
/// The last use of a session is stored again only when it is older than this, so that not every request writes.
pub const SESSION_USE_STEP: Millis = Millis::from_seconds(3600);
/// The most unused one-time tokens of one purpose and account; a further one replaces the oldest.
pub const MAX_ONE_TIME_TOKENS: u64 = 5;
/// The most members of one organization.
pub const MAX_MEMBERS_PER_ORGANIZATION: u64 = 1_000;
/// The most organizations that one account may be a member of.
pub const MAX_MEMBERSHIPS_PER_USER: u64 = 100;
/// The most invitations of one organization that have not expired.
pub const MAX_OPEN_INVITATIONS: u64 = 100;
/// How long an invitation can be accepted.
pub const INVITATION_TTL: Millis = Millis::from_seconds(7 * 24 * 3600);
/// How long the key of a sent or abandoned message is kept, so that the message is not queued again.
pub const MESSAGE_MEMORY: Millis = Millis::from_seconds(90 * 24 * 3600);
/// The most letters in the demo's mailbox.
pub const MAX_LETTERS: u64 = 1_000;
/// The most rows in one page of a list.
pub const MAX_PAGE: u32 = 100;
/// How long a claimed idempotency key without an answer blocks other requests; no request runs longer.
pub const IN_FLIGHT_TTL: Millis = Millis::from_seconds(60);
