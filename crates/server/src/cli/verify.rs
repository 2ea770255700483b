//! `fairseat verify`: checks all invariants by replaying the journal, and the hash chain of the audit trail.

use anyhow::{Context, Result, bail};
use clap::Args;
use fairseat_app::database_server::{DatabaseServer, DatabaseUrl};
use fairseat_journal::SqliteJournal;
use fairseat_maintenance::verify::{AuditReport, EventReport, Report, verify, verify_audit, verify_tables};
use fairseat_store::audit::ChainHead;
use fairseat_store::{STORE_FILE, Store};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

/// The options of `fairseat verify`.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// Folder of all of Fairseat's data
    #[arg(long, env = "FAIRSEAT_DATA_DIR", value_name = "DIR", default_value = "fairseat-data")]
    pub(super) data_dir: PathBuf,
    /// The PostgreSQL database of journal and store, instead of a data folder
    #[arg(long, env = "FAIRSEAT_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(super) database: Option<DatabaseUrl>,
    /// Write JSON for programs
    #[arg(long, env = "FAIRSEAT_JSON")]
    pub(super) json: bool,
    /// The last line of the audit trail as an earlier run printed it, kept where nobody who can write the data folder can change it: the trail
    /// must still contain it
    #[arg(long, env = "FAIRSEAT_AUDIT_HEAD", value_name = "LINE:HASH")]
    pub(super) audit_head: Option<ChainHead>,
}

pub(super) fn run(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let report = runtime.context("cannot start threads")?.block_on(report(options))?;
    let text = if options.json { serde_json::to_string(&report)? } else { for_people(&report) };
    writeln!(std::io::stdout(), "{}", text.trim_end()).context("cannot write to stdout")?;
    match report.violations.len() {
        0 => Ok(()),
        count => {
            let place = if options.database.is_some() { "database" } else { "data folder" };
            bail!("{count} violations: keep this {place} as it is, and restore a backup beside it to compare")
        }
    }
}

async fn report(options: &Options) -> Result<Report> {
    if let Some(url) = &options.database {
        let server = DatabaseServer::for_command(url);
        let store = server.store(Arc::new(|_, _| {})).await?;
        let mut report = verify(async || server.journal().await, &store).await?;
        verify_tables(&server.journal().await?, &mut report).await?;
        verify_audit(&store, options.audit_head, &mut report).await?;
        return Ok(report);
    }
    let folder = options.data_dir.clone();
    if !folder.join(STORE_FILE).exists() {
        bail!("{} is no data folder: name the one the server uses with --data-dir", folder.display());
    }
    let store = Store::open(folder.join(STORE_FILE)).await.context("the store cannot be opened")?;
    let open = async || {
        let folder = folder.clone();
        let opened = tokio::task::spawn_blocking(move || SqliteJournal::open_read_only(&folder)).await?;
        opened.context("the journal cannot be opened")
    };
    let mut report =
        if SqliteJournal::exists(&folder) { verify(open, &store).await? } else { Report::default() };
    verify_audit(&store, options.audit_head, &mut report).await?;
    Ok(report)
}

fn for_people(report: &Report) -> String {
    let mut text = String::new();
    for event in &report.events {
        line(&mut text, event);
    }
    for found in &report.violations {
        // Writing to a String cannot fail.
        let place = if found.event == 0 { String::new() } else { format!(" in event {}", found.event) };
        let _infallible = writeln!(text, "VIOLATION{place}: {}", found.violation);
    }
    let AuditReport { lines, head } = &report.audit;
    let _infallible = writeln!(text, "audit trail: {lines} lines, the last is {head}");
    let (events, violations) = (report.events.len(), report.violations.len());
    let _infallible = writeln!(text, "{events} events verified, {violations} violations");
    text
}

fn line(text: &mut String, event: &EventReport) {
    let name = event.name.as_deref().unwrap_or("(not in the catalogue)");
    let _infallible = writeln!(
        text,
        "event {} {name}: {} seats, {} sold, {} reserved, {} available, {} blocked; {} orders, revenue {} {currency}, \
         refunds {} {currency}; {} facts in {} batches, views at {}",
        event.event,
        event.seats,
        event.sold,
        event.reserved,
        event.available,
        event.blocked,
        event.orders,
        event.revenue,
        event.refunds,
        event.facts,
        event.batches,
        event.views_at,
        currency = event.currency,
    );
}
