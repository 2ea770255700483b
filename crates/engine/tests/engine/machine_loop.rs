//! The loop without I/O: inputs and outputs, one line each.

use crate::support::{EVENT, append_foreign, at, cancel, order, report, reserve};
use crate::writer::{NOTHING, Writer};
use fairseat_domain::command::PaymentOutcome;
use fairseat_domain::ids::SeatIndex;
use fairseat_domain::limits::BATCH_BYTES;
use fairseat_domain::seating_plan::{ImportOptions, SeatingPlan, import};
use fairseat_domain::{Command, wire};
use fairseat_engine::Input;
use fairseat_journal::{AppendError, Head, InvalidAppend, Journal, Position, StreamId};
use futures::FutureExt;

#[test]
fn answers_wait_until_the_facts_they_rely_on_are_durable() {
    let mut writer = Writer::opened(10);
    assert_eq!(
        writer.ask(&[(1, reserve(1, &[0])), (2, reserve(2, &[0]))]),
        ["append 1"],
        "both answers wait"
    );
    assert_eq!(writer.ask(&[(3, reserve(3, &[0]))]), NOTHING, "a refusal waits for the batch in flight");
    assert_eq!(
        writer.ask(&[(4, reserve(4, &[1])), (5, reserve(5, &[1]))]),
        NOTHING,
        "these wait for the next batch"
    );
    assert_eq!(writer.machine_loop.unanswered(), 5);
    assert_eq!(writer.journal_answers(), ["publish 2", "yes 1 @2", "no 2 @2", "no 3 @2", "append 1"]);
    assert_eq!(writer.journal_answers(), ["publish 3", "yes 4 @3", "no 5 @3"]);
    assert_eq!(writer.ask(&[(6, reserve(6, &[0]))]), ["no 6 @3"], "it relies on durable facts only");
    assert!(!writer.machine_loop.is_busy());
}

#[test]
fn batches_gather_while_one_is_in_flight_and_close_at_64_kib() {
    let mut writer = Writer::opened(5_000);
    let many: Vec<_> = (0..4_000).map(|seat| (seat, reserve(1, &[seat]))).collect();
    let first: Vec<_> = writer.ask(&many[..1]);
    assert_eq!(first, ["append 1"]);
    assert_eq!(writer.ask(&many[1..900]), NOTHING);
    // The buyer may own 1,000.
    assert_eq!(writer.ask(&[(900, reserve(2, &[4_001]))]), NOTHING);
    writer.journal_answers();
    assert_eq!(wire::decode_batch(&writer.append.as_ref().unwrap().payload).unwrap().len(), 900);
    writer.journal_answers();
    let full: Vec<_> = (1_000..5_000).map(|seat| (seat, reserve(u128::from(seat), &[seat]))).collect();
    writer.ask(&full);
    let first_full = writer.append.as_ref().unwrap().payload.len();
    assert!((65_536..66_000).contains(&first_full), "closed with the first entry past 64 KiB: {first_full}");
    assert!(
        writer.machine_loop.has_more(),
        "the next is gathered when asked, and the one in flight is sent first"
    );
    assert_eq!(writer.run(), NOTHING);
    assert!(!writer.machine_loop.has_more(), "one full batch waits, no more");
    let mut answered = 0;
    while writer.append.is_some() {
        answered += writer.journal_answers().iter().filter(|line| line.starts_with("yes")).count();
        while writer.machine_loop.has_more() {
            writer.run();
        }
    }
    assert_eq!(answered, 3_999, "seat 4,001 was taken");
}

#[test]
fn large_commands_get_their_own_batch() {
    let mut writer = Writer::opened(3_000);
    let block = Command::BlockSeats { seats: (1_000..3_000).map(SeatIndex).collect(), reason: "tour".into() };
    let asked = [(1, reserve(1, &[0])), (2, block.clone()), (3, reserve(2, &[1_000])), (4, reserve(2, &[1]))];
    assert_eq!(writer.ask(&asked), ["append 1"]);
    while writer.machine_loop.has_more() {
        writer.run();
    }
    assert_eq!(writer.journal_answers(), ["publish 2", "yes 1 @2", "append 1"]);
    assert_eq!(writer.journal_answers(), ["publish 3", "yes 2 @3", "no 3 @3", "append 1"]);
    assert_eq!(writer.journal_answers(), ["publish 4", "yes 4 @4"]);
}

#[test]
fn a_change_of_a_thousand_seats_shares_a_batch() {
    let mut writer = Writer::opened(3_000);
    let block = Command::BlockSeats { seats: (1_000..2_000).map(SeatIndex).collect(), reason: "tour".into() };
    assert_eq!(writer.ask(&[(1, reserve(1, &[0])), (2, block), (3, reserve(2, &[1]))]), ["append 3"]);
}

#[test]
fn a_command_too_large_for_any_append_fails_alone() {
    let mut writer = Writer::opened(10);
    let plan = heavy_plan(180_000);
    let asked = [
        (2, reserve(1, &[0])),
        (3, Command::ChangePlan { plan, reuse_labels: false }),
        (4, reserve(1, &[1])),
    ];
    assert_eq!(writer.ask(&asked), ["fail 3 TooLarge", "append 1"]);
    writer.run();
    assert_eq!(writer.journal_answers(), ["publish 2", "yes 2 @2", "append 1"]);
    assert_eq!(writer.journal_answers(), ["publish 3", "yes 4 @3"]);
}

/// A plan within every limit of the domain whose fact no append can carry.
fn heavy_plan(seats: usize) -> SeatingPlan {
    let name = "x".repeat(180);
    let row = |row: usize| {
        let seat = |seat: usize| {
            format!(
                r#"{{"seat_guid":"{seat}-{row}-{name}","seat_number":"{seat}","position":{{"x":{seat},"y":{row}}},"category":"Floor"}}"#
            )
        };
        let seats: Vec<String> = (0..1_000).rev().map(seat).collect();
        format!(r#"{{"row_number":"{row}","position":{{"x":0,"y":0}},"seats":[{}]}}"#, seats.join(","))
    };
    let rows: Vec<String> = (0..seats / 1_000).map(row).collect();
    let json = format!(
        r#"{{"name":"Big","categories":[{{"name":"Floor","color":"red"}}],"zones":[{{"name":"Floor","position":{{"x":0,"y":0}},"rows":[{}]}}],"size":{{"width":1000,"height":1000}}}}"#,
        rows.join(",")
    );
    import(&json, ImportOptions::default()).unwrap().plan
}

#[test]
fn a_lost_race_is_decided_again_in_order() {
    let mut writer = Writer::opened(10);
    writer.ask(&[(1, reserve(1, &[0])), (2, reserve(2, &[1])), (3, reserve(3, &[0]))]);
    writer.ask(&[(4, reserve(4, &[3])), (5, reserve(5, &[1]))]);
    writer.other_writer(reserve(9, &[0]));
    writer.other_writer(reserve(9, &[3]));
    let lines = writer.journal_answers();
    assert_eq!(
        lines,
        ["publish 2", "publish 3", "no 1 @3", "append 1"],
        "the first now relies on durable facts"
    );
    let lines = writer.journal_answers();
    assert_eq!(lines, ["publish 4", "yes 2 @4", "no 3 @4", "no 4 @4", "no 5 @4"], "in order, each once");
}

#[test]
fn a_lost_race_may_leave_only_refusals() {
    let mut writer = Writer::opened(10);
    writer.ask(&[(1, reserve(1, &[0]))]);
    writer.other_writer(reserve(9, &[0]));
    assert_eq!(writer.journal_answers(), ["publish 2", "no 1 @2"]);
    assert!(!writer.machine_loop.is_busy());
}

#[test]
fn batches_of_others_apply_once_and_without_a_gap() {
    let mut writer = Writer::opened(10);
    let heard = |writer: &mut Writer, after: u64| {
        let read = writer.journal.read(StreamId(EVENT.0), Position(after), 1 << 20);
        let missed = read.now_or_never().unwrap().unwrap();
        writer.tell(Input::Missed(missed))
    };
    writer.other_writer(reserve(9, &[0]));
    writer.other_writer(reserve(9, &[1]));
    assert_eq!(heard(&mut writer, 1), ["publish 2", "publish 3"]);
    assert_eq!(heard(&mut writer, 1), NOTHING, "the same batches again");
    writer.other_writer(reserve(9, &[2]));
    writer.other_writer(reserve(9, &[3]));
    assert_eq!(heard(&mut writer, 4), ["quarantine: invariant broken: batch 5 follows batch 3"]);
}

#[test]
fn an_append_that_arrived_twice_counts_once() {
    let mut writer = Writer::opened(10);
    writer.ask(&[(1, reserve(1, &[0]))]);
    writer.ask(&[(2, reserve(2, &[1]))]);
    let append = writer.append.clone().unwrap();
    writer.journal.append(append).now_or_never().unwrap().unwrap();
    writer.other_writer(reserve(9, &[1]));
    let lines = writer.journal_answers();
    assert_eq!(lines, ["publish 2", "yes 1 @2", "append 1"], "the repeat is answered as the first attempt");
    assert_eq!(writer.journal_answers(), ["publish 3", "no 2 @3"]);
    let stale = writer.tell(Input::Appended(Ok(Head { position: Position(2), hash: [2; 32] })));
    assert_eq!(stale, NOTHING, "an acknowledgement that was repeated");
}

#[test]
fn a_refused_append_fails_all_waiting_requests_and_the_next_request_tries_again() {
    for (error, fault) in [
        (AppendError::Full, "ReadOnly"),
        (AppendError::Stopped, "Unavailable"),
        (AppendError::Unavailable("no connection".to_owned()), "Unavailable"),
        (AppendError::Invalid(InvalidAppend::TooManyStreams { limit: 1 }), "TooLarge"),
    ] {
        let mut writer = Writer::opened(10);
        writer.ask(&[(1, reserve(1, &[0]))]);
        writer.ask(&[(2, reserve(2, &[0])), (3, reserve(3, &[1]))]);
        let failed = [1, 2, 3].map(|token| format!("fail {token} {fault}"));
        assert_eq!(writer.journal_fails(error), failed);
        assert!(!writer.machine_loop.is_busy());
        assert_eq!(writer.ask(&[(4, reserve(4, &[0]))]), ["append 1"]);
        assert_eq!(writer.journal_answers(), ["publish 2", "yes 4 @2"], "no earlier request is left");
    }
}

#[test]
fn due_entries_ask_a_full_journal_once_a_second() {
    let mut writer = Writer::opened(10);
    writer.ask(&[(1, reserve(1, &[0]))]);
    writer.journal_answers();
    writer.clock = at(600_000);
    assert_eq!(writer.run(), ["append 1"], "the reservation expires");
    assert_eq!(writer.journal_fails(AppendError::Full), NOTHING);
    assert_eq!(writer.machine_loop.next_run_in(writer.clock).unwrap().0, 1_000);
    writer.clock = at(600_999);
    assert_eq!(writer.run(), NOTHING);
    assert_eq!(writer.machine_loop.next_run_in(writer.clock).unwrap().0, 1);
    writer.clock = at(500_000);
    assert_eq!(writer.run(), NOTHING, "the clock jumped back: nothing is due");
    writer.clock = at(601_000);
    assert_eq!(writer.run(), ["append 1"]);
    assert_eq!(writer.journal_fails(AppendError::Full), NOTHING);
    assert_eq!(writer.ask(&[(2, reserve(2, &[0]))]), ["append 2"], "a request tries at once");
    assert_eq!(writer.journal_answers(), ["publish 3", "yes 2 @3"]);
}

#[test]
fn a_journal_that_cannot_be_trusted_stops_the_sale() {
    let unknown_version = vec![99, 1, 2, 3];
    let contradiction = {
        let writer = Writer::opened(1);
        writer.other_writer(reserve(1, &[0]));
        let read = writer.journal.read(StreamId(EVENT.0), Position(1), 1 << 20);
        read.now_or_never().unwrap().unwrap()[0].payload.to_vec()
    };
    for payload in [unknown_version, contradiction] {
        let mut writer = Writer::opened(10);
        writer.ask(&[(1, reserve(1, &[0]))]);
        writer.journal_answers();
        writer.ask(&[(2, reserve(2, &[1]))]);
        writer.ask(&[(3, reserve(3, &[2]))]);
        append_foreign(&writer.journal, EVENT, payload);
        let lines = writer.journal_answers();
        assert_eq!(lines[..2], ["fail 2 Quarantined", "fail 3 Quarantined"]);
        assert!(lines[2].starts_with("quarantine: "), "{lines:?}");
        assert_eq!(writer.ask(&[(4, reserve(4, &[3]))]), ["fail 4 Quarantined"]);
        assert_eq!(
            writer.machine_loop.published().position,
            Position(2),
            "the last durable version stays readable"
        );
        assert_eq!(writer.machine_loop.next_run_in(at(10_000_000)), None);
        assert!(!writer.machine_loop.is_busy() && writer.machine_loop.is_quarantined());
    }
    for input in [
        Input::Damaged("a flipped bit".into()),
        Input::Appended(Ok(Head { position: Position(5), hash: [5; 32] })),
    ] {
        let mut writer = Writer::opened(10);
        writer.ask(&[(1, reserve(1, &[0]))]);
        let lines = writer.tell(input);
        assert_eq!(lines[0], "fail 1 Quarantined");
        assert!(lines[1].starts_with("quarantine: ") && lines.len() == 2, "{lines:?}");
    }
}

#[test]
fn a_due_entry_is_decided_exactly_when_due() {
    let mut writer = Writer::opened(10);
    writer.ask(&[(1, reserve(1, &[0]))]);
    assert_eq!(writer.machine_loop.next_run_in(writer.clock), None, "the journal's answer comes first");
    writer.journal_answers();
    assert_eq!(writer.machine_loop.next_run_in(at(0)).unwrap().0, 600_000);
    writer.clock = at(599_999);
    assert_eq!(writer.ask(&[(2, reserve(2, &[0]))]), ["no 2 @2"]);
    writer.clock = at(600_000);
    assert_eq!(writer.ask(&[(3, reserve(3, &[0]))]), ["append 2"], "expiry, then the new reservation");
    assert_eq!(writer.journal_answers(), ["publish 3", "yes 3 @3"]);
    writer.clock = at(0);
    assert_eq!(writer.ask(&[(4, cancel(3, 1))]), ["append 1"], "a clock that jumps back stops nothing");
    assert_eq!(writer.journal_answers(), ["publish 4", "yes 4 @4"]);
    assert_eq!(writer.machine_loop.next_run_in(at(0)), None, "nothing is due, ever");
}

#[test]
fn a_cancelled_event_ends_its_orders_in_bounded_batches_and_answers_requests() {
    const ORDERS: u32 = 20_000;
    let mut writer = Writer::opened(usize::try_from(ORDERS).unwrap());
    let drain = |writer: &mut Writer| {
        let (mut lines, mut largest) = (Vec::new(), 0);
        while let Some(append) = &writer.append {
            largest = largest.max(append.payload.len());
            lines.extend(writer.journal_answers());
            while writer.machine_loop.has_more() {
                writer.run();
            }
        }
        (lines, largest)
    };
    for buyer in 0..ORDERS {
        let buying = u128::from(buyer);
        let authorized = report(buyer, PaymentOutcome::Authorized);
        writer.ask(&[(1, reserve(buying, &[buyer])), (2, order(buying, buyer)), (3, authorized)]);
        if buyer % 500 == 0 {
            drain(&mut writer);
        }
    }
    drain(&mut writer);
    assert_eq!(writer.machine_loop.published().state.counts().sold, ORDERS);
    let before = writer.machine_loop.published().position.0;
    writer.ask(&[(4, Command::CancelEvent)]);
    writer.ask(&[(5, reserve(1, &[0]))]);
    let (lines, largest) = drain(&mut writer);
    assert_eq!(lines.iter().filter(|line| line.starts_with("no 5") || line.starts_with("yes 4")).count(), 2);
    let batches = writer.machine_loop.published().position.0 - before;
    assert!(batches >= 3, "{batches} batches");
    assert!((BATCH_BYTES..BATCH_BYTES + 16 * 1024).contains(&largest), "a full batch of {largest} bytes");
    assert_eq!(writer.machine_loop.published().state.counts().sold, 0);
    assert_eq!(writer.machine_loop.next_run_in(writer.clock), None);
}

#[test]
fn a_sale_goes_on_when_the_clock_is_behind_its_time() {
    let mut writer = Writer::opened(10);
    writer.clock = at(3_600_000);
    writer.ask(&[(1, reserve(1, &[0])), (2, reserve(2, &[1]))]);
    writer.journal_answers();
    writer.clock = at(0);
    assert_eq!(writer.machine_loop.next_run_in(writer.clock).unwrap().0, 4_200_000, "its time stands still");
    assert_eq!(writer.ask(&[(3, cancel(1, 0))]), ["append 1"], "it answers all the same");
    writer.journal_answers();
    assert_eq!(
        writer.ask(&[(4, Command::CancelEvent)]),
        ["append 2"],
        "and the other reservation ends at once"
    );
    assert_eq!(writer.journal_answers(), ["publish 4", "yes 4 @4"]);
    assert_eq!(writer.machine_loop.next_run_in(writer.clock), None);
}
