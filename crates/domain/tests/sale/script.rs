//! Plain-text scripts: each line is a command at a time; its result is written below.
//!
//! ```text
//! 0:00 alice reserves A-1 A-2 for 10m #1
//! 0:01 alice pays R0 by card #2/other-body
//! 0:02 bank authorizes P0
//! 0:10 show A-1 | O0 | money | to-do | counts | status
//! ```
//! Times are hours, minutes, seconds since sales began (`h:mm`, `h:mm:ss`, `h:mm:ss.mmm`, with a minus before). Below a
//! line, `·` is a fact that was due before, `→` a fact of the command, `✗` a refusal, `=` a repeated request, `✓` a command that
//! changed nothing.

use crate::checked::Checked;
use crate::hall::{self, ALICE, BOB, CAROL};
use crate::words;
use fairseat_domain::Idempotency;
use fairseat_domain::best_available::BestAvailableRequest;
use fairseat_domain::command::{
    Canceller, Command, HoldOrigin, Holder, InstrumentMark, PaymentOutcome, RefundChoice, Selection,
};
use fairseat_domain::entry::Cause;
use fairseat_domain::fact::{CounterPayment, DeclineReason};
use fairseat_domain::ids::{
    AccountId, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex,
};
use fairseat_domain::money::{Amount, BasisPoints, Currency};
use fairseat_domain::sale::Step;
use fairseat_domain::seating_plan::{SeatingPlan, SectionIndex};
use fairseat_domain::terms::{HoldLimits, PriceTier, Terms, TermsChange};
use fairseat_domain::time::{Millis, Timestamp};
use std::fmt::Write as _;

/// Plays a script on a sale that opened an hour before its first moment.
pub(crate) fn play(script: &str) -> String {
    let mut sale = Checked::unopened();
    sale.step(hall::open_sale(), None, hall::on_sale().minus(hall::hours(1)));
    play_on(&mut sale, script)
}

/// Plays a script on an existing sale.
pub(crate) fn play_on(sale: &mut Checked, script: &str) -> String {
    let mut output = String::new();
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        writeln!(output, "{line}").expect("a string takes everything");
        for said in play_line(sale, line) {
            writeln!(output, "    {said}").expect("a string takes everything");
        }
    }
    output
}

fn play_line(sale: &mut Checked, line: &str) -> Vec<String> {
    let (line, key) = line.split_once(" #").map_or((line, None), |(line, key)| (line, Some(read_key(key))));
    let (time, rest) = line.split_once(' ').expect("a time and a wish");
    let now = read_time(time);
    if let Some(what) = rest.strip_prefix("show ") {
        sale.wake_copy();
        return what.split(" | ").map(|what| show(sale, what, now)).collect();
    }
    let (wish, holder) =
        rest.rsplit_once(" from ").map_or((rest, None), |(wish, from)| (wish, Some(read_holder(from))));
    let command = read_command(sale, wish);
    let step = sale.step_from(holder, command, key, now);
    tell(sale, &step)
}

/// `net7`, or `net7 new` for a new account.
fn read_holder(from: &str) -> Holder {
    let (network, new_account) = from.strip_suffix(" new").map_or((from, false), |network| (network, true));
    let origin =
        network.strip_prefix("net").and_then(|number| number.parse().ok()).expect("net and a number");
    Holder { origin: HoldOrigin(origin), new_account }
}

fn tell(sale: &Checked, step: &Step) -> Vec<String> {
    let mut output = Vec::new();
    for entry in &step.entries {
        let mark = if entry.cause == Cause::Due { '·' } else { '→' };
        output.extend(entry.facts.iter().map(|fact| format!("{mark} {}", words::fact(&sale.live, fact))));
    }
    match &step.answer {
        Err(refusal) => output.push(format!("✗ {}", words::refusal(&sale.live, refusal))),
        Ok(decision) if decision.replayed => output.push(format!("= {}", words::subject(decision.subject))),
        Ok(decision) if decision.facts.is_empty() => output.push("✓".to_owned()),
        Ok(_) => {}
    }
    output
}

fn show(sale: &Checked, what: &str, now: Timestamp) -> String {
    let sale = &sale.live;
    match what {
        "money" => words::accounts(sale),
        "takings" => {
            let back = words::money(sale.refunded_total());
            format!("{} orders sold, {back} given back", sale.orders_sold())
        }
        "to-do" => words::to_do(sale),
        "overdue" => sale.overdue(now).to_string(),
        "holds" => {
            let most = sale.most_held_from_one_origin();
            format!("at most {} from one network, {} by new accounts", most.all, most.by_new_accounts)
        }
        "tiers" => words::tiers(sale),
        "labels" => words::former_labels(sale),
        "stage" => match (sale.is_opened(), sale.is_deleted()) {
            (false, _) => "unopened".to_owned(),
            (true, false) => "opened".to_owned(),
            (true, true) => "withdrawn".to_owned(),
        },
        "status" => format!("{:?}", sale.status(now)),
        "wakes" => sale.next_deadline().map_or_else(|| "never".to_owned(), words::clock),
        "due" => sale.next_due().map_or_else(|| "never".to_owned(), words::clock),
        "counts" => {
            let counts = sale.counts();
            let (a, r, s, b) = (counts.available, counts.reserved, counts.sold, counts.blocked);
            format!("{a} available, {r} reserved, {s} sold, {b} blocked")
        }
        _ if what.starts_with('R') => {
            let number = ReservationNumber(read_number(what, 'R'));
            sale.reservation(number).map_or_else(
                || format!("{what} is forgotten"),
                |found| format!("{what} {:?}, total {}", found.phase, words::money(found.total)),
            )
        }
        _ if what.starts_with('O') => words::order(sale, OrderNumber(read_number(what, 'O'))),
        seat => words::seat(sale, hall::seat_named(sale.plan(), seat)),
    }
}

fn read_command(sale: &Checked, wish: &str) -> Command {
    let words: Vec<&str> = wish.split(' ').collect();
    match words.as_slice() {
        ["time", "passes"] => Command::Tick,
        ["bank", verb, what] => read_bank(verb, what),
        ["bank", "declines", what, reason] => Command::ReportPayment {
            payment: PaymentNumber(read_number(what, 'P')),
            outcome: PaymentOutcome::Declined(read_reason(reason)),
        },
        ["organizer", verb, arguments @ ..] => read_organizer(sale, verb, arguments),
        [who, "adds", arguments @ ..] => {
            let Command::PlaceReservation { buyer, selection, hold } =
                read_reservation(sale, read_buyer(who), arguments)
            else {
                panic!("nothing is chosen")
            };
            Command::AddToCart { buyer, selection, hold }
        }
        [who, "brings", what, "to", account] => Command::MergeCart {
            reservation: ReservationNumber(read_number(what, 'R')),
            guest: read_buyer(who),
            account: read_buyer(account),
        },
        [who, "reserves", arguments @ ..] => read_reservation(sale, read_buyer(who), arguments),
        [who, "sells", arguments @ .., "for", counter_payment] => {
            let Command::PlaceReservation { buyer, selection, .. } =
                read_reservation(sale, read_buyer(who), arguments)
            else {
                panic!("nothing is chosen")
            };
            Command::SellAtCounter {
                seller: buyer,
                selection,
                counter_payment: read_counter_payment(counter_payment),
            }
        }
        [who, verb, what, arguments @ ..] => read_buyer_wish(sale, read_buyer(who), verb, what, arguments),
        _ => panic!("cannot read {wish:?}"),
    }
}

fn read_bank(verb: &str, what: &str) -> Command {
    let report = |outcome| Command::ReportPayment { payment: PaymentNumber(read_number(what, 'P')), outcome };
    let capture =
        |captured| Command::ReportCapture { payment: PaymentNumber(read_number(what, 'P')), captured };
    let refund =
        |completed| Command::ReportRefund { refund: RefundNumber(read_number(what, 'F')), completed };
    match verb {
        "authorizes" => report(PaymentOutcome::Authorized),
        "asks-the-buyer-about" => report(PaymentOutcome::NeedsAction),
        "declines" => report(PaymentOutcome::Declined(DeclineReason::Generic)),
        "cancels" => report(PaymentOutcome::Cancelled),
        "captures" => capture(true),
        "cannot-capture" => capture(false),
        "refunds" => refund(true),
        "cannot-refund" => refund(false),
        _ => panic!("a bank does not {verb}"),
    }
}

fn read_organizer(sale: &Checked, verb: &str, arguments: &[&str]) -> Command {
    let seats = |names: &[&str]| read_seats(sale, names);
    match (verb, arguments) {
        ("opens", ["the", "sale"]) => hall::open_sale(),
        ("cancels", ["event"]) => Command::CancelEvent,
        ("deletes", ["sale"]) => Command::DeleteSale,
        ("cancels", [order]) => {
            let by = Canceller::Organizer(RefundChoice::Everything);
            Command::CancelOrder { order: OrderNumber(read_number(order, 'O')), by }
        }
        ("cancels", [order, how @ ("by-policy" | "for-nothing")]) => {
            let back = if *how == "by-policy" { RefundChoice::ByPolicy } else { RefundChoice::Nothing };
            let by = Canceller::Organizer(back);
            Command::CancelOrder { order: OrderNumber(read_number(order, 'O')), by }
        }
        ("hands-out", [order]) => Command::HandOutRefund { order: OrderNumber(read_number(order, 'O')) },
        ("blocks", [names @ .., "for", reason]) => {
            Command::BlockSeats { seats: seats(names), reason: (*reason).to_owned() }
        }
        ("unblocks", names) => Command::UnblockSeats { seats: seats(names) },
        ("refuses-single-seats", words @ ([] | ["no-longer"])) => {
            let refuse_single_seats = Some(words.is_empty());
            let terms = TermsChange { refuse_single_seats, ..TermsChange::default() };
            Command::ChangeEvent { terms, tiers: None }
        }
        ("limits-holds-to", limits) => {
            let limit = |name: &str| {
                let given = limits.iter().find_map(|limit| limit.strip_prefix(name)?.strip_prefix('='));
                given.map(|number| number.parse().expect("a number"))
            };
            let limits = HoldLimits {
                seats: limit("seats"),
                seats_of_new_accounts: limit("new"),
                tickets_per_instrument: limit("card"),
            };
            let terms = TermsChange { hold_limits: Some(limits), ..TermsChange::default() };
            Command::ChangeEvent { terms, tiers: None }
        }
        ("prices", tiers) => {
            let tiers = tiers.iter().map(|tier| read_tier(tier)).collect();
            Command::ChangeEvent { terms: TermsChange::default(), tiers: Some(tiers) }
        }
        ("plans", [which @ .., "anyway"]) => {
            Command::ChangePlan { plan: read_plan(which), reuse_labels: true }
        }
        ("plans", which) => Command::ChangePlan { plan: read_plan(which), reuse_labels: false },
        ("rules", rules) => {
            let (rules, prices) = match rules.iter().position(|word| *word == "prices") {
                Some(at) => (&rules[..at], Some(&rules[at + 1..])),
                None => (rules, None),
            };
            let mut terms = sale.live.terms().clone();
            rules.iter().for_each(|rule| read_rule(rule, &mut terms));
            let tiers = prices.map(|tiers| tiers.iter().map(|tier| read_tier(tier)).collect());
            Command::ChangeEvent { terms: difference(sale.live.terms(), &terms), tiers }
        }
        _ => panic!("an organizer does not {verb} {arguments:?}"),
    }
}

/// `anew`, `as before`, or with other labels: the plan as before, in which `A-1` is the label of the seat `A-2` after `A-2=A-1`, and seats are
/// added that it does not have.
fn read_plan(which: &[&str]) -> SeatingPlan {
    match which {
        ["anew"] => hall::next_plan(),
        ["as", "before"] => hall::first_plan(),
        labels => {
            let labels = labels.iter().map(|text| text.split_once('=').expect("seat=label"));
            hall::relabelled_plan(&labels.collect::<Vec<_>>())
        }
    }
}

/// The change that names only what differs between `before` and `after`.
fn difference(before: &Terms, after: &Terms) -> TermsChange {
    let all = TermsChange::from(after.clone());
    TermsChange {
        on_sale_at: all.on_sale_at.filter(|at| *at != before.on_sale_at),
        sales_end_at: all.sales_end_at.filter(|at| *at != before.sales_end_at),
        starts_at: all.starts_at.filter(|at| *at != before.starts_at),
        max_tickets_per_buyer: all.max_tickets_per_buyer.filter(|max| *max != before.max_tickets_per_buyer),
        fees: all.fees.filter(|fees| *fees != before.fees),
        refund_policy: all.refund_policy.filter(|policy| *policy != before.refund_policy),
        published: all.published.filter(|published| *published != before.published),
        hold_limits: None,
        refuse_single_seats: None,
    }
}

fn read_rule(rule: &str, terms: &mut Terms) {
    let (name, value) = rule.split_once('=').expect("name=value");
    let share = |text: &str| BasisPoints(100 * text.parse::<u32>().expect("percent"));
    match name {
        "limit" => terms.max_tickets_per_buyer = value.parse().expect("a number"),
        "on-sale" => terms.on_sale_at = read_time(value),
        "ends" => terms.sales_end_at = read_time(value),
        "starts" => terms.starts_at = read_time(value),
        "fee-per-ticket" => terms.fees.per_ticket = read_money(value),
        "fee-per-order" => terms.fees.per_order = read_money(value),
        "fee-percent" => terms.fees.share = share(value),
        "refund-percent" => terms.refund_policy.share = share(value),
        "refund-fees" => terms.refund_policy.fees_too = value == "yes",
        "refund-until-hours-before" => {
            terms.refund_policy.until_before_start = hall::hours(value.parse().expect("hours"));
        }
        "draft" => terms.published = value != "yes",
        _ => panic!("no such rule: {name}"),
    }
}

fn read_reservation(sale: &Checked, buyer: AccountId, arguments: &[&str]) -> Command {
    let (arguments, hold) = match arguments {
        [arguments @ .., "for", hold] => (arguments, read_hold(hold)),
        _ => (arguments, Millis::from_seconds(600)),
    };
    let section = |name: &str| sale.live.plan().section_named(name).unwrap_or(SectionIndex(999));
    let selection = match arguments {
        ["best", quantity, wishes @ ..] => {
            let mut wanted = BestAvailableRequest {
                quantity: quantity.parse().expect("a number"),
                section: None,
                max_price: None,
                accessible: false,
            };
            for wish in wishes {
                match wish.split_once('=') {
                    Some(("in", name)) => wanted.section = Some(section(name)),
                    Some(("max", price)) => wanted.max_price = Some(read_money(price)),
                    _ => panic!("no such wish: {wish}"),
                }
            }
            Selection::BestAvailable(wanted)
        }
        ["places", wishes @ ..] => {
            let wish = |wish: &&str| {
                let (name, quantity) = wish.split_once('=').expect("section=quantity");
                (section(name), quantity.parse().expect("a number"))
            };
            Selection::GeneralAdmission(wishes.iter().map(wish).collect())
        }
        names => Selection::Seats(read_seats(sale, names)),
    };
    Command::PlaceReservation { buyer, selection, hold }
}

fn read_buyer_wish(sale: &Checked, buyer: AccountId, verb: &str, what: &str, arguments: &[&str]) -> Command {
    if (verb, what.starts_with('O')) == ("cancels", true) {
        let order = OrderNumber(read_number(what, 'O'));
        return Command::CancelOrder { order, by: Canceller::Buyer(buyer) };
    }
    let reservation = ReservationNumber(read_number(what, 'R'));
    match (verb, arguments) {
        ("changes", arguments) => {
            let chosen = |mark: char| {
                let names: Vec<&str> = arguments.iter().filter_map(|name| name.strip_prefix(mark)).collect();
                read_seats(sale, &names)
            };
            Command::ChangeReservation { reservation, buyer, add: chosen('+'), remove: chosen('-') }
        }
        ("extends", []) => Command::ExtendReservation { reservation, buyer },
        ("cancels", []) => Command::CancelReservation { reservation, buyer },
        ("pays", how) => {
            let (method, instrument) = match how {
                [] => ("card", None),
                ["by", method] => (*method, None),
                ["with", card] => ("card", Some(InstrumentMark(u64::from(read_number(card, 'C'))))),
                _ => panic!("nobody pays {how:?}"),
            };
            Command::PlaceOrder { reservation, buyer, method: method.to_owned(), instrument }
        }
        _ => panic!("a buyer does not {verb}"),
    }
}

fn read_counter_payment(word: &str) -> CounterPayment {
    let known = [CounterPayment::Cash, CounterPayment::CardTerminal, CounterPayment::Complimentary];
    known
        .into_iter()
        .find(|counter_payment| counter_payment.name() == word)
        .unwrap_or_else(|| panic!("nobody takes {word}"))
}

fn read_buyer(name: &str) -> AccountId {
    match name {
        "alice" => ALICE,
        "bob" => BOB,
        "carol" => CAROL,
        _ => panic!("nobody is called {name}"),
    }
}

fn read_reason(reason: &str) -> DeclineReason {
    match reason {
        "no-money" => DeclineReason::InsufficientFunds,
        _ => DeclineReason::Generic,
    }
}

fn read_seats(sale: &Checked, names: &[&str]) -> Vec<SeatIndex> {
    names.iter().map(|name| hall::seat_named(sale.live.plan(), name)).collect()
}

fn read_number(text: &str, kind: char) -> u32 {
    text.strip_prefix(kind).and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{text:?}"))
}

fn read_tier(text: &str) -> PriceTier {
    let (name, price) = text.split_once('=').expect("name=price");
    PriceTier { name: name.to_owned(), price: read_money(price) }
}

fn read_money(text: &str) -> Amount {
    Currency::USD.parse(text).expect("an amount")
}

fn read_hold(text: &str) -> Millis {
    let number = |unit: &str| text.strip_suffix(unit).and_then(|number| number.parse::<i64>().ok());
    number("ms").or_else(|| number("m").map(|minutes| minutes * 60_000)).map(Millis).expect("a duration")
}

fn read_time(text: &str) -> Timestamp {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut parts = whole.split(':').map(|part| part.parse::<i64>().expect("a number"));
    let mut next = || parts.next().unwrap_or(0);
    let (hours, minutes, seconds) = (next(), next(), next());
    let ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction.parse::<i64>().expect("milliseconds");
    hall::on_sale().plus(Millis(if negative { -ms } else { ms }))
}

fn read_key(text: &str) -> Idempotency {
    let (key, body) = text.split_once('/').unwrap_or((text, "0"));
    Idempotency { key: key.parse().expect("a number"), body: body.parse().expect("a number") }
}
