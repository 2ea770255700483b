//! The counter: tickets for somebody who stands there, for cash, a card at a terminal, or as a present.
//!
//! What must always hold: the sale knows seats, money and who sold; whatever the customer says of themselves stays in the store.

use crate::Routes;
use crate::caller::SignedIn;
use crate::commands::{answer, repeatable_sender, submit};
use crate::error::ApiError;
use crate::events::event_for;
use crate::idempotency::{IdempotencyHeader, Repeatable};
use crate::order_people::CustomerView;
use crate::order_view::View;
use crate::seat_choice::{BestAvailable, Choice, Places, chosen};
use crate::state::ApiState;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use fairseat_app::access::{Permission, email};
use fairseat_app::commands::Accepted;
use fairseat_app::consumers::messages::order_message;
use fairseat_domain::Command;
use fairseat_domain::fact::CounterPayment;
use fairseat_domain::ids::OrderNumber;
use fairseat_domain::sale::Subject;
use fairseat_edge::check::Check;
use fairseat_edge::context::RequestContext;
use fairseat_edge::json::Json;
use fairseat_edge::problem::Problem;
use fairseat_edge::query::Path;
use fairseat_store::counter_sales::Customer;
use fairseat_store::limits::{MAX_EMAIL_CHARS, MAX_USERNAME_CHARS};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

/// Characters of a seller's note.
const MAX_NOTE_CHARS: usize = 500;

/// The routes of this file.
pub(super) fn routes() -> Routes {
    Routes::new().with(routes!(sell))
}

/// What was taken.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CounterPayment)]
enum Payment {
    Cash,
    /// At a terminal of the organizer's own
    CardTerminal,
    /// Nothing: the tickets are a present
    Complimentary,
}

impl From<Payment> for CounterPayment {
    fn from(payment: Payment) -> Self {
        match payment {
            Payment::Cash => Self::Cash,
            Payment::CardTerminal => Self::CardTerminal,
            Payment::Complimentary => Self::Complimentary,
        }
    }
}

/// What is sold to whom: exactly one of `seat_ids`, `seat_indexes`, `best_available` and `general_admission`.
#[derive(Debug, Deserialize, ToSchema)]
struct CounterSale {
    /// These seats
    seat_ids: Option<Vec<Uuid>>,
    /// These seats, by their indexes in the map
    seat_indexes: Option<Vec<u32>>,
    /// The best seats that are free, together
    best_available: Option<BestAvailable>,
    /// So many places in sections without numbered seats
    general_admission: Option<Vec<Places>>,
    payment: Payment,
    /// The customer's
    #[schema(max_length = 200)]
    name: Option<String>,
    /// The customer's: their tickets are sent there
    #[schema(max_length = 254, format = Email)]
    email: Option<String>,
    /// For the organization's own use
    #[schema(max_length = 500)]
    note: Option<String>,
}

impl CounterSale {
    fn parts(self) -> Result<(Choice, CounterPayment, Customer), ApiError> {
        let Self { seat_ids, seat_indexes, best_available, general_admission, payment, name, email, note } =
            self;
        let mut check = Check::new();
        let name = check.text("name", name.as_deref().unwrap_or_default(), 0..=MAX_USERNAME_CHARS);
        let note = check.text("note", note.as_deref().unwrap_or_default(), 0..=MAX_NOTE_CHARS);
        let given = check.text("email", email.as_deref().unwrap_or_default(), 0..=MAX_EMAIL_CHARS);
        let good = given.is_empty() || email::address(&given).is_some();
        check.that(good, "email", "must be an e-mail address");
        check.finish()?;
        let choice = Choice { seat_ids, seat_indexes, best_available, general_admission };
        Ok((choice, payment.into(), Customer { name, email: given, note }))
    }
}

/// Sell tickets at the counter
///
/// Seats that are free, now, whether or not sales have begun or are over; nobody's limit counts. Giving tickets away takes a
/// manager. The order is in the seller's name; what the customer says is kept beside it. Refunds are handed out at the counter.
#[utoipa::path(post, path = "/events/{event_id}/box-office", tag = "Console", request_body = CounterSale,
    params(("event_id" = Uuid, Path), IdempotencyHeader), responses((status = 201, body = View),
        (status = 404, description = "No such event of the caller's"),
        (status = 409, description = "Somebody has one of the seats, or the event is a draft or cancelled")))]
async fn sell(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    seller: SignedIn,
    Path(event_id): Path<Uuid>,
    Repeatable { body, repeat }: Repeatable<CounterSale>,
) -> Result<Response, ApiError> {
    let (event, _) = event_for(&app, &seller, event_id, Permission::SellAtCounter).await?;
    let (choice, counter_payment, customer) = body.parts()?;
    if counter_payment == CounterPayment::Complimentary {
        seller.require(event.organization, Permission::GiveAway)?;
    }
    let published = app.sale_now(event.number).await?;
    let (selection, fields) = chosen(choice, &app.ids, &published.state)?;
    let caller = repeatable_sender(&app, seller.account, &context, &repeat, event.number);
    let command = Command::SellAtCounter { seller: seller.account, selection, counter_payment };
    // Whoever sold must find who bought, whether or not the seller waits for the answer.
    let selling = tokio::spawn(async move {
        let accepted = submit(&app, caller, event.number, command, &fields).await?;
        sold(&app, accepted, seller, customer).await
    });
    selling.await.map_err(Problem::internal)?
}

/// Queues the letter with the tickets. They are sold whether or not it can be: the counter can print them.
async fn send_tickets(app: &ApiState, accepted: &Accepted, order: OrderNumber) {
    let now = app.now();
    let message = order_message(&app.ids, &accepted.published, order, "counter_sold", now);
    let Some(message) = message else { return };
    if let Err(error) = app.store.outbox().queue(message, now).await {
        tracing::warn!(%error, "tickets of the counter are not sent");
    }
}

async fn sold(
    app: &ApiState,
    accepted: Accepted,
    seller: SignedIn,
    customer: Customer,
) -> Result<Response, ApiError> {
    let Subject::Payment(order, _) = accepted.decision.subject else {
        return Err(Problem::internal("a sale at the counter was about something else").into());
    };
    let sale = &accepted.published.state;
    let known = app.store.counter_sales();
    let has_address = !customer.email.is_empty();
    known.note((sale.event(), order), seller.account, customer, app.now()).await?;
    if has_address {
        send_tickets(app, &accepted, order).await;
    }
    let mut view = View::of(app, sale, order).await?;
    view.customer = CustomerView::of(app, sale.event(), order).await?;
    Ok(answer(accepted.decision.replayed, (StatusCode::CREATED, Json(view))))
}
