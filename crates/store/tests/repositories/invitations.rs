//! Invitations: one for each address, who can accept, and how they end.

use crate::common::{Fixture, at};
use fairseat_domain::ids::AccountId;
use fairseat_store::audit::AuditEntry;
use fairseat_store::invitations::{AcceptError, Invitation, InviteError, NewInvitation};
use fairseat_store::organizations::Role;
use fairseat_store::outbox::Message;
use fairseat_store::{InvitationId, OrganizationId, Page};

const DAY: i64 = 24 * 3600;

fn entry(organization: OrganizationId, actor: AccountId, second: i64) -> AuditEntry {
    AuditEntry {
        dedupe_key: InvitationId::random().to_string(),
        organization,
        at: at(second),
        actor,
        action: "invitation".to_owned(),
        event: None,
        object: String::new(),
        detail: "{}".to_owned(),
    }
}

fn letter(invitation: &Invitation) -> Message {
    Message {
        dedupe_key: format!("{}:{}", invitation.id, invitation.sent_at.as_millis()),
        kind: "invitation".to_owned(),
        recipient: invitation.invited_by,
        event: None,
        as_of: None,
        data: String::new(),
        expires_at: invitation.expires_at,
    }
}

/// The hash of the secret that belongs to an address in these tests.
fn token(email: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.iter_mut().zip(email.bytes()).for_each(|(place, byte)| *place = byte);
    hash
}

impl Fixture {
    async fn invite(
        &self,
        (organization, inviter): (OrganizationId, AccountId),
        email: &str,
        second: i64,
    ) -> Result<Invitation, InviteError> {
        let new = NewInvitation {
            id: InvitationId::random(),
            token: token(email),
            email: email.to_owned(),
            role: Role::Staff,
            entry: entry(organization, inviter, second),
        };
        self.store.invitations().invite(new, letter).await
    }

    async fn accept(&self, email: &str, user: AccountId, second: i64) -> Result<Role, AcceptError> {
        let by = move |organization, _| entry(organization, user, second);
        let accepted = self.store.invitations().accept(token(email), user, by, at(second)).await;
        accepted.map(|(_, role)| role)
    }
}

#[tokio::test]
async fn inviting_again_prolongs_the_one_invitation_of_an_address() {
    let fixture = Fixture::new().await;
    let theatre = fixture.organization("theatre").await;
    let first = fixture.invite(theatre, "anna@x.test", 0).await.unwrap();
    let again = fixture.invite(theatre, "ANNA@x.test", DAY).await.unwrap();
    assert_eq!((again.id, again.email.as_str(), again.sent_at), (first.id, "anna@x.test", at(DAY)));
    assert_eq!(again.expires_at, at(8 * DAY));
    let listed = fixture.store.invitations().list(theatre.0, Page::FIRST, at(DAY)).await.unwrap();
    assert_eq!((listed.total, &listed.rows[0].invitation), (1, &again));
    assert_eq!(fixture.store.outbox().count().await.unwrap(), 2, "two letters");
    let club = fixture.organization("club").await;
    let other = NewInvitation {
        id: InvitationId::random(),
        token: [9; 32],
        email: "anna@x.test".to_owned(),
        role: Role::Owner,
        entry: entry(club.0, club.1, DAY),
    };
    fixture.store.invitations().invite(other, letter).await.unwrap();
    let mine = fixture.store.invitations().of_address("anna@X.test", at(DAY)).await.unwrap();
    assert_eq!(mine.len(), 2, "one for each organization");
}

#[tokio::test]
async fn an_invitation_is_accepted_once_within_seven_days() {
    let fixture = Fixture::new().await;
    let theatre = fixture.organization("theatre").await;
    let anna = fixture.user("anna@x.test").await.id;
    let bert = fixture.user("bert@x.test").await.id;
    fixture.store.users().set_verified(bert, at(0)).await.unwrap();
    fixture.invite(theatre, "Anna@x.test", 0).await.unwrap();
    let accepted = |user, second| fixture.accept("Anna@x.test", user, second);
    assert!(matches!(accepted(bert, 1).await, Err(AcceptError::OtherAddress)));
    assert!(matches!(accepted(anna, 1).await, Err(AcceptError::Unverified)));
    fixture.store.users().set_verified(anna, at(2)).await.unwrap();
    assert!(matches!(accepted(anna, 7 * DAY).await, Err(AcceptError::NotOpen)), "too late");
    assert_eq!(accepted(anna, 7 * DAY - 1).await.unwrap(), Role::Staff);
    assert!(matches!(accepted(anna, 7 * DAY - 1).await, Err(AcceptError::NotOpen)), "used");
    let member = fixture.store.organizations().member(theatre.0, anna).await.unwrap().unwrap();
    assert_eq!(member.role, Role::Staff);
}

#[tokio::test]
async fn accepting_keeps_the_role_of_somebody_who_is_a_member_already() {
    let fixture = Fixture::new().await;
    let theatre = fixture.organization("theatre").await;
    fixture.store.users().set_verified(theatre.1, at(0)).await.unwrap();
    fixture.invite(theatre, "owner@theatre.test", 0).await.unwrap();
    assert_eq!(fixture.accept("owner@theatre.test", theatre.1, 1).await.unwrap(), Role::Owner);
}

#[tokio::test]
async fn a_declined_address_is_not_invited_again_before_the_time_is_up() {
    let fixture = Fixture::new().await;
    let theatre = fixture.organization("theatre").await;
    let invitations = fixture.store.invitations();
    let first = fixture.invite(theatre, "anna@x.test", 0).await.unwrap();
    assert!(invitations.decline(token("anna@x.test"), at(1)).await.unwrap());
    assert!(!invitations.decline(token("anna@x.test"), at(2)).await.unwrap());
    let refused = fixture.invite(theatre, "anna@x.test", 7 * DAY - 1).await;
    assert!(matches!(refused, Err(InviteError::Declined)), "{refused:?}");
    assert!(!invitations.withdraw(first.id, entry(theatre.0, theatre.1, 3)).await.unwrap());
    let second = fixture.invite(theatre, "anna@x.test", 7 * DAY).await.unwrap();
    assert_ne!(second.id, first.id);
}

#[tokio::test]
async fn an_organization_has_at_most_100_invitations_until_some_expire() {
    let fixture = Fixture::new().await;
    let theatre = fixture.organization("theatre").await;
    for number in 0..100 {
        fixture.invite(theatre, &format!("{number}@x.test"), 0).await.unwrap();
    }
    let one_more = fixture.invite(theatre, "more@x.test", 1).await;
    assert!(matches!(one_more, Err(InviteError::TooMany)), "{one_more:?}");
    fixture.invite(theatre, "7@x.test", 2).await.unwrap();
    fixture.invite(theatre, "more@x.test", 7 * DAY + 1).await.unwrap();
    fixture.store.purge(at(7 * DAY + 1)).await.unwrap();
    let listed = fixture.store.invitations().list(theatre.0, Page::FIRST, at(0)).await.unwrap();
    assert_eq!(listed.total, 2, "expired addresses are deleted: the one invited again and the last are left");
}

#[tokio::test]
async fn invitations_end_with_their_inviters_right_and_with_the_account_of_their_address() {
    let fixture = Fixture::new().await;
    let (theatre, owner) = fixture.organization("theatre").await;
    let (organizations, users) = (fixture.store.organizations(), fixture.store.users());
    let anna = fixture.user("anna@x.test").await.id;
    let left = async || fixture.store.invitations().list(theatre, Page::FIRST, at(9)).await.unwrap().total;
    organizations.set_member(theatre, anna, Role::Owner, at(1)).await.unwrap();
    fixture.invite((theatre, anna), "1@x.test", 1).await.unwrap();
    organizations.set_member(theatre, anna, Role::Manager, at(2)).await.unwrap();
    assert_eq!(left().await, 0, "another role");
    organizations.set_member(theatre, anna, Role::Owner, at(3)).await.unwrap();
    fixture.invite((theatre, anna), "1@x.test", 3).await.unwrap();
    organizations.remove_member(theatre, anna).await.unwrap();
    assert_eq!(left().await, 0, "no longer a member");
    let admin = fixture.user("admin@x.test").await.id;
    users.set_admin(admin, true, at(4)).await.unwrap();
    fixture.invite((theatre, admin), "1@x.test", 4).await.unwrap();
    users.set_admin(admin, false, at(5)).await.unwrap();
    assert_eq!(left().await, 0, "no longer an administrator");
    fixture.invite((theatre, owner), "anna@x.test", 6).await.unwrap();
    users.delete(anna, at(7)).await.unwrap();
    assert_eq!(left().await, 0, "the invited account is deleted, and with it its address");
}
