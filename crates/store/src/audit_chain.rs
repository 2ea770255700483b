//! The hash chain of the audit trail: a line that somebody removed, changed or moved in the file is found and named.
//!
//! What must always hold: lines are numbered from 1 without gaps; a line's hash covers its number, all its columns and the hash of the line
//! before; the head has the number and the hash of the last line, so that a missing end is found as well. The chain covers ids, times and
//! what the organizer wrote, but no name or address of a person: deleting an account therefore leaves it intact.
//!
//! Whoever can write the file can also compute the whole chain anew. Against that helps only a head that was noted elsewhere
//! ([`ChainHead`]); `fairseat verify` prints it, and compares it.

use crate::audit::AuditEntry;
use crate::error::StoreError;
use crate::ids::OrganizationId;
use crate::sql::{Row, Sql, values};
use fairseat_domain::ids::AccountId;
use std::fmt;
use std::str::FromStr;

/// Lines that are read at once.
const PAGE: u64 = 1_000;
/// The most faults that are named; a chain with more has been replaced as a whole.
const MAX_FAULTS: usize = 100;

/// A line and its hash, which stands for all lines up to it. As text: `120:9f3c…`, the number, a colon, the hash in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// The number of the line; 0 for an empty trail.
    pub line: u64,
    /// Its hash.
    pub hash: [u8; 32],
}

impl ChainHead {
    /// The head of an empty trail.
    pub const EMPTY: Self = Self { line: 0, hash: [0; 32] };
}

impl fmt::Display for ChainHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, blake3::Hash::from_bytes(self.hash).to_hex())
    }
}

impl FromStr for ChainHead {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.trim().split_once(':');
        let read = parts.and_then(|(line, hash)| {
            let hash = blake3::Hash::from_hex(hash).ok()?;
            Some(Self { line: line.parse().ok()?, hash: *hash.as_bytes() })
        });
        read.ok_or_else(|| "must look like 120:9f3c…, as an earlier `fairseat verify` printed it".to_owned())
    }
}

/// The result of reading the whole chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainReport {
    /// The last line.
    pub head: ChainHead,
    /// What is wrong, one text for each place; empty if nothing is.
    pub faults: Vec<String>,
}

/// A line as it is stored.
struct Line {
    number: u64,
    hash: [u8; 32],
    entry: AuditEntry,
}

/// Adds a line at the end of the chain.
pub(crate) fn append(sql: &Sql<'_>, entry: &AuditEntry) -> Result<(), StoreError> {
    let before = head(sql)?.ok_or(StoreError::Unreadable("the head of the audit trail"))?;
    let line = before.line.saturating_add(1);
    let hash = hash(&before.hash, line, entry);
    let text = "INSERT INTO audit (dedupe_key, organization_id, at, actor, action, event, object, detail, line, hash) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let AuditEntry { dedupe_key, organization, at, actor, action, event, object, detail } = entry;
    let values =
        values![*dedupe_key, *organization, *at, *actor, *action, *event, *object, *detail, line, hash];
    sql.execute(text, &values)?;
    set_head(sql, ChainHead { line, hash })
}

/// Numbers and hashes the lines of a trail that has no chain yet. Called once for each opening of the store; a trail that has a chain is
/// left as it is, so that a line which somebody wrote by hand does not become a part of it.
pub(crate) fn begin(sql: &Sql<'_>) -> Result<(), StoreError> {
    let has_chain =
        head(sql)?.is_some() || sql.count("SELECT COUNT(*) FROM audit WHERE line IS NOT NULL", &[])? > 0;
    if has_chain {
        return Ok(());
    }
    let text = "SELECT id, dedupe_key, organization_id, at, actor, action, event, object, detail FROM audit ORDER BY id";
    let mut last = ChainHead::EMPTY;
    for (id, entry) in sql.all(text, &[], |row| Ok((row.next::<i64>()?, read_entry(row)?)))? {
        let line = last.line.saturating_add(1);
        last = ChainHead { line, hash: hash(&last.hash, line, &entry) };
        sql.execute("UPDATE audit SET line = ?2, hash = ?3 WHERE id = ?1", &values![id, line, last.hash])?;
    }
    set_head(sql, last)
}

/// Reads the whole chain. `known` is a head that was noted before.
pub(crate) fn verify(sql: &Sql<'_>, known: Option<ChainHead>) -> Result<ChainReport, StoreError> {
    let mut faults = Vec::new();
    let unnumbered = sql.count("SELECT COUNT(*) FROM audit WHERE line IS NULL", &[])?;
    if unnumbered > 0 {
        faults.push(format!("{unnumbered} lines were added by hand: they have no number"));
    }
    let mut last = ChainHead::EMPTY;
    let mut known_hash = None;
    loop {
        let page = lines_after(sql, last.line)?;
        if page.is_empty() {
            break;
        }
        for line in page {
            faults.extend(fault_of(last, &line));
            last = ChainHead { line: line.number, hash: line.hash };
            if known.is_some_and(|known| known.line == last.line) {
                known_hash = Some(last.hash);
            }
        }
    }
    faults.extend(fault_at_end(last, head(sql)?));
    if let Some(known) = known.filter(|known| known.line > 0 && known_hash != Some(known.hash)) {
        faults.push(format!(
            "line {} is not the one that the given head names: the trail was replaced",
            known.line
        ));
    }
    faults.truncate(MAX_FAULTS);
    Ok(ChainReport { head: last, faults })
}

/// What is wrong with a line that follows `before`.
fn fault_of(before: ChainHead, line: &Line) -> Option<String> {
    let expected = before.line.saturating_add(1);
    if line.number == expected {
        let is_right = hash(&before.hash, line.number, &line.entry) == line.hash;
        return (!is_right)
            .then(|| format!("line {expected} was changed, or is not the one that was written there"));
    }
    // The line after a gap cannot be compared with the one before it.
    Some(missing(expected, line.number.saturating_sub(1)))
}

fn fault_at_end(last: ChainHead, head: Option<ChainHead>) -> Option<String> {
    match head {
        None => Some("its head is missing".to_owned()),
        Some(head) if head.line > last.line => Some(missing(last.line.saturating_add(1), head.line)),
        Some(head) if head != last => Some(format!("line {} is not the end that its head names", last.line)),
        Some(_) => None,
    }
}

fn missing(first: u64, last: u64) -> String {
    if first >= last {
        format!("line {last} is missing")
    } else {
        format!("lines {first} to {last} are missing")
    }
}

fn lines_after(sql: &Sql<'_>, line: u64) -> Result<Vec<Line>, StoreError> {
    let text = "SELECT line, hash, dedupe_key, organization_id, at, actor, action, event, object, detail FROM audit \
                WHERE line > ?1 ORDER BY line LIMIT ?2";
    sql.all(text, &values![line, PAGE], |row| {
        Ok(Line { number: row.next()?, hash: row.next()?, entry: read_entry(row)? })
    })
}

/// Reads the columns of an entry, in the order of its fields.
pub(crate) fn read_entry(row: &Row<'_>) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        dedupe_key: row.next()?,
        organization: row.next()?,
        at: row.next()?,
        actor: row.next()?,
        action: row.next()?,
        event: row.next()?,
        object: row.next()?,
        detail: row.next()?,
    })
}

fn head(sql: &Sql<'_>) -> Result<Option<ChainHead>, StoreError> {
    sql.one("SELECT line, hash FROM audit_head", &[], |row| {
        Ok(ChainHead { line: row.next()?, hash: row.next()? })
    })
}

fn set_head(sql: &Sql<'_>, head: ChainHead) -> Result<(), StoreError> {
    let text = "INSERT INTO audit_head (\"only\", line, hash) VALUES (1, ?1, ?2) ON CONFLICT (\"only\") DO UPDATE \
                SET line = excluded.line, hash = excluded.hash";
    sql.execute(text, &values![head.line, head.hash]).map(drop)
}

/// The hash of a line. Every part begins with its length, so that no two lines hash the same bytes.
fn hash(before: &[u8; 32], line: u64, entry: &AuditEntry) -> [u8; 32] {
    let AuditEntry {
        dedupe_key,
        organization: OrganizationId(organization),
        at,
        actor: AccountId(actor),
        action,
        event,
        object,
        detail,
    } = entry;
    let event = event.map_or_else(Vec::new, |event| event.0.to_be_bytes().to_vec());
    let mut hasher = blake3::Hasher::new_derive_key("fairseat audit trail, format 1");
    let parts: [&[u8]; 10] = [
        before,
        &line.to_be_bytes(),
        dedupe_key.as_bytes(),
        organization.as_bytes(),
        &at.as_millis().to_be_bytes(),
        &actor.to_be_bytes(),
        action.as_bytes(),
        &event,
        object.as_bytes(),
        detail.as_bytes(),
    ];
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        hasher.update(&length.to_be_bytes()).update(part);
    }
    *hasher.finalize().as_bytes()
}
