//! The wording of each kind of letter.

pub mod account;
pub mod counter;
pub mod event;
pub mod invitation;
pub mod order;

use crate::letter::{Block, Letter};
use fairseat_domain::text::is_writable;

/// The most tickets that one letter lists or has attached.
pub const MAX_TICKETS: usize = 50;

/// An event as letters describe it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFacts {
    name: String,
    when: String,
    place: String,
}

impl EventFacts {
    /// Made from the event's name, its start in the venue's local time, and the venue with its address; `place` may be empty.
    #[must_use]
    pub fn new(name: &str, when: String, place: &str) -> Self {
        Self { name: one_line(name), when, place: one_line(place) }
    }

    /// The rows Event, When and Where.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![("Event", self.name.clone()), ("When", self.when.clone())];
        if !self.place.is_empty() {
            facts.push(("Where", self.place.clone()));
        }
        facts
    }
}

/// Adds a greeting to a letter and puts its subject on one line.
pub(crate) fn greeted(mut letter: Letter, name: &str) -> Letter {
    let greeting = ["Hello", &one_line(name)].join(" ");
    letter.blocks.insert(0, Block::Text(format!("{},", greeting.trim_end())));
    letter.subject = one_line(&letter.subject);
    letter
}

/// Puts text on one line, because names may contain line breaks.
fn one_line(text: &str) -> String {
    text.split(|part: char| part.is_whitespace() || !is_writable(part))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A line for each seat whose label changed, from and to; at most [`MAX_TICKETS`].
fn relabelled_lines(seats: &[(String, String)]) -> Vec<Block> {
    let line = |(from, to): &(String, String)| Block::Text(format!("{from} is now {to}."));
    let more = seats.len().saturating_sub(MAX_TICKETS);
    let rest = (more > 0).then(|| Block::Small(format!("and {more} more")));
    seats.iter().take(MAX_TICKETS).map(line).chain(rest).collect()
}

/// `ticket is`, or `3 tickets are`.
fn tickets_are(count: usize) -> String {
    if count == 1 { "ticket is".to_owned() } else { format!("{count} tickets are") }
}
