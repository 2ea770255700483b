//! The audit trail: who did what in an organization, and when.
//!
//! What must hold: an entry about a change in the store is written in the same transaction as the change. An entry about a sale is derived
//! from the sale's journal; its key prevents duplicates. Entries contain ids, counts and texts of the organizer, never a secret.

use crate::database::Database;
use crate::error::StoreError;
use crate::events::Lifecycle;
use crate::ids::OrganizationId;
use crate::organizations::{self, Removal, Role, SetMemberError};
use crate::page::{Listing, Page};
use crate::sql::{Filter, Row, Sql, values};
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_domain::time::Timestamp;

/// An entry of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Identifies the entry, so that it is added once.
    pub dedupe_key: String,
    /// The organization.
    pub organization: OrganizationId,
    /// The time of the action.
    pub at: Timestamp,
    /// Who acted.
    pub actor: AccountId,
    /// The action, as `object.verb`.
    pub action: String,
    /// The event, if the action was about one.
    pub event: Option<EventNumber>,
    /// The public id of the object, or an empty text.
    pub object: String,
    /// Details, as a JSON object.
    pub detail: String,
}

/// An entry with the current names of the people and things in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntryWithNames {
    /// The entry.
    pub entry: AuditEntry,
    /// The actor's current name.
    pub username: String,
    /// The actor's e-mail address; `None` once the account is deleted.
    pub email: Option<String>,
    /// The event's current name.
    pub event_name: Option<String>,
    /// The event's lifecycle; a deleted event has no page to link to.
    pub event_lifecycle: Option<Lifecycle>,
}

/// The audit trail; from [`crate::Store::audit`].
#[derive(Clone, Copy, Debug)]
pub struct Audit<'s>(pub(crate) &'s Database);

impl Audit<'_> {
    /// Adds entries; those whose key is already stored are skipped.
    ///
    /// # Errors
    /// When the database fails; none is added then.
    pub async fn record(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.0.write("audit.record", move |sql| entries.iter().try_for_each(|entry| add(sql, entry))).await
    }

    /// Sets the role of somebody who is a member, and adds the entry. Others become members by accepting an invitation.
    ///
    /// # Errors
    /// [`SetMemberError::NotFound`] for somebody who is not a member, [`SetMemberError::LastOwner`]; then nothing is changed.
    pub async fn change_role(
        &self,
        user: AccountId,
        role: Role,
        entry: AuditEntry,
    ) -> Result<(), SetMemberError> {
        self.0
            .write("audit.change_role", move |sql| {
                if organizations::role_of(sql, entry.organization, user)?.is_none() {
                    return Err(SetMemberError::NotFound);
                }
                organizations::set_member(sql, entry.organization, user, role, entry.at)?;
                Ok(add(sql, &entry)?)
            })
            .await
    }

    /// Removes a member, as [`crate::organizations::Organizations::remove_member`] does, and adds the entry if there was such a member.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_member(&self, user: AccountId, entry: AuditEntry) -> Result<Removal, StoreError> {
        self.0
            .write("audit.remove_member", move |sql| {
                let removal = organizations::remove_member(sql, entry.organization, user)?;
                if removal == Removal::Removed {
                    add(sql, &entry)?;
                }
                Ok(removal)
            })
            .await
    }

    /// The trail of an organization, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(
        &self,
        organization: OrganizationId,
        page: Page,
    ) -> Result<Listing<AuditEntryWithNames>, StoreError> {
        let mut filter = Filter::new();
        let whose = filter.bind(organization);
        let count = format!("SELECT COUNT(*) FROM audit WHERE organization_id = {whose}");
        let counted = filter.values().to_vec();
        let page = page.bind(&mut filter);
        let text = format!("{SHOWN} WHERE a.organization_id = {whose} ORDER BY a.at DESC, a.id DESC {page}");
        self.0
            .read("audit.list", move |sql| {
                let rows = sql.all(&text, filter.values(), read)?;
                Ok(Listing { rows, total: sql.count(&count, &counted)? })
            })
            .await
    }

    /// The newest entries with one action on one event, at most `most`, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_event(
        &self,
        (organization, event): (OrganizationId, EventNumber),
        action: &'static str,
        most: u32,
    ) -> Result<Vec<AuditEntryWithNames>, StoreError> {
        let mut filter = Filter::new();
        let (whose, of) = (filter.bind(organization), filter.bind(event));
        let (kind, most) = (filter.bind(action.to_owned()), filter.bind(i64::from(most)));
        let text = format!(
            "{SHOWN} WHERE a.organization_id = {whose} AND a.event = {of} AND a.action = {kind} \
             ORDER BY a.at DESC, a.id DESC LIMIT {most}"
        );
        self.0.read("audit.of_event", move |sql| sql.all(&text, filter.values(), read)).await
    }
}

/// The query whose rows [`read`] reads.
const SHOWN: &str = "SELECT a.dedupe_key, a.organization_id, a.at, a.actor, a.action, a.event, a.object, a.detail, u.username, \
     u.email, e.name, e.stage FROM audit a JOIN users u ON u.id = a.actor LEFT JOIN events e ON e.number = a.event";

pub(crate) fn add(sql: &Sql<'_>, entry: &AuditEntry) -> Result<(), StoreError> {
    let text = "INSERT INTO audit (dedupe_key, organization_id, at, actor, action, event, object, detail) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (dedupe_key) DO NOTHING";
    let AuditEntry { dedupe_key, organization, at, actor, action, event, object, detail } = entry;
    sql.execute(text, &values![*dedupe_key, *organization, *at, *actor, *action, *event, *object, *detail])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<AuditEntryWithNames, StoreError> {
    let entry = AuditEntry {
        dedupe_key: row.next()?,
        organization: row.next()?,
        at: row.next()?,
        actor: row.next()?,
        action: row.next()?,
        event: row.next()?,
        object: row.next()?,
        detail: row.next()?,
    };
    Ok(AuditEntryWithNames {
        entry,
        username: row.next()?,
        email: row.next()?,
        event_name: row.next()?,
        event_lifecycle: row.next()?,
    })
}
