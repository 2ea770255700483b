//! Sales at the box office: paid in cash or at a card terminal, or given away.
//!
//! What must always hold: the sale stores seats, money and the seller; personal details of the customer are only in the store.

use crate::accounts::fields::check_email;
use crate::accounts::letters::{permit_counter_letter, require_verified};
use crate::commands::{answer, repeatable_sender, submit};
use crate::events::access::event_for;
use crate::handler::*;
use crate::idempotency::{IdempotencyHeader, IdempotentBody};
use crate::orders::people::customer_of;
use crate::orders::view::order_view;
use crate::prefer::{PreferHeader, QrCodes};
use crate::seat_choice::{Choice, chosen};
use fairseat_app::accounts::LetterPermit;
use fairseat_app::commands::Accepted;
use fairseat_app::consumers::messages::order_message;
use fairseat_contract::box_office::{CounterSale, Payment};
use fairseat_contract::orders::Order;
use fairseat_domain::Command;
use fairseat_domain::fact::CounterPayment;
use fairseat_domain::ids::OrderNumber;
use fairseat_domain::sale::Subject;
use fairseat_store::counter_sales::Customer;
use fairseat_store::limits::MAX_USERNAME_CHARS;
use std::net::IpAddr;

/// Characters of a seller's note.
const MAX_NOTE_CHARS: usize = 500;

const fn counter_payment(payment: Payment) -> CounterPayment {
    match payment {
        Payment::Cash => CounterPayment::Cash,
        Payment::CardTerminal => CounterPayment::CardTerminal,
        Payment::Complimentary => CounterPayment::Complimentary,
    }
}

fn parts(sale: CounterSale) -> Result<(Choice, CounterPayment, Customer), ApiError> {
    let CounterSale { seat_ids, seat_indexes, best_available, general_admission, payment, name, email, note } =
        sale;
    let mut check = Check::new();
    let name = check.text("name", name.as_deref().unwrap_or_default(), 0..=MAX_USERNAME_CHARS);
    let note = check.text("note", note.as_deref().unwrap_or_default(), 0..=MAX_NOTE_CHARS);
    let email = email.filter(|given| !given.trim().is_empty());
    let email = email.map(|given| check_email(&mut check, "email", &given)).unwrap_or_default();
    check.finish()?;
    let choice = Choice { seat_ids, seat_indexes, best_available, general_admission };
    Ok((choice, counter_payment(payment), Customer { name, email, note }))
}

/// Sell tickets at the counter
///
/// Any available seats, also before sales begin and after they end, without the limit per buyer. Only managers may give tickets away. The
/// order belongs to the seller's account; the customer's details are stored beside it. Refunds are paid out at the counter. Tickets are sent
/// to `email` if the seller's own address is confirmed; `confirmation_email_sent` is false when too many letters were sent.
#[utoipa::path(post, path = "/events/{event_id}/box-office", tag = "Console", request_body = CounterSale,
    params(("event_id" = Uuid, Path), IdempotencyHeader, PreferHeader), responses((status = 201, body = Order),
        (status = 404, description = "No such event of the caller's"),
        (status = 409, description = "Somebody has one of the seats, or the event is a draft or cancelled")))]
pub(crate) async fn sell(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    seller: SignedIn,
    Path(event_id): Path<Uuid>,
    qr_codes: QrCodes,
    IdempotentBody { body, key }: IdempotentBody<CounterSale>,
) -> Result<Response, ApiError> {
    let (event, _) = event_for(&app, &seller, event_id, Permission::SellAtCounter).await?;
    let (choice, counter_payment, customer) = parts(body)?;
    if counter_payment == CounterPayment::Complimentary {
        seller.require(event.organization, Permission::GiveAway)?;
    }
    if !customer.email.is_empty() {
        require_verified(
            &seller,
            "Confirm your own e-mail address before tickets are sent by e-mail, or print them.",
        )?;
    }
    let published = app.sale_now(event.number).await?;
    let (selection, fields) = chosen(choice, &app.ids, &published.state)?;
    let caller = repeatable_sender(&app, seller.account, &context, &key, event.number);
    let command = Command::SellAtCounter { seller: seller.account, selection, counter_payment };
    // Runs in a task of its own, so that the customer's details are stored even if the seller disconnects.
    let selling = tokio::spawn(async move {
        let accepted = submit(&app, caller, event.number, command, &fields).await?;
        sold(&app, accepted, (seller, context.client), customer, qr_codes).await
    });
    selling.await.map_err(Problem::internal)?
}

/// Queues the letter with the tickets. Returns whether it is queued. A failure does not undo the sale: the counter can print them.
async fn send_tickets(
    app: &ApiState,
    accepted: &Accepted,
    order: OrderNumber,
    _permit: LetterPermit,
) -> bool {
    let now = app.now();
    let message = order_message(&app.ids, &accepted.published, order, "counter_sold", now);
    let Some(message) = message else { return false };
    let queued = app.store.outbox().queue(message, now).await;
    if let Err(error) = &queued {
        tracing::warn!(%error, "the letter with box-office tickets could not be queued");
    }
    queued.is_ok()
}

pub(crate) async fn sold(
    app: &ApiState,
    accepted: Accepted,
    (seller, client): (SignedIn, IpAddr),
    customer: Customer,
    qr_codes: QrCodes,
) -> Result<Response, ApiError> {
    let Subject::Payment(order, _) = accepted.decision.subject else {
        return Err(Problem::internal("unexpected subject in the decision on SellAtCounter").into());
    };
    let sale = &accepted.published.state;
    let known = app.store.counter_sales();
    let address = Some(customer.email.clone()).filter(|address| !address.is_empty());
    known.note((sale.event(), order), seller.account, customer, app.now()).await?;
    let mut view = order_view(app, sale, order, qr_codes).await?;
    if let Some(address) = address {
        let permit = permit_counter_letter(app, seller.account, client, &address).await;
        view.confirmation_email_sent = Some(match permit {
            Ok(permit) => send_tickets(app, &accepted, order, permit).await,
            Err(_too_many) => false,
        });
    }
    view.customer = customer_of(app, sale.event(), order).await?;
    Ok(answer(accepted.decision.replayed, (StatusCode::CREATED, Json(view))))
}
