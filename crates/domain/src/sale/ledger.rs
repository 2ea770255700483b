//! The sale's accounts. Every transfer moves an amount from one account to another, so the balances always sum to zero (I3).

use super::Violation;
use crate::money::Amount;
use serde::{Deserialize, Serialize};

/// An account of a sale. Double-entry bookkeeping: money received or promised (`Authorized`, `Captured`, `Counter`,
/// `Uncollected`) is positive; revenue and liabilities (`Tickets`, `Fees`, `RefundsOwed`) are negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LedgerAccount {
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

impl LedgerAccount {
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
    pub fn balance(&self, account: LedgerAccount) -> Amount {
        match account {
            LedgerAccount::Authorized => self.authorized,
            LedgerAccount::Captured => self.captured,
            LedgerAccount::Uncollected => self.uncollected,
            LedgerAccount::Tickets => self.tickets,
            LedgerAccount::Fees => self.fees,
            LedgerAccount::RefundsOwed => self.refunds_owed,
            LedgerAccount::Counter => self.counter,
        }
    }

    /// Moves an amount between two accounts.
    pub(super) fn transfer(
        &mut self,
        from: LedgerAccount,
        to: LedgerAccount,
        amount: Amount,
    ) -> Result<(), Violation> {
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
        Amount::sum(LedgerAccount::ALL.map(|account| self.balance(account)))
    }

    fn slot(&mut self, account: LedgerAccount) -> &mut Amount {
        match account {
            LedgerAccount::Authorized => &mut self.authorized,
            LedgerAccount::Captured => &mut self.captured,
            LedgerAccount::Uncollected => &mut self.uncollected,
            LedgerAccount::Tickets => &mut self.tickets,
            LedgerAccount::Fees => &mut self.fees,
            LedgerAccount::RefundsOwed => &mut self.refunds_owed,
            LedgerAccount::Counter => &mut self.counter,
        }
    }
}
