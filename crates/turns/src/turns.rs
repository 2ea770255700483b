//! Turns at work that few may do at once, given fairly: somebody with much waiting work does not delay others with little.
//!
//! The addresses take turns, and so do the accounts behind one address. Each has a number of rounds; whoever has had the fewest is next, and a
//! newcomer starts with the rounds of whoever was served last. Callers who have shown who they are go before all others, and wait among
//! themselves in the same way.

use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Whom a turn is for: keys of the address and of the account. Any numbers will do, as long as different ones differ.
pub type TurnKeys = [u128; 2];

/// In which of the two queues somebody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lane {
    /// Served first: callers who have shown who they are.
    Proven,
    /// Everybody else.
    Usual,
}

/// Proven callers who are served before somebody else, if somebody else waits.
const MAX_PROVEN_IN_A_ROW: u32 = 4;
/// Callers whose rounds are remembered at most; beyond, those are forgotten that a newcomer has too.
const MAX_REMEMBERED: usize = 1_024;

/// The queue.
#[derive(Clone, Debug)]
pub(crate) struct Turns(Arc<Queue>);

#[derive(Debug)]
struct Queue {
    at_once: usize,
    most_waiting: usize,
    share: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    waiting: VecDeque<Waiting>,
    /// Turns that went to proven callers one after the other while others waited.
    proven_in_a_row: u32,
    /// The rounds of addresses, and of accounts.
    rounds: [Rounds; 2],
}

#[derive(Debug)]
struct Waiting {
    lane: Lane,
    keys: TurnKeys,
    begin: oneshot::Sender<Turn>,
}

/// How often each caller was served.
#[derive(Debug, Default)]
struct Rounds {
    /// The rounds of whoever was served last.
    now: u64,
    had: HashMap<u128, u64>,
}

impl Rounds {
    fn of(&self, key: u128) -> u64 {
        self.had.get(&key).copied().unwrap_or(0).max(self.now)
    }

    fn serve(&mut self, key: u128) {
        let rounds = self.of(key);
        self.now = rounds;
        self.had.insert(key, rounds.saturating_add(1));
        if self.had.len() > MAX_REMEMBERED {
            self.had.retain(|_, had| *had > rounds);
        }
    }
}

/// A turn; dropping it gives the next.
#[derive(Debug)]
pub(crate) struct Turn(Option<Arc<Queue>>);

impl Turns {
    /// `at_once` turns at the same time; `most_waiting` more wait in each lane, `share` of them for the same address.
    pub(crate) fn new(at_once: usize, most_waiting: usize, share: usize) -> Self {
        Self(Arc::new(Queue { at_once, most_waiting, share, state: Mutex::default() }))
    }

    /// Waits for a turn; `None` when too many wait in this lane, in all or from this address.
    pub(crate) async fn take(&self, lane: Lane, keys: TurnKeys) -> Option<Turn> {
        let turn = {
            let queue = &self.0;
            let mut state = queue.state.lock();
            if state.running < queue.at_once && state.waiting.is_empty() {
                state.serve(keys);
                return Some(Turn(Some(Arc::clone(queue))));
            }
            // Whoever waited may have gone.
            state.waiting.retain(|waiting| !waiting.begin.is_closed());
            let in_lane = || state.waiting.iter().filter(|waiting| waiting.lane == lane);
            let waits_already = in_lane().filter(|waiting| waiting.keys[0] == keys[0]).count();
            let left = queue.most_waiting.saturating_sub(in_lane().count());
            if left == 0 || (waits_already > 0 && waits_already >= queue.share_of(left)) {
                return None;
            }
            let (begin, turn) = oneshot::channel();
            state.waiting.push_back(Waiting { lane, keys, begin });
            turn
        };
        turn.await.ok()
    }
}

impl Queue {
    /// How many may wait for one address while so many places are left: when less than half of them are, a fraction, so that some addresses
    /// together cannot take all.
    fn share_of(&self, left: usize) -> usize {
        if left >= self.most_waiting / 2 { self.share } else { self.share.min(left / 8) }
    }
}

impl State {
    fn serve(&mut self, keys: TurnKeys) {
        self.running += 1;
        self.rounds.iter_mut().zip(keys).for_each(|(rounds, key)| rounds.serve(key));
    }

    /// Takes out whoever is next.
    fn next(&mut self) -> Option<Waiting> {
        let [addresses, accounts] = &self.rounds;
        // Every few turns somebody else is served, or proven callers together could keep all others out.
        let first = if self.proven_in_a_row < MAX_PROVEN_IN_A_ROW { Lane::Proven } else { Lane::Usual };
        let rank = |waiting: &Waiting| {
            (waiting.lane != first, addresses.of(waiting.keys[0]), accounts.of(waiting.keys[1]))
        };
        // Of equals the first, who has waited the longest.
        let next = (0..self.waiting.len()).min_by_key(|at| self.waiting.get(*at).map(rank))?;
        let next = self.waiting.remove(next)?;
        let is_proven = next.lane == Lane::Proven;
        self.proven_in_a_row = if is_proven { self.proven_in_a_row.saturating_add(1) } else { 0 };
        Some(next)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(queue) = self.0.take() else { return };
        let mut state = queue.state.lock();
        state.running -= 1;
        while let Some(Waiting { keys, begin, .. }) = state.next() {
            // Whoever waited may have gone.
            if begin.is_closed() {
                continue;
            }
            state.serve(keys);
            drop(state);
            // If they go at this moment, the turn is dropped and gives the next.
            drop(begin.send(Self(Some(queue))));
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    fn keys(address: u128, account: u128) -> TurnKeys {
        [address, 1_000 + account]
    }

    #[tokio::test]
    async fn addresses_take_turns_and_so_do_the_accounts_behind_one() {
        let turns = Turns::new(1, 100, 100);
        let first = turns.take(Lane::Usual, keys(9, 9)).await;
        let order = Mutex::new(Vec::new());
        let wait = |address, account| {
            let (turns, order) = (&turns, &order);
            async move {
                let turn = turns.take(Lane::Usual, keys(address, account)).await;
                order.lock().push((address, account));
                drop(turn);
            }
        };
        let asked = [(1, 1), (1, 1), (1, 1), (1, 2), (2, 3), (2, 3), (3, 4)];
        let mut all =
            Box::pin(futures::future::join_all(asked.map(|(address, account)| wait(address, account))));
        assert!(futures::poll!(&mut all).is_pending());
        drop(first);
        all.await;
        let order = order.into_inner();
        let expected = [(1, 1), (2, 3), (3, 4), (1, 2), (2, 3), (1, 1), (1, 1)];
        assert_eq!(order, expected, "each address once, then again; behind an address each account once");
    }

    #[tokio::test]
    async fn an_address_waits_with_its_share_only_and_who_leaves_is_skipped() {
        let turns = Turns::new(1, 3, 2);
        let first = turns.take(Lane::Usual, keys(1, 1)).await.unwrap();
        let mut waiting: Vec<_> = (0..2).map(|_| turns.take(Lane::Usual, keys(1, 1)).boxed()).collect();
        for waits in &mut waiting {
            assert!(futures::poll!(waits).is_pending());
        }
        assert!(turns.take(Lane::Usual, keys(1, 2)).await.is_none(), "the address has two already");
        let mut other = turns.take(Lane::Usual, keys(2, 3)).boxed();
        assert!(futures::poll!(&mut other).is_pending());
        assert!(turns.take(Lane::Usual, keys(3, 4)).await.is_none(), "three wait in all");
        drop(waiting);
        drop(first);
        assert!(other.await.is_some());
        assert_eq!(turns.0.state.lock().running, 0);
    }

    #[tokio::test]
    async fn callers_who_have_shown_who_they_are_go_first_even_when_all_other_places_are_taken() {
        let turns = Turns::new(1, 2, 2);
        let first = turns.take(Lane::Usual, keys(1, 1)).await;
        let order = Mutex::new(Vec::new());
        let wait = |lane, address| {
            let (turns, order) = (&turns, &order);
            async move {
                let turn = turns.take(lane, keys(address, address)).await;
                order.lock().push((address, turn.is_some()));
            }
        };
        let asked =
            [(Lane::Usual, 2), (Lane::Usual, 3), (Lane::Usual, 4), (Lane::Proven, 5), (Lane::Proven, 6)];
        let mut all = Box::pin(futures::future::join_all(asked.map(|(lane, address)| wait(lane, address))));
        assert!(futures::poll!(&mut all).is_pending());
        drop(first);
        all.await;
        assert_eq!(order.into_inner(), [(4, false), (5, true), (6, true), (2, true), (3, true)]);
    }
}
