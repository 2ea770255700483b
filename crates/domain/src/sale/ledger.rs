//! The sale's accounts. Every transfer moves an amount from one account to another, so the balances always sum to zero (I3).

use super::Violation;
use crate::money::Amount;
use serde::{Deserialize, Serialize};

/// An account of a sale. A positive balance is money received or authorised; a negative balance is what that money is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// Authorised by the provider, not captured yet.
    Authorized,
    /// Captured by the provider.
    Captured,
    /// Authorised, but the provider refuses for good to capture it.
    Uncollected,
    /// The price of seats sold (negative).
    Tickets,
    /// Fees on orders (negative).
    Fees,
    /// Refunds that are not paid yet (negative).
    RefundsOwed,
    /// Received at the organizer's counter, in cash or at a card terminal.
    Counter,
}

impl Account {
    /// Every account.
    pub const ALL: [Self; 7] = [
        Self::Authorized,
        Self::Captured,
        Self::Uncollected,
        Self::Tickets,
        Self::Fees,
        Self::RefundsOwed,
        Self::Counter,
    ];
}

/// The balances of all accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    authorized: Amount,
    captured: Amount,
    uncollected: Amount,
    tickets: Amount,
    fees: Amount,
    refunds_owed: Amount,
    counter: Amount,
}

impl Ledger {
    /// The balance of an account.
    #[must_use]
    pub fn balance(&self, account: Account) -> Amount {
        match account {
            Account::Authorized => self.authorized,
            Account::Captured => self.captured,
            Account::Uncollected => self.uncollected,
            Account::Tickets => self.tickets,
            Account::Fees => self.fees,
            Account::RefundsOwed => self.refunds_owed,
            Account::Counter => self.counter,
        }
    }

    /// Moves an amount between two accounts.
    pub(super) fn transfer(&mut self, from: Account, to: Account, amount: Amount) -> Result<(), Violation> {
        let out = self.balance(from).minus(amount);
        *self.slot(from) = out.map_err(|error| Violation::new(error.to_string()))?;
        let into = self.balance(to).plus(amount);
        *self.slot(to) = into.map_err(|error| Violation::new(error.to_string()))?;
        Ok(())
    }

    /// The sum of all balances, which is always zero.
    ///
    /// # Errors
    /// [`crate::money::AmountOutOfRange`] when the sum overflows.
    pub fn sum(&self) -> Result<Amount, crate::money::AmountOutOfRange> {
        Amount::sum(Account::ALL.map(|account| self.balance(account)))
    }

    fn slot(&mut self, account: Account) -> &mut Amount {
        match account {
            Account::Authorized => &mut self.authorized,
            Account::Captured => &mut self.captured,
            Account::Uncollected => &mut self.uncollected,
            Account::Tickets => &mut self.tickets,
            Account::Fees => &mut self.fees,
            Account::RefundsOwed => &mut self.refunds_owed,
            Account::Counter => &mut self.counter,
        }
    }
}
