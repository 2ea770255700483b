//! The model: the rules of a sale, as simple as possible, in words and numbers. It imports no other crate of ours.
//!
//! Its input: the journal's entries at the end, the answers to clients, the gateway's movements of money, and the views. It
//! keeps a map from seat to owner, and the status of every reservation `r`, order `o`, payment `p` and refund `f`. Times are
//! milliseconds, amounts minor units, -1 is nothing.

use std::collections::{BTreeMap, BTreeSet};

/// The subject of an answer: a kind and two numbers.
pub(crate) type Subject = (char, i64, i64);
/// The gateway `promised`, `let go`, `took` or `gave back` money: versions durable then, payment, refund, amount.
pub(crate) type Movement = (u64, &'static str, i64, i64, i64);
/// The views at the end: reservations by status and buyer, orders by status and refunded amount; counts of seats by status;
/// revenue.
pub(crate) type Lists = (BTreeMap<(char, i64), (&'static str, i64)>, [usize; 4], i64);
/// An entry of the journal: version, time, request, key and body, whether it was due by time alone, subject, changes.
pub(crate) type Entry = (u64, i64, u64, Option<(u64, u64)>, bool, Subject, Vec<Line>);
/// An answer to a client. In order: the request; its key and body; the times of request and answer, by the deciding node's
/// clock; the answer's version; the numbers of durable versions at the request and at the answer; the content.
pub(crate) type ClientAnswer = (u64, Option<(u64, u64)>, (i64, i64), u64, (u64, u64), Said);
/// A change, or the reason of a refusal: about `a` and `b`, seats with their prices, and numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) verb: &'static str,
    pub(crate) a: i64,
    pub(crate) b: i64,
    pub(crate) seats: Vec<(u32, i64)>,
    pub(crate) n: Vec<i64>,
}
/// The content of an answer. `Done`: done now. `Again`: done before under the same key. `Nothing`: there was nothing to do.
/// `That`: a statement that must be true, which is the reason of a refusal or a status that was shown.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    Done(Vec<Line>, Subject),
    Again(Subject),
    Nothing,
    That(Line),
}
/// A reservation, order, payment or refund. `of` is its buyer, reservation, order or payment; `terms` are those it began with.
#[derive(Clone, Debug)]
struct Thing {
    is: &'static str,
    of: i64,
    terms: [i64; 10],
    seats: Vec<(u32, i64)>,
    n: BTreeMap<&'static str, i64>,
}
static NONE: Thing = Thing { is: "nothing", of: -1, terms: [0; 10], seats: Vec::new(), n: BTreeMap::new() };
impl Thing {
    fn n(&self, name: &str) -> i64 {
        self.n.get(name).copied().unwrap_or(-1)
    }
    fn total(&self) -> i64 {
        self.seats.iter().map(|seat| seat.1).sum::<i64>() + self.n("fees")
    }
}
#[derive(Default)]
struct Model {
    now: i64,
    version: u64,
    over: bool,
    /// In order: sales begin, sales end, event starts, ticket limit; fees per ticket, per order, in basis points; refund in
    /// basis points, whether fees are refunded, how long before the start refunds end.
    terms: [i64; 10],
    all: usize,
    ids: Vec<i64>,
    prices: BTreeMap<u32, i64>,
    blocked: BTreeSet<u32>,
    owner: BTreeMap<u32, i64>,
    things: BTreeMap<(char, i64), Thing>,
    keys: BTreeMap<u64, (i64, u64, Subject)>,
    /// For each request: the sale's time before its entry, and the entry.
    done: BTreeMap<u64, (i64, Entry)>,
    wrong: Vec<String>,
}
const DAY: i64 = 24 * 3600 * 1000;
const LONGEST: i64 = 900_000;
const UNSETTLED: [&str; 3] = ["started", "waiting", "stopping"];
const PAID: [&str; 3] = ["promised", "captured", "in the drawer"];
const OPEN: [&str; 7] = ["active", "pending", "started", "waiting", "stopping", "promised", "due"];
/// The change of status that each verb makes: verb, kind, allowed statuses before, status after.
const STEPS: &str = "took r nothing active; changed r active active; extended r active active; expired r active expired;
    gave-up r active cancelled; ordered o nothing/pending pending; confirmed o pending confirmed;
    reseated o dead pending; ended o confirmed cancelled; tried p nothing started; waits p started waiting;
    declined p started/waiting declined; stops p started/waiting stopping; stopped p started/waiting/stopping stopped;
    captured p promised captured; failed p promised failed;
    returned p started/waiting/stopping/declined/stopped returned; refunded f due/refused/owed done;
    refused f due refused; sold o nothing confirmed";

/// Judges a history; returns every broken rule.
pub(crate) fn judge(
    entries: &[Entry],
    answers: &[ClientAnswer],
    books: &[Movement],
    lists: &Lists,
) -> Vec<String> {
    let mut model = Model::default();
    let open = |answer: &&ClientAnswer| {
        !matches!(answer.5, Said::Done(..)) && (answer.3 > 0 || !model.is_true(answer))
    };
    let mut open: Vec<&ClientAnswer> = answers.iter().filter(open).collect();
    for (at, entry) in entries.iter().enumerate() {
        model.enter(entry);
        open.retain(|answer| answer.3 != entry.0 || !model.is_true(answer));
        let last = entries.get(at + 1).is_none_or(|next| next.0 > entry.0);
        let stuck = open.extract_if(.., |answer| last && answer.3 <= entry.0);
        stuck.for_each(|answer| model.must(false, "refused for a reason that was never true", answer));
    }
    answers.iter().for_each(|answer| model.check_answer(answer));
    model.count(books);
    model.end(lists);
    model.wrong
}

impl Model {
    fn must(&mut self, holds: bool, rule: &str, what: &dyn std::fmt::Debug) {
        if !holds && self.wrong.len() < 10 {
            self.wrong.push(format!("{rule}: version {} at {}: {what:?}", self.version, self.now));
        }
    }
    fn get(&self, kind: char, number: i64) -> &Thing {
        self.things.get(&(kind, number)).unwrap_or(&NONE)
    }
    fn put(&mut self, kind: char, number: i64) -> &mut Thing {
        self.things.entry((kind, number)).or_insert_with(|| Thing { terms: self.terms, ..NONE.clone() })
    }
    fn note(&mut self, id: (char, i64), is: &'static str, of: i64, more: &[(&'static str, i64)]) {
        let thing = self.put(id.0, id.1);
        (thing.is, thing.of) = (is, of);
        thing.n.extend(more.iter().copied());
        self.things.remove(&(id.0, -1));
    }
    fn all(&self, kind: char) -> impl Iterator<Item = (i64, &Thing)> {
        self.things.range((kind, i64::MIN)..=(kind, i64::MAX)).map(|((_, number), thing)| (*number, thing))
    }
    fn paying(&self, cart: i64) -> bool {
        UNSETTLED.contains(&self.get('p', self.get('o', self.get('r', cart).n("order")).n("payment")).is)
    }
    /// Whether something was due by `at` but is not in the journal yet.
    fn is_late(&self, at: i64) -> bool {
        let past = |found: &Thing, name| self.over || found.n(name) <= at;
        self.all('r').any(|(n, found)| found.is == "active" && past(found, "until") && !self.paying(n))
            || self.all('p').any(|(_, found)| UNSETTLED[..2].contains(&found.is) && past(found, "ceiling"))
            || (self.over && self.all('o').any(|(_, found)| found.is == "confirmed"))
    }
    /// Whether anything was sold, or a payment under way may still sell something.
    fn is_sold(&self) -> bool {
        let any = |kind, words: &[&str]| self.all(kind).any(|(_, thing)| words.contains(&thing.is));
        any('o', &["confirmed", "cancelled"]) || any('p', &UNSETTLED)
    }
    fn is_free(&self, seat: u32) -> bool {
        self.prices.contains_key(&seat) && !self.blocked.contains(&seat) && !self.owner.contains_key(&seat)
    }
    fn has(&self, buyer: i64) -> i64 {
        let bought = |found: &Thing| found.of == buyer && found.n("counter") < 0;
        self.owner.values().filter(|owner| bought(self.get('r', **owner))).count() as i64
    }
    fn enter(&mut self, entry: &Entry) {
        let (version, at, request, key, due, subject, deeds) = entry;
        self.must(*at >= self.now, "time runs backwards", entry);
        self.must(*due || !self.is_late(*at), "a due change is missing", entry);
        let before = std::mem::replace(&mut self.now, *at);
        self.version = *version;
        let old = key.and_then(|(key, body)| self.keys.insert(key, (*at, body, *subject)));
        self.must(old.is_none_or(|old| old.0 < at - DAY), "one key did two things", entry);
        deeds.iter().for_each(|deed| self.apply(deed));
        let twice = *request != 0 && self.done.insert(*request, (before, entry.clone())).is_some();
        self.must(!twice, "one request was done twice", entry);
    }
    /// Gives a reservation these seats and fees, which must be what its terms say.
    fn fill(&mut self, deed: &Line, reservation: i64, seats: &[(u32, i64)], fees: i64) {
        let had = self.get('r', reservation).seats.clone();
        self.owner.retain(|_, owner| *owner != reservation);
        for (seat, _) in seats {
            let free = self.is_free(*seat) || had.iter().any(|mine| mine.0 == *seat);
            let alone = self.owner.insert(*seat, reservation).is_none();
            self.must(free && alone, "a seat is not free", &(seat, deed));
        }
        let found = self.put('r', reservation);
        found.seats = seats.to_vec();
        found.n.insert("fees", fees);
        let (prices, [.., ticket, order, share, _, _, _]) = (found.total() - fees, found.terms);
        let due = ticket * seats.len() as i64 + order + (prices * share + 5_000) / 10_000;
        let (more, buyer) = (seats.len() > had.len() && found.n("counter") < 0, found.of);
        self.must(fees == if prices == 0 { 0 } else { due }, "wrong fees", deed);
        self.must(!more || self.has(buyer) <= self.terms[3], "above the buyer's limit", deed);
    }
    #[expect(clippy::too_many_lines, reason = "an arm for each verb")]
    fn apply(&mut self, deed: &Line) {
        let mut steps = STEPS.split(';').map(|step| step.split_whitespace().collect::<Vec<_>>());
        if let Some(step) = steps.find(|step| step[0] == deed.verb) {
            let kind = step[1].chars().next().unwrap_or_default();
            let (is, count) = (self.get(kind, deed.a).is, self.all(kind).count() as i64);
            let fits = step[2].split('/').any(|from| from == is) && (is != "nothing" || deed.a == count);
            self.must(fits, "this change of status is not allowed", &(deed, is));
            self.must(kind != 'r' || !self.paying(deed.a), "touched while it is being paid for", deed);
            self.put(kind, deed.a).is = step[3];
        }
        let Line { verb, a, b, seats, n } = deed;
        let (a, b, found) = (*a, *b, self.get('r', *a).clone());
        let asked = |part| seats.iter().all(|s| self.prices.get(&s.0).map(|now| now * part) == Some(s.1));
        match *verb {
            "terms" => {
                self.must(n[0] < i64::MAX || !self.is_sold(), "a sold event became a draft", deed);
                self.must(n[0] == i64::MAX || n[0] < n[1], "sales end before they begin", deed);
                self.terms.copy_from_slice(n);
            }
            "prices" => {
                self.must(n.starts_with(&self.ids), "an index is used for another seat", deed);
                (self.all, self.prices, self.ids) = (a as usize, seats.iter().copied().collect(), n.clone());
            }
            "blocked" => self.blocked.extend(seats.iter().map(|seat| seat.0)),
            "unblocked" => self.blocked.retain(|seat| !seats.iter().any(|other| other.0 == *seat)),
            "over" => self.over = true,
            "took" => {
                let open = (self.terms[0]..self.terms[1]).contains(&self.now) && n[2] == self.now + n[1];
                let fits = open && !self.over && asked(1);
                self.must(fits, "sold while closed, for the wrong time or price", deed);
                self.note(('r', a), "active", b, &[("placed", self.now), ("hold", n[1]), ("until", n[2])]);
                self.fill(deed, a, seats, n[0]);
            }
            "changed" => self.fill(deed, a, seats, n[0]),
            "extended" => {
                let until = (found.n("until") + found.n("hold")).min(found.n("placed") + LONGEST);
                self.must(n[0] == until && found.n("extended") < 0, "extended too often, or too long", deed);
                self.note(('r', a), "active", found.of, &[("extended", 1), ("until", until)]);
            }
            "expired" | "gave-up" => {
                self.must(*verb != "expired" || found.n("until") <= self.now, "expired too soon", deed);
                self.owner.retain(|_, owner| *owner != a);
                self.note(('r', a), found.is, found.of, &[("ended", self.now)]);
                self.things.entry(('o', found.n("order"))).and_modify(|order| order.is = "dead");
            }
            "ordered" => {
                let cart = self.get('r', b).clone();
                let first = self.terms[0] < i64::MAX && (cart.n("order") < 0 || cart.n("order") == a);
                self.must(first && cart.is == "active" && !self.paying(b), "cannot be ordered", deed);
                self.note(('r', b), cart.is, cart.of, &[("order", a)]);
                self.note(('o', a), "pending", b, &[]);
                self.put('o', a).terms = self.terms;
            }
            "tried" => {
                let order = self.get('o', b).clone();
                let cart = self.get('r', order.of).clone();
                let fits = cart.total() == n[0] && !self.paying(order.of) && order.is == "pending";
                self.must(fits, "wrong amount, or two attempts at once", deed);
                let (ceiling, tries) = (cart.n("until") + LONGEST, order.n("tries").max(0) + 1);
                self.note(('p', a), "started", b, &[("ceiling", ceiling), ("amount", n[0])]);
                self.note(('o', b), order.is, order.of, &[("payment", a), ("tries", tries)]);
            }
            "declined" | "stopped" => self.keys.retain(|_, key| (key.2.0, key.2.2) != ('p', a)),
            "returned" => {
                self.keys.retain(|_, key| (key.2.0, key.2.2) != ('p', a));
                self.owe(deed, b, a, self.get('p', a).n("amount"));
            }
            "failed" if self.get('o', self.get('p', a).of).n("refund") >= 0 => {
                self.put('f', self.get('o', self.get('p', a).of).n("refund")).is = "dropped";
            }
            "confirmed" => {
                let (order, paid) = (self.get('o', a).clone(), self.get('p', b));
                let cart = self.get('r', order.of).clone();
                let used = PAID.contains(&paid.is) || ["failed", "returned"].contains(&paid.is);
                let fresh = !used && paid.of == a && b == order.n("payment");
                let pays = if b < 0 { cart.total() == 0 } else { fresh };
                self.must(pays && cart.is == "active", "that payment does not pay for it", deed);
                self.must(self.terms[0] < i64::MAX, "sold while a draft", deed);
                self.note(('p', b), "promised", a, &[("allowed", self.version as i64)]);
                self.put('r', order.of).is = "converted_to_order";
            }
            // A counter sale: possible at any time, outside every limit, not refundable for the buyer. The money is in the
            // drawer.
            "sold" => {
                let open = !self.over && self.terms[0] < i64::MAX && b == self.all('r').count() as i64;
                self.must(open && asked(n[3]), "sold while nothing was on sale, or at a wrong price", deed);
                self.note(('r', b), "converted_to_order", n[1], &[("counter", 1), ("order", a)]);
                self.fill(deed, b, seats, n[0]);
                let amount = self.get('r', b).total();
                let payment = if amount == 0 { -1 } else { self.all('p').count() as i64 };
                self.must(payment == n[2], "not paid once", deed);
                self.note(('o', a), "confirmed", b, &[("payment", payment)]);
                self.put('o', a).terms[7] = 0;
                self.note(('p', payment), "in the drawer", a, &[("amount", amount)]);
            }
            "reseated" => {
                let of = self.get('o', a).of;
                self.must(self.now < self.terms[1], "seated again after the end", deed);
                let seats = std::mem::take(&mut self.put('r', of).seats);
                self.put('r', of).is = "active";
                self.fill(deed, of, &seats, self.get('r', of).n("fees"));
            }
            "ended" => {
                let order = self.get('o', a).clone();
                let (cart, paid) = (self.get('r', order.of), self.get('p', order.n("payment")).is);
                let [.., share, too, before] = order.terms;
                let terms = (share, too > 0, self.now < self.terms[2] - before);
                let (share, too, may) = if b == 0 { terms } else { (10_000, true, true) };
                let fees = if too { cart.n("fees") } else { 0 };
                let prices = ((cart.total() - cart.n("fees")) * share + 5_000) / 10_000;
                let due = [prices, fees].repeat(usize::from(PAID.contains(&paid) && prices + fees > 0));
                self.must(may && share > 0 && n.get(1..).unwrap_or_default() == due, "wrong refund", deed);
                self.owner.retain(|_, owner| *owner != order.of);
                if let [refund, prices, fees] = **n {
                    self.note(('o', a), order.is, order.of, &[("refund", refund)]);
                    self.owe(deed, refund, order.n("payment"), prices + fees);
                }
            }
            _ => {}
        }
    }
    fn owe(&mut self, deed: &Line, refund: i64, payment: i64, amount: i64) {
        self.must(self.get('f', refund).is == "nothing", "a refund's number is used again", deed);
        let is = if self.get('p', payment).is == "in the drawer" { "owed" } else { "due" };
        self.note(('f', refund), is, payment, &[("amount", amount), ("allowed", self.version as i64)]);
    }
    /// Whether an answer without an entry is true in this version.
    fn is_true(&self, answer: &ClientAnswer) -> bool {
        let (_, key, (asked, heard), _, _, said) = answer;
        let (from, to) = ((*asked).max(self.now), (*heard).max(self.now));
        let (key, body) = key.unwrap_or_default();
        let known = self.keys.get(&key).copied().unwrap_or_default();
        let Line { verb, a, b, seats, n } = match said {
            Said::That(why) => why,
            Said::Again(subject) => return (known.1, known.2) == (body, *subject),
            Said::Nothing | Said::Done(..) => return true,
        };
        let (r, o, terms) = (self.get('r', *a), self.get('o', *a), &self.terms);
        !self.is_late(from)
            && match *verb {
                why if known.0 > to - DAY && !["other body", "key busy", "shown"].contains(&why) => false,
                "taken" => seats.iter().all(|seat| !self.is_free(seat.0)),
                "held" => seats.iter().all(|seat| self.owner.contains_key(&seat.0)),
                "not for sale" => !seats.iter().any(|seat| self.prices.contains_key(&seat.0)),
                "too few" => (seats.iter().filter(|seat| self.is_free(seat.0)).count() as i64) < *b,
                "limit" => n[1] == terms[3] && n[2] == self.has(*a) && n[2] + n[0] > terms[3],
                "not open" => from < terms[0],
                "closed" => self.over || to >= terms[1],
                "expired" | "cancelled" => r.is == *verb,
                "bought" => r.is == "converted_to_order" && r.n("order") == *b,
                "no extension" => r.n("extended") > 0 || r.n("placed") + LONGEST <= r.n("until"),
                "paying" => self.paying(*a),
                "order paying" => o.is == "pending" && self.paying(o.of),
                "too often" => self.get('o', r.n("order")).n("tries") >= 50,
                "no refund" => o.is == "confirmed" && (o.terms[7] == 0 || to >= terms[2] - o.terms[9]),
                "sold" => self.is_sold(),
                "nothing owed" => self.get('f', o.n("refund")).is != "owed",
                "no reservation" => r.is == "nothing" || r.of != *b || (0..to - DAY).contains(&r.n("ended")),
                "no order" => o.is == "nothing" || (*b >= 0 && self.get('r', o.of).of != *b),
                "no sale" => self.all == 0 || self.over,
                "opened" => self.all > 0,
                "shown" => o.is == "confirmed",
                "other body" => known.1 != body,
                "key busy" => self.get('p', known.2.2).is == "started",
                _ => true,
            }
    }
    /// Checks an answer against the journal.
    fn check_answer(&mut self, answer: &ClientAnswer) {
        let (request, _, span, in_version, durable, said) = answer;
        let fresh = durable.0 <= *in_version && *in_version <= durable.1;
        self.must(fresh, "answered before it was durable, or from a version before the request", answer);
        match (said, self.done.get(request).cloned()) {
            (Said::Done(deeds, subject), Some((before, (version, at, _, _, _, about, written)))) => {
                let same =
                    version == *in_version && *subject == about && span.0 <= at && at <= span.1.max(before);
                let same = same && deeds.iter().eq(written.iter().filter(|line| line.verb != "prices"));
                self.must(same, "the answer differs from the journal", &(at, answer, written));
            }
            (Said::Done(..), None) => self.must(false, "answered yes, and lost", answer),
            (_, done) => self.must(done.is_none(), "refused, and done nevertheless", answer),
        }
    }
    /// Checks that the gateway moved each amount at most once, when it was allowed.
    fn count(&mut self, books: &[Movement]) {
        for (at, moved) in books.iter().enumerate() {
            let (durable, what, payment, refund, amount) = *moved;
            let known = if refund < 0 { self.get('p', payment) } else { self.get('f', refund) }.clone();
            let allowed = (0..=durable as i64).contains(&known.n("allowed"));
            let fits = match what {
                "took" => allowed && known.is == "captured",
                "gave back" => allowed && known.is == "done" && known.of == payment,
                "let go" => !["captured", "promised"].contains(&known.is),
                _ => true,
            };
            let once = !books[..at].iter().any(|one| (one.1, one.2, one.3) == (what, payment, refund));
            let right = fits && once && known.n("amount") == amount;
            self.must(right, "the gateway moved money without need, twice, or too early", &(moved, known));
        }
        for ((kind, number), thing) in &self.things.clone() {
            let of = |what, payment| books.iter().filter(|one| (one.1, one.2) == (what, payment)).count();
            let back = books.iter().filter(|moved| moved.3 == *number).count() + of("let go", thing.of);
            let settled = of("promised", *number) == of("took", *number) + of("let go", *number);
            let right = match kind {
                'p' if thing.is == "captured" => settled && of("took", *number) == 1,
                'p' => (settled || thing.is == "failed") && of("took", *number) == 0,
                'f' => (thing.is == "done" && self.get('p', thing.of).is != "in the drawer") == (back == 1),
                _ => true,
            };
            self.must(right, "money is not where it should be", &(kind, number, thing));
        }
    }
    /// Checks that everything came to its end, and that the views show it.
    fn end(&mut self, lists: &Lists) {
        let (mut rows, mut revenue) = (BTreeMap::new(), 0);
        rows.extend(self.all('r').map(|(number, found)| (('r', number), (found.is, found.of))));
        for (number, order) in self.all('o') {
            let (payment, refund) = (self.get('p', order.n("payment")), self.get('f', order.n("refund")));
            let back = if refund.is == "done" { refund.n("amount") } else { 0 };
            let word = if order.is == "dead" { "cancelled" } else { order.is };
            rows.insert(('o', number), (if back > 0 { "refunded" } else { word }, back));
            let kept = self.get('r', order.of).total() - refund.n("amount").max(0);
            revenue += if PAID.contains(&payment.is) { kept } else { 0 };
        }
        let free = (0..self.all as u32).filter(|seat| self.is_free(*seat)).count();
        let mine: Lists = (rows, [free, 0, self.owner.len(), self.all - free - self.owner.len()], revenue);
        let ended = !self.things.values().any(|thing| OPEN.contains(&thing.is));
        self.must(ended, "never came to an end", &self.things.clone());
        self.must(mine == *lists, "the lists are wrong", &(lists, &mine));
    }
}
