//! `GET /users/me/export`: all data held about a person (GDPR, article 20).

use crate::accounts::own::own_account;
use crate::accounts::user_json::user_json;
use crate::handler::*;
use crate::invitations::read::received_json;
use fairseat_app::ids::PublicIds;
use fairseat_contract::export::{Export, OrderJson, ReservationJson, SessionJson, TicketJson};
use fairseat_domain::ids::AccountId;
use fairseat_store::sessions::Session;
use fairseat_store::views::{OfEvent, OrderRow, ReservationRow, TicketRow};
use fairseat_store::{Listing, Page, StoreError};

/// All data held about you
#[utoipa::path(get, path = "/users/me/export", tag = "Accounts", responses((status = 200, body = Export)))]
pub(crate) async fn export_me(
    State(app): State<ApiState>,
    signed_in: SignedIn,
) -> Result<Json<Export>, ApiError> {
    let user = own_account(&app, &signed_in).await?;
    let (account, ids, views) = (user.id, &app.ids, app.store.views());
    let orders = all(|page| views.orders_of_buyer(account, None, page)).await?;
    let reservations = all(|page| views.reservations_of_buyer(account, page)).await?;
    let tickets = all(|page| views.tickets_of_owner(account, page)).await?;
    let invitations = match user.email_verified_at {
        Some(_) => app.store.invitations().of_address(&user.email, app.now()).await?,
        None => Vec::new(),
    };
    Ok(Json(Export {
        invitations: invitations.into_iter().map(received_json).collect(),
        sessions: sessions(&app, account).await?,
        user: user_json(&app, user).await?,
        orders: orders.into_iter().map(|order| order_json(ids, order)).collect(),
        reservations: reservations.into_iter().map(|row| reservation_json(ids, row)).collect(),
        tickets: tickets.into_iter().map(|ticket| ticket_json(ids, ticket)).collect(),
    }))
}

/// Reads all pages of a list. Only the account's own actions change these lists, so no page shifts while they are read.
pub(crate) async fn all<T, P>(page: impl Fn(Page) -> P) -> Result<Vec<T>, StoreError>
where
    P: Future<Output = Result<Listing<T>, StoreError>>,
{
    let mut all = Vec::new();
    let mut next = Page::FIRST;
    loop {
        let Listing { rows, total } = page(next).await?;
        let more = !rows.is_empty();
        all.extend(rows);
        next.offset = u64::try_from(all.len()).unwrap_or(u64::MAX);
        if !more || next.offset >= total {
            return Ok(all);
        }
    }
}

pub(crate) async fn sessions(app: &ApiState, account: AccountId) -> Result<Vec<SessionJson>, StoreError> {
    let sessions = app.store.sessions().list(account, app.now()).await?;
    let session = |Session { id, created_at, last_used_at, expires_at, .. }| SessionJson {
        session_id: id.0,
        created_at: JsonTime(created_at),
        last_used_at: JsonTime(last_used_at),
        expires_at: JsonTime(expires_at),
    };
    Ok(sessions.into_iter().map(session).collect())
}

fn order_json(ids: &PublicIds, order: OfEvent<OrderRow>) -> OrderJson {
    let OfEvent { event, event_name, currency, row, .. } = order;
    OrderJson {
        order_id: ids.order(event, row.number),
        event_id: ids.event(event),
        event_name,
        reservation_id: ids.reservation(event, row.reservation),
        status: row.status.name(),
        payment_status: row.payment_status.name(),
        payment_method: row.payment_method,
        total_amount: JsonMoney(row.total, currency),
        fees: JsonMoney(row.fees, currency),
        refunded_amount: JsonMoney(row.refunded, currency),
        currency: currency.code().to_owned(),
        created_at: JsonTime(row.created_at),
        confirmed_at: row.confirmed_at.map(JsonTime),
    }
}

fn reservation_json(ids: &PublicIds, reservation: OfEvent<ReservationRow>) -> ReservationJson {
    let OfEvent { event, event_name, currency, row, .. } = reservation;
    ReservationJson {
        reservation_id: ids.reservation(event, row.number),
        event_id: ids.event(event),
        event_name,
        status: row.status.name(),
        seat_ids: row.seats.0.iter().map(|held| ids.seat(event, held.seat)).collect(),
        total_amount: JsonMoney(row.total, currency),
        fees: JsonMoney(row.fees, currency),
        currency: currency.code().to_owned(),
        created_at: JsonTime(row.placed_at),
        expires_at: JsonTime(row.expires_at),
    }
}

fn ticket_json(ids: &PublicIds, ticket: OfEvent<TicketRow>) -> TicketJson {
    let OfEvent { event, event_name, starts_at, currency, row } = ticket;
    TicketJson {
        ticket_id: ids.ticket(event, row.number),
        event_id: ids.event(event),
        event_name,
        event_start: JsonTime(starts_at),
        order_id: ids.order(event, row.order),
        seat_id: ids.seat(event, row.seat),
        price: JsonMoney(row.price, currency),
        currency: currency.code().to_owned(),
        status: row.status.name(),
        issued_at: JsonTime(row.issued_at),
    }
}
