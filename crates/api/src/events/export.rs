//! Orders and attendees of an event as CSV. The table is written page by page, so that a stadium needs no more memory than a theatre.
//!
//! Seats and tickets come from one version of the sale; orders come from the views, once these show that version.

use crate::events::access::event_for;
use crate::handler::{ApiError, ApiState, IntoResponse, Permission, Problem, Response, SignedIn, Uuid};
use axum::body::Body;
use axum::http::{HeaderValue, header};
use fairseat_contract::csv::{CsvForm, Table};
use fairseat_domain::ids::{EventNumber, OrderNumber};
use fairseat_engine::Published;
use fairseat_store::audit::AuditEntry;
use fairseat_store::events::Event;
use fairseat_store::views::FoundOrder;
use futures::stream::try_unfold;
use std::sync::Arc;

/// Orders read at once.
pub(crate) const PAGE: u32 = 500;

type Push = fn(&mut Table, &ApiState, &Published, &FoundOrder);

pub(crate) async fn export(
    app: ApiState,
    caller: SignedIn,
    event_id: Uuid,
    form: CsvForm,
    (name, head, push): (&'static str, &[&str], Push),
) -> Result<Response, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::SeeOrders).await?;
    note(&app, &caller, &event, name).await?;
    let published = app.sale_now(event.number).await?;
    app.wait_for_views(event.number, published.position).await?;
    let mut table = Table::new(form);
    table.push(head.iter().copied());
    let begin = Export { app, published, event: event.number, push, table, next: Some(None) };
    let body = Body::from_stream(try_unfold(begin, Export::go_on));
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let disposition = disposition.map_err(Problem::internal)?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], body).into_response())
}

/// Records in the audit trail who exports names and addresses, before the export begins.
pub(crate) async fn note(
    app: &ApiState,
    caller: &SignedIn,
    event: &Event,
    name: &str,
) -> Result<(), ApiError> {
    let entry = AuditEntry {
        dedupe_key: format!("export:{}", Uuid::new_v4()),
        organization: event.organization,
        at: app.now(),
        actor: caller.account,
        action: format!("{}.exported", name.trim_end_matches(".csv")),
        event: Some(event.number),
        object: app.ids.event(event.number).to_string(),
        detail: "{}".to_owned(),
    };
    Ok(app.store.audit().record(vec![entry]).await?)
}

pub(crate) struct Export {
    app: ApiState,
    published: Arc<Published>,
    event: EventNumber,
    push: Push,
    table: Table,
    /// The order after which the next page begins; `None` when all pages are read.
    next: Option<Option<OrderNumber>>,
}

impl Export {
    async fn go_on(mut self) -> Result<Option<(String, Self)>, std::io::Error> {
        let Some(after) = self.next else { return Ok(None) };
        let page = self.app.store.views().orders_after(self.event, after, PAGE).await;
        let page = page.map_err(std::io::Error::other)?;
        for found in &page {
            (self.push)(&mut self.table, &self.app, &self.published, found);
        }
        let full = u32::try_from(page.len()) == Ok(PAGE);
        self.next = page.last().filter(|_| full).map(|last| Some(last.order.row.number));
        Ok(Some((self.table.take(), self)))
    }
}

/// Name, address and note of the buyer, or of the customer if the order was sold at the box office.
pub(crate) fn who(found: &FoundOrder) -> (&str, &str, &str) {
    let said = found.customer.as_ref();
    if found.order.row.counter_payment.is_some() {
        return said.map_or(("", "", ""), |said| (&said.name, &said.email, &said.note));
    }
    let person = found.person.as_ref();
    let name = person.map_or("", |person| &*person.username);
    (name, person.and_then(|person| person.email.as_deref()).unwrap_or_default(), "")
}
