//! One suite that every journal passes: the promises of [`fairseat_journal::Journal`], by examples and by properties.
//!
//! A new implementation needs a [`Fixture`](fixture::Fixture) and one line at the end of this file. What only one of them has
//! is tested in `tests/sqlite` and `tests/postgres`. Every module says `cfg(test)`, which tells clippy that its
//! helpers are tests as well.

#[cfg(test)]
mod appends;
#[cfg(test)]
mod citus_fixture;
#[cfg(test)]
mod deadlines_and_cursors;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod model;
#[cfg(test)]
mod postgres_fixture;
#[cfg(test)]
mod promotions;
#[cfg(test)]
mod reads;
#[cfg(test)]
mod snapshots;

/// Runs every case over one fixture: each as a test, or all of them in one test (`together`), for a fixture that needs servers; what starts them
/// says `None` if they are not installed.
macro_rules! suite {
    ($kind:ident $journal:ident, $fixture:ty $(, $servers:expr)?) => {
        suite! { @$kind $journal, $fixture, ($($servers)?),
            appends::the_first_append_creates_its_stream,
            appends::a_stale_append_is_answered_with_what_it_missed,
            appends::missed_batches_are_a_first_page_to_read_on_from,
            appends::an_append_past_the_head_is_refused,
            appends::a_lost_race_fails_nobody_else,
            appends::of_racing_writers_exactly_one_wins_each_position,
            appends::a_head_of_another_history_is_diverged,
            appends::a_repeated_append_is_won_and_written_once,
            appends::the_same_batch_after_another_head_is_another_batch,
            appends::an_append_that_no_journal_can_store_is_refused,
            appends::an_append_that_is_never_polled_never_happens,
            reads::batches_come_back_as_they_were_written,
            reads::pages_are_bounded_and_hold_at_least_one_batch,
            reads::streams_are_listed_page_by_page,
            reads::streams_whose_head_is_another_are_found,
            reads::reopening_keeps_everything,
            deadlines_and_cursors::each_append_replaces_the_deadline,
            deadlines_and_cursors::due_streams_come_earliest_first,
            deadlines_and_cursors::deadlines_are_listed_apart_for_each_kind,
            deadlines_and_cursors::an_append_puts_its_stream_behind_until_the_consumer_has_it,
            deadlines_and_cursors::each_consumer_is_behind_on_its_own,
            deadlines_and_cursors::a_cursor_moves_forward_only_and_never_past_the_head,
            deadlines_and_cursors::a_report_that_skips_batches_moves_no_cursor,
            deadlines_and_cursors::streams_behind_are_listed_page_by_page_for_each_kind,
            deadlines_and_cursors::a_late_report_does_not_hide_a_newer_append,
            snapshots::the_newest_snapshot_is_kept,
            snapshots::a_snapshot_that_cannot_be_right_is_refused,
            promotions::a_stream_that_a_promotion_made_shorter_is_diverged,
            promotions::another_batch_at_the_position_of_a_lost_one_is_diverged,
            promotions::a_batch_that_a_promotion_lost_can_be_sent_again,
            promotions::a_snapshot_of_a_lost_history_counts_as_missing,
            promotions::a_promotion_never_leaves_a_consumer_ahead_of_its_stream,
            promotions::an_attempt_that_arrives_late_is_won_or_lost_like_its_repeat,
            promotions::an_append_whose_caller_went_away_is_won_or_lost_by_its_repeat,
            promotions::an_append_to_an_empty_stream_with_a_foreign_hash_is_diverged,
            model::any_sequence_of_calls_agrees_with_a_simple_model,
        }
    };
    (@together $journal:ident, $fixture:ty, ($servers:expr), $($area:ident :: $case:ident,)*) => {
        mod $journal {
            #[test]
            fn every_case() {
                let Some(_running) = $servers else { return };
                let cases: &[(&str, fn())] = &[
                    $((stringify!($area::$case), || crate::fixture::run(crate::$area::$case::<$fixture>())),)*
                ];
                let failed: Vec<&str> = cases
                    .iter()
                    .filter(|(_, case)| std::panic::catch_unwind(case).is_err())
                    .map(|(name, _)| *name)
                    .collect();
                assert_eq!(failed, [""; 0], "of {} cases", cases.len());
            }
        }
    };
    (@each $journal:ident, $fixture:ty, (), $($area:ident :: $case:ident,)*) => {
        mod $journal {
            $(
                #[test]
                fn $case() {
                    crate::fixture::run(crate::$area::$case::<$fixture>());
                }
            )*
        }
    };
}

suite!(each memory, crate::fixture::Memory);
suite!(each sqlite, crate::fixture::Sqlite);
suite!(together postgres, crate::postgres_fixture::Postgres, Some(crate::postgres_fixture::server()));
suite!(together citus, crate::citus_fixture::Citus, crate::citus_fixture::servers());
