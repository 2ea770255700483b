//! What the loop does when an append has no certain outcome, is refused by the journal's clock, or meets another history.

use crate::support::{EVENT, at, reserve};
use crate::writer::{NOTHING, Writer};
use fairseat_engine::Input;
use fairseat_journal::{Append, AppendError, BatchId, DecisionTimes, Head, Journal, Position, StreamId};
use futures::FutureExt;

#[test]
fn an_append_without_a_certain_outcome_is_sent_again_until_it_is_won_or_lost() {
    let mut writer = Writer::opened(10);
    writer.ask(&[(1, reserve(1, &[0]))]);
    writer.ask(&[(2, reserve(2, &[1]))]);
    let first = writer.append.clone();
    let uncertain = [
        AppendError::Unknown,
        AppendError::Unavailable("no connection".to_owned()),
        AppendError::Full,
        AppendError::Unknown,
    ];
    for error in uncertain {
        assert_eq!(writer.journal_fails(error), ["append again 1"]);
        assert_eq!(writer.append, first, "the same batch under the same id");
        assert_eq!(writer.ask(&[(3, reserve(3, &[0]))]), NOTHING, "nobody is answered meanwhile");
    }
    let lines = writer.journal_answers();
    assert_eq!(lines[..3], ["publish 2", "yes 1 @2", "append 1"]);
    writer.journal_answers();

    writer.ask(&[(4, reserve(4, &[4]))]);
    let append = writer.append.clone().unwrap();
    writer.journal.append(append).now_or_never().unwrap().unwrap();
    assert_eq!(writer.journal_fails(AppendError::Unknown), ["append again 1"]);
    assert_eq!(writer.journal_answers(), ["publish 4", "yes 4 @4"], "the first attempt had won");

    writer.ask(&[(5, reserve(5, &[5]))]);
    writer.other_writer(reserve(9, &[5]));
    assert_eq!(writer.journal_fails(AppendError::Unknown), ["append again 1"]);
    assert_eq!(writer.journal_answers(), ["publish 5", "no 5 @5"], "another writer had won");
}

#[test]
fn after_an_unknown_outcome_a_stopped_journal_fails_the_requests() {
    let mut writer = Writer::opened(10);
    writer.ask(&[(1, reserve(1, &[0]))]);
    assert_eq!(writer.journal_fails(AppendError::Unknown), ["append again 1"]);
    let ended = writer.journal_fails(AppendError::Stopped);
    assert_eq!(ended, ["fail 1 Unavailable", "diverged"], "its version may lack what was written");
}

#[test]
fn decisions_that_the_journal_finds_too_old_are_made_again_once() {
    let mut writer = Writer::opened(10);
    let refused = || AppendError::ClockDiffers { ahead_ms: -3_000 };
    writer.clock = at(1_000);
    writer.ask(&[(1, reserve(1, &[0]))]);
    let old = writer.append.clone().unwrap();
    assert_eq!(old.decided, DecisionTimes::at(at(1_000).as_millis()));
    writer.clock = at(5_000);
    assert_eq!(writer.journal_fails(refused()), ["append 1"]);
    let new = writer.append.clone().unwrap();
    assert_eq!(new.decided, DecisionTimes::at(at(5_000).as_millis()));
    assert_ne!(new.batch, old.batch, "another batch, because the journal never writes the old one");
    assert_eq!(writer.journal_answers(), ["publish 2", "yes 1 @2"]);

    writer.ask(&[(2, reserve(2, &[1]))]);
    assert_eq!(writer.journal_fails(refused()), ["append 1"]);
    assert_eq!(writer.journal_fails(refused()), ["fail 2 Unavailable"], "the clock is wrong");
}

#[test]
fn a_batch_names_its_first_and_its_last_decision() {
    let mut writer = Writer::opened(10);
    writer.ask(&[(1, reserve(1, &[0]))]);
    writer.clock = at(100);
    writer.ask(&[(2, reserve(2, &[1]))]);
    writer.clock = at(900);
    writer.ask(&[(3, reserve(3, &[2]))]);
    writer.journal_answers();
    let (first, last) = (at(100).as_millis(), at(900).as_millis());
    assert_eq!(writer.append.unwrap().decided, DecisionTimes { first, last });
}

/// After the promotion of a standby, the stream is shorter than the writer knows, or has other batches.
#[test]
fn another_history_ends_the_loop_and_quarantines_nothing() {
    let shorter = || Input::Appended(Err(AppendError::Diverged { head: Head::default() }));
    let other_batch = |position: u64| {
        let expected = Head { position: Position(position - 1), hash: [7; 32] };
        let (stream, batch, payload) = (StreamId(EVENT.0), BatchId(9), Vec::new().into());
        let decided = DecisionTimes::default();
        Append { stream, expected, batch, payload, deadline: None, decided }.to_batch()
    };
    let missed = |position| Input::Missed(vec![other_batch(position)]);
    let lost = |position| Input::Appended(Err(AppendError::Conflict { missed: vec![other_batch(position)] }));
    for input in [shorter(), Input::Diverged, missed(1), missed(2), lost(2)] {
        let mut writer = Writer::opened(10);
        writer.ask(&[(1, reserve(1, &[0])), (2, reserve(2, &[0]))]);
        writer.ask(&[(3, reserve(3, &[1]))]);
        let failed = [1, 2, 3].map(|token| format!("fail {token} Unavailable"));
        let lines = writer.tell(input);
        assert_eq!((&lines[..3], &lines[3..]), (&failed[..], &["diverged".to_owned()][..]));
        assert!(writer.machine_loop.has_diverged() && !writer.machine_loop.is_quarantined());
        assert_eq!(writer.ask(&[(4, reserve(4, &[3]))]), ["fail 4 Unavailable"]);
        assert_eq!(writer.machine_loop.next_run_in(at(10_000_000)), None);
        assert!(!writer.machine_loop.is_busy());
    }
}
