//! The trail: who did what in an organization, and when.
//!
//! What must hold: a line about something the store keeps is written in the same transaction as that; a line about a sale is
//! made from its journal, before the view that shows it moves on, and written once however often it is seen. Lines hold ids, counts and
//! the organizer's own words, never a secret.

use crate::database::Database;
use crate::error::StoreError;
use crate::events::Lifecycle;
use crate::ids::OrganizationId;
use crate::organizations::{self, Removal, Role, SetMemberError};
use crate::page::{Listing, Page};
use crate::sql::{Filter, Row, Sql, values};
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_domain::time::Timestamp;

/// One deed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What makes it the same line when it is seen again.
    pub dedupe_key: String,
    /// Where.
    pub organization: OrganizationId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: AccountId,
    /// What, as `object.verb`.
    pub action: String,
    /// Of which event, if of any.
    pub event: Option<EventNumber>,
    /// To what: an id as the outside sees it, or nothing.
    pub object: String,
    /// More about it, as a JSON object.
    pub detail: String,
}

/// A line with the names of those it speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownLine {
    /// The line.
    pub line: Line,
    /// What the actor is called now.
    pub username: String,
    /// Their address; none once the account is deleted.
    pub email: Option<String>,
    /// What the event is called now.
    pub event_name: Option<String>,
    /// How far the event is: a deleted one has a name and nothing more to show.
    pub event_lifecycle: Option<Lifecycle>,
}

/// The trail; from [`crate::Store::audit`].
#[derive(Clone, Copy, Debug)]
pub struct Audit<'s>(pub(crate) &'s Database);

impl Audit<'_> {
    /// Adds lines, those that are there already left out.
    ///
    /// # Errors
    /// When the database fails; none is added then.
    pub async fn record(&self, lines: Vec<Line>) -> Result<(), StoreError> {
        self.0.write("audit.record", move |sql| lines.iter().try_for_each(|line| add(sql, line))).await
    }

    /// Makes somebody a member, as [`crate::organizations::Organizations::set_member`] does, with its line.
    ///
    /// # Errors
    /// As there; neither is done then.
    pub async fn set_member(&self, user: AccountId, role: Role, line: Line) -> Result<(), SetMemberError> {
        self.0
            .write("audit.set_member", move |sql| {
                organizations::set_member(sql, line.organization, user, role, line.at)?;
                Ok(add(sql, &line)?)
            })
            .await
    }

    /// Removes a member, as [`crate::organizations::Organizations::remove_member`] does, with its line if there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_member(&self, user: AccountId, line: Line) -> Result<Removal, StoreError> {
        self.0
            .write("audit.remove_member", move |sql| {
                let removal = organizations::remove_member(sql, line.organization, user)?;
                if removal == Removal::Removed {
                    add(sql, &line)?;
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
    ) -> Result<Listing<ShownLine>, StoreError> {
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

    /// What was done of one kind to an event of an organization, the newest first, at most so much of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_event(
        &self,
        (organization, event): (OrganizationId, EventNumber),
        action: &'static str,
        most: u32,
    ) -> Result<Vec<ShownLine>, StoreError> {
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

/// What [`read`] reads.
const SHOWN: &str = "SELECT a.dedupe_key, a.organization_id, a.at, a.actor, a.action, a.event, a.object, a.detail, u.username, \
     u.email, e.name, e.stage FROM audit a JOIN users u ON u.id = a.actor LEFT JOIN events e ON e.number = a.event";

fn add(sql: &Sql<'_>, line: &Line) -> Result<(), StoreError> {
    let text = "INSERT INTO audit (dedupe_key, organization_id, at, actor, action, event, object, detail) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (dedupe_key) DO NOTHING";
    let Line { dedupe_key, organization, at, actor, action, event, object, detail } = line;
    sql.execute(text, &values![*dedupe_key, *organization, *at, *actor, *action, *event, *object, *detail])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<ShownLine, StoreError> {
    let line = Line {
        dedupe_key: row.next()?,
        organization: row.next()?,
        at: row.next()?,
        actor: row.next()?,
        action: row.next()?,
        event: row.next()?,
        object: row.next()?,
        detail: row.next()?,
    };
    Ok(ShownLine {
        line,
        username: row.next()?,
        email: row.next()?,
        event_name: row.next()?,
        event_lifecycle: row.next()?,
    })
}
