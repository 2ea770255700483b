//! The organizer: opens the sale, changes everything that can be changed, sells at the counter, ends it sometimes.

use crate::client::{CallOutcome, ClientRequest, call};
use crate::cluster::Cluster;
use crate::generate;
use fairseat_domain::Command;
use fairseat_domain::command::{Canceller, RefundChoice};
use fairseat_domain::fact::CounterPayment;
use fairseat_domain::ids::{AccountId, OrderNumber, SeatIndex};
use fairseat_domain::limits::{MAX_AMOUNT_MINOR, MAX_REASON_CHARS};
use fairseat_domain::money::Amount;
use fairseat_domain::sale::Alert;
use fairseat_domain::terms::{HoldLimits, PriceTier, TermsChange};
use std::sync::Arc;

/// The organizer of the one sale.
#[derive(Debug)]
pub(crate) struct Organizer {
    pub(crate) cluster: Arc<Cluster>,
}

impl Organizer {
    /// Opens the sale, however long it takes.
    pub(crate) async fn open(&self) {
        let world = &self.cluster.world;
        let Some(command) = generate::open(world) else { return };
        let wish =
            ClientRequest { key: Some((world.number(), world.number())), ..ClientRequest::new(command) };
        // A refusal would be a bug, which the judge finds.
        while matches!(self.ask(&wish).await, CallOutcome::Nothing) {
            world.pass_time(50, 2_000).await;
        }
    }

    async fn ask(&self, wish: &ClientRequest) -> CallOutcome {
        let world = &self.cluster.world;
        let node = usize::try_from(world.below(world.style.nodes as u64)).unwrap_or(0);
        call(&self.cluster, node, wish).await
    }

    /// Calls the event off.
    pub(crate) async fn end(&self) {
        let _whatever = self.ask(&ClientRequest::new(Command::CancelEvent)).await;
    }

    /// Does something every now and then.
    pub(crate) async fn live(self, actions: u64) {
        let world = &self.cluster.world;
        for _ in 0..actions {
            world.pass_time(2_000, 30_000).await;
            let Some(command) = self.wish() else { continue };
            let key = world.one_in(2).then(|| (world.number(), world.number()));
            let wish = ClientRequest { key, ..ClientRequest::new(command) };
            for _ in 0..3 {
                if !matches!(self.ask(&wish).await, CallOutcome::Nothing) || wish.key.is_none() {
                    break;
                }
            }
        }
    }

    fn wish(&self) -> Option<Command> {
        let world = &self.cluster.world;
        if world.one_in(2)
            && let Some(command) = self.hand_out()
        {
            return Some(command);
        }
        let seat = SeatIndex(world.small(generate::SEATS + 8));
        let kinds = if world.style.small { 10 } else { 31 };
        Some(match world.below(kinds) {
            8..10 if world.style.small => Command::CancelOrder {
                order: OrderNumber(world.small(10)),
                by: Canceller::Organizer(RefundChoice::Everything),
            },
            0..4 => Command::BlockSeats { seats: vec![seat], reason: "sound desk".to_owned() },
            4..8 => Command::UnblockSeats { seats: vec![seat] },
            8..11 => Command::ChangeEvent {
                terms: generate::terms(world).into(),
                tiers: world.one_in(2).then(|| generate::tiers(world)),
            },
            11..14 => {
                Command::ChangeEvent { terms: TermsChange::default(), tiers: Some(generate::tiers(world)) }
            }
            14..16 => {
                let plan = generate::plan(3 + world.small(4), 6 - world.small(2))?;
                let plan = if world.one_in(4) { generate::with_swapped_labels(&plan)? } else { plan };
                Command::ChangePlan { plan, reuse_labels: world.one_in(2) }
            }
            16..19 => Command::CancelOrder {
                order: OrderNumber(world.small(20)),
                by: Canceller::Organizer(RefundChoice::Everything),
            },
            19 => generate::open(world)?,
            20 => Command::DeleteSale,
            21 if world.one_in(3) => Command::CancelEvent,
            21 | 22 => self.mistake(),
            24..29 => self.sell(),
            29 | 30 => {
                let limit = |most: u32| world.one_in(2).then(|| 1 + world.small(most));
                let limits = HoldLimits {
                    seats: limit(6),
                    seats_of_new_accounts: limit(3),
                    tickets_per_instrument: limit(5),
                };
                let refuse_single_seats = world.one_in(3).then(|| world.one_in(3));
                let terms =
                    TermsChange { hold_limits: Some(limits), refuse_single_seats, ..TermsChange::default() };
                Command::ChangeEvent { terms, tiers: None }
            }
            _ if world.one_in(6) => {
                Command::ChangePlan { plan: generate::unfit_plan()?, reuse_labels: false }
            }
            _ => self.mistake(),
        })
    }

    /// Sells at the counter. Now and then the seller's account is also a buyer's.
    fn sell(&self) -> Command {
        let world = &self.cluster.world;
        let seller = AccountId(if world.one_in(4) { 1 } else { 99 });
        let counter_payment =
            world.pick(&[CounterPayment::Cash, CounterPayment::CardTerminal, CounterPayment::Complimentary]);
        let counter_payment = counter_payment.unwrap_or(CounterPayment::Cash);
        Command::SellAtCounter { seller, selection: generate::selection(world), counter_payment }
    }

    /// Hands out a refund at the counter that is owed since the event was cancelled.
    fn hand_out(&self) -> Option<Command> {
        let (_, known) = self.cluster.any_node()?.engine.handles().pop()?;
        let sale = &known.published().state;
        let refund = sale.alerts().find_map(|alert| match alert {
            Alert::RefundAtCounter(refund) => sale.refund(refund),
            Alert::CaptureFailed(_) | Alert::RefundFailed(_) => None,
        })?;
        let order = sale.payment(refund.payment)?.order;
        self.cluster.world.count("counter", "money is handed out later");
        Some(Command::HandOutRefund { order })
    }

    fn mistake(&self) -> Command {
        let world = &self.cluster.world;
        let terms = generate::terms(world);
        match world.below(5) {
            0 => Command::ChangeEvent {
                terms: TermsChange { on_sale_at: Some(terms.sales_end_at), ..terms.into() },
                tiers: Some(generate::tiers(world)),
            },
            1 => Command::ChangeEvent {
                terms: terms.into(),
                tiers: Some(vec![PriceTier {
                    name: "Floor".to_owned(),
                    price: Amount(MAX_AMOUNT_MINOR + 1),
                }]),
            },
            2 => Command::BlockSeats { seats: vec![SeatIndex(0)], reason: "x".repeat(MAX_REASON_CHARS + 1) },
            3 => Command::HandOutRefund { order: OrderNumber(world.small(20)) },
            _ => Command::ChangeEvent {
                terms: TermsChange { max_tickets_per_buyer: Some(0), ..terms.into() },
                tiers: None,
            },
        }
    }
}
