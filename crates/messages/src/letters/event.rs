//! Letters about an event itself.

use super::EventFacts;
use crate::letter::{Block, Letter};

/// Tells a ticket holder about new times; `orders_url` is given only for holders who have an account.
#[must_use]
pub fn rescheduled(
    event: &EventFacts,
    until: String,
    event_url: String,
    orders_url: Option<String>,
) -> Letter {
    let mut facts = event.facts();
    facts.insert(2, ("Until", until));
    let mut links = vec![("The event".to_owned(), event_url)];
    if let Some(url) = orders_url {
        links.insert(0, ("Your orders".to_owned(), url));
    }
    let name = &event.name;
    Letter {
        subject: format!("New time for {name}"),
        blocks: vec![
            Block::Text(format!("{name} takes place at another time. Your tickets stay valid.")),
            Block::Facts(facts),
            Block::Links(links),
        ],
    }
}
