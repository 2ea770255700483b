//! The judge: what a sale may do, as dumb as possible, in plain words and numbers. It imports nothing of ours.
//!
//! It hears what stands in the journal at the end, entry by entry; what clients were told; how the gateway moved money;
//! what the lists show. It keeps a map from seat to owner and a list of things with the word for how far they are:
//! reservations `r`, orders `o`, payments `p`, refunds `f`, tickets `t`. It says what does not fit. Times are milliseconds,
//! amounts minor units, -1 is nothing.

use std::collections::{BTreeMap, BTreeSet};

/// Seats with the prices they were promised at.
pub(crate) type Seats = Vec<(u32, i64)>;
/// What an answer is about: a kind and two numbers.
pub(crate) type Subject = (char, i64, i64);

/// A sentence about `a` and `b`: something that became true, or why something was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) verb: &'static str,
    pub(crate) a: i64,
    pub(crate) b: i64,
    pub(crate) seats: Seats,
    pub(crate) n: Vec<i64>,
}

/// An entry of the journal. A key comes with its body; `due` says that time alone made it true.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) version: u64,
    pub(crate) at: i64,
    pub(crate) request: u64,
    pub(crate) key: Option<(u64, u64)>,
    pub(crate) due: bool,
    pub(crate) subject: Subject,
    /// What each of `a` seats costs from now on; who is not named cannot be sold.
    pub(crate) prices: Option<Line>,
    pub(crate) deeds: Vec<Line>,
}

/// What a client was told, with the clock of the node that decided, and with how many versions no power cut could undo, when it
/// was `asked` (`known`) and when it was `heard` (`durable`).
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) request: u64,
    pub(crate) key: Option<(u64, u64)>,
    pub(crate) asked: i64,
    pub(crate) heard: i64,
    pub(crate) version: u64,
    pub(crate) known: u64,
    pub(crate) durable: u64,
    pub(crate) said: Said,
}

/// Done now; done before under the same key; nothing was to be done; no.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    Done(Vec<Line>, Subject),
    Again(Subject),
    Nothing,
    /// A sentence that was true: why not, or what is shown.
    That(Line),
}

/// The gateway `promised`, `let go`, `took` or `gave back` money when so many versions were durable.
#[derive(Clone, Debug)]
pub(crate) struct Movement {
    pub(crate) durable: u64,
    pub(crate) what: &'static str,
    pub(crate) payment: i64,
    pub(crate) refund: i64,
    pub(crate) amount: i64,
}

/// What the lists show when all is quiet: each thing with its word and a number (a reservation's buyer, what went back of an
/// order, a ticket's seat); seats available, reserved, sold, blocked; revenue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lists {
    pub(crate) rows: BTreeMap<(char, i64), (&'static str, i64)>,
    pub(crate) seats: [usize; 4],
    pub(crate) revenue: i64,
}

/// What it is of: a reservation's buyer, an order's reservation, a payment's order, a refund's payment, a ticket's order.
#[derive(Clone, Debug, Default)]
struct Thing {
    is: &'static str,
    of: i64,
    seats: Seats,
    n: BTreeMap<&'static str, i64>,
}

impl Thing {
    fn n(&self, name: &str) -> i64 {
        self.n.get(name).copied().unwrap_or(-1)
    }

    fn total(&self) -> i64 {
        self.seats.iter().map(|seat| seat.1).sum::<i64>() + self.n("fees")
    }
}

/// By request: version, time before, time, what was done, what about.
type Done = (u64, i64, i64, Vec<Line>, Subject);

#[derive(Default)]
struct Model {
    now: i64,
    version: u64,
    over: bool,
    /// opens, closes, starts, limit, fee per ticket, per order, in basis points; refund in basis points, with fees, until.
    terms: Vec<i64>,
    all: usize,
    prices: BTreeMap<u32, i64>,
    blocked: BTreeSet<u32>,
    owner: BTreeMap<u32, i64>,
    things: BTreeMap<(char, i64), Thing>,
    keys: BTreeMap<u64, (i64, u64, Subject)>,
    done: BTreeMap<u64, Done>,
    line: Line,
    wrong: Vec<String>,
}

const DAY: i64 = 24 * 3600 * 1000;
const LONGEST: i64 = 900_000;
const UNSETTLED: [&str; 3] = ["started", "waiting", "stopping"];

/// What each verb does to which kind of thing: from one of these words to that one.
const STEPS: [(&str, char, &[&str], &str); 19] = [
    ("took", 'r', &[""], "active"),
    ("changed", 'r', &["active"], "active"),
    ("extended", 'r', &["active"], "active"),
    ("expired", 'r', &["active"], "expired"),
    ("gave up", 'r', &["active"], "cancelled"),
    ("ordered", 'o', &["", "pending"], "pending"),
    ("confirmed", 'o', &["pending"], "confirmed"),
    ("reseated", 'o', &["dead"], "pending"),
    ("ended", 'o', &["confirmed"], "cancelled"),
    ("tried", 'p', &[""], "started"),
    ("waits", 'p', &["started"], "waiting"),
    ("declined", 'p', &["started", "waiting"], "declined"),
    ("stops", 'p', &["started", "waiting"], "stopping"),
    ("stopped", 'p', &UNSETTLED, "stopped"),
    ("captured", 'p', &["promised"], "captured"),
    ("failed", 'p', &["promised"], "failed"),
    ("returned", 'p', &["started", "waiting", "stopping", "declined", "stopped"], "returned"),
    ("refunded", 'f', &["due", "refused"], "done"),
    ("refused", 'f', &["due"], "refused"),
];

/// Everything that does not fit together.
pub(crate) fn judge(entries: &[Entry], told: &[Told], books: &[Movement], lists: &Lists) -> Vec<String> {
    let mut model = Model::default();
    let mut open: Vec<&Told> = told.iter().filter(|told| !matches!(told.said, Said::Done(..))).collect();
    open.retain(|told| told.version > 0 || !model.is_true(told));
    for entry in entries {
        if entry.version != model.version {
            model.unexplained(&mut open);
        }
        model.enter(entry);
        open.retain(|told| told.version != model.version || !model.is_true(told));
    }
    model.unexplained(&mut open);
    told.iter().for_each(|told| model.hear(told));
    model.count(books);
    model.end(lists);
    model.wrong
}

impl Model {
    fn must(&mut self, holds: bool, rule: &str) {
        if !holds && self.wrong.len() < 10 {
            self.wrong.push(format!("{rule}: version {} at {}: {:?}", self.version, self.now, self.line));
        }
    }

    fn must_of(&mut self, holds: bool, rule: &str, what: &impl std::fmt::Debug) {
        if !holds {
            self.must(false, &format!("{rule}: {what:?}"));
        }
    }

    fn unexplained(&mut self, open: &mut Vec<&Told>) {
        let version = self.version;
        for told in open.extract_if(.., |told| told.version <= version) {
            self.must_of(false, "no without a reason that was ever true", told);
        }
    }

    fn get(&self, kind: char, number: i64) -> Thing {
        self.things.get(&(kind, number)).cloned().unwrap_or_default()
    }

    fn set(&mut self, kind: char, number: i64, name: &'static str, value: i64) {
        self.things.entry((kind, number)).or_default().n.insert(name, value);
    }

    fn all(&self, kind: char) -> impl Iterator<Item = (i64, &Thing)> {
        self.things.range((kind, i64::MIN)..=(kind, i64::MAX)).map(|((_, number), thing)| (*number, thing))
    }

    fn paying(&self, reservation: i64) -> bool {
        let order = self.get('o', self.get('r', reservation).n("order"));
        UNSETTLED.contains(&self.get('p', order.n("payment")).is)
    }

    /// Whether time has made something true by then that nobody wrote down.
    fn is_late(&self, at: i64) -> bool {
        let past = |found: &Thing, name| self.over || found.n(name) <= at;
        self.all('r').any(|(n, found)| found.is == "active" && past(found, "until") && !self.paying(n))
            || self.all('p').any(|(_, found)| UNSETTLED[..2].contains(&found.is) && past(found, "ceiling"))
            || (self.over && self.all('o').any(|(_, found)| found.is == "confirmed"))
    }

    fn is_free(&self, seat: u32) -> bool {
        self.prices.contains_key(&seat) && !self.blocked.contains(&seat) && !self.owner.contains_key(&seat)
    }

    fn has(&self, buyer: i64) -> i64 {
        self.owner.values().filter(|owner| self.get('r', **owner).of == buyer).count() as i64
    }

    fn enter(&mut self, entry: &Entry) {
        self.version = entry.version;
        self.must(entry.at >= self.now, "time runs backwards");
        self.must(entry.due || !self.is_late(entry.at), "what was due is forgotten");
        let before = std::mem::replace(&mut self.now, entry.at);
        if let Some((key, body)) = entry.key {
            let old = self.keys.insert(key, (entry.at, body, entry.subject));
            self.must(old.is_none_or(|old| old.0 < entry.at - DAY), "one key did two things");
        }
        for deed in entry.prices.iter().chain(&entry.deeds) {
            self.line = deed.clone();
            self.step(deed);
            self.apply(deed);
        }
        let done = (entry.version, before, entry.at, entry.deeds.clone(), entry.subject);
        let twice = entry.request != 0 && self.done.insert(entry.request, done).is_some();
        self.must(!twice, "one request was done twice");
    }

    fn step(&mut self, deed: &Line) {
        let Some((_, kind, from, to)) = STEPS.iter().find(|step| step.0 == deed.verb) else { return };
        let count = self.all(*kind).count() as i64;
        let fits = |is: &str| from.contains(&is) && (!is.is_empty() || deed.a == count);
        self.must(fits(self.get(*kind, deed.a).is), "from what it is it cannot become that");
        self.must(*kind != 'r' || !self.paying(deed.a), "touched while it is being paid for");
        self.things.entry((*kind, deed.a)).or_default().is = to;
    }

    fn take(&mut self, reservation: i64, seats: &[(u32, i64)]) {
        for (seat, _) in seats {
            let had = self.get('r', reservation).seats.iter().any(|mine| mine.0 == *seat);
            self.must(self.is_free(*seat) || had, "a seat is not free");
            let before = self.owner.insert(*seat, reservation);
            self.must(before.is_none(), "a seat has two owners");
        }
    }

    fn vacate(&mut self, reservation: i64) {
        self.owner.retain(|_, owner| *owner != reservation);
    }

    /// Gives a reservation these seats and fees, which must be what its terms say.
    fn fill(&mut self, reservation: i64, seats: &Seats, fees: i64) {
        self.vacate(reservation);
        self.take(reservation, seats);
        self.set('r', reservation, "fees", fees);
        self.things.entry(('r', reservation)).or_default().seats.clone_from(seats);
        let found = self.get('r', reservation);
        let prices = found.total() - fees;
        let share = (prices * found.n("share") + 5_000) / 10_000;
        let due = found.n("a ticket") * seats.len() as i64 + found.n("an order") + share;
        self.must(fees == if prices == 0 { 0 } else { due }, "wrong fees");
    }

    fn apply(&mut self, Line { verb, a, b, seats, n }: &Line) {
        let (a, b) = (*a, *b);
        let found = self.get('r', a);
        match *verb {
            "terms" => self.terms.clone_from(n),
            "prices" => {
                self.prices = seats.iter().copied().collect();
                self.all = usize::try_from(a).unwrap_or_default();
            }
            "blocked" => {
                self.must(
                    !seats.iter().any(|seat| self.owner.contains_key(&seat.0)),
                    "a held seat is blocked",
                );
                self.blocked.extend(seats.iter().map(|seat| seat.0));
            }
            "unblocked" => self.blocked.retain(|seat| !seats.iter().any(|other| other.0 == *seat)),
            "over" => self.over = true,
            "took" => {
                let open = !self.over && self.terms[0] <= self.now && self.now < self.terms[1];
                self.must(open && n[2] == self.now + n[1], "sold while closed, or for the wrong time");
                self.must(seats.iter().all(|seat| self.prices.get(&seat.0) == Some(&seat.1)), "wrong prices");
                self.things.entry(('r', a)).or_default().of = b;
                let rates = [self.terms[4], self.terms[5], self.terms[6], n[1], n[2], self.now];
                let names = ["a ticket", "an order", "share", "hold", "until", "placed"];
                names.into_iter().zip(rates).for_each(|(name, value)| self.set('r', a, name, value));
                self.fill(a, seats, n[0]);
                self.must(self.has(b) <= self.terms[3], "above the buyer's limit");
            }
            "changed" => {
                self.fill(a, seats, n[0]);
                let more = seats.len() > found.seats.len();
                self.must(!more || self.has(found.of) <= self.terms[3], "above the buyer's limit");
            }
            "extended" => {
                let until = (found.n("until") + found.n("hold")).min(found.n("placed") + LONGEST);
                self.must(n[0] == until && found.n("extended") < 0, "extended too often, or too long");
                self.set('r', a, "extended", 1);
                self.set('r', a, "until", until);
            }
            "expired" | "gave up" => {
                self.must(*verb != "expired" || found.n("until") <= self.now, "expired too soon");
                self.vacate(a);
                self.set('r', a, "ended", self.now);
                if found.n("order") >= 0 {
                    self.things.entry(('o', found.n("order"))).or_default().is = "dead";
                }
            }
            "ordered" => {
                let bought = self.get('r', b);
                let first = bought.n("order") < 0 || bought.n("order") == a;
                self.must(first && bought.is == "active" && !self.paying(b), "cannot be ordered");
                self.set('r', b, "order", a);
                self.set('o', a, "fees", bought.n("fees"));
                let policy =
                    [("share", self.terms[7]), ("fees too", self.terms[8]), ("before", self.terms[9])];
                policy.into_iter().for_each(|(name, value)| self.set('o', a, name, value));
                let order = self.things.entry(('o', a)).or_default();
                (order.of, order.seats) = (b, bought.seats);
            }
            "tried" => {
                let order = self.get('o', b);
                let fits = order.total() == n[0] && !self.paying(order.of) && order.is == "pending";
                self.must(fits, "wrong amount, or two attempts at once");
                let ceiling = self.get('r', order.of).n("until") + LONGEST;
                self.set('p', a, "ceiling", ceiling);
                self.set('p', a, "amount", n[0]);
                self.things.entry(('p', a)).or_default().of = b;
                self.set('o', b, "payment", a);
                self.set('o', b, "tries", order.n("tries").max(0) + 1);
            }
            "declined" | "stopped" => self.keys.retain(|_, key| (key.2.0, key.2.2) != ('p', a)),
            "returned" => {
                self.keys.retain(|_, key| (key.2.0, key.2.2) != ('p', a));
                self.owe(b, a, self.get('p', a).n("amount"));
            }
            "failed" => {
                let order = self.get('p', a).of;
                for (_, thing) in
                    self.things.iter_mut().filter(|((kind, _), thing)| *kind == 't' && thing.of == order)
                {
                    thing.is = if thing.is == "valid" { "suspended" } else { thing.is };
                }
                if let Some(refund) = self.things.get_mut(&('f', self.get('o', order).n("refund"))) {
                    refund.is = "dropped";
                }
            }
            "confirmed" => self.confirm(a, b, n[0]),
            "reseated" => {
                let order = self.get('o', a);
                self.take(order.of, &order.seats);
                self.things.entry(('r', order.of)).or_default().is = "active";
                let few = self.has(self.get('r', order.of).of) <= self.terms[3];
                self.must(few && self.now < self.terms[1], "back above the limit, or after the end");
            }
            "ended" => self.end_order(a, b, n),
            _ => {}
        }
    }

    fn owe(&mut self, refund: i64, payment: i64, amount: i64) {
        self.must(self.get('f', refund).is.is_empty(), "a refund's number is used again");
        let mut owed = Thing { is: "due", of: payment, ..Thing::default() };
        owed.n.extend([("amount", amount), ("allowed", self.version as i64)]);
        self.things.insert(('f', refund), owed);
    }

    fn confirm(&mut self, number: i64, payment: i64, ticket: i64) {
        let order = self.get('o', number);
        let held = order.seats.iter().all(|seat| self.owner.get(&seat.0) == Some(&order.of));
        self.must(held && ticket == self.all('t').count() as i64, "it has no seats, or tickets out of order");
        let paid = self.get('p', payment);
        let fresh = !["promised", "captured", "failed", "returned"].contains(&paid.is);
        let fits = if payment < 0 { order.total() == 0 } else { fresh && paid.of == number };
        let newest = payment < 0 || payment == order.n("payment");
        self.must(fits && newest, "that payment does not pay for it");
        if payment >= 0 {
            self.things.entry(('p', payment)).or_default().is = "promised";
            self.set('p', payment, "allowed", self.version as i64);
        }
        for (at, (seat, _)) in (ticket..).zip(&order.seats) {
            let seats = vec![(*seat, 0)];
            self.things.insert(('t', at), Thing { is: "valid", of: number, seats, ..Thing::default() });
        }
        self.things.entry(('r', order.of)).or_default().is = "converted_to_order";
    }

    /// By whom: 0 the buyer. The refund's number, its part of the prices, its part of the fees.
    fn end_order(&mut self, number: i64, by: i64, refund: &[i64]) {
        let order = self.get('o', number);
        let (share, fees_too, in_time) = match by {
            0 => (order.n("share"), order.n("fees too") > 0, self.now < self.terms[2] - order.n("before")),
            _ => (10_000, true, true),
        };
        let prices = ((order.total() - order.n("fees")) * share + 5_000) / 10_000;
        let fees = if fees_too { order.n("fees") } else { 0 };
        let unpaid = !["promised", "captured"].contains(&self.get('p', order.n("payment")).is);
        let due = if prices + fees == 0 || unpaid { vec![] } else { vec![prices, fees] };
        self.must(in_time && share > 0 && refund.get(1..).unwrap_or_default() == due, "wrong refund");
        self.vacate(order.of);
        for (_, thing) in
            self.things.iter_mut().filter(|((kind, _), thing)| *kind == 't' && thing.of == number)
        {
            thing.is = "void";
        }
        if let [refund, prices, fees] = *refund {
            self.set('o', number, "refund", refund);
            self.owe(refund, order.n("payment"), prices + fees);
        }
    }

    /// Whether what a client was told without anything being written is true now.
    fn is_true(&self, told: &Told) -> bool {
        let (from, to) = (told.asked.max(self.now), told.heard.max(self.now));
        let key = |key: u64| self.keys.get(&key).copied().unwrap_or_default();
        let Line { verb, a, b, seats, n } = match &told.said {
            Said::That(why) => why,
            Said::Again(subject) => {
                return told
                    .key
                    .is_some_and(|(wanted, body)| (key(wanted).1, key(wanted).2) == (body, *subject));
            }
            Said::Nothing | Said::Done(..) => return true,
        };
        let (r, o, terms) = (self.get('r', *a), self.get('o', *a), |at: usize| {
            self.terms.get(at).copied().unwrap_or_default()
        });
        let sold = |order: &Thing| order.is == "confirmed" || order.is == "cancelled";
        !self.is_late(from)
            && match *verb {
                "taken" => seats.iter().all(|seat| !self.is_free(seat.0)),
                "held" => seats.iter().all(|seat| self.owner.contains_key(&seat.0)),
                "not for sale" => !seats.iter().any(|seat| self.prices.contains_key(&seat.0)),
                "too few" => (seats.iter().filter(|seat| self.is_free(seat.0)).count() as i64) < *b,
                "limit" => n[1] == terms(3) && n[2] == self.has(*a) && n[2] + n[0] > terms(3),
                "not open" => from < terms(0),
                "closed" => self.over || to >= terms(1),
                "expired" | "cancelled" => r.is == *verb,
                "bought" => r.is == "converted_to_order" && r.n("order") == *b,
                "no extension" => r.n("extended") > 0 || r.n("placed") + LONGEST <= r.n("until"),
                "paying" => self.paying(*a),
                "order paying" => o.is == "pending" && self.paying(o.of),
                "too often" => self.get('o', r.n("order")).n("tries") >= 50,
                "no refund" => o.is == "confirmed" && (o.n("share") == 0 || to >= terms(2) - o.n("before")),
                "sold" => {
                    self.all('o').any(|(_, order)| sold(order))
                        || self.all('p').any(|(_, p)| UNSETTLED.contains(&p.is))
                }
                "no reservation" => {
                    r.is.is_empty() || r.of != *b || (r.n("ended") >= 0 && r.n("ended") < to - DAY)
                }
                "no order" => o.is.is_empty() || (*b >= 0 && self.get('r', o.of).of != *b),
                "no sale" => self.terms.is_empty() || self.over,
                "shown" => o.is == "confirmed",
                "opened" => !self.terms.is_empty(),
                "other body" => told.key.is_some_and(|(wanted, body)| key(wanted).1 != body),
                "key busy" => {
                    told.key.is_some_and(|(wanted, _)| self.get('p', key(wanted).2.2).is == "started")
                }
                _ => true,
            }
    }

    /// Whether an answer agrees with what is written.
    fn hear(&mut self, told: &Told) {
        self.must_of(told.version <= told.durable, "told before it was durable", told);
        self.must_of(told.version >= told.known, "told what was true before it was asked only", told);
        match (&told.said, self.done.get(&told.request).cloned()) {
            (Said::Done(deeds, subject), Some((version, before, at, written, about))) => {
                let same = version == told.version && *deeds == written && *subject == about;
                self.must_of(same, "told something else than was written", &(told, written));
                let in_time = told.asked <= at && at <= told.heard.max(before);
                self.must_of(in_time, "not decided between question and answer", &(at, told));
            }
            (Said::Done(..), None) => self.must_of(false, "told, and lost", told),
            (_, done) => self.must_of(done.is_none(), "refused, and done all the same", told),
        }
    }

    /// Whether the gateway moved what it should, when it might, once.
    fn count(&mut self, books: &[Movement]) {
        for (at, moved) in books.iter().enumerate() {
            let same = |other: &Movement| {
                (other.what, other.payment, other.refund) == (moved.what, moved.payment, moved.refund)
            };
            let (kind, number) = if moved.refund < 0 { ('p', moved.payment) } else { ('f', moved.refund) };
            let known = self.get(kind, number);
            let allowed = known.n("allowed") >= 0 && known.n("allowed") <= moved.durable as i64;
            let fits = match moved.what {
                "took" => allowed && known.is == "captured",
                "gave back" => allowed && known.is == "done" && known.of == moved.payment,
                "let go" => !["captured", "promised"].contains(&known.is),
                _ => true,
            };
            let once = !books[..at].iter().any(same) && known.n("amount") == moved.amount;
            self.must_of(fits && once, "the gateway should not have moved that", &(moved, known));
        }
        for (number, payment) in self.things.clone().range(('p', 0)..('q', 0)) {
            let of = |what| {
                books.iter().filter(move |moved| moved.payment == number.1 && moved.what == what).count()
            };
            let settled = of("promised") == of("took") + of("let go") || payment.is == "failed";
            let right = (payment.is == "captured") == (of("took") == 1);
            self.must_of(settled && right, "money is left where it should not be", &(number, payment));
        }
    }

    /// Whether everything came to its end, and the lists say so.
    fn end(&mut self, lists: &Lists) {
        let mut mine = Lists::default();
        let back =
            |order: &Thing| Some(self.get('f', order.n("refund"))).filter(|refund| refund.is != "dropped");
        for ((kind, number), thing) in &self.things {
            let row = match (kind, thing.is) {
                ('r', is) => (is, thing.of),
                ('o', is) => {
                    let back = back(thing)
                        .map_or(0, |refund| if refund.is == "done" { refund.n("amount") } else { 0 });
                    (
                        if back > 0 {
                            "refunded"
                        } else if is == "dead" {
                            "cancelled"
                        } else {
                            is
                        },
                        back,
                    )
                }
                ('t', is) => (is, i64::from(thing.seats[0].0)),
                _ => continue,
            };
            mine.rows.insert((*kind, *number), row);
            if *kind == 'o' && self.get('p', thing.n("payment")).is == "captured" {
                mine.revenue += thing.total() - back(thing).map_or(0, |refund| refund.n("amount").max(0));
            }
        }
        let open = ["active", "pending", "started", "waiting", "stopping", "promised", "due"];
        let unended =
            self.things.iter().find(|thing| open.contains(&thing.1.is)).map(|thing| format!("{thing:?}"));
        let sold =
            self.owner.values().filter(|owner| self.get('r', **owner).is == "converted_to_order").count();
        let (free, held) =
            ((0..self.all as u32).filter(|seat| self.is_free(*seat)).count(), self.owner.len() - sold);
        mine.seats = [free, held, sold, self.all - free - held - sold];
        self.must_of(unended.is_none(), "never came to an end", &unended);
        self.must_of(mine == *lists, "the lists are wrong", &(lists, mine));
    }
}
