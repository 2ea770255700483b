//! The model: the rules of a sale, as simple as possible, in words and numbers. It imports no other crate of ours.
//!
//! Its input ([`crate::model_input`]): the journal's entries at the end, the answers to clients, the gateway's movements of
//! money, and the views. It keeps a map from seat to owner, and the status of every reservation `r`, order `o`, payment `p`
//! and refund `f`. Times are milliseconds, amounts minor units, -1 is nothing.

use crate::model_input::{ClientAnswer, Entry, Movement, Said, Statement, Subject, ViewContents};
use std::collections::{BTreeMap, BTreeSet};

/// A reservation, order, payment or refund.
#[derive(Clone, Debug)]
struct Item {
    status: &'static str,
    /// Its buyer, reservation, order or payment.
    parent: i64,
    /// Those it began with.
    terms: [i64; 10],
    seats: Vec<(u32, i64)>,
    numbers: BTreeMap<&'static str, i64>,
}
static NONE: Item =
    Item { status: "nothing", parent: -1, terms: [0; 10], seats: Vec::new(), numbers: BTreeMap::new() };
impl Item {
    fn number(&self, name: &str) -> i64 {
        self.numbers.get(name).copied().unwrap_or(-1)
    }
    fn total(&self) -> i64 {
        self.seats.iter().map(|seat| seat.1).sum::<i64>() + self.number("fees")
    }
}
/// What was done under an idempotency key.
#[derive(Clone, Copy, Debug, Default)]
struct UsedKey {
    at: i64,
    body: u64,
    subject: Subject,
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
    items: BTreeMap<(char, i64), Item>,
    keys: BTreeMap<u64, UsedKey>,
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
    views: &ViewContents,
) -> Vec<String> {
    let mut model = Model::default();
    let open = |answer: &&ClientAnswer| {
        !matches!(answer.said, Said::Done(..)) && (answer.version > 0 || !model.is_true(answer))
    };
    let mut open: Vec<&ClientAnswer> = answers.iter().filter(open).collect();
    for (at, entry) in entries.iter().enumerate() {
        model.enter(entry);
        open.retain(|answer| answer.version != entry.version || !model.is_true(answer));
        let last = entries.get(at + 1).is_none_or(|next| next.version > entry.version);
        let stuck = open.extract_if(.., |answer| last && answer.version <= entry.version);
        stuck.for_each(|answer| model.check(false, "refused for a reason that was never true", answer));
    }
    answers.iter().for_each(|answer| model.check_answer(answer));
    model.count(books);
    model.end(views);
    model.wrong
}

impl Model {
    fn check(&mut self, holds: bool, rule: &str, what: &dyn std::fmt::Debug) {
        if !holds && self.wrong.len() < 10 {
            self.wrong.push(format!("{rule}: version {} at {}: {what:?}", self.version, self.now));
        }
    }
    fn get(&self, kind: char, number: i64) -> &Item {
        self.items.get(&(kind, number)).unwrap_or(&NONE)
    }
    fn put(&mut self, kind: char, number: i64) -> &mut Item {
        self.items.entry((kind, number)).or_insert_with(|| Item { terms: self.terms, ..NONE.clone() })
    }
    fn note(&mut self, id: (char, i64), status: &'static str, parent: i64, more: &[(&'static str, i64)]) {
        let item = self.put(id.0, id.1);
        (item.status, item.parent) = (status, parent);
        item.numbers.extend(more.iter().copied());
        self.items.remove(&(id.0, -1));
    }
    fn all(&self, kind: char) -> impl Iterator<Item = (i64, &Item)> {
        self.items.range((kind, i64::MIN)..=(kind, i64::MAX)).map(|((_, number), item)| (*number, item))
    }
    fn paying(&self, cart: i64) -> bool {
        UNSETTLED.contains(
            &self.get('p', self.get('o', self.get('r', cart).number("order")).number("payment")).status,
        )
    }
    /// Whether something was due by `at` but is not in the journal yet.
    fn is_late(&self, at: i64) -> bool {
        let past = |found: &Item, name| self.over || found.number(name) <= at;
        self.all('r')
            .any(|(cart, found)| found.status == "active" && past(found, "until") && !self.paying(cart))
            || self
                .all('p')
                .any(|(_, found)| UNSETTLED[..2].contains(&found.status) && past(found, "cancel_at"))
            || (self.over && self.all('o').any(|(_, found)| found.status == "confirmed"))
    }
    /// Whether anything was sold, or a payment under way may still sell something.
    fn is_sold(&self) -> bool {
        let any = |kind, words: &[&str]| self.all(kind).any(|(_, item)| words.contains(&item.status));
        any('o', &["confirmed", "cancelled"]) || any('p', &UNSETTLED)
    }
    fn is_free(&self, seat: u32) -> bool {
        self.prices.contains_key(&seat) && !self.blocked.contains(&seat) && !self.owner.contains_key(&seat)
    }
    fn has(&self, buyer: i64) -> i64 {
        let bought = |found: &Item| found.parent == buyer && found.number("counter") < 0;
        self.owner.values().filter(|owner| bought(self.get('r', **owner))).count() as i64
    }
    fn enter(&mut self, entry: &Entry) {
        let Entry { version, at, request, key, due, subject, changes } = entry;
        self.check(*at >= self.now, "time runs backwards", entry);
        self.check(*due || !self.is_late(*at), "a due change is missing", entry);
        let before = std::mem::replace(&mut self.now, *at);
        self.version = *version;
        let old =
            key.and_then(|(key, body)| self.keys.insert(key, UsedKey { at: *at, body, subject: *subject }));
        self.check(old.is_none_or(|old| old.at < at - DAY), "one key did two things", entry);
        changes.iter().for_each(|change| self.apply(change));
        let twice = *request != 0 && self.done.insert(*request, (before, entry.clone())).is_some();
        self.check(!twice, "one request was done twice", entry);
    }
    /// Gives a reservation these seats and fees, which must be what its terms say.
    fn fill(&mut self, change: &Statement, reservation: i64, seats: &[(u32, i64)], fees: i64) {
        let had = self.get('r', reservation).seats.clone();
        self.owner.retain(|_, owner| *owner != reservation);
        for (seat, _) in seats {
            let free = self.is_free(*seat) || had.iter().any(|mine| mine.0 == *seat);
            let alone = self.owner.insert(*seat, reservation).is_none();
            self.check(free && alone, "a seat is not free", &(seat, change));
        }
        let found = self.put('r', reservation);
        found.seats = seats.to_vec();
        found.numbers.insert("fees", fees);
        let (prices, [.., ticket, order, share, _, _, _]) = (found.total() - fees, found.terms);
        let paid = seats.iter().filter(|seat| seat.1 > 0).count() as i64;
        let due = ticket * paid + order + (prices * share + 5_000) / 10_000;
        let (more, buyer) = (seats.len() > had.len() && found.number("counter") < 0, found.parent);
        self.check(fees == if prices == 0 { 0 } else { due }, "wrong fees", change);
        self.check(!more || self.has(buyer) <= self.terms[3], "above the buyer's limit", change);
    }
    #[expect(clippy::too_many_lines, reason = "an arm for each verb")]
    fn apply(&mut self, change: &Statement) {
        let mut steps = STEPS.split(';').map(|step| step.split_whitespace().collect::<Vec<_>>());
        if let Some(step) = steps.find(|step| step[0] == change.verb) {
            let kind = step[1].chars().next().unwrap_or_default();
            let (status, count) = (self.get(kind, change.a).status, self.all(kind).count() as i64);
            let fits =
                step[2].split('/').any(|from| from == status) && (status != "nothing" || change.a == count);
            self.check(fits, "this change of status is not allowed", &(change, status));
            self.check(kind != 'r' || !self.paying(change.a), "touched while it is being paid for", change);
            self.put(kind, change.a).status = step[3];
        }
        let Statement { verb, a, b, seats, numbers } = change;
        let (a, b, found) = (*a, *b, self.get('r', *a).clone());
        let asked = |part| seats.iter().all(|s| self.prices.get(&s.0).map(|now| now * part) == Some(s.1));
        match *verb {
            "terms" => {
                self.check(numbers[0] < i64::MAX || !self.is_sold(), "a sold event became a draft", change);
                self.check(
                    numbers[0] == i64::MAX || numbers[0] < numbers[1],
                    "sales end before they begin",
                    change,
                );
                self.terms.copy_from_slice(numbers);
            }
            "prices" => {
                self.check(numbers.starts_with(&self.ids), "an index is used for another seat", change);
                (self.all, self.prices, self.ids) =
                    (a as usize, seats.iter().copied().collect(), numbers.clone());
            }
            "blocked" => self.blocked.extend(seats.iter().map(|seat| seat.0)),
            "unblocked" => self.blocked.retain(|seat| !seats.iter().any(|other| other.0 == *seat)),
            "over" => self.over = true,
            "took" => {
                let open =
                    (self.terms[0]..self.terms[1]).contains(&self.now) && numbers[2] == self.now + numbers[1];
                let fits = open && !self.over && asked(1);
                self.check(fits, "sold while closed, for the wrong time or price", change);
                self.note(
                    ('r', a),
                    "active",
                    b,
                    &[("placed", self.now), ("hold", numbers[1]), ("until", numbers[2])],
                );
                self.fill(change, a, seats, numbers[0]);
            }
            "changed" => self.fill(change, a, seats, numbers[0]),
            "extended" => {
                let until =
                    (found.number("until") + found.number("hold")).min(found.number("placed") + LONGEST);
                self.check(
                    numbers[0] == until && found.number("extended") < 0,
                    "extended too often, or too long",
                    change,
                );
                self.note(('r', a), "active", found.parent, &[("extended", 1), ("until", until)]);
            }
            "merged" => self.merge(change),
            "expired" | "gave-up" => {
                self.check(
                    *verb != "expired" || found.number("until") <= self.now,
                    "expired too soon",
                    change,
                );
                self.owner.retain(|_, owner| *owner != a);
                self.note(('r', a), found.status, found.parent, &[("ended", self.now)]);
                self.items.entry(('o', found.number("order"))).and_modify(|order| order.status = "dead");
            }
            "ordered" => {
                let cart = self.get('r', b).clone();
                let first =
                    self.terms[0] < i64::MAX && (cart.number("order") < 0 || cart.number("order") == a);
                self.check(first && cart.status == "active" && !self.paying(b), "cannot be ordered", change);
                self.note(('r', b), cart.status, cart.parent, &[("order", a)]);
                self.note(('o', a), "pending", b, &[]);
                self.put('o', a).terms = self.terms;
            }
            "tried" => {
                let order = self.get('o', b).clone();
                let cart = self.get('r', order.parent).clone();
                let fits =
                    cart.total() == numbers[0] && !self.paying(order.parent) && order.status == "pending";
                self.check(fits, "wrong amount, or two attempts at once", change);
                let (cancel_at, tries) = (cart.number("until") + LONGEST, order.number("tries").max(0) + 1);
                self.note(('p', a), "started", b, &[("cancel_at", cancel_at), ("amount", numbers[0])]);
                self.note(('o', b), order.status, order.parent, &[("payment", a), ("tries", tries)]);
            }
            "declined" | "stopped" => self.keys.retain(|_, key| (key.subject.0, key.subject.2) != ('p', a)),
            "returned" => {
                self.keys.retain(|_, key| (key.subject.0, key.subject.2) != ('p', a));
                self.owe(change, b, a, self.get('p', a).number("amount"));
            }
            "failed" if self.get('o', self.get('p', a).parent).number("refund") >= 0 => {
                self.put('f', self.get('o', self.get('p', a).parent).number("refund")).status = "dropped";
            }
            "confirmed" => {
                let (order, paid) = (self.get('o', a).clone(), self.get('p', b));
                let cart = self.get('r', order.parent).clone();
                let used = PAID.contains(&paid.status) || ["failed", "returned"].contains(&paid.status);
                let fresh = !used && paid.parent == a && b == order.number("payment");
                let pays = if b < 0 { cart.total() == 0 } else { fresh };
                self.check(pays && cart.status == "active", "that payment does not pay for it", change);
                self.check(self.terms[0] < i64::MAX, "sold while a draft", change);
                self.note(('p', b), "promised", a, &[("allowed", self.version as i64)]);
                self.put('r', order.parent).status = "converted_to_order";
            }
            // A counter sale: possible at any time, outside every limit, not refundable for the buyer. The money is in the
            // drawer.
            "sold" => {
                let open = !self.over && self.terms[0] < i64::MAX && b == self.all('r').count() as i64;
                self.check(
                    open && asked(numbers[3]),
                    "sold while nothing was on sale, or at a wrong price",
                    change,
                );
                self.note(('r', b), "converted_to_order", numbers[1], &[("counter", 1), ("order", a)]);
                self.fill(change, b, seats, numbers[0]);
                let amount = self.get('r', b).total();
                let payment = if amount == 0 { -1 } else { self.all('p').count() as i64 };
                self.check(payment == numbers[2], "not paid once", change);
                self.note(('o', a), "confirmed", b, &[("payment", payment)]);
                self.put('o', a).terms[7] = 0;
                self.note(('p', payment), "in the drawer", a, &[("amount", amount)]);
            }
            "reseated" => {
                let cart = self.get('o', a).parent;
                self.check(self.now < self.terms[1], "seated again after the end", change);
                let seats = std::mem::take(&mut self.put('r', cart).seats);
                self.put('r', cart).status = "active";
                self.fill(change, cart, &seats, self.get('r', cart).number("fees"));
            }
            "ended" => {
                let order = self.get('o', a).clone();
                let (cart, paid) =
                    (self.get('r', order.parent), self.get('p', order.number("payment")).status);
                let [.., share, too, before] = order.terms;
                let terms = (share, too > 0, self.now < self.terms[2] - before);
                let (share, too, may) = if b == 0 { terms } else { (10_000, true, true) };
                let fees = if too { cart.number("fees") } else { 0 };
                let prices = ((cart.total() - cart.number("fees")) * share + 5_000) / 10_000;
                let due = [prices, fees].repeat(usize::from(PAID.contains(&paid) && prices + fees > 0));
                self.check(
                    may && share > 0 && numbers.get(1..).unwrap_or_default() == due,
                    "wrong refund",
                    change,
                );
                self.owner.retain(|_, owner| *owner != order.parent);
                if let [refund, prices, fees] = **numbers {
                    self.note(('o', a), order.status, order.parent, &[("refund", refund)]);
                    self.owe(change, refund, order.number("payment"), prices + fees);
                }
            }
            _ => {}
        }
    }
    /// A guest's cart joins the account's, or changes hands. The seats that were reserved first stay, up to the limit.
    fn merge(&mut self, change: &Statement) {
        let Statement { a, b, seats, numbers, .. } = change;
        let [fees, buyer, until, limited, ref left @ ..] = numbers[..] else { return };
        let guests = self.get('r', *a).clone();
        let own = Some(*b).filter(|b| *b >= 0 && b != a).map(|b| self.get('r', b).clone());
        let alive = |cart: &Item| cart.status == "active";
        let fits = alive(&guests) && !self.paying(*a);
        let fits =
            fits && own.as_ref().is_none_or(|own| alive(own) && own.parent == buyer && !self.paying(*b));
        self.check(fits, "merged what cannot be merged", change);
        let kept = own.as_ref().unwrap_or(&guests);
        let placed = guests.number("placed").min(kept.number("placed"));
        let end = guests.number("until").max(kept.number("until")).min(placed + LONGEST);
        let mine = own.as_ref().map(|own| own.seats.clone()).unwrap_or_default();
        let own_first = own.is_some() && kept.number("placed") <= guests.number("placed");
        let theirs = guests.seats.clone();
        let all = if own_first { [mine, theirs].concat() } else { [theirs, mine].concat() };
        let (stay, rest) = all.split_at(seats.len().min(all.len()));
        let rest: Vec<i64> = rest.iter().map(|seat| i64::from(seat.0)).collect();
        let least = own.as_ref().map_or(0, |own| own.seats.len() as i64);
        let room = (self.terms[3] - (self.has(buyer) - least)).max(least).min(all.len() as i64);
        let right = stay == seats.as_slice() && rest == left && until == end;
        self.check(right, "a merge loses seats, or time", change);
        let count = seats.len() as i64;
        self.check(count <= room, "above the buyer's limit", change);
        self.check(count == room || limited > 0, "a merge leaves out seats without need", change);
        let extended = guests.number("extended").max(kept.number("extended"));
        self.owner.retain(|_, owner| owner != a && owner != b);
        if b != a {
            self.note(('r', *a), "cancelled", guests.parent, &[("ended", self.now)]);
            self.items.entry(('o', guests.number("order"))).and_modify(|order| order.status = "dead");
        }
        if *b >= 0 {
            let more = [("placed", placed), ("until", until), ("extended", extended)];
            self.note(('r', *b), "active", buyer, &more);
            self.put('r', *b).seats = all;
            self.fill(change, *b, seats, fees);
        }
    }
    fn owe(&mut self, change: &Statement, refund: i64, payment: i64, amount: i64) {
        self.check(self.get('f', refund).status == "nothing", "a refund's number is used again", change);
        let status = if self.get('p', payment).status == "in the drawer" { "owed" } else { "due" };
        self.note(('f', refund), status, payment, &[("amount", amount), ("allowed", self.version as i64)]);
    }
    /// Whether an answer without an entry is true in this version.
    fn is_true(&self, answer: &ClientAnswer) -> bool {
        let ClientAnswer { key, span: (asked, heard), said, .. } = answer;
        let (from, to) = ((*asked).max(self.now), (*heard).max(self.now));
        let (key, body) = key.unwrap_or_default();
        let known = self.keys.get(&key).copied().unwrap_or_default();
        let Statement { verb, a, b, seats, numbers } = match said {
            Said::Claim(why) => why,
            Said::Again(subject) => return (known.body, known.subject) == (body, *subject),
            Said::Nothing | Said::Done(..) => return true,
        };
        let (r, o, terms) = (self.get('r', *a), self.get('o', *a), &self.terms);
        !self.is_late(from)
            && match *verb {
                why if known.at > to - DAY && !["other body", "key busy", "shown"].contains(&why) => false,
                "taken" => seats.iter().all(|seat| !self.is_free(seat.0)),
                "held" => seats.iter().all(|seat| self.owner.contains_key(&seat.0)),
                "not for sale" => !seats.iter().any(|seat| self.prices.contains_key(&seat.0)),
                "too few" => (seats.iter().filter(|seat| self.is_free(seat.0)).count() as i64) < *b,
                "limit" => {
                    numbers[1] == terms[3] && numbers[2] == self.has(*a) && numbers[2] + numbers[0] > terms[3]
                }
                "not open" => from < terms[0],
                "closed" => self.over || to >= terms[1],
                "expired" | "cancelled" => r.status == *verb,
                "bought" => r.status == "converted_to_order" && r.number("order") == *b,
                "no extension" => {
                    r.number("extended") > 0 || r.number("placed") + LONGEST <= r.number("until")
                }
                "paying" => self.paying(*a),
                "order paying" => o.status == "pending" && self.paying(o.parent),
                "too often" => self.get('o', r.number("order")).number("tries") >= 50,
                "no refund" => o.status == "confirmed" && (o.terms[7] == 0 || to >= terms[2] - o.terms[9]),
                "sold" => self.is_sold(),
                "nothing owed" => self.get('f', o.number("refund")).status != "owed",
                "no reservation" => {
                    r.status == "nothing" || r.parent != *b || (0..to - DAY).contains(&r.number("ended"))
                }
                "no order" => o.status == "nothing" || (*b >= 0 && self.get('r', o.parent).parent != *b),
                "no sale" => self.all == 0 || self.over,
                "opened" => self.all > 0,
                "shown" => o.status == "confirmed",
                "other body" => known.body != body,
                "key busy" => self.get('p', known.subject.2).status == "started",
                _ => true,
            }
    }
    /// Checks an answer against the journal.
    fn check_answer(&mut self, answer: &ClientAnswer) {
        let ClientAnswer { request, span, version, durable, said, .. } = answer;
        let fresh = durable.0 <= *version && *version <= durable.1;
        self.check(fresh, "answered before it was durable, or from a version before the request", answer);
        match (said, self.done.get(request).cloned()) {
            (Said::Done(changes, subject), Some((before, entry))) => {
                let at = entry.at;
                let same = entry.version == *version
                    && *subject == entry.subject
                    && span.0 <= at
                    && at <= span.1.max(before);
                let written = entry.changes.iter().filter(|change| change.verb != "prices");
                let same = same && changes.iter().eq(written);
                self.check(same, "the answer differs from the journal", &(at, answer, entry.changes));
            }
            (Said::Done(..), None) => self.check(false, "answered yes, and lost", answer),
            (_, done) => self.check(done.is_none(), "refused, and done nevertheless", answer),
        }
    }
    /// Checks that the gateway moved each amount at most once, when it was allowed.
    fn count(&mut self, books: &[Movement]) {
        for (at, moved) in books.iter().enumerate() {
            let Movement { durable, what, payment, refund, amount } = *moved;
            let known = if refund < 0 { self.get('p', payment) } else { self.get('f', refund) }.clone();
            let allowed = (0..=durable as i64).contains(&known.number("allowed"));
            let fits = match what {
                "took" => allowed && known.status == "captured",
                "gave back" => allowed && known.status == "done" && known.parent == payment,
                "let go" => !["captured", "promised"].contains(&known.status),
                _ => true,
            };
            let once =
                !books[..at].iter().any(|one| (one.what, one.payment, one.refund) == (what, payment, refund));
            let right = fits && once && known.number("amount") == amount;
            self.check(right, "the gateway moved money without need, twice, or too early", &(moved, known));
        }
        for ((kind, number), item) in &self.items.clone() {
            let moves =
                |what, payment| books.iter().filter(|one| (one.what, one.payment) == (what, payment)).count();
            let back =
                books.iter().filter(|moved| moved.refund == *number).count() + moves("let go", item.parent);
            let settled = moves("promised", *number) == moves("took", *number) + moves("let go", *number);
            let right = match kind {
                'p' if item.status == "captured" => settled && moves("took", *number) == 1,
                'p' => (settled || item.status == "failed") && moves("took", *number) == 0,
                'f' => {
                    (item.status == "done" && self.get('p', item.parent).status != "in the drawer")
                        == (back == 1)
                }
                _ => true,
            };
            self.check(right, "money is not where it should be", &(kind, number, item));
        }
    }
    /// Checks that everything came to its end, and that the views show it.
    fn end(&mut self, views: &ViewContents) {
        let (mut rows, mut revenue) = (BTreeMap::new(), 0);
        rows.extend(self.all('r').map(|(number, found)| (('r', number), (found.status, found.parent))));
        for (number, order) in self.all('o') {
            let (payment, refund) =
                (self.get('p', order.number("payment")), self.get('f', order.number("refund")));
            let back = if refund.status == "done" { refund.number("amount") } else { 0 };
            let word = if order.status == "dead" { "cancelled" } else { order.status };
            rows.insert(('o', number), (if back > 0 { "refunded" } else { word }, back));
            let kept = self.get('r', order.parent).total() - refund.number("amount").max(0);
            revenue += if PAID.contains(&payment.status) { kept } else { 0 };
        }
        let free = (0..self.all as u32).filter(|seat| self.is_free(*seat)).count();
        let counts = [free, 0, self.owner.len(), self.all - free - self.owner.len()];
        let mine = ViewContents { rows, counts, revenue };
        let ended = !self.items.values().any(|item| OPEN.contains(&item.status));
        self.check(ended, "never came to an end", &self.items.clone());
        self.check(mine == *views, "the lists are wrong", &(views, &mine));
    }
}
