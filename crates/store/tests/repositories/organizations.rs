//! Organizations: members, roles, and the last owner, who cannot leave.

use crate::common::{Fixture, at};
use fairseat_domain::ids::AccountId;
use fairseat_store::organizations::{Removal, Role, SetMemberError};
use fairseat_store::{OrganizationId, Page};

#[tokio::test]
async fn members_are_added_changed_and_removed() {
    let fixture = Fixture::new().await;
    let organizations = fixture.store.organizations();
    let (theatre, owner) = fixture.organization("theatre").await;
    let anna = fixture.user("anna@x.test").await.id;
    organizations.set_member(theatre, anna, Role::Staff, at(1)).await.unwrap();
    organizations.set_member(theatre, anna, Role::Manager, at(2)).await.unwrap();
    let members = organizations.members(theatre, Page::FIRST).await.unwrap();
    let roles: Vec<_> = members.rows.iter().map(|member| (member.user, member.role)).collect();
    assert_eq!((roles, members.total), (vec![(owner, Role::Owner), (anna, Role::Manager)], 2));
    assert_eq!(organizations.remove_member(theatre, anna).await.unwrap(), Removal::Removed);
    assert_eq!(organizations.remove_member(theatre, anna).await.unwrap(), Removal::NotAMember);
}

#[tokio::test]
async fn the_last_owner_cannot_leave_or_lose_the_role() {
    let fixture = Fixture::new().await;
    let organizations = fixture.store.organizations();
    let (theatre, owner) = fixture.organization("theatre").await;
    assert_eq!(organizations.remove_member(theatre, owner).await.unwrap(), Removal::LastOwner);
    let demoted = organizations.set_member(theatre, owner, Role::Manager, at(1)).await;
    assert!(matches!(demoted, Err(SetMemberError::LastOwner)));
    let anna = fixture.user("anna@x.test").await.id;
    organizations.set_member(theatre, anna, Role::Owner, at(2)).await.unwrap();
    assert_eq!(organizations.remove_member(theatre, owner).await.unwrap(), Removal::Removed);
    assert_eq!(organizations.remove_member(theatre, anna).await.unwrap(), Removal::LastOwner);
}

#[tokio::test]
async fn of_two_owners_who_leave_at_once_one_stays() {
    let fixture = Fixture::new().await;
    let (theatre, owner) = fixture.organization("theatre").await;
    let anna = fixture.user("anna@x.test").await.id;
    fixture.store.organizations().set_member(theatre, anna, Role::Owner, at(1)).await.unwrap();
    let leave = |who: AccountId| {
        let store = fixture.store.clone();
        tokio::spawn(async move { store.organizations().remove_member(theatre, who).await.unwrap() })
    };
    let (one, two) = (leave(owner), leave(anna));
    let mut answers = [one.await.unwrap(), two.await.unwrap()];
    answers.sort_by_key(|answer| *answer == Removal::LastOwner);
    assert_eq!(answers, [Removal::Removed, Removal::LastOwner]);
}

#[tokio::test]
async fn access_has_the_roles_in_the_accounts_own_organizations_only() {
    let fixture = Fixture::new().await;
    let organizations = fixture.store.organizations();
    let (theatre, owner) = fixture.organization("theatre").await;
    let (club, _) = fixture.organization("club").await;
    let anna = fixture.user("anna@x.test").await.id;
    let none = organizations.access_of(anna).await.unwrap().unwrap();
    assert!(none.memberships.is_empty() && !none.is_admin && !none.deleted);
    organizations.set_member(theatre, anna, Role::Finance, at(1)).await.unwrap();
    organizations.set_member(club, anna, Role::Staff, at(1)).await.unwrap();
    let mut expected = vec![(theatre, Role::Finance), (club, Role::Staff)];
    expected.sort();
    assert_eq!(organizations.access_of(anna).await.unwrap().unwrap().memberships, expected);
    let own = organizations.access_of(owner).await.unwrap().unwrap();
    assert_eq!(own.memberships, [(theatre, Role::Owner)]);
    assert_eq!(organizations.access_of(AccountId(1)).await.unwrap(), None);
    fixture.store.users().set_admin(anna, true, at(2)).await.unwrap();
    assert!(organizations.access_of(anna).await.unwrap().unwrap().is_admin);
}

#[tokio::test]
async fn organizations_are_listed_for_their_members_and_for_admins() {
    let fixture = Fixture::new().await;
    let organizations = fixture.store.organizations();
    let (theatre, owner) = fixture.organization("theatre").await;
    fixture.organization("club").await;
    let own = organizations.of_user(owner).await.unwrap();
    assert_eq!(
        own.iter().map(|own| (own.organization.id, own.role)).collect::<Vec<_>>(),
        [(theatre, Role::Owner)]
    );
    let all = organizations.list(Page { limit: 1, offset: 1 }).await.unwrap();
    assert_eq!((all.rows.len(), all.total), (1, 2));
    assert_eq!(organizations.by_id(theatre).await.unwrap().unwrap().name, "theatre");
    assert_eq!(organizations.by_id(OrganizationId::random()).await.unwrap(), None);
}

#[tokio::test]
async fn members_need_an_existing_organization_and_account() {
    let fixture = Fixture::new().await;
    let organizations = fixture.store.organizations();
    let (theatre, owner) = fixture.organization("theatre").await;
    let nowhere = organizations.set_member(OrganizationId::random(), owner, Role::Staff, at(1)).await;
    assert!(matches!(nowhere, Err(SetMemberError::NotFound)));
    let nobody = organizations.set_member(theatre, AccountId(1), Role::Staff, at(1)).await;
    assert!(matches!(nobody, Err(SetMemberError::NotFound)));
    let founded = organizations.create("ghosts".to_owned(), AccountId(1), None, at(1)).await;
    assert!(matches!(founded, Err(SetMemberError::NotFound)));
    assert_eq!(organizations.list(Page::FIRST).await.unwrap().total, 1, "a refused founding leaves nothing");
}
