//! Who did what in an organization, the newest first.

use super::fields::Fields;
use super::problem_text::missing;
use super::shell::Shell;
use crate::api::{Failure, Visit};
use crate::render::{encoded, personal};
use crate::values::Instant;
use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

/// Entries on one page.
const PAGE: u64 = 50;

#[derive(Debug, Deserialize)]
struct Log {
    #[serde(alias = "audit")]
    entries: Vec<Entry>,
    total: u64,
}

#[derive(Debug, Deserialize)]
struct Entry {
    #[serde(alias = "created_at")]
    at: Instant,
    #[serde(default, alias = "user", alias = "by")]
    actor: Option<Actor>,
    action: String,
    #[serde(default)]
    event: Option<Subject>,
    #[serde(default, alias = "detail", alias = "summary")]
    details: Value,
}

#[derive(Debug, Deserialize)]
struct Actor {
    username: Option<String>,
    email: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Subject {
    event_id: String,
    name: String,
}

impl Entry {
    fn who(&self) -> &str {
        let actor = self.actor.as_ref();
        actor.and_then(|actor| actor.username.as_deref().or(actor.email.as_deref())).unwrap_or("the system")
    }

    fn what(&self) -> String {
        self.action.replace(['_', '.'], " ")
    }

    /// The rest in one line: `reason press, seats 12`.
    fn details(&self) -> String {
        match &self.details {
            Value::String(text) => text.clone(),
            Value::Object(fields) => {
                let of = |(name, value): (&String, &Value)| format!("{}: {}", name.replace('_', " "), plain(value));
                fields.iter().filter(|(_, value)| !value.is_null()).map(of).collect::<Vec<_>>().join(", ")
            }
            Value::Null => String::new(),
            other => plain(other),
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[derive(Template)]
#[template(path = "console/audit.html")]
struct Page {
    shell: Shell,
    organization: String,
    log: Result<Log, String>,
    page: u64,
}

impl Page {
    fn next(&self) -> Option<u64> {
        let total = self.log.as_ref().map_or(0, |log| log.total);
        ((self.page + 1) * PAGE < total).then_some(self.page + 1)
    }
}

/// The page.
pub(crate) async fn show(
    visit: Visit,
    Path(organization): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let shell = Shell::of(&visit, &organization, "audit").await?;
    let page = asked.get("page").parse::<u64>().unwrap_or(0).min(100_000);
    let path =
        format!("/organizations/{}/audit?limit={PAGE}&offset={}", encoded(&organization), page * PAGE);
    let log = visit.get::<Log>(&path).await.map_err(|failure| missing(&failure));
    Ok(personal(&Page { shell, organization, log, page }))
}
