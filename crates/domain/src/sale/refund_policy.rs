//! How much of a cancelled order is refunded: the rule of its terms ([`crate::terms::RefundPolicy`]) applied to who cancels it, and when.

use super::{Decision, Order, OrderState, Sale, Subject};
use crate::command::{Canceller, RefundChoice};
use crate::fact::{CancelReason, Fact};
use crate::ids::OrderNumber;
use crate::money::{Amount, BasisPoints};
use crate::planted_bugs::{Bug, planted};
use crate::refusal::Refusal;
use crate::time::Timestamp;

impl Sale {
    pub(super) fn decide_refund(
        &self,
        number: OrderNumber,
        order: &Order,
        by: Canceller,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let policy = order.refund_policy;
        let too_late = now >= self.terms.starts_at.minus(policy.until_before_start);
        let nothing = (CancelReason::Organizer, BasisPoints::default(), false);
        let (reason, share, fees_too) = match by {
            Canceller::Organizer(RefundChoice::Everything) => {
                (CancelReason::Organizer, BasisPoints::WHOLE, true)
            }
            Canceller::Organizer(RefundChoice::ByPolicy) if too_late => nothing,
            Canceller::Organizer(RefundChoice::ByPolicy) => (
                CancelReason::Organizer,
                policy.share,
                policy.fees_too && policy.share > BasisPoints::default(),
            ),
            Canceller::Organizer(RefundChoice::Nothing) => nothing,
            // The buyer of a counter sale is the seller, who must not cancel it as a buyer.
            Canceller::Buyer(_) if order.counter_payment.is_some() => return Err(Refusal::NotRefundable),
            Canceller::Buyer(_) => {
                if too_late || policy.share == BasisPoints::default() {
                    return Err(Refusal::NotRefundable);
                }
                let share = if planted(Bug::IgnoreRefundShare) { BasisPoints::WHOLE } else { policy.share };
                (CancelReason::Buyer, share, policy.fees_too)
            }
        };
        let cancelled = self.cancelled(number, order, reason, share, fees_too, 0)?;
        let Fact::OrderCancelled { refund, .. } = &cancelled else { return Err(Refusal::NotFound) };
        let refund = refund.map(|due| due.refund);
        // A refund of a counter sale is paid in cash by the person who cancels it, so it is completed at once.
        let handed_out = refund.filter(|_| order.counter_payment.is_some());
        let mut facts = vec![cancelled];
        facts.extend(handed_out.map(|refund| Fact::RefundCompleted { refund }));
        Ok(Decision::new(Subject::Cancellation(number, refund), facts))
    }

    /// The refund that the refund policy gives for the order at `now`, 0 after its deadline; `None` unless the order is confirmed.
    #[must_use]
    pub fn refundable(&self, number: OrderNumber, now: Timestamp) -> Option<Amount> {
        let order = self.order(number).filter(|order| matches!(order.state, OrderState::Confirmed(_)))?;
        let decided =
            self.decide_refund(number, order, Canceller::Organizer(RefundChoice::ByPolicy), now).ok()?;
        let Some(Fact::OrderCancelled { refund, .. }) = decided.facts.first() else { return None };
        refund.map_or(Some(Amount::ZERO), |due| due.seats.plus(due.fees).ok())
    }
}
