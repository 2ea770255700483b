//! Letters to customers of the box office. They have no account, so their tickets are attached.

use super::{EventFacts, MAX_TICKETS, relabelled_lines, tickets_are};
use crate::letter::{Block, Letter};
use fairseat_domain::fact::CancelReason;

/// Tickets sold at the box office: the labels of their seats, and the total such as `£84.00`.
#[must_use]
pub fn sold(event: &EventFacts, seats: &[String], total: String) -> Letter {
    let count = seats.len();
    let named: Vec<&str> = seats.iter().take(MAX_TICKETS).map(String::as_str).collect();
    let mut facts = event.facts();
    facts.push((if count == 1 { "Seat" } else { "Seats" }, named.join(", ")));
    facts.push(("Total", total));
    let mut blocks = vec![
        Block::Text(format!(
            "Your {} attached. Show each ticket's code at the door, on your phone or on paper.",
            tickets_are(count)
        )),
        Block::Facts(facts),
    ];
    if count > MAX_TICKETS {
        blocks.push(Block::Text(format!(
            "Please ask the box office to print the other {}.",
            count - MAX_TICKETS
        )));
    }
    blocks.push(Block::Small(
        "You bought these at the box office. For changes and refunds, please ask there.".to_owned(),
    ));
    Letter { subject: format!("Your tickets for {}", event.name), blocks }
}

/// Tickets sold at the box office are cancelled; `refund` is the amount to be paid out there, if any.
#[must_use]
pub fn cancelled(event: &EventFacts, reason: CancelReason, refund: Option<String>) -> Letter {
    let name = &event.name;
    let (subject, why) = match reason {
        CancelReason::Event => {
            (format!("{name} is cancelled"), format!("{name} has been cancelled, and so have your tickets."))
        }
        CancelReason::Organizer | CancelReason::Buyer => {
            (format!("Your tickets for {name} are cancelled"), "Your tickets have been cancelled.".to_owned())
        }
    };
    let mut blocks =
        vec![Block::Text(format!("{why} They are no longer valid.")), Block::Facts(event.facts())];
    blocks.extend(
        refund.map(|amount| {
            Block::Text(format!("Please collect your refund of {amount} where you bought them."))
        }),
    );
    Letter { subject, blocks }
}

/// The organizer changed the seating plan, and seats have other labels: each from and to. The tickets with the new labels are enclosed.
#[must_use]
pub fn relabelled(event: &EventFacts, seats: &[(String, String)]) -> Letter {
    let name = &event.name;
    let mut blocks = vec![Block::Text(format!(
        "The seating plan for {name} has changed. Your seats now have other numbers:"
    ))];
    blocks.extend(relabelled_lines(seats));
    blocks.push(Block::Text("Please use the attached tickets instead of the earlier ones.".to_owned()));
    blocks.push(Block::Facts(event.facts()));
    Letter { subject: format!("Your seat numbers for {name} have changed"), blocks }
}
