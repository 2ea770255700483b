//! A linearizability check for small histories: can the operations be put in one order that explains all answers, with each
//! operation between its call and its answer? It does not look at the journal.
//!
//! The search is Wing and Gong's ("Testing and verifying concurrent objects", 1993): try every operation that may come
//! next, and remember the sets of open operations and states that failed (Lowe 2017). An operation without an answer may
//! have taken effect at any time after its call, or never. A reservation's expiry is another operation, at its
//! `expires_at`.

use crate::model_input::{Said, Statement, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// A client's command, its answer if there was one, and their times.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) call: i64,
    pub(crate) answer: Option<(i64, Said)>,
    pub(crate) key: Option<(u64, u64)>,
    pub(crate) wish: Statement,
}

impl Operation {
    fn heard(&self) -> i64 {
        self.answer.as_ref().map_or(i64::MAX, |answer| answer.0)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reservation {
    buyer: i64,
    seats: Vec<u32>,
    hold: i64,
    /// The earliest and latest instant at which it may expire. They are equal when a client knows `expires_at`.
    until: (i64, i64),
    extended: bool,
    order: i64,
    status: &'static str,
}

/// A sale without money, as small as possible.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    owner: BTreeMap<u32, i64>,
    blocked: BTreeSet<u32>,
    reservations: Vec<Reservation>,
    /// Each order's reservation, and whether the order is valid.
    orders: Vec<(i64, bool)>,
    keys: BTreeMap<u64, (u64, Subject)>,
}

/// A search gives up after this many tries.
const MAX_TRIES: usize = 50_000;
const LONGEST: i64 = 900_000;

/// Searches for an order of the operations that explains the answers; `None` when the search gave up.
///
/// # Errors
/// There is no such order. The text says how far the best attempt came.
pub(crate) fn explain(operations: &[Operation]) -> Result<Option<()>, String> {
    let open: Vec<usize> = (0..operations.len()).collect();
    let nearest = (open.clone(), State::default());
    let mut search = Search { operations, failed: BTreeSet::new(), tries: 0, nearest };
    let found = search.go(&State::default(), &open);
    let (left, state) = search.nearest;
    match found {
        true => Ok(Some(())),
        false if search.tries > MAX_TRIES => Ok(None),
        false => {
            let stuck: Vec<&Operation> = left.iter().take(4).map(|at| &operations[*at]).collect();
            Err(format!(
                "no order of the operations explains the answers; after {state:?} none of these: {stuck:?}"
            ))
        }
    }
}

struct Search<'a> {
    operations: &'a [Operation],
    failed: BTreeSet<(Vec<usize>, State)>,
    tries: usize,
    /// The smallest set of open operations that was reached, and the state then.
    nearest: (Vec<usize>, State),
}

impl Search<'_> {
    /// Whether the open operations can follow this state.
    fn go(&mut self, state: &State, open: &[usize]) -> bool {
        self.tries += 1;
        let answered = open.iter().filter(|at| self.operations[**at].answer.is_some());
        let Some(next) = answered.map(|at| self.operations[*at].heard()).min() else { return true };
        if self.tries > MAX_TRIES || !self.failed.insert((open.to_vec(), state.clone())) {
            return false;
        }
        if open.len() < self.nearest.0.len() {
            self.nearest = (open.to_vec(), state.clone());
        }
        let mut candidates: Vec<usize> =
            open.iter().copied().filter(|at| self.operations[*at].call <= next).collect();
        candidates.sort_by_key(|at| self.operations[*at].heard());
        let (known, unknown): (Vec<usize>, Vec<usize>) =
            candidates.into_iter().partition(|at| self.operations[*at].answer.is_some());
        known.into_iter().any(|at| self.try_operation(state, open, at))
            || state.ends_by(next).into_iter().any(|ended| self.go(&state.ended(ended), open))
            || unknown.into_iter().any(|at| self.try_operation(state, open, at))
    }

    fn try_operation(&mut self, state: &State, open: &[usize], at: usize) -> bool {
        let operation = &self.operations[at];
        if state.reservations.iter().any(|found| found.status == "active" && found.until.1 <= operation.call)
        {
            return false;
        }
        let Some(after) = state.after(operation) else { return false };
        let left: Vec<usize> = open.iter().copied().filter(|other| *other != at).collect();
        self.go(&after, &left)
    }
}

impl State {
    /// Reservations that may have expired by `at`.
    fn ends_by(&self, at: i64) -> Vec<usize> {
        let live = self.reservations.iter().enumerate().filter(|(_, found)| found.status == "active");
        live.filter(|(_, found)| found.until.0 <= at).map(|(number, _)| number).collect()
    }

    fn ended(&self, number: usize) -> Self {
        let mut after = self.clone();
        after.end(number, "expired");
        after
    }

    fn end(&mut self, number: usize, status: &'static str) {
        let number_of = i64::try_from(number).unwrap_or(-1);
        self.owner.retain(|_, owner| *owner != number_of);
        self.reservations[number].status = status;
    }

    fn is_free(&self, seat: u32) -> bool {
        !self.owner.contains_key(&seat) && !self.blocked.contains(&seat)
    }

    fn reservation(&self, number: i64, buyer: i64) -> Option<&Reservation> {
        self.reservations.get(usize::try_from(number).ok()?).filter(|found| found.buyer == buyer)
    }

    /// The state after an operation, if its answer can be right in this state.
    fn after(&self, operation: &Operation) -> Option<Self> {
        if let Some((known, subject)) = operation.key.and_then(|(key, _)| self.keys.get(&key)) {
            let same = operation.key.is_some_and(|(_, body)| body == *known);
            let fits = match &operation.answer {
                None => false,
                Some((_, Said::Again(heard))) => same && heard == subject,
                Some((_, Said::Claim(why))) => !same && why.verb == "other body",
                Some((_, Said::Done(..) | Said::Nothing)) => false,
            };
            return fits.then(|| self.clone());
        }
        match &operation.answer {
            Some((_, Said::Again(_))) => None,
            Some((_, Said::Claim(why))) => self.is_why(&operation.wish, why).then(|| self.clone()),
            Some((_, Said::Nothing)) => self.is_nothing(&operation.wish).then(|| self.clone()),
            Some((heard, Said::Done(changes, subject))) => {
                let (mut after, about) = self.done(operation, *heard, changes.first())?;
                after.keep(operation, about);
                (about == *subject).then_some(after)
            }
            None => {
                let (mut after, about) = self.done(operation, i64::MAX, None)?;
                after.keep(operation, about);
                Some(after)
            }
        }
    }

    fn keep(&mut self, operation: &Operation, about: Subject) {
        if let Some((key, body)) = operation.key {
            self.keys.insert(key, (body, about));
        }
    }

    fn is_nothing(&self, Statement { verb, a, seats, .. }: &Statement) -> bool {
        match *verb {
            "end" => {
                usize::try_from(*a).ok().and_then(|at| self.orders.get(at)).is_some_and(|order| !order.1)
            }
            "unblock" => !seats.iter().any(|seat| self.blocked.contains(&seat.0)),
            _ => true,
        }
    }

    fn is_why(&self, wish: &Statement, why: &Statement) -> bool {
        let found = self.reservation(wish.a, wish.b);
        let is = |status: &str| found.is_some_and(|found| found.status == status);
        match why.verb {
            "taken" if wish.verb == "place" => {
                let taken: Vec<u32> =
                    wish.seats.iter().map(|seat| seat.0).filter(|seat| !self.is_free(*seat)).collect();
                taken.iter().eq(why.seats.iter().map(|seat| &seat.0))
            }
            "taken" => why.seats.iter().all(|seat| !self.is_free(seat.0)),
            "held" => why.seats.iter().all(|seat| self.owner.contains_key(&seat.0)),
            "expired" | "cancelled" => is(why.verb),
            "bought" => is("sold"),
            "no extension" => found.is_some_and(|found| found.extended || found.hold >= LONGEST),
            "no reservation" => found.is_none(),
            "no order" => {
                let order = usize::try_from(wish.a).ok().and_then(|at| self.orders.get(at));
                order.is_none_or(|order| wish.b >= 0 && self.reservation(order.0, wish.b).is_none())
            }
            _ => true,
        }
    }

    /// The state after an operation that succeeds, and its subject. `change` is the change in its answer, if there was an answer.
    #[expect(clippy::too_many_lines, reason = "an arm for each kind of operation")]
    fn done(&self, operation: &Operation, heard: i64, change: Option<&Statement>) -> Option<(Self, Subject)> {
        let Statement { verb, a, b, seats, numbers } = &operation.wish;
        let mut after = self.clone();
        let number = usize::try_from(*a).unwrap_or(usize::MAX);
        let live = || self.reservation(*a, *b).filter(|found| found.status == "active");
        let about = match *verb {
            "place" => {
                let number = i64::try_from(self.reservations.len()).ok()?;
                let heard_until = change.map(|change| change.numbers[2]);
                let span = (operation.call + numbers[0], heard.saturating_add(numbers[0]));
                let until = heard_until.map_or(span, |until| (until, until));
                let fits =
                    change.is_none_or(|change| change.a == number) && span.0 <= until.0 && until.1 <= span.1;
                let free = seats.iter().all(|seat| self.is_free(seat.0)) && !seats.is_empty();
                if !fits || !free || numbers[1] == 0 {
                    return None;
                }
                after.owner.extend(seats.iter().map(|seat| (seat.0, number)));
                let seats = seats.iter().map(|seat| seat.0).collect();
                after.reservations.push(Reservation {
                    buyer: *a,
                    seats,
                    hold: numbers[0],
                    until,
                    extended: false,
                    order: -1,
                    status: "active",
                });
                ('r', number, -1)
            }
            "change" => {
                let had = live()?.seats.clone();
                let gone = |seat: &u32| seats.iter().any(|other| other.0 == *seat && other.1 < 0);
                let added = seats.iter().filter(|seat| seat.1 > 0).map(|seat| seat.0);
                let fits = seats
                    .iter()
                    .all(|seat| if seat.1 < 0 { had.contains(&seat.0) } else { self.is_free(seat.0) });
                let all: Vec<u32> = had.iter().copied().filter(|seat| !gone(seat)).chain(added).collect();
                let heard_seats = change
                    .is_none_or(|change| change.seats.iter().map(|seat| seat.0).eq(all.iter().copied()));
                if !fits || !heard_seats || all.is_empty() {
                    return None;
                }
                after.owner.retain(|_, owner| *owner != *a);
                after.owner.extend(all.iter().map(|seat| (*seat, *a)));
                after.reservations[number].seats = all;
                ('r', *a, -1)
            }
            "extend" => {
                let Reservation { until, hold, extended: false, .. } = *live()? else { return None };
                let latest =
                    |until: i64| until.saturating_add(hold).min(until.saturating_add(LONGEST - hold));
                let span = (latest(until.0), latest(until.1));
                let until = change.map_or(span, |change| (change.numbers[0], change.numbers[0]));
                if hold >= LONGEST || until.0 < span.0 || until.1 > span.1 {
                    return None;
                }
                (after.reservations[number].until, after.reservations[number].extended) = (until, true);
                ('r', *a, -1)
            }
            "cancel" => {
                live()?;
                after.end(number, "cancelled");
                ('r', *a, -1)
            }
            "order" => {
                live()?;
                let order = i64::try_from(self.orders.len()).ok()?;
                after.orders.push((*a, true));
                after.reservations[number].status = "sold";
                after.reservations[number].order = order;
                change.is_none_or(|change| change.a == order).then_some(('p', order, -1))?
            }
            "end" => {
                let (reservation, true) = *self.orders.get(number)? else { return None };
                if *b >= 0 && self.reservation(reservation, *b).is_none() {
                    return None;
                }
                after.orders[number].1 = false;
                after.owner.retain(|_, owner| *owner != reservation);
                ('c', *a, -1)
            }
            "block" => {
                if seats.iter().any(|seat| self.owner.contains_key(&seat.0)) {
                    return None;
                }
                after.blocked.extend(seats.iter().map(|seat| seat.0));
                ('s', -1, -1)
            }
            "unblock" => {
                after.blocked.retain(|seat| !seats.iter().any(|other| other.0 == *seat));
                (after != *self).then_some(('s', -1, -1))?
            }
            _ => return None,
        };
        Some((after, about))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(call: i64, heard: i64, buyer: i64, number: Option<i64>) -> Operation {
        let seats = vec![(5, 0)];
        let wish = Statement {
            verb: "place",
            a: buyer,
            seats: seats.clone(),
            numbers: vec![60_000, 1],
            ..Statement::default()
        };
        let said = match number {
            Some(a) => {
                let numbers = vec![0, 60_000, call + 60_000];
                Said::Done(vec![Statement { verb: "took", a, b: buyer, seats, numbers }], ('r', a, -1))
            }
            None => Said::Claim(Statement { verb: "taken", seats, ..Statement::default() }),
        };
        Operation { call, answer: Some((heard, said)), key: None, wish }
    }

    fn is(operations: &[Operation]) -> Option<bool> {
        match explain(operations) {
            Ok(found) => found.map(|()| true),
            Err(_) => Some(false),
        }
    }

    #[test]
    fn one_of_two_buyers_gets_the_seat_until_the_reservation_ends() {
        let [first, no] = [place(0, 10, 1, Some(0)), place(5, 8, 2, None)];
        assert_eq!(is(&[first.clone(), no.clone()]), Some(true));
        assert_eq!(is(&[first.clone(), place(5, 8, 2, Some(1))]), Some(false), "two owners");
        assert_eq!(is(&[no]), Some(false), "nobody had it");
        let too_soon = place(59_980, 59_999, 2, Some(1));
        assert_eq!(is(&[first.clone(), too_soon]), Some(false), "a moment too soon");
        assert_eq!(is(&[first.clone(), place(59_980, 60_000, 2, Some(1))]), Some(true));
        assert_eq!(is(&[first, place(60_000, 60_010, 2, None)]), Some(false), "it came back at 60,000");
    }

    #[test]
    fn an_operation_without_an_answer_happens_at_any_time_or_never() {
        let lost = Operation { answer: None, ..place(0, 0, 1, Some(0)) };
        assert_eq!(is(&[lost.clone(), place(5, 8, 2, None)]), Some(true));
        assert_eq!(is(&[lost.clone(), place(5, 8, 2, Some(0))]), Some(true));
        assert_eq!(is(&[lost.clone(), place(5, 8, 2, Some(1))]), Some(false), "there was one before");
        assert_eq!(is(&[place(5, 8, 2, None), Operation { call: 9, ..lost }]), Some(false));
    }
}
