//! Letters about orders: confirmed, cancelled, paid back.

use super::letter::{Block, Letter};
use super::writing::{About, ordered};
use crate::app::App;
use crate::http::event_brief;
use crate::http::problem::Problem;
use fairseat_domain::Sale;
use fairseat_domain::fact::CancelReason;
use fairseat_domain::ids::{OrderNumber, RefundNumber};
use fairseat_domain::money::Amount;
use fairseat_domain::sale::{Order, OrderState, RefundState};
use fairseat_store::outbox::Message;

/// Tickets named in a letter; the order's page has all.
const MAX_TICKETS: usize = 50;

/// An order, and what it is of.
struct Ordered<'s> {
    app: &'s App,
    sale: &'s Sale,
    number: OrderNumber,
    order: &'s Order,
    about: About,
}

/// The letter for a message about an order; `None` when there is no such order.
///
/// # Errors
/// When store or sale cannot be asked now.
pub(super) async fn write(app: &App, message: &Message) -> Result<Option<Letter>, Problem> {
    let Some((published, number)) = ordered(app, message).await? else { return Ok(None) };
    let sale = &published.state;
    let Some(order) = sale.order(number) else { return Ok(None) };
    let known = event_brief::known(app, sale.event()).await?;
    let about = About::of(known.as_deref(), sale.terms().starts_at);
    let ordered = Ordered { app, sale, number, order, about };
    Ok(match message.kind.as_str() {
        "order_confirmed" => Some(ordered.confirmed()),
        "order_cancelled" => ordered.cancelled(),
        _ => Some(ordered.paid_back()),
    })
}

impl Ordered<'_> {
    fn money(&self, amount: Amount) -> String {
        let currency = self.sale.terms().currency;
        format!("{} {}", currency.format(amount), currency.code())
    }

    fn url(&self) -> String {
        let id = self.app.platform.ids.order(self.sale.event(), self.number);
        format!("{}/orders/{id}", self.app.base_url)
    }

    fn order_link(&self) -> Block {
        Block::Links(vec![("Your order".to_owned(), self.url())])
    }

    /// The tickets by seat, with their addresses.
    fn tickets(&self) -> Vec<(String, String)> {
        let ids = &self.app.platform.ids;
        let ticket = |(number, item): (_, &fairseat_domain::fact::Item)| {
            let seat = self.sale.plan().seat(item.seat).map(|seat| seat.label()).unwrap_or_default();
            let url = format!("{}/tickets/{}", self.app.base_url, ids.ticket(self.sale.event(), number));
            (format!("{seat}, {}", self.money(item.price)), url)
        };
        self.order.tickets().zip(self.order.items.iter()).map(ticket).take(MAX_TICKETS).collect()
    }

    fn confirmed(&self) -> Letter {
        let count = self.order.items.len();
        let tickets = if count == 1 { "ticket is".to_owned() } else { format!("{count} tickets are") };
        let mut facts = self.about.facts();
        facts.push(("Total", self.money(self.order.total)));
        if self.order.fees > Amount(0) {
            facts.push(("Fees in it", self.money(self.order.fees)));
        }
        let mut blocks = vec![
            Block::Text(format!("Your {tickets} ready. Show the code of each ticket at the door.")),
            Block::Facts(facts),
            Block::Button("Your order", self.url()),
            Block::Links(self.tickets()),
        ];
        if let Some(more) = count.checked_sub(MAX_TICKETS).filter(|more| *more > 0) {
            blocks.push(Block::Small(format!("and {more} more, on the order's page")));
        }
        Letter { subject: format!("Your tickets for {}", self.about.name), blocks }
    }

    fn cancelled(&self) -> Option<Letter> {
        let OrderState::Cancelled { reason, refund, .. } = self.order.state else { return None };
        let name = &self.about.name;
        let (subject, why) = match reason {
            CancelReason::Event => (
                format!("{name} is cancelled"),
                format!("{name} has been cancelled, and your order with it."),
            ),
            CancelReason::Organizer => (
                format!("Your order for {name} is cancelled"),
                "The organizer has cancelled your order.".to_owned(),
            ),
            CancelReason::Buyer => (
                format!("Your order for {name} is cancelled"),
                "Your order is cancelled, as you asked.".to_owned(),
            ),
        };
        let mut blocks = vec![
            Block::Text(format!("{why} Its tickets are no longer valid.")),
            Block::Facts(self.about.facts()),
        ];
        blocks.extend(self.what_goes_back(refund).map(Block::Text));
        blocks.push(self.order_link());
        Some(Letter { subject, blocks })
    }

    fn what_goes_back(&self, refund: Option<RefundNumber>) -> Option<String> {
        let refund = refund.and_then(|refund| self.sale.refund(refund));
        match refund.map(|refund| (refund.state, refund.amount)) {
            Some((RefundState::Dropped, _)) => Some("You have not been charged.".to_owned()),
            Some((_, amount)) => Some(format!("{} goes back the way you paid.", self.money(amount))),
            None if self.order.total > Amount(0) => {
                Some("By the event's refund policy, nothing is paid back.".to_owned())
            }
            None => None,
        }
    }

    /// The newest refund of the order that is done.
    fn paid_back(&self) -> Letter {
        let of_this = |payment| self.sale.payment(payment).map(|payment| payment.order) == Some(self.number);
        let done = self.sale.refunds().map(|(_, refund)| refund);
        let refund =
            done.filter(|refund| refund.state == RefundState::Completed && of_this(refund.payment)).last();
        let amount = refund.map_or_else(|| "Your money".to_owned(), |refund| self.money(refund.amount));
        let mut blocks = Vec::new();
        if refund.is_some_and(|refund| refund.late.is_some()) {
            blocks.push(Block::Text("A payment of yours came too late to buy the seats.".to_owned()));
        }
        blocks.push(Block::Text(format!(
            "{amount} has been sent back the way you paid. Banks may take some days to show it."
        )));
        blocks.extend([Block::Facts(self.about.facts()), self.order_link()]);
        Letter { subject: format!("Your refund for {}", self.about.name), blocks }
    }
}
