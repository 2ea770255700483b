//! Commands of organizers: open a sale, change its terms, prices and plan, block seats, cancel or delete it.

use super::pricing::{Pricing, SharedNames};
use super::reservation::check_distinct;
use super::seats::Seats;
use super::{BlockReason, Changes, Decision, Sale, SalePhase, SeatState, Subject, Violation};
use crate::fact::Fact;
use crate::ids::SeatIndex;
use crate::limits::{
    DEFAULT_TICKETS_PER_BUYER, MAX_AMOUNT_MINOR, MAX_HELD, MAX_LABEL_CHARS, MAX_PRICE_TIERS,
    MAX_REASON_CHARS, MAX_SEATS_PER_BLOCK, MAX_TICKETS_PER_BUYER,
};
use crate::money::{Amount, BasisPoints, Currency};
use crate::planted_bugs::{Bug, planted};
use crate::refusal::Refusal;
use crate::seating_plan::SeatingPlan;
use crate::terms::{Fees, HoldLimits, PriceTier, RefundPolicy, Terms, TermsChange};
use crate::time::Timestamp;
use std::sync::Arc;

/// The terms of a sale before its first fact. Under these terms nothing can be sold.
pub(super) fn no_terms() -> Terms {
    Terms {
        currency: Currency::USD,
        on_sale_at: Timestamp::MAX,
        sales_end_at: Timestamp::EPOCH,
        starts_at: Timestamp::MAX,
        max_tickets_per_buyer: DEFAULT_TICKETS_PER_BUYER,
        fees: Fees::default(),
        refund_policy: RefundPolicy::default(),
        published: false,
    }
}

impl Sale {
    pub(super) fn decide_open(
        &self,
        terms: &Terms,
        tiers: &[PriceTier],
        plan: &SeatingPlan,
    ) -> Result<Decision, Refusal> {
        if self.phase != SalePhase::Unopened {
            return Err(Refusal::AlreadyOpened);
        }
        check_terms(terms)?;
        check_tiers(tiers)?;
        let opened = Fact::SaleOpened { terms: terms.clone(), tiers: tiers.to_vec(), plan: plan.clone() };
        let preferred = Pricing::depends_on_shared_names(plan, tiers).then_some(Fact::CategoriesPreferred);
        Ok(Decision::new(Subject::Sale, [opened].into_iter().chain(preferred).collect()))
    }

    pub(super) fn decide_event_change(
        &self,
        change: &TermsChange,
        tiers: Option<&[PriceTier]>,
    ) -> Result<Decision, Refusal> {
        self.check_living()?;
        let terms = self.terms.with(change);
        check_terms(&terms)?;
        let unpublished = self.terms.published && !terms.published;
        if unpublished && self.has_orders() && !planted(Bug::MakeSoldEventDraft) {
            return Err(Refusal::HasOrders);
        }
        let tiers = tiers.unwrap_or(&self.tiers);
        check_tiers(tiers)?;
        let mut facts = Vec::new();
        if terms != *self.terms {
            facts.push(Fact::TermsChanged { terms });
        }
        if *tiers != **self.tiers {
            facts.push(Fact::PricesChanged { tiers: tiers.to_vec() });
            let undecided = self.shared_names == SharedNames::MeanSections;
            if undecided && Pricing::depends_on_shared_names(&self.plan, tiers) {
                facts.push(Fact::CategoriesPreferred);
            }
        }
        if let Some(limits) = change.hold_limits.filter(|limits| *limits != self.hold_limits) {
            check_hold_limits(limits)?;
            facts.push(Fact::HoldLimitsChanged { limits });
        }
        if let Some(refuse) = change.refuse_single_seats.filter(|refuse| *refuse != self.refuse_single_seats)
        {
            facts.push(Fact::SingleSeatRuleChanged { refuse });
        }
        Ok(Decision::new(Subject::Sale, facts))
    }

    pub(super) fn decide_plan(&self, plan: &SeatingPlan, reuse_labels: bool) -> Result<Decision, Refusal> {
        self.check_living()?;
        let plan = self.plan.changed_to(plan).map_err(|error| Refusal::PlanUnfit(error.to_string()))?;
        if plan == self.plan {
            return Ok(Decision::new(Subject::Sale, Vec::new()));
        }
        let reused = if reuse_labels { Vec::new() } else { self.labels_given_to_others(&plan) };
        if !reused.is_empty() {
            return Err(Refusal::LabelsInUse(reused));
        }
        // Where shared names mattered before and mean sections, seats are on sale at these prices, which a new plan does not change.
        let depends = |plan| Pricing::depends_on_shared_names(plan, &self.tiers);
        let undecided = self.shared_names == SharedNames::MeanSections && !depends(&self.plan);
        let preferred = (undecided && depends(&plan)).then_some(Fact::CategoriesPreferred);
        let changed = Fact::PlanChanged { plan };
        Ok(Decision::new(Subject::Sale, [changed].into_iter().chain(preferred).collect()))
    }

    pub(super) fn decide_block(&self, seats: &[SeatIndex], reason: &str) -> Result<Decision, Refusal> {
        self.check_living()?;
        self.check_list(seats)?;
        if reason.chars().count() > MAX_REASON_CHARS {
            return Err(Refusal::LimitReached("characters of a reason"));
        }
        if !self.seats.has_room_for_reason(reason) {
            return Err(Refusal::LimitReached("different reasons of one sale"));
        }
        let taken =
            self.seats_where(seats, |state| matches!(state, SeatState::Reserved(_) | SeatState::Sold(_)));
        if !taken.is_empty() {
            return Err(Refusal::SeatUnavailable(taken));
        }
        let blocked = Fact::SeatsBlocked { seats: seats.to_vec(), reason: reason.to_owned() };
        Ok(Decision::new(Subject::Sale, vec![blocked]))
    }

    pub(super) fn decide_unblock(&self, seats: &[SeatIndex]) -> Result<Decision, Refusal> {
        self.check_living()?;
        self.check_list(seats)?;
        let unsellable: Vec<SeatIndex> =
            seats.iter().copied().filter(|seat| self.vacant_state(*seat) != SeatState::Available).collect();
        if !unsellable.is_empty() {
            return Err(Refusal::NotForSale(unsellable));
        }
        let blocked = self.seats_where(seats, |state| matches!(state, SeatState::Blocked(_)));
        let facts =
            if blocked.is_empty() { Vec::new() } else { vec![Fact::SeatsUnblocked { seats: blocked }] };
        Ok(Decision::new(Subject::Sale, facts))
    }

    pub(super) fn decide_event_cancellation(&self) -> Result<Decision, Refusal> {
        match self.phase {
            SalePhase::Open => Ok(Decision::new(Subject::Sale, vec![Fact::EventCancelled])),
            SalePhase::Cancelled => Ok(Decision::new(Subject::Sale, Vec::new())),
            SalePhase::Unopened | SalePhase::Deleted => Err(Refusal::NotFound),
        }
    }

    pub(super) fn decide_deletion(&self) -> Result<Decision, Refusal> {
        match self.phase {
            SalePhase::Deleted => Ok(Decision::new(Subject::Sale, Vec::new())),
            _ if self.has_orders() => Err(Refusal::HasOrders),
            SalePhase::Open | SalePhase::Cancelled => {
                Ok(Decision::new(Subject::Sale, vec![Fact::SaleDeleted]))
            }
            SalePhase::Unopened => Err(Refusal::NotFound),
        }
    }

    fn check_living(&self) -> Result<(), Refusal> {
        if self.phase == SalePhase::Open { Ok(()) } else { Err(Refusal::SaleClosed) }
    }

    fn check_list(&self, seats: &[SeatIndex]) -> Result<(), Refusal> {
        if seats.is_empty() {
            return Err(Refusal::NoSeats);
        }
        if seats.len() > MAX_SEATS_PER_BLOCK {
            return Err(Refusal::TooManySeats { max: MAX_SEATS_PER_BLOCK });
        }
        check_distinct(seats)?;
        let unknown: Vec<SeatIndex> =
            seats.iter().copied().filter(|seat| self.seats.get(*seat).is_none()).collect();
        if unknown.is_empty() { Ok(()) } else { Err(Refusal::UnknownSeats(unknown)) }
    }

    fn seats_where(&self, seats: &[SeatIndex], test: impl Fn(SeatState) -> bool) -> Vec<SeatIndex> {
        seats.iter().copied().filter(|seat| self.seats.get(*seat).is_some_and(&test)).collect()
    }

    pub(super) fn apply_opened(
        &mut self,
        terms: &Terms,
        tiers: &[PriceTier],
        plan: &SeatingPlan,
        changes: &mut Changes,
    ) -> Result<(), Violation> {
        if self.phase != SalePhase::Unopened {
            return Err(Violation::new("the sale is opened twice"));
        }
        self.phase = SalePhase::Open;
        self.terms = Arc::new(terms.clone());
        self.tiers = Arc::new(tiers.to_vec());
        self.plan = plan.clone();
        self.pricing = Arc::new(Pricing::new(plan, tiers, self.shared_names));
        let states = plan.seats().map(|seat| self.vacant_state(seat.index)).collect();
        self.seats = Seats::new(plan, states, imbl::Vector::new())?;
        self.index.offered = self.derived_offered();
        changes.everything = true;
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "every fact is applied through the same signature")]
    pub(super) fn apply_terms(&mut self, terms: &Terms, changes: &mut Changes) -> Result<(), Violation> {
        self.terms = Arc::new(terms.clone());
        changes.everything = true;
        Ok(())
    }

    pub(super) fn apply_prices(
        &mut self,
        tiers: &[PriceTier],
        changes: &mut Changes,
    ) -> Result<(), Violation> {
        self.tiers = Arc::new(tiers.to_vec());
        self.assign_tiers(changes);
        self.refresh_vacant_seats(changes)
    }

    /// No seat's state changes: a seat that has a tier has one under either meaning.
    #[expect(clippy::unnecessary_wraps, reason = "every fact is applied through the same signature")]
    pub(super) fn apply_categories_preferred(&mut self, changes: &mut Changes) -> Result<(), Violation> {
        self.shared_names = SharedNames::MeanCategories;
        self.assign_tiers(changes);
        Ok(())
    }

    /// Computes the tier of every seat and the counts by tier, after a change of plan, tiers or their meaning.
    fn assign_tiers(&mut self, changes: &mut Changes) {
        self.pricing = Arc::new(Pricing::new(&self.plan, &self.tiers, self.shared_names));
        self.index.offered = self.derived_offered();
        changes.everything = true;
    }

    pub(super) fn apply_plan(&mut self, plan: &SeatingPlan, changes: &mut Changes) -> Result<(), Violation> {
        let mut states: Vec<SeatState> = self.seats.states().iter().collect();
        if plan.seat_count() < states.len() {
            return Err(Violation::new("a plan lost seats"));
        }
        // `refresh_vacant_seats` makes those with a price available.
        states.resize(plan.seat_count(), SeatState::Blocked(BlockReason::Unpriced));
        self.former_labels = self.former_labels_after(plan);
        self.plan = plan.clone();
        self.seats = Seats::new(plan, states, self.seats.reasons().clone())?;
        self.assign_tiers(changes);
        self.refresh_vacant_seats(changes)
    }

    /// After a change of prices or plan: makes every seat that nobody holds and no organizer blocks available if it can be
    /// sold, and blocked if it cannot.
    fn refresh_vacant_seats(&mut self, changes: &mut Changes) -> Result<(), Violation> {
        let moves: Vec<(SeatIndex, SeatState, SeatState)> = (0..self.plan.seat_count())
            .filter_map(|position| {
                let seat = SeatIndex::at(position);
                let from = self.seats.get(seat)?;
                let vacant = match from {
                    SeatState::Available
                    | SeatState::Blocked(BlockReason::Unpriced | BlockReason::Removed) => true,
                    SeatState::Reserved(_)
                    | SeatState::Sold(_)
                    | SeatState::Blocked(BlockReason::Organizer(_)) => false,
                };
                let to = self.vacant_state(seat);
                (vacant && from != to).then_some((seat, from, to))
            })
            .collect();
        moves.into_iter().try_for_each(|(seat, from, to)| self.move_seat(seat, from, to, changes))
    }

    pub(super) fn apply_blocked(
        &mut self,
        seats: &[SeatIndex],
        reason: &str,
        changes: &mut Changes,
    ) -> Result<(), Violation> {
        let number = self.seats.reason_number(reason).ok_or_else(|| Violation::new("too many reasons"))?;
        let blocked = SeatState::Blocked(BlockReason::Organizer(number));
        for seat in seats {
            match self.seats.get(*seat) {
                Some(from @ (SeatState::Available | SeatState::Blocked(_))) => {
                    self.move_seat(*seat, from, blocked, changes)?;
                }
                Some(SeatState::Reserved(_) | SeatState::Sold(_)) | None => {
                    return Err(Violation::new(format!("seat {seat} cannot be blocked")));
                }
            }
        }
        Ok(())
    }

    pub(super) fn apply_unblocked(
        &mut self,
        seats: &[SeatIndex],
        changes: &mut Changes,
    ) -> Result<(), Violation> {
        for seat in seats {
            let from = self.seats.get(*seat);
            let Some(from @ SeatState::Blocked(_)) = from else {
                return Err(Violation::new(format!("seat {seat} is not blocked")));
            };
            self.move_seat(*seat, from, self.vacant_state(*seat), changes)?;
        }
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "every fact is applied through the same signature")]
    pub(super) fn apply_phase(&mut self, phase: SalePhase, changes: &mut Changes) -> Result<(), Violation> {
        self.phase = phase;
        changes.everything = true;
        Ok(())
    }

    /// Changes the state of a seat and records the change.
    pub(super) fn move_seat(
        &mut self,
        seat: SeatIndex,
        from: SeatState,
        to: SeatState,
        changes: &mut Changes,
    ) -> Result<(), Violation> {
        changes.seats.push(seat);
        self.seats.transition(&self.plan, seat, from, to)?;
        if from.is_offered() != to.is_offered()
            && let Some(tier) = self.pricing.tier(seat)
            && let Some(count) = self.index.offered.get_mut(usize::from(tier.0))
        {
            let changed = if to.is_offered() { count.checked_add(1) } else { count.checked_sub(1) };
            *count = changed.ok_or_else(|| Violation::new("a tier's seat count fell below zero"))?;
        }
        Ok(())
    }

    /// Takes a seat from its holder. It becomes available, or blocked if it can no longer be sold.
    pub(super) fn vacate(
        &mut self,
        seat: SeatIndex,
        from: SeatState,
        changes: &mut Changes,
    ) -> Result<(), Violation> {
        let forgotten = planted(Bug::VacatedSeatForgetsPlan);
        let to = if forgotten { SeatState::Available } else { self.vacant_state(seat) };
        self.move_seat(seat, from, to, changes)
    }

    /// The state of a seat that nobody holds and no organizer blocks.
    fn vacant_state(&self, seat: SeatIndex) -> SeatState {
        if self.pricing.tier(seat).is_some() {
            SeatState::Available
        } else if self.plan.seat(seat).is_none_or(|seat| seat.removed) {
            SeatState::Blocked(BlockReason::Removed)
        } else {
            SeatState::Blocked(BlockReason::Unpriced)
        }
    }

    /// Whether an order was ever confirmed, or a payment under way may still confirm one.
    fn has_orders(&self) -> bool {
        self.index.sold_orders > 0
            || !self.index.cancel_deadlines.is_empty()
            || !self.index.cancelling.is_empty()
    }
}

fn check_hold_limits(limits: HoldLimits) -> Result<(), Refusal> {
    let HoldLimits { seats, seats_of_new_accounts, tickets_per_instrument } = limits;
    let mut set = seats.into_iter().chain(seats_of_new_accounts).chain(tickets_per_instrument);
    if set.all(|number| (1..=MAX_HELD).contains(&number)) {
        Ok(())
    } else {
        Err(Refusal::LimitReached("limits on hoarding"))
    }
}

fn check_terms(terms: &Terms) -> Result<(), Refusal> {
    let out_of_range = !(1..=MAX_TICKETS_PER_BUYER).contains(&terms.max_tickets_per_buyer)
        || terms.fees.share > BasisPoints::WHOLE
        || terms.refund_policy.share > BasisPoints::WHOLE;
    if out_of_range {
        return Err(Refusal::LimitReached("terms out of range"));
    }
    if terms.on_sale_at >= terms.sales_end_at {
        return Err(Refusal::TimesOutOfOrder);
    }
    if is_price(terms.fees.per_ticket) && is_price(terms.fees.per_order) {
        Ok(())
    } else {
        Err(Refusal::AmountOutOfRange)
    }
}

fn check_tiers(tiers: &[PriceTier]) -> Result<(), Refusal> {
    if tiers.len() > MAX_PRICE_TIERS {
        return Err(Refusal::LimitReached("price tiers of one sale"));
    }
    if tiers.iter().any(|tier| tier.name.chars().count() > MAX_LABEL_CHARS) {
        return Err(Refusal::LimitReached("characters of a price tier's name"));
    }
    if tiers.iter().all(|tier| is_price(tier.price)) { Ok(()) } else { Err(Refusal::AmountOutOfRange) }
}

fn is_price(amount: Amount) -> bool {
    (0..=MAX_AMOUNT_MINOR).contains(&amount.0)
}
