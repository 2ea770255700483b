//! Letters about orders: confirmed, cancelled, refunded, seats with other labels.

use super::{EventFacts, MAX_TICKETS, relabelled_lines, tickets_are};
use crate::letter::{Block, Letter};
use fairseat_domain::fact::CancelReason;

/// An order, and the event it is for.
#[derive(Clone, Debug)]
pub struct OrderFacts {
    /// The event.
    pub event: EventFacts,
    /// The order's number for people, such as `K7MPQ2XR`.
    pub number: String,
    /// The order's page.
    pub url: String,
}

impl OrderFacts {
    /// The rows of the event, and the order's number.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = self.event.facts();
        facts.push(("Order", self.number.clone()));
        facts
    }

    fn link(&self) -> Block {
        Block::Links(vec![("Your order".to_owned(), self.url.clone())])
    }
}

/// The data of a confirmation.
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// The order.
    pub order: OrderFacts,
    /// `£84.00`, fees included.
    pub total: String,
    /// The fees included in the total, if there are any.
    pub fees: Option<String>,
    /// The label and the page of each ticket; the letter lists at most [`MAX_TICKETS`].
    pub tickets: Vec<(String, String)>,
    /// Whether the links open the tickets without signing in.
    pub opens_without_account: bool,
}

/// The order is confirmed.
#[must_use]
pub fn confirmed(confirmed: Confirmed) -> Letter {
    let Confirmed { order, total, fees, mut tickets, opens_without_account } = confirmed;
    let count = tickets.len();
    tickets.truncate(MAX_TICKETS);
    let mut facts = order.facts();
    facts.push(("Total", total));
    facts.extend(fees.map(|fees| ("Including fees", fees)));
    let mut blocks = vec![
        Block::Text(format!(
            "Thank you for your order. Your {} attached, and on your order's page. Show each ticket's code at the door, on your phone or on paper.",
            tickets_are(count)
        )),
        Block::Facts(facts),
        Block::Button("Your order", order.url),
        Block::Links(tickets),
    ];
    if count > MAX_TICKETS {
        blocks.push(Block::Small(format!(
            "and {} more on your order's page, where one PDF has all of them",
            count - MAX_TICKETS
        )));
    }
    if opens_without_account {
        let warning = "These links open your tickets without a password, so please don’t forward this e-mail. \
                       You can create an account on your order’s page.";
        blocks.push(Block::Small(warning.to_owned()));
    }
    Letter { subject: format!("Your tickets for {}", order.event.name), blocks }
}

/// The sentence about the refund in the letter about a cancelled order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundNotice {
    /// This amount is paid back by the order's payment method.
    Amount(String),
    /// Nothing was charged.
    NotCharged,
    /// Nothing is paid back, because of the refund policy.
    NothingByPolicy,
    /// Nothing is paid back, because the order was free.
    WasFree,
}

/// The order is cancelled.
#[must_use]
pub fn cancelled(order: &OrderFacts, reason: CancelReason, notice: RefundNotice) -> Letter {
    let name = &order.event.name;
    let (subject, why) = match reason {
        CancelReason::Event => {
            (format!("{name} is cancelled"), format!("{name} has been cancelled, and so has your order."))
        }
        CancelReason::Organizer => (
            format!("Your order for {name} is cancelled"),
            "The organizer has cancelled your order.".to_owned(),
        ),
        CancelReason::Buyer => (
            format!("Your order for {name} is cancelled"),
            "Your order is cancelled, as you requested.".to_owned(),
        ),
    };
    let mut blocks =
        vec![Block::Text(format!("{why} Your tickets are no longer valid.")), Block::Facts(order.facts())];
    let money = match notice {
        RefundNotice::Amount(amount) => {
            Some(format!("We are refunding {amount} to your original payment method."))
        }
        RefundNotice::NotCharged => Some("You have not been charged.".to_owned()),
        RefundNotice::NothingByPolicy => {
            Some("Under the event's refund policy, this order is not refundable.".to_owned())
        }
        RefundNotice::WasFree => None,
    };
    blocks.extend(money.map(Block::Text));
    blocks.push(order.link());
    Letter { subject, blocks }
}

/// A refund is completed. `amount` is `None` when it is no longer known; `too_late` means that the payment arrived after the seats were
/// released.
#[must_use]
pub fn refunded(order: &OrderFacts, amount: Option<String>, too_late: bool) -> Letter {
    let amount = amount.unwrap_or_else(|| "your payment".to_owned());
    let mut blocks = Vec::new();
    if too_late {
        blocks.push(Block::Text("Your payment arrived too late to buy the seats.".to_owned()));
    }
    blocks.push(Block::Text(format!(
        "We have refunded {amount} to your original payment method. Your bank may take a few days to show it."
    )));
    blocks.extend([Block::Facts(order.facts()), order.link()]);
    Letter { subject: format!("Your refund for {}", order.event.name), blocks }
}

/// The organizer changed the seating plan, and seats have other labels: each from and to.
#[must_use]
pub fn relabelled(order: &OrderFacts, seats: &[(String, String)]) -> Letter {
    let name = &order.event.name;
    let mut blocks = vec![Block::Text(format!(
        "The seating plan for {name} has changed. Your seats now have other numbers:"
    ))];
    blocks.extend(relabelled_lines(seats));
    blocks.push(Block::Text(
        "Your tickets stay valid. If you have printed them, please print them again from your order's page."
            .to_owned(),
    ));
    blocks.extend([Block::Facts(order.facts()), order.link()]);
    Letter { subject: format!("Your seat numbers for {name} have changed"), blocks }
}
