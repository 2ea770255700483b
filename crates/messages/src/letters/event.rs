//! Letters about an event itself.

use super::EventFacts;
use crate::letter::{Block, Letter};

/// An event that has new times, each as text in the venue's time zone.
#[derive(Clone, Debug)]
pub struct Rescheduled {
    /// The event at its new time.
    pub event: EventFacts,
    /// When it was to begin before, if the start has changed.
    pub before: Option<String>,
    /// When it ends.
    pub until: String,
    /// The event's page.
    pub event_url: String,
    /// The page with the holder's orders, if they have an account.
    pub orders_url: Option<String>,
    /// Until when the holder may give tickets back there, if the refund policy allows it.
    pub refundable_until: Option<String>,
}

/// Tells a ticket holder about new times.
#[must_use]
pub fn rescheduled(moved: Rescheduled) -> Letter {
    let Rescheduled { event, before, until, event_url, orders_url, refundable_until } = moved;
    let mut facts = event.facts();
    facts.insert(2, ("Until", until));
    if let Some(before) = before {
        facts.insert(3, ("Was", before));
    }
    let links = orders_url.map(|url| ("Your orders".to_owned(), url));
    let links = links.into_iter().chain([("The event".to_owned(), event_url)]);
    let name = &event.name;
    let mut blocks =
        vec![Block::Text(format!("{name} has a new time. Your tickets stay valid.")), Block::Facts(facts)];
    blocks.extend(refundable_until.map(|until| {
        Block::Text(format!("If you can't make it, you can get a refund on your order's page until {until}."))
    }));
    blocks.push(Block::Links(links.collect()));
    Letter { subject: format!("New time for {name}"), blocks }
}
