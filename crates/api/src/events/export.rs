//! `GET /events/{event_id}/orders.csv` and `attendees.csv`: tables for organizers, written page by page.

use crate::events::access::event_for;
use crate::handler::*;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use fairseat_app::exports::{Export, Table};
use fairseat_contract::csv::{self, CsvForm};
use futures::stream::try_unfold;
use std::io;

/// The orders of an event as CSV
///
/// In the order in which they were placed. A cell that a spreadsheet would run as a formula begins with a single quote.
#[utoipa::path(get, path = "/events/{event_id}/orders.csv", tag = "Console", params(("event_id" = Uuid, Path), CsvForm),
    responses((status = 200, body = String, content_type = "text/csv"),
        (status = 404, description = "No such event of the caller's")))]
pub(crate) async fn orders_csv(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Query(form): Query<CsvForm>,
) -> Result<Response, ApiError> {
    export(app, caller, event_id, form, Table::Orders).await
}

/// The attendees of an event as CSV
///
/// A row for each ticket that is valid or suspended. A cell that a spreadsheet would run as a formula begins with a single quote.
#[utoipa::path(get, path = "/events/{event_id}/attendees.csv", tag = "Console", params(("event_id" = Uuid, Path), CsvForm),
    responses((status = 200, body = String, content_type = "text/csv"),
        (status = 404, description = "No such event of the caller's")))]
pub(crate) async fn attendees_csv(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Query(form): Query<CsvForm>,
) -> Result<Response, ApiError> {
    export(app, caller, event_id, form, Table::Attendees).await
}

async fn export(
    app: ApiState,
    caller: SignedIn,
    event_id: Uuid,
    form: CsvForm,
    table: Table,
) -> Result<Response, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::SeeOrders).await?;
    let export = Export::begin(&app.app, caller.account, &event, table).await?;
    let mut written = csv::Table::new(form);
    written.push(table.columns().iter().copied());
    let body = Body::from_stream(try_unfold((export, written), go_on));
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{}.csv\"", table.name()));
    let disposition = disposition.map_err(Problem::internal)?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], body).into_response())
}

type Begun = (Export, csv::Table);

async fn go_on((mut export, mut written): Begun) -> Result<Option<(String, Begun)>, io::Error> {
    let Some(rows) = export.next_rows().await.map_err(io::Error::other)? else { return Ok(None) };
    for row in &rows {
        written.push(row.iter().map(String::as_str));
    }
    Ok(Some((written.take(), (export, written))))
}
