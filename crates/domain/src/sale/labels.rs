//! The labels of sold seats when the seating plan changes. Tickets are printed with them, so a label must not lead two people to two
//! seats: it is given to another seat only on request, and the holders of seats with new labels are told.

use super::{Sale, SeatState, TicketState};
use crate::ids::{OrderNumber, SeatIndex, TicketNumber};
use crate::limits::MAX_FORMER_LABELS;
use crate::refusal::ReusedLabel;
use crate::seating_plan::SeatingPlan;
use crate::time::Timestamp;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A label that a ticket's seat had until the plan changed. Tickets printed before still show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerLabel {
    /// The label: `Floor A-1`.
    pub label: Box<str>,
    /// When the plan changed.
    pub until: Timestamp,
}

/// The former labels of tickets, the newest last.
pub(super) type FormerLabels = OrdMap<TicketNumber, Vec<FormerLabel>>;

impl Sale {
    /// The labels that the seat of a ticket had before, the newest last, at most [`MAX_FORMER_LABELS`].
    #[must_use]
    pub fn former_labels(&self, ticket: TicketNumber) -> &[FormerLabel] {
        self.former_labels.get(&ticket).map_or(&[], Vec::as_slice)
    }

    /// The orders with tickets that are not void whose seats got another label when the plan changed at `at`.
    #[must_use]
    pub fn orders_relabelled(&self, at: Timestamp) -> BTreeSet<OrderNumber> {
        let then = |labels: &Vec<FormerLabel>| labels.iter().any(|former| former.until == at);
        let tickets = self.former_labels.iter().filter(|(_, labels)| then(labels));
        let tickets = tickets.filter_map(|(number, _)| self.ticket(*number));
        tickets.filter(|ticket| ticket.state != TicketState::Void).map(|ticket| ticket.order).collect()
    }

    /// The labels that `next`, which is this sale's plan after a change, gives to other seats although sold tickets bear them. A label
    /// that a seat has already is not given to it.
    pub(super) fn labels_given_to_others(&self, next: &SeatingPlan) -> Vec<ReusedLabel> {
        let borne = self.labels_left_behind(next);
        if borne.is_empty() {
            return Vec::new();
        }
        let mut given = Vec::new();
        for seat in next.seats().filter(|seat| !seat.removed && seat.has_label_of_its_own()) {
            let label = seat.label();
            let Some(sold) = borne.get(&label) else { continue };
            let had = self.plan.seat(seat.index).is_some_and(|seat| !seat.removed && seat.label() == label);
            if let Some(sold) = sold.iter().find(|sold| **sold != seat.index && !had) {
                given.push(ReusedLabel { label, sold: *sold, becomes: label_of(next, *sold) });
            }
        }
        given
    }

    /// The labels on sold tickets that their seats do not have in `next`, or have lost before, with these seats.
    fn labels_left_behind(&self, next: &SeatingPlan) -> BTreeMap<String, BTreeSet<SeatIndex>> {
        let mut borne: BTreeMap<String, BTreeSet<SeatIndex>> = BTreeMap::new();
        for (seat, ticket) in self.sold_seats() {
            let label = label_of(&self.plan, seat);
            if !next.seat(seat).is_some_and(|seat| !seat.removed && seat.label() == label) {
                borne.entry(label).or_default().insert(seat);
            }
            for former in self.former_labels(ticket) {
                borne.entry(former.label.to_string()).or_default().insert(seat);
            }
        }
        borne
    }

    /// The former labels after this sale's plan changed to `next`; those of tickets that are void are dropped.
    pub(super) fn former_labels_after(&self, next: &SeatingPlan) -> FormerLabels {
        let mut after = FormerLabels::new();
        for (seat, ticket) in self.sold_seats() {
            let mut labels = self.former_labels(ticket).to_vec();
            let label = label_of(&self.plan, seat);
            if label_of(next, seat) != label {
                labels.retain(|former| *former.label != *label);
                labels.push(FormerLabel { label: label.into(), until: self.now });
                labels.drain(..labels.len().saturating_sub(MAX_FORMER_LABELS));
            }
            if !labels.is_empty() {
                after.insert(ticket, labels);
            }
        }
        after
    }

    fn sold_seats(&self) -> impl Iterator<Item = (SeatIndex, TicketNumber)> + '_ {
        self.seat_states().enumerate().filter_map(|(position, state)| match state {
            SeatState::Sold(ticket) => Some((SeatIndex::at(position), ticket)),
            SeatState::Available | SeatState::Reserved(_) | SeatState::Blocked(_) => None,
        })
    }
}

fn label_of(plan: &SeatingPlan, seat: SeatIndex) -> String {
    plan.seat(seat).map(|seat| seat.label()).unwrap_or_default()
}
