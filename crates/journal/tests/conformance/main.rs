//! One suite that every journal passes: the promises of [`fairseat_journal::Journal`], by examples and by properties.
//!
//! A new implementation needs a [`Fixture`](fixture::Fixture) and one line at the end of this file. Files, crashes and damage
//! exist for SQLite only, and are tested in `tests/sqlite`. Every module says `cfg(test)`, which tells clippy that its
//! helpers are tests as well.

#[cfg(test)]
mod appends;
#[cfg(test)]
mod deadlines_and_cursors;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod model;
#[cfg(test)]
mod reads;
#[cfg(test)]
mod snapshots;

/// Runs every case over one fixture.
macro_rules! suite {
    ($journal:ident, $fixture:ty) => {
        suite! { $journal, $fixture,
            appends::the_first_append_creates_its_stream,
            appends::a_stale_append_is_answered_with_what_it_missed,
            appends::missed_batches_are_a_first_page_to_read_on_from,
            appends::an_append_past_the_head_is_refused,
            appends::a_lost_race_fails_nobody_else,
            appends::of_racing_writers_exactly_one_wins_each_position,
            appends::a_repeated_append_finds_itself_in_the_conflict,
            appends::an_append_that_no_journal_can_store_is_refused,
            appends::an_append_that_is_never_polled_never_happens,
            reads::batches_come_back_as_they_were_written,
            reads::pages_are_bounded_and_hold_at_least_one_batch,
            reads::a_batch_is_found_by_its_id,
            reads::streams_are_listed_page_by_page,
            reads::reopening_keeps_everything,
            deadlines_and_cursors::each_append_replaces_the_deadline,
            deadlines_and_cursors::due_streams_come_earliest_first,
            deadlines_and_cursors::deadlines_are_listed_apart_for_each_kind,
            deadlines_and_cursors::an_append_puts_its_stream_behind_until_the_consumer_has_it,
            deadlines_and_cursors::each_consumer_is_behind_on_its_own,
            deadlines_and_cursors::a_cursor_moves_forward_only_and_never_past_the_head,
            deadlines_and_cursors::streams_behind_are_listed_page_by_page_for_each_kind,
            deadlines_and_cursors::a_late_report_does_not_hide_a_newer_append,
            snapshots::the_newest_snapshot_is_kept,
            snapshots::a_snapshot_that_cannot_be_right_is_refused,
            model::any_sequence_of_calls_agrees_with_a_simple_model,
        }
    };
    ($journal:ident, $fixture:ty, $($area:ident :: $case:ident,)*) => {
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

suite!(memory, crate::fixture::Memory);
suite!(sqlite, crate::fixture::Sqlite);
