//! Where the sale's money is. Every movement takes from one named account what it gives to another, so that all of them
//! always sum to zero (I3).

use super::Violation;
use crate::money::Amount;
use serde::{Deserialize, Serialize};

/// A named account of a sale. Positive: money we have or are promised; negative: what it is owed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// Promised by the provider, not yet taken.
    Authorized,
    /// Taken, at the provider.
    Captured,
    /// Finally not to be had.
    Uncollected,
    /// The price of seats sold (negative).
    Tickets,
    /// Fees on orders (negative).
    Fees,
    /// To be given back to buyers (negative).
    RefundsOwed,
    /// Taken at the organizer's own counter, in cash or at a terminal.
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

/// The balances.
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

    /// Moves money between two accounts.
    pub(super) fn transfer(&mut self, from: Account, to: Account, amount: Amount) -> Result<(), Violation> {
        let out = self.balance(from).minus(amount);
        *self.slot(from) = out.map_err(|error| Violation::new(error.to_string()))?;
        let into = self.balance(to).plus(amount);
        *self.slot(to) = into.map_err(|error| Violation::new(error.to_string()))?;
        Ok(())
    }

    /// All balances together: zero, always.
    ///
    /// # Errors
    /// [`crate::money::AmountOutOfRange`] when they cannot even be added up.
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
