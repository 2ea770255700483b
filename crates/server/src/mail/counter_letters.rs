//! Letters to whoever bought at the counter: they have an address and no account, so their tickets are enclosed.

use super::letter::{Block, Letter};
use super::writing::{About, ordered};
use crate::app::App;
use crate::http::event_brief;
use crate::http::problem::Problem;
use crate::http::tickets::page_for_letter;
use fairseat_domain::Sale;
use fairseat_domain::fact::CancelReason;
use fairseat_domain::sale::{Order, OrderState};
use fairseat_store::counter_sales::Customer;
use fairseat_store::mailbox::File;
use fairseat_store::outbox::Message;

/// Tickets enclosed in one letter, of some 30 kB each; the counter prints the others.
const MOST_TICKETS: usize = 50;

/// Who stood at the counter, if they left an address and what there was to say is still true.
///
/// # Errors
/// When store or sale cannot be asked now.
pub(super) async fn customer(app: &App, message: &Message) -> Result<Option<Customer>, Problem> {
    let Some((published, order)) = ordered(app, message).await? else { return Ok(None) };
    let state = published.state.order(order).map(|order| order.state);
    let is_cancelled = matches!(state, Some(OrderState::Cancelled { .. }));
    if is_cancelled != (message.kind == "counter_cancelled") {
        return Ok(None);
    }
    let customer = app.platform.store.counter_sales().of(published.state.event(), order).await?;
    Ok(customer.filter(|customer| !customer.email.is_empty()))
}

/// The letter for a message about a sale at the counter; `None` when there is no such order.
///
/// # Errors
/// When store or sale cannot be asked now.
pub(super) async fn write(app: &App, message: &Message) -> Result<Option<Letter>, Problem> {
    let Some((published, number)) = ordered(app, message).await? else { return Ok(None) };
    let sale = &published.state;
    let Some(order) = sale.order(number) else { return Ok(None) };
    let known = event_brief::known(app, sale.event()).await?;
    let about = About::of(known.as_deref(), sale.terms().starts_at);
    Ok(if message.kind == "counter_sold" {
        Some(sold(sale, order, &about))
    } else {
        cancelled(sale, order, &about)
    })
}

fn sold(sale: &Sale, order: &Order, about: &About) -> Letter {
    let currency = sale.terms().currency;
    let seat = |item: &fairseat_domain::fact::Item| sale.plan().seat(item.seat).map(|seat| seat.label());
    let seats: Vec<String> = order.items.iter().filter_map(seat).take(MOST_TICKETS).collect();
    let count = order.items.len();
    let tickets = if count == 1 { "ticket is".to_owned() } else { format!("{count} tickets are") };
    let mut facts = about.facts();
    facts.push((if count == 1 { "Seat" } else { "Seats" }, seats.join(", ")));
    facts.push(("Total", format!("{} {}", currency.format(order.total), currency.code())));
    let mut blocks = vec![
        Block::Text(format!(
            "Your {tickets} enclosed. Show the code of each ticket at the door, on a screen or on paper."
        )),
        Block::Facts(facts),
    ];
    if let Some(more) = count.checked_sub(MOST_TICKETS).filter(|more| *more > 0) {
        blocks.push(Block::Text(format!("The box office prints the other {more}.")));
    }
    blocks.push(Block::Small("Bought at the box office, which also takes tickets back.".to_owned()));
    Letter { subject: format!("Your tickets for {}", about.name), blocks }
}

fn cancelled(sale: &Sale, order: &Order, about: &About) -> Option<Letter> {
    let OrderState::Cancelled { reason, refund, .. } = order.state else { return None };
    let name = &about.name;
    let (subject, why) = match reason {
        CancelReason::Event => {
            (format!("{name} is cancelled"), format!("{name} has been cancelled, and your tickets with it."))
        }
        CancelReason::Organizer | CancelReason::Buyer => {
            (format!("Your tickets for {name} are cancelled"), "Your tickets have been cancelled.".to_owned())
        }
    };
    let mut blocks =
        vec![Block::Text(format!("{why} They are no longer valid.")), Block::Facts(about.facts())];
    if let Some(refund) = refund.and_then(|refund| sale.refund(refund)) {
        let currency = sale.terms().currency;
        let amount = format!("{} {}", currency.format(refund.amount), currency.code());
        blocks.push(Block::Text(format!("{amount} is handed out where you bought them.")));
    }
    Some(Letter { subject, blocks })
}

/// The tickets that go with a letter, as pages to print.
///
/// # Errors
/// When store or sale cannot be asked now, or a ticket cannot be drawn.
pub(super) async fn enclosed(app: &App, message: &Message) -> Result<Vec<File>, Problem> {
    if message.kind != "counter_sold" {
        return Ok(Vec::new());
    }
    let Some((published, number)) = ordered(app, message).await? else { return Ok(Vec::new()) };
    let tickets = published.state.order(number).map(|order| order.tickets().take(MOST_TICKETS));
    let mut files = Vec::new();
    for (place, ticket) in (1..).zip(tickets.into_iter().flatten()) {
        let content = page_for_letter(app, published.clone(), ticket).await?;
        files.push(File { name: format!("ticket-{place:02}.pdf"), content });
    }
    Ok(files)
}
