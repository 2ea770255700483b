//! Composes the letter for a queued message. The data is read when the letter is sent, so that it is current.

use crate::access::secret_token::SecretToken;
use crate::account_letters::INVITATION;
use crate::app::App;
use crate::enclosures::NewTimes;
use crate::failure::Failure;
use crate::tickets::{event_time, local_time};
use fairseat_domain::Sale;
use fairseat_domain::fact::Item;
use fairseat_domain::ids::{EventNumber, OrderNumber};
use fairseat_domain::money::Amount;
use fairseat_domain::sale::{Order, OrderState, RefundState, TicketState};
use fairseat_domain::time::Timestamp;
use fairseat_engine::Published;
use fairseat_messages::letters::order::{Confirmed, OrderFacts, RefundNotice};
use fairseat_messages::letters::{EventFacts, account, counter, event, order};
use fairseat_messages::{ComposeError, Composed, Letter, LetterComposer, Recipient};
use fairseat_store::outbox::Message;
use fairseat_store::users::User;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

impl LetterComposer for App {
    fn compose<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Composed, ComposeError>> {
        async move { self.composed(message).await.map_err(|failure| ComposeError(failure.to_string())) }
            .boxed()
    }
}

/// To whom a message goes, and whether they have no account to sign in to.
struct Addressee {
    recipient: Recipient,
    is_guest: bool,
}

/// An order that a message is about.
pub(crate) struct OrderInSale {
    pub(crate) published: Arc<Published>,
    pub(crate) number: OrderNumber,
}

/// Whose words a letter may have. Everybody can make an organization, publish a free event and have a letter sent to any address: with the
/// names of events, places and sections that would be a way to write to strangers. So a letter to an address that nobody has confirmed has an
/// organizer's words only if somebody who manages the organization has a confirmed address, and can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    /// Also the organizer's.
    All,
    /// Ours alone, and no files.
    OursOnly,
}

impl OrderInSale {
    pub(crate) fn sale(&self) -> &Sale {
        &self.published.state
    }

    pub(crate) fn order(&self) -> Option<&Order> {
        self.sale().order(self.number)
    }
}

impl App {
    async fn composed(&self, message: &Message) -> Result<Composed, Failure> {
        if message.kind.starts_with("counter_") {
            return self.counter_letter(message).await;
        }
        if message.kind == INVITATION {
            return self.invitation_letter(message).await;
        }
        let Some(user) = self.store.users().by_id(message.recipient).await? else {
            return Ok(Composed::RecipientGone);
        };
        let mut files = Vec::new();
        // Letters to guests have a limit of their own, when the address is given: they are the only way to the tickets.
        if !user.guest && user.email_verified_at.is_none() && self.has_many_letters(message).await? {
            return Ok(Composed::Withheld);
        }
        let is_confirmed = user.email_verified_at.is_some();
        let Some(to) = self.addressee(message, user).await? else { return Ok(Composed::RecipientGone) };
        let words = self.words_for(message.event, is_confirmed && !to.is_guest).await?;
        let letter = match message.kind.as_str() {
            "verify_email" => self.link_letter(message, "verify-email", account::verify_email),
            "reset_password" => self.link_letter(message, "reset-password", account::reset_password),
            "password_changed" => self.password_letter(message),
            "email_changed" => return Ok(self.address_letter(message)),
            "event_rescheduled" => {
                let orders = (!to.is_guest).then(|| format!("{}/orders", self.base_url));
                if words == Words::All {
                    files = self.moved_entries(message).await?;
                }
                self.rescheduled(message, orders, words).await?
            }
            "order_confirmed" | "order_cancelled" | "refund_completed" => {
                let Some(ordered) = self.ordered(message).await? else { return Ok(Composed::Unknown) };
                files = self.enclosed(&ordered, message, words).await?;
                self.order_letter(message, &ordered, to.is_guest, words).await?
            }
            // The letter consists of the organizer's words.
            "seats_relabelled" if words == Words::OursOnly => return Ok(Composed::Withheld),
            "seats_relabelled" => {
                let Some(ordered) = self.ordered(message).await? else { return Ok(Composed::Unknown) };
                let Some(letter) = self.relabelled_letter(message, &ordered, to.is_guest).await? else {
                    return Ok(Composed::RecipientGone);
                };
                files = self.enclosed(&ordered, message, words).await?;
                Some(letter)
            }
            _ => None,
        };
        Ok(match letter {
            Some(letter) => Composed::Letter { to: to.recipient, letter, files },
            None => Composed::Unknown,
        })
    }

    /// To whom a message goes: to the account's address, or to the one that a guest gave for the order or the event. `None` when there is no
    /// such address any more.
    async fn addressee(&self, message: &Message, user: User) -> Result<Option<Addressee>, Failure> {
        let contacts = self.store.contacts();
        let contact = match (self.ordered(message).await?, message.event) {
            (Some(ordered), _) => match ordered.order() {
                Some(order) => contacts.of(ordered.sale().event(), order.reservation).await?,
                None => None,
            },
            (None, Some(event)) if user.guest => contacts.newest_of(user.id, event).await?,
            (None, _) => None,
        };
        Ok(match contact {
            // The name is left out: nobody has confirmed that it is not an insult to the owner of the address.
            Some(contact) => Some(Addressee {
                recipient: Recipient { name: String::new(), address: contact.email },
                is_guest: user.guest,
            }),
            None if user.guest => None,
            None => {
                // Until somebody has confirmed the address, it may be a stranger's, and the name is what another person typed.
                let name = if user.email_verified_at.is_some() { user.username } else { String::new() };
                Some(Addressee { recipient: Recipient { name, address: user.email }, is_guest: false })
            }
        })
    }

    /// The address of a page about an order. A guest's has the key that opens it without signing in.
    fn page_url(&self, page: &str, order: Uuid, for_guest: bool) -> String {
        if !for_guest {
            return format!("{}{page}", self.base_url);
        }
        let key = SecretToken::of_order(&self.keys.links, order);
        format!("{}{page}?key={}", self.base_url, key.expose())
    }

    fn order_url(&self, ordered: &OrderInSale, for_guest: bool) -> String {
        let id = self.ids.order(ordered.sale().event(), ordered.number);
        self.page_url(&format!("/orders/{id}"), id, for_guest)
    }

    /// Whose words a letter about an event may have.
    async fn words_for(
        &self,
        event: Option<EventNumber>,
        address_is_confirmed: bool,
    ) -> Result<Words, Failure> {
        let Some(event) = event.filter(|_| !address_is_confirmed) else { return Ok(Words::All) };
        let Some(known) = self.event_infos.get(event).await? else { return Ok(Words::OursOnly) };
        let is_known = self.store.organizations().has_confirmed_manager(known.organization).await?;
        Ok(if is_known { Words::All } else { Words::OursOnly })
    }

    /// The event's name, time and place for a letter, and its time zone.
    async fn event_facts(
        &self,
        number: EventNumber,
        starts_at: Timestamp,
        words: Words,
    ) -> Result<(EventFacts, String), Failure> {
        let Some(known) = self.event_infos.get(number).await? else {
            return Ok((EventFacts::new("your event", local_time(starts_at, "UTC"), ""), "UTC".to_owned()));
        };
        let doors = known.doors_at.filter(|_| known.starts_at == starts_at);
        let when = event_time(doors, starts_at, &known.timezone);
        let facts = match words {
            Words::All => EventFacts::new(&known.name, when, &known.place()),
            Words::OursOnly => EventFacts::new("your event", when, ""),
        };
        Ok((facts, known.timezone.clone()))
    }

    async fn rescheduled(
        &self,
        message: &Message,
        orders_url: Option<String>,
        words: Words,
    ) -> Result<Option<Letter>, Failure> {
        let Some((number, times)) = message.event.zip(NewTimes::of(message)) else { return Ok(None) };
        let NewTimes { before, start, end } = times;
        let (facts, timezone) = self.event_facts(number, start, words).await?;
        let local = |time| local_time(time, &timezone);
        let before = before.filter(|before| *before != start);
        let published = self.sale_now(number).await?;
        let closes = published.state.terms().refunds_close_at().filter(|closes| *closes > self.now());
        Ok(Some(event::rescheduled(event::Rescheduled {
            event: facts,
            before: before.map(local),
            until: local(end),
            event_url: format!("{}/events/{}", self.base_url, self.ids.event(number)),
            refundable_until: closes.filter(|_| orders_url.is_some()).map(local),
            orders_url,
        })))
    }

    /// The order that a message is about, in the newest version of its sale; `None` if there is no such order.
    pub(crate) async fn ordered(&self, message: &Message) -> Result<Option<OrderInSale>, Failure> {
        #[derive(Deserialize)]
        struct Data {
            order_id: Uuid,
        }
        let data = serde_json::from_str::<Data>(&message.data).ok();
        let Some((event, number)) = data.and_then(|data| self.ids.open_order(data.order_id)) else {
            return Ok(None);
        };
        let published = self.sale_now(event).await?;
        Ok(published.state.order(number).is_some().then_some(OrderInSale { published, number }))
    }

    async fn order_facts(
        &self,
        ordered: &OrderInSale,
        for_guest: bool,
        words: Words,
    ) -> Result<OrderFacts, Failure> {
        let sale = ordered.sale();
        let (event, _) = self.event_facts(sale.event(), sale.terms().starts_at, words).await?;
        let number = self.ids.order_code(sale.event(), ordered.number);
        Ok(OrderFacts { event, number, url: self.order_url(ordered, for_guest) })
    }

    async fn order_letter(
        &self,
        message: &Message,
        ordered: &OrderInSale,
        for_guest: bool,
        words: Words,
    ) -> Result<Option<Letter>, Failure> {
        let sale = ordered.sale();
        let Some(found) = ordered.order() else { return Ok(None) };
        let facts = self.order_facts(ordered, for_guest, words).await?;
        Ok(match message.kind.as_str() {
            "order_confirmed" => {
                Some(order::confirmed(self.confirmed(ordered, found, facts, (for_guest, words))))
            }
            "order_cancelled" => cancelled(sale, found, &facts),
            _ => Some(refunded(sale, ordered.number, &facts)),
        })
    }

    /// The letter about other labels; `None` if the order has none of these seats any more.
    async fn relabelled_letter(
        &self,
        message: &Message,
        ordered: &OrderInSale,
        for_guest: bool,
    ) -> Result<Option<Letter>, Failure> {
        let sale = ordered.sale();
        let Some(seats) = ordered.order().and_then(|found| relabelled(sale, found, message)) else {
            return Ok(None);
        };
        Ok(Some(order::relabelled(&self.order_facts(ordered, for_guest, Words::All).await?, &seats)))
    }

    fn confirmed(
        &self,
        ordered: &OrderInSale,
        found: &Order,
        order: OrderFacts,
        (for_guest, words): (bool, Words),
    ) -> Confirmed {
        let sale = ordered.sale();
        let id = self.ids.order(sale.event(), ordered.number);
        let ticket = |(place, (number, item)): (usize, (_, &Item))| {
            let label = sale.plan().seat(item.seat).filter(|_| words == Words::All).map(|seat| seat.label());
            let seat = label.unwrap_or_else(|| format!("Ticket {place}"));
            let page = format!("/tickets/{}", self.ids.ticket(sale.event(), number));
            let url = self.page_url(&page, id, for_guest);
            (format!("{seat}, {}", money(sale, item.price)), url)
        };
        Confirmed {
            order,
            total: money(sale, found.total),
            fees: (found.fees > Amount(0)).then(|| money(sale, found.fees)),
            tickets: (1..).zip(found.tickets().zip(found.items.iter())).map(ticket).collect(),
            opens_without_account: for_guest,
        }
    }

    /// A letter to a customer of the box office, if they gave an address and the message still applies.
    async fn counter_letter(&self, message: &Message) -> Result<Composed, Failure> {
        let Some(ordered) = self.ordered(message).await? else { return Ok(Composed::RecipientGone) };
        let sale = ordered.sale();
        let Some(found) = ordered.order() else { return Ok(Composed::RecipientGone) };
        let is_cancelled = matches!(found.state, OrderState::Cancelled { .. });
        if is_cancelled != (message.kind == "counter_cancelled") {
            return Ok(Composed::RecipientGone);
        }
        let customer = self.store.counter_sales().of(sale.event(), ordered.number).await?;
        let Some(customer) = customer.filter(|customer| !customer.email.is_empty()) else {
            return Ok(Composed::RecipientGone);
        };
        // Only confirmed members send tickets from the box office.
        let words = Words::All;
        let (event, _) = self.event_facts(sale.event(), sale.terms().starts_at, words).await?;
        let letter = match message.kind.as_str() {
            "counter_sold" => Some(counter::sold(&event, &seats(sale, found), money(sale, found.total))),
            "counter_cancelled" => counter_cancelled(sale, found, &event),
            "counter_seats_relabelled" => match relabelled(sale, found, message) {
                Some(seats) => Some(counter::relabelled(&event, &seats)),
                None => return Ok(Composed::RecipientGone),
            },
            "counter_rescheduled" => self.rescheduled(message, None, words).await?,
            _ => None,
        };
        let Some(letter) = letter else { return Ok(Composed::Unknown) };
        let files = match message.kind.as_str() {
            "counter_rescheduled" => self.moved_entries(message).await?,
            _ => self.enclosed(&ordered, message, words).await?,
        };
        Ok(Composed::Letter { to: Recipient { name: customer.name, address: customer.email }, letter, files })
    }
}

fn money(sale: &Sale, amount: Amount) -> String {
    sale.terms().currency.text(amount)
}

pub(crate) fn seats(sale: &Sale, order: &Order) -> Vec<String> {
    let label = |item: &Item| sale.plan().seat(item.seat).map(|seat| seat.label()).unwrap_or_default();
    order.items.iter().map(label).collect()
}

/// The labels of an order's seats before the change of the plan that a message is about, and now; `None` if it has no such seat any more.
fn relabelled(sale: &Sale, order: &Order, message: &Message) -> Option<Vec<(String, String)>> {
    #[derive(Deserialize)]
    struct Data {
        changed_at: i64,
    }
    let Data { changed_at } = serde_json::from_str(&message.data).ok()?;
    let at = Timestamp::from_millis(changed_at);
    let seat = |number| {
        let ticket = sale.ticket(number).filter(|ticket| ticket.state != TicketState::Void)?;
        let now = sale.plan().seat(ticket.seat)?.label();
        let former = sale.former_labels(number).iter().find(|former| former.until == at)?;
        (*former.label != *now).then(|| (former.label.to_string(), now))
    };
    let seats: Vec<(String, String)> = order.tickets().filter_map(seat).collect();
    (!seats.is_empty()).then_some(seats)
}

fn cancelled(sale: &Sale, found: &Order, facts: &OrderFacts) -> Option<Letter> {
    let OrderState::Cancelled { reason, refund, .. } = found.state else { return None };
    let refund = refund.and_then(|refund| sale.refund(refund));
    let notice = match refund.map(|refund| (refund.state, refund.amount)) {
        Some((RefundState::Dropped, _)) => RefundNotice::NotCharged,
        Some((_, amount)) => RefundNotice::Amount(money(sale, amount)),
        None if found.total > Amount(0) => RefundNotice::NothingByPolicy,
        None => RefundNotice::WasFree,
    };
    Some(order::cancelled(facts, reason, notice))
}

fn counter_cancelled(sale: &Sale, found: &Order, event: &EventFacts) -> Option<Letter> {
    let OrderState::Cancelled { reason, refund, .. } = found.state else { return None };
    let refund = refund.and_then(|refund| sale.refund(refund));
    Some(counter::cancelled(event, reason, refund.map(|refund| money(sale, refund.amount))))
}

/// The order's newest completed refund.
fn refunded(sale: &Sale, number: OrderNumber, facts: &OrderFacts) -> Letter {
    let of_this = |payment| sale.payment(payment).map(|payment| payment.order) == Some(number);
    let done = sale.refunds().map(|(_, refund)| refund);
    let refund =
        done.filter(|refund| refund.state == RefundState::Completed && of_this(refund.payment)).last();
    let too_late = refund.is_some_and(|refund| refund.late_payment_reason.is_some());
    order::refunded(facts, refund.map(|refund| money(sale, refund.amount)), too_late)
}
