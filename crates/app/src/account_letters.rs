//! Letters about accounts and to people who may have none: links, changes of password and address, invitations.
//!
//! What must always hold: no message in the outbox contains the secret of a link, because it is derived from the link's number when the letter
//! is composed; an address that nobody has confirmed gets a bounded number of letters a day.

use crate::access::secret_token::SecretToken;
use crate::app::App;
use crate::failure::Failure;
use crate::tickets::local_time;
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_messages::letters::account;
use fairseat_messages::letters::invitation::{InvitationFacts, invitation};
use fairseat_messages::{Composed, Letter, Recipient, USEFUL_FOR};
use fairseat_store::InvitationId;
use fairseat_store::invitations::{Invitation, NamedInvitation};
use fairseat_store::outbox::Message;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// The most letters a day to an address that nobody has confirmed: it may be a stranger's.
const MAX_UNCONFIRMED_A_DAY: u64 = 20;

/// The kind of an invitation's message.
pub(crate) const INVITATION: &str = "invitation";

#[derive(Deserialize)]
struct LinkData {
    link: Uuid,
}

#[derive(Deserialize, Serialize)]
struct InvitationData {
    invitation_id: Uuid,
}

#[derive(Deserialize, Serialize)]
struct PasswordData {
    changed_at: i64,
}

#[derive(Deserialize, Serialize)]
struct AddressData {
    changed_at: i64,
    former_address: String,
    /// The number of the link that undoes the change, and until when it works.
    #[serde(default)]
    undo: Option<(Uuid, i64)>,
}

/// The message that tells the owner of a new password.
#[must_use]
pub fn password_message(owner: AccountId, now: Timestamp) -> Message {
    security_message("password_changed", owner, json!(PasswordData { changed_at: now.as_millis() }), now)
}

/// The message that tells the owner, at the former address, of a new one. `undo` is the number of the link that undoes it, and until when it
/// works.
#[must_use]
pub fn address_message(
    owner: AccountId,
    former_address: String,
    undo: Option<(Uuid, Timestamp)>,
    now: Timestamp,
) -> Message {
    let undo = undo.map(|(link, until)| (link, until.as_millis()));
    let data = AddressData { changed_at: now.as_millis(), former_address, undo };
    security_message("email_changed", owner, json!(data), now)
}

fn security_message(kind: &str, owner: AccountId, data: serde_json::Value, now: Timestamp) -> Message {
    Message {
        dedupe_key: format!("{kind}:{}", Uuid::new_v4()),
        kind: kind.to_owned(),
        recipient: owner,
        event: None,
        as_of: None,
        data: data.to_string(),
        expires_at: now.plus(USEFUL_FOR),
    }
}

/// The message of an invitation. It is queued for the inviter, because the recipient may have no account.
#[must_use]
pub fn invitation_message(invitation: &Invitation) -> Message {
    let Invitation { id, invited_by, sent_at, expires_at, .. } = invitation;
    Message {
        dedupe_key: format!("{INVITATION}:{id}:{}", sent_at.as_millis()),
        kind: INVITATION.to_owned(),
        recipient: *invited_by,
        event: None,
        as_of: None,
        data: json!(InvitationData { invitation_id: id.0 }).to_string(),
        expires_at: sent_at.plus(USEFUL_FOR).min(*expires_at),
    }
}

impl App {
    /// A letter with a link.
    pub(crate) fn link_letter(
        &self,
        message: &Message,
        page: &str,
        write: fn(String, &str) -> Letter,
    ) -> Option<Letter> {
        let LinkData { link } = serde_json::from_str(&message.data).ok()?;
        let token = SecretToken::of_link(&self.keys.links, link);
        let url = format!("{}/{page}?token={}", self.base_url, token.expose());
        Some(write(url, &local_time(message.expires_at, "UTC")))
    }

    /// The letter about a new password.
    pub(crate) fn password_letter(&self, message: &Message) -> Option<Letter> {
        let PasswordData { changed_at } = serde_json::from_str(&message.data).ok()?;
        let when = local_time(Timestamp::from_millis(changed_at), "UTC");
        Some(account::password_changed(&when, format!("{}/forgot-password", self.base_url)))
    }

    /// The letter about a new address, to the former one. It has no name: the person who changed the address may have changed the name too.
    pub(crate) fn address_letter(&self, message: &Message) -> Composed {
        let Ok(AddressData { changed_at, former_address, undo }) = serde_json::from_str(&message.data) else {
            return Composed::Unknown;
        };
        let when = |at| local_time(Timestamp::from_millis(at), "UTC");
        let undo = undo.map(|(link, until)| {
            let token = SecretToken::of_link(&self.keys.links, link);
            (format!("{}/undo-email?token={}", self.base_url, token.expose()), when(until))
        });
        Composed::Letter {
            to: Recipient { name: String::new(), address: former_address },
            letter: account::email_changed(&when(changed_at), undo),
            files: Vec::new(),
        }
    }

    /// The letter of an invitation, if it is still open.
    pub(crate) async fn invitation_letter(&self, message: &Message) -> Result<Composed, Failure> {
        let data = serde_json::from_str::<InvitationData>(&message.data).ok();
        let Some(InvitationData { invitation_id }) = data else { return Ok(Composed::Unknown) };
        let open = self.store.invitations().by_id(InvitationId(invitation_id), self.now()).await?;
        let Some(NamedInvitation { invitation: open, organization_name, inviter_email, .. }) = open else {
            return Ok(Composed::RecipientGone);
        };
        let token = SecretToken::of_link(&self.keys.links, invitation_id);
        let facts = InvitationFacts {
            organization: organization_name,
            inviter: inviter_email,
            role: open.role.name(),
            url: format!("{}/invitations/{}", self.base_url, token.expose()),
            until: local_time(open.expires_at, "UTC"),
        };
        let to = Recipient { name: String::new(), address: open.email };
        Ok(Composed::Letter { to, letter: invitation(facts), files: Vec::new() })
    }

    /// Whether the recipient's messages of the last day are as many as an unconfirmed address may get. Letters with limits of their own are
    /// always sent: links, so that the address can be confirmed, and the warning to a former address.
    pub(crate) async fn has_many_letters(&self, message: &Message) -> Result<bool, Failure> {
        if matches!(message.kind.as_str(), "verify_email" | "reset_password" | "email_changed") {
            return Ok(false);
        }
        let since = self.now().minus(Millis::from_seconds(24 * 3600));
        let ended = self.store.outbox().ended_since(message.recipient, since).await?;
        Ok(ended >= MAX_UNCONFIRMED_A_DAY)
    }
}
