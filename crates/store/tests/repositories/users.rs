//! Accounts: one for each e-mail address, their changes, and their deletion.

use crate::common::{Fixture, at, new_user, token};
use fairseat_domain::ids::AccountId;
use fairseat_store::one_time_tokens::Purpose;
use fairseat_store::organizations::Role;
use fairseat_store::outbox::Message;
use fairseat_store::users::{Deletion, PasswordHash, ProfileChanges, SaveUserError, SecurityChange};

#[tokio::test]
async fn an_address_has_one_account_whatever_its_case() {
    let fixture = Fixture::new().await;
    let users = fixture.store.users();
    let anna = fixture.user("Anna@Example.test").await;
    assert_eq!(anna.email, "Anna@Example.test", "kept as it was given");
    for spelling in ["anna@example.test", "ANNA@EXAMPLE.TEST", " Anna@example.test "] {
        let again = users.create(new_user(spelling), None, at(1)).await;
        assert!(matches!(again, Err(SaveUserError::EmailTaken)), "{spelling:?}");
        assert_eq!(users.by_email(spelling).await.unwrap().as_ref(), Some(&anna), "{spelling:?}");
    }
    assert_eq!(users.by_id(anna.id).await.unwrap(), Some(anna));
    assert_eq!(users.by_email("bert@example.test").await.unwrap(), None);
}

#[tokio::test]
async fn two_accounts_may_have_the_same_name() {
    let fixture = Fixture::new().await;
    let (one, two) = (fixture.user("one@x.test").await, fixture.user("two@x.test").await);
    assert_eq!(one.username, two.username);
    assert_ne!(one.id, two.id);
}

#[tokio::test]
async fn of_two_simultaneous_registrations_of_an_address_one_succeeds() {
    let fixture = Fixture::new().await;
    for round in 0..20 {
        let email = format!("race{round}@x.test");
        let register = || {
            let (store, email) = (fixture.store.clone(), email.clone());
            tokio::spawn(async move { store.users().create(new_user(&email), None, at(0)).await.is_ok() })
        };
        let (first, second) = (register(), register());
        assert!(first.await.unwrap() ^ second.await.unwrap(), "exactly one in round {round}");
    }
}

#[tokio::test]
async fn fields_of_a_profile_change_separately() {
    let fixture = Fixture::new().await;
    let users = fixture.store.users();
    let anna = fixture.user("anna@x.test").await;
    users.set_verified(anna.id, at(1)).await.unwrap();
    let name = ProfileChanges { username: Some("Anna B.".to_owned()), ..ProfileChanges::default() };
    let changed =
        users.update_profile(anna.id, name, SecurityChange::default(), at(2)).await.unwrap().unwrap();
    assert_eq!((changed.username.as_str(), changed.email.as_str()), ("Anna B.", "anna@x.test"));
    assert_eq!(changed.email_verified_at, Some(at(1)), "a name proves nothing about the address");
    let phone = ProfileChanges { phone_number: Some(Some("+1 555".to_owned())), ..ProfileChanges::default() };
    let changed =
        users.update_profile(anna.id, phone, SecurityChange::default(), at(3)).await.unwrap().unwrap();
    assert_eq!(changed.phone_number.as_deref(), Some("+1 555"));
    assert_eq!(users.by_id(anna.id).await.unwrap(), Some(changed));
}

#[tokio::test]
async fn a_new_address_is_unverified_and_voids_links_sent_to_the_old_one() {
    let fixture = Fixture::new().await;
    let (users, tokens) = (fixture.store.users(), fixture.store.one_time_tokens());
    let anna = fixture.user("anna@x.test").await;
    fixture.user("bert@x.test").await;
    users.set_verified(anna.id, at(1)).await.unwrap();
    tokens.issue(anna.id, Purpose::ResetPassword, token('a'), at(1), at(100)).await.unwrap();
    let to = |email: &str| ProfileChanges { email: Some(email.to_owned()), ..ProfileChanges::default() };
    let [here, _] =
        [fixture.session(anna.id, token('s'), 1).await, fixture.session(anna.id, token('t'), 1).await];
    let secured = SecurityChange { keep: Some(here.id), letter: Some(letter(anna.id)), undo: None };
    let moved =
        async |email, second| users.update_profile(anna.id, to(email), secured.clone(), at(second)).await;
    assert!(matches!(moved("BERT@x.test", 2).await, Err(SaveUserError::EmailTaken)));
    let same = moved("Anna@x.test", 2).await.unwrap().unwrap();
    assert_eq!(same.email_verified_at, Some(at(1)), "another spelling is the same address");
    assert_eq!(fixture.store.outbox().count().await.unwrap(), 0);
    let changed = moved("anna@new.test", 3).await.unwrap().unwrap();
    assert_eq!(changed.email_verified_at, None);
    assert_eq!(fixture.store.sessions().list(anna.id, at(4)).await.unwrap(), [here]);
    assert_eq!(fixture.store.outbox().count().await.unwrap(), 1, "the letter is queued with the change");
    assert_eq!(users.by_id(anna.id).await.unwrap(), Some(changed));
    assert_eq!(tokens.consume(Purpose::ResetPassword, token('a'), at(4)).await.unwrap(), None);
    assert_eq!(users.by_email("anna@x.test").await.unwrap(), None);
}

#[tokio::test]
async fn a_new_password_ends_sessions_tokens_and_links() {
    let fixture = Fixture::new().await;
    let (users, tokens) = (fixture.store.users(), fixture.store.one_time_tokens());
    let anna = fixture.user("anna@x.test").await;
    fixture.session(anna.id, token('s'), 1).await;
    tokens.issue(anna.id, Purpose::ResetPassword, token('a'), at(1), at(100)).await.unwrap();
    let change = SecurityChange { keep: None, letter: Some(letter(anna.id)), undo: None };
    assert!(users.change_password(anna.id, PasswordHash("new".to_owned()), change, at(2)).await.unwrap());
    let now = users.by_id(anna.id).await.unwrap().unwrap();
    assert_eq!((now.password_hash, now.auth_epoch), (PasswordHash("new".to_owned()), anna.auth_epoch + 1));
    assert_eq!(fixture.store.sessions().list(anna.id, at(3)).await.unwrap(), []);
    assert_eq!(tokens.consume(Purpose::ResetPassword, token('a'), at(3)).await.unwrap(), None);
    assert_eq!(fixture.store.outbox().count().await.unwrap(), 1);
}

fn letter(recipient: AccountId) -> Message {
    Message {
        dedupe_key: "letter".to_owned(),
        kind: "letter".to_owned(),
        recipient,
        event: None,
        as_of: None,
        data: String::new(),
        expires_at: at(1_000),
    }
}

#[tokio::test]
async fn a_deleted_account_loses_its_personal_details_and_frees_its_address() {
    let fixture = Fixture::new().await;
    let (users, organizations) = (fixture.store.users(), fixture.store.organizations());
    let (organization, _) = fixture.organization("theatre").await;
    let anna = fixture.user("anna@secret.test").await;
    organizations.set_member(organization, anna.id, Role::Staff, at(1)).await.unwrap();
    fixture.session(anna.id, token('s'), 1).await;
    assert_eq!(users.delete(anna.id, at(2)).await.unwrap(), Deletion::Deleted);

    assert_eq!(users.by_id(anna.id).await.unwrap(), None);
    assert_eq!(users.by_email("anna@secret.test").await.unwrap(), None);
    let access = organizations.access_of(anna.id).await.unwrap().unwrap();
    assert!(access.deleted && access.memberships.is_empty());
    assert_eq!(fixture.store.sessions().list(anna.id, at(3)).await.unwrap(), []);
    assert_eq!(users.delete(anna.id, at(3)).await.unwrap(), Deletion::NotFound);
    let change =
        users.change_password(anna.id, PasswordHash("x".to_owned()), SecurityChange::default(), at(3));
    assert!(!change.await.unwrap());
    assert_ne!(fixture.user("anna@secret.test").await.id, anna.id, "the address is free");
}

#[tokio::test]
async fn the_only_owner_of_an_organization_with_other_members_cannot_be_deleted() {
    let fixture = Fixture::new().await;
    let (users, organizations) = (fixture.store.users(), fixture.store.organizations());
    let (organization, owner) = fixture.organization("theatre").await;
    let staff = fixture.user("staff@x.test").await;
    organizations.set_member(organization, staff.id, Role::Staff, at(1)).await.unwrap();
    assert_eq!(users.delete(owner, at(2)).await.unwrap(), Deletion::LastOwner(vec![organization]));
    organizations.remove_member(organization, staff.id).await.unwrap();
    assert_eq!(users.delete(owner, at(3)).await.unwrap(), Deletion::Deleted, "nobody else is left");
}

#[tokio::test]
async fn a_one_time_token_works_once_before_it_expires_and_for_its_purpose() {
    let fixture = Fixture::new().await;
    let tokens = fixture.store.one_time_tokens();
    let anna = fixture.user("anna@x.test").await;
    tokens.issue(anna.id, Purpose::VerifyEmail, token('a'), at(0), at(100)).await.unwrap();
    let consume = |purpose, letter, now| tokens.consume(purpose, token(letter), at(now));
    assert_eq!(consume(Purpose::ResetPassword, 'a', 1).await.unwrap(), None, "another purpose");
    assert_eq!(consume(Purpose::VerifyEmail, 'b', 1).await.unwrap(), None, "never given out");
    assert_eq!(consume(Purpose::VerifyEmail, 'a', 100).await.unwrap(), None, "too late");
    let (first, second) =
        tokio::join!(consume(Purpose::VerifyEmail, 'a', 99), consume(Purpose::VerifyEmail, 'a', 99));
    assert_eq!(first.unwrap().or(second.unwrap()), Some(anna.id));
    assert_eq!(consume(Purpose::VerifyEmail, 'a', 99).await.unwrap(), None, "used");
}

#[tokio::test]
async fn one_token_too_many_replaces_the_oldest() {
    let fixture = Fixture::new().await;
    let tokens = fixture.store.one_time_tokens();
    let anna = fixture.user("anna@x.test").await;
    for (second, letter) in (0..).zip('a'..='f') {
        tokens.issue(anna.id, Purpose::VerifyEmail, token(letter), at(second), at(100)).await.unwrap();
    }
    assert_eq!(tokens.consume(Purpose::VerifyEmail, token('a'), at(9)).await.unwrap(), None);
    assert_eq!(tokens.consume(Purpose::VerifyEmail, token('b'), at(9)).await.unwrap(), Some(anna.id));
}

#[tokio::test]
async fn debug_output_hides_the_password_hash() {
    let anna = Fixture::new().await.user("anna@x.test").await;
    assert!(!format!("{anna:?}").contains("argon2"));
}
