//! The audit trail.

use crate::common::{Fixture, at, event_details};
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_store::audit::AuditEntry;
use fairseat_store::organizations::{Removal, Role, SetMemberError};
use fairseat_store::{OrganizationId, Page};

fn entry(key: &str, organization: OrganizationId, actor: AccountId, second: i64) -> AuditEntry {
    AuditEntry {
        dedupe_key: key.to_owned(),
        organization,
        at: at(second),
        actor,
        action: "seats.blocked".to_owned(),
        event: None,
        object: String::new(),
        detail: "{}".to_owned(),
    }
}

async fn keys(fixture: &Fixture, organization: OrganizationId) -> Vec<String> {
    let listed = fixture.store.audit().list(organization, Page::FIRST).await.unwrap();
    assert_eq!(listed.total, u64::try_from(listed.rows.len()).unwrap());
    listed.rows.into_iter().map(|shown| shown.entry.dedupe_key).collect()
}

#[tokio::test]
async fn an_entry_is_added_once_and_seen_by_its_organization_newest_first() {
    let fixture = Fixture::new().await;
    let (theatre, anna) = fixture.organization("theatre").await;
    let (club, bert) = fixture.organization("club").await;
    let audit = fixture.store.audit();
    audit.record(vec![entry("1", theatre, anna, 1), entry("2", theatre, anna, 2)]).await.unwrap();
    audit.record(vec![entry("1", theatre, anna, 9), entry("3", club, bert, 3)]).await.unwrap();
    assert_eq!(keys(&fixture, theatre).await, ["2", "1"]);
    assert_eq!(keys(&fixture, club).await, ["3"]);
    let shown = audit.list(theatre, Page::FIRST).await.unwrap().rows.remove(1);
    assert_eq!(
        (shown.entry, shown.email.as_deref()),
        (entry("1", theatre, anna, 1), Some("owner@theatre.test"))
    );
}

#[tokio::test]
async fn the_entries_of_an_event_are_limited_to_the_newest_of_one_action() {
    let fixture = Fixture::new().await;
    let (theatre, anna) = fixture.organization("theatre").await;
    let number = fixture.event(&fixture.venue(theatre).await, event_details("Hamlet")).await;
    let of =
        |key: &str, event, second| AuditEntry { event: Some(event), ..entry(key, theatre, anna, second) };
    let other_action = AuditEntry { action: "seats.unblocked".to_owned(), ..of("4", number, 4) };
    let entries = vec![of("1", number, 1), of("2", number, 2), of("3", number, 3), other_action];
    fixture.store.audit().record(entries).await.unwrap();
    let audit = fixture.store.audit();
    let found = |event, most| audit.of_event((theatre, event), "seats.blocked", most);
    let newest = found(number, 2).await.unwrap();
    let newest: Vec<_> = newest.iter().map(|shown| shown.entry.dedupe_key.as_str()).collect();
    assert_eq!(newest, ["3", "2"]);
    assert_eq!(found(EventNumber(99), 2).await.unwrap(), []);
}

#[tokio::test]
async fn a_refused_change_of_members_leaves_no_entry() {
    let fixture = Fixture::new().await;
    let (theatre, owner) = fixture.organization("theatre").await;
    let anna = fixture.user("anna@x.test").await.id;
    let audit = fixture.store.audit();
    let refused = audit.change_role(owner, Role::Staff, entry("1", theatre, owner, 1)).await;
    assert!(matches!(refused, Err(SetMemberError::LastOwner)), "{refused:?}");
    let stranger = audit.change_role(anna, Role::Staff, entry("1", theatre, owner, 1)).await;
    assert!(matches!(stranger, Err(SetMemberError::NotFound)), "{stranger:?}");
    let removal = audit.remove_member(owner, entry("2", theatre, owner, 2)).await.unwrap();
    assert_eq!(removal, Removal::LastOwner);
    fixture.store.organizations().set_member(theatre, anna, Role::Staff, at(3)).await.unwrap();
    audit.change_role(anna, Role::Finance, entry("3", theatre, owner, 3)).await.unwrap();
    assert_eq!(audit.remove_member(anna, entry("4", theatre, owner, 4)).await.unwrap(), Removal::Removed);
    assert_eq!(audit.remove_member(anna, entry("5", theatre, owner, 5)).await.unwrap(), Removal::NotAMember);
    assert_eq!(keys(&fixture, theatre).await, ["4", "3"]);
}
