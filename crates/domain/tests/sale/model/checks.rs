//! Compares a sale's state with the model.

use super::{Model, Owner, PaymentStatus, RefundStatus};
use fairseat_domain::effect::Effect;
use fairseat_domain::ids::{OrderNumber, SeatIndex};
use fairseat_domain::money::Amount;
use fairseat_domain::sale::{LedgerAccount, Sale, SeatState};
use fairseat_domain::time::Timestamp;
use std::collections::BTreeSet;

impl Model {
    /// Compares the sale's state at `now` with the model.
    pub(crate) fn check(&self, sale: &Sale, now: Timestamp) {
        self.check_seats(sale, now);
        self.check_money(sale);
        self.check_effects(sale);
    }

    fn check_seats(&self, sale: &Sale, now: Timestamp) {
        for (seat, state) in (0..).map(SeatIndex).zip(sale.seat_states()) {
            let holder = match state {
                SeatState::Reserved(cart) => Some(Owner::Cart(cart)),
                SeatState::Sold(ticket) => sale.ticket(ticket).map(|ticket| Owner::Order(ticket.order)),
                SeatState::Available | SeatState::Blocked(_) => None,
            };
            assert_eq!(holder, self.owners.get(&seat).copied(), "seat {seat}");
        }
        // Facts that the last command itself made due are applied only before the next command.
        if sale.next_due().is_some_and(|due| due <= now) {
            return;
        }
        for (number, cart) in
            self.carts.iter().filter(|(number, cart)| cart.live && !self.is_paying(**number))
        {
            assert!(!self.over, "cart {number} outlived the event");
            assert!(cart.expires_at > now, "cart {number} outlived its time");
        }
    }

    fn check_money(&self, sale: &Sale) {
        let taken = |status, counter| -> i64 {
            let chosen =
                self.charges.values().filter(|charge| (charge.status, charge.counter) == (status, counter));
            chosen.map(|charge| charge.cents).sum()
        };
        let cards = |status| taken(status, false);
        let backs = |wanted: &dyn Fn(&RefundStatus) -> bool| -> i64 {
            self.refunds.values().filter(|back| wanted(back)).map(|back| back.cents).sum()
        };
        let balance = |account| sale.ledger().balance(account).0;
        let promised = cards(PaymentStatus::Promised) + cards(PaymentStatus::Returned)
            - backs(&|back| back.late && back.done);
        assert_eq!(balance(LedgerAccount::Authorized), promised, "authorized");
        for (account, counter) in [(LedgerAccount::Captured, false), (LedgerAccount::Counter, true)] {
            let back = |back: &RefundStatus| {
                !back.late && back.done && self.charges[&back.payment].counter == counter
            };
            assert_eq!(balance(account), taken(PaymentStatus::Taken, counter) - backs(&back), "{account:?}");
        }
        let dropped = |back: &RefundStatus| !back.late && self.status(back.payment) == PaymentStatus::Lost;
        assert_eq!(
            balance(LedgerAccount::RefundsOwed),
            -backs(&|back| !back.done && !dropped(back)),
            "refunds owed"
        );
        assert_eq!(sale.revenue(), Amount(self.earned), "revenue");
        let mut paid: BTreeSet<OrderNumber> = BTreeSet::new();
        for charge in self.charges.values() {
            if matches!(charge.status, PaymentStatus::Promised | PaymentStatus::Taken | PaymentStatus::Lost) {
                assert!(paid.insert(charge.order), "order {} is charged twice", charge.order);
            }
        }
    }

    /// The sale needs exactly the calls to the provider that follow from the model.
    fn check_effects(&self, sale: &Sale) {
        let mut expected = Vec::new();
        for (number, charge) in &self.charges {
            match charge.status {
                PaymentStatus::Open => expected.push(Effect::LookUp(*number)),
                PaymentStatus::Cancelling => expected.push(Effect::Cancel(*number)),
                PaymentStatus::Promised => expected.push(Effect::Capture(*number, Amount(charge.cents))),
                PaymentStatus::Refused
                | PaymentStatus::Taken
                | PaymentStatus::Lost
                | PaymentStatus::Returned => {}
            }
        }
        for (number, back) in self.refunds.iter().filter(|(_, back)| back.pending) {
            if back.late {
                expected.push(Effect::Void(*number, back.payment));
            } else if self.status(back.payment) == PaymentStatus::Taken {
                expected.push(Effect::Refund(*number, back.payment, Amount(back.cents)));
            }
        }
        let mut effects = sale.effects();
        effects.sort();
        expected.sort();
        assert_eq!(effects, expected);
        assert_eq!(sale.has_effects(), !effects.is_empty());
    }
}
