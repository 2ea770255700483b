//! The audit trail.

use crate::common::{Fixture, at, event_details};
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_store::audit::{AuditEntry, ChainHead, SaleEntry};
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

async fn faults(fixture: &Fixture, known: Option<ChainHead>) -> Vec<String> {
    fixture.store.audit().verify(known).await.unwrap().faults
}

#[tokio::test]
async fn a_line_that_was_changed_by_hand_is_named() {
    for (change, expected) in [
        ("DELETE FROM audit WHERE line = 3", "line 3 is missing"),
        ("DELETE FROM audit WHERE line IN (2, 3)", "lines 2 to 3 are missing"),
        ("DELETE FROM audit WHERE line > 3", "lines 4 to 5 are missing"),
        ("DELETE FROM audit", "lines 1 to 5 are missing"),
        (
            "UPDATE audit SET detail = '{\"a\":1}' WHERE line = 2",
            "line 2 was changed, or is not the one that was written there",
        ),
        (
            "UPDATE audit SET at = at + 1 WHERE line = 5",
            "line 5 was changed, or is not the one that was written there",
        ),
        (
            "UPDATE audit SET actor = organization_id WHERE line = 1",
            "line 1 was changed, or is not the one that was written there",
        ),
        (
            "INSERT INTO audit (dedupe_key, organization_id, at, actor, action, object, detail) \
          SELECT 'more', organization_id, at, actor, action, object, detail FROM audit WHERE line = 1",
            "1 lines were added by hand: they have no number",
        ),
        ("DELETE FROM audit_head", "its head is missing"),
    ] {
        let fixture = Fixture::new().await;
        let (theatre, anna) = fixture.organization("theatre").await;
        let entries = (1..=5).map(|number| entry(&number.to_string(), theatre, anna, number));
        fixture.store.audit().record(entries.collect()).await.unwrap();
        assert_eq!(faults(&fixture, None).await, Vec::<String>::new());
        fixture.by_hand(change).await;
        assert_eq!(faults(&fixture, None).await, [expected], "{change}");
        let reopened = fixture.reopened().await;
        let again = reopened.audit().verify(None).await.unwrap().faults;
        assert_eq!(again, [expected], "opening the store does not mend it: {change}");
    }
}

#[tokio::test]
async fn lines_in_another_order_are_named() {
    let fixture = Fixture::new().await;
    let (theatre, anna) = fixture.organization("theatre").await;
    let entries = (1..=4).map(|number| entry(&number.to_string(), theatre, anna, number));
    fixture.store.audit().record(entries.collect()).await.unwrap();
    let text = "UPDATE audit SET line = 99 WHERE line = 2; UPDATE audit SET line = 2 WHERE line = 3; \
                       UPDATE audit SET line = 3 WHERE line = 99";
    fixture.by_hand(text).await;
    let found = faults(&fixture, None).await;
    assert!(
        found.len() >= 2 && found[0].starts_with("line 2 ") && found[1].starts_with("line 3 "),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_trail_that_was_replaced_as_a_whole_does_not_contain_the_head_that_was_noted() {
    let [first, second] = [Fixture::new().await, Fixture::new().await];
    let mut heads = Vec::new();
    for (fixture, action) in [(&first, "seats.blocked"), (&second, "seats.unblocked")] {
        let (theatre, anna) = fixture.organization("theatre").await;
        let entry = AuditEntry { action: action.to_owned(), ..entry("1", theatre, anna, 1) };
        fixture.store.audit().record(vec![entry]).await.unwrap();
        heads.push(fixture.store.audit().verify(None).await.unwrap().head);
        fixture.store.audit().record(vec![self::entry("2", theatre, anna, 2)]).await.unwrap();
    }
    let noted: ChainHead = heads[0].to_string().parse().unwrap();
    assert_eq!(noted, heads[0]);
    assert_eq!(faults(&first, Some(noted)).await, Vec::<String>::new(), "later lines do no harm");
    let replaced = "line 1 is not the one that the given head names: the trail was replaced";
    assert_eq!(faults(&second, Some(noted)).await, [replaced]);
}

#[tokio::test]
async fn an_entry_of_an_earlier_release_is_not_added_again() {
    let fixture = Fixture::new().await;
    let (theatre, anna) = fixture.organization("theatre").await;
    let audit = fixture.store.audit();
    audit.record(vec![entry("former", theatre, anna, 1)]).await.unwrap();
    let of_sale = |key: &str, former: &str| SaleEntry {
        entry: entry(key, theatre, anna, 1),
        former_key: former.to_owned(),
    };
    audit
        .record_of_sale(vec![of_sale("a", "former"), of_sale("b", "unknown"), of_sale("b", "unknown")])
        .await
        .unwrap();
    assert_eq!(keys(&fixture, theatre).await, ["b", "former"]);
}

#[tokio::test]
async fn deleting_an_account_leaves_the_chain_intact() {
    let fixture = Fixture::new().await;
    let (theatre, owner) = fixture.organization("theatre").await;
    let anna = fixture.user("anna@x.test").await.id;
    fixture
        .store
        .audit()
        .record(vec![entry("1", theatre, anna, 1), entry("2", theatre, owner, 2)])
        .await
        .unwrap();
    fixture.store.users().delete(anna, at(3)).await.unwrap();
    assert_eq!(faults(&fixture, None).await, Vec::<String>::new());
    let shown = fixture.store.audit().list(theatre, Page::FIRST).await.unwrap().rows;
    assert_eq!((shown[1].username.as_str(), &shown[1].email), ("", &None));
}
