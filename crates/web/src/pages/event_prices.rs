//! The price list of an event: each price with its seats and its colour on the plan. An arena may have a price for each of thirty sections, so
//! a long list is grouped by the kind of seats, with the range of its prices.

use super::event::Event;
use crate::values::Money;
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::seating_plan::section_kind;
use serde::Deserialize;
use std::cmp::Reverse;

/// The most lines that are shown without grouping.
const MOST_LINES: usize = 8;
/// The most colours shown for one line.
const MOST_SWATCHES: usize = 4;

/// The colour of a price, on a light page and on a dark one.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct PriceColor {
    price: Money,
    pub(crate) color: String,
    pub(crate) dark_color: String,
}

/// The API's colours of an event's prices.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct PriceColors {
    prices: Vec<PriceColor>,
}

/// A line of the price list.
#[derive(Debug)]
pub(crate) struct PriceLine {
    pub(crate) seats: String,
    pub(crate) price: String,
    pub(crate) colors: Vec<PriceColor>,
    /// The prices in it, if there are several.
    pub(crate) details: Vec<(String, String)>,
}

/// A price, and the names that it has in the price list.
struct Level<'e> {
    amount: Amount,
    names: Vec<&'e str>,
}

/// The price list, the most expensive seats first.
pub(crate) fn lines(event: &Event, colors: &PriceColors) -> Vec<PriceLine> {
    let Some(currency) = Currency::from_code(&event.currency) else { return Vec::new() };
    let offered = event.offered_tiers();
    let priced = offered.filter_map(|(name, price)| Some((name.as_str(), price.amount(&event.currency)?)));
    let list = List { currency, colors };
    let levels = levels(priced);
    if levels.len() <= MOST_LINES {
        return levels.into_iter().map(|level| list.line(vec![level])).collect();
    }
    let mut groups: Vec<(String, Vec<(&str, Amount)>)> = Vec::new();
    for (name, amount) in levels.iter().flat_map(|level| level.names.iter().map(|name| (*name, level.amount)))
    {
        let kind = kind_of(name);
        match groups.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, tiers)) => tiers.push((name, amount)),
            None => groups.push((kind, vec![(name, amount)])),
        }
    }
    if groups.len() > MOST_LINES {
        let others = groups.split_off(MOST_LINES - 1).into_iter().flat_map(|(_, tiers)| tiers).collect();
        groups.push((String::new(), others));
        let mut lines: Vec<PriceLine> =
            groups.into_iter().map(|(_, tiers)| list.line(self::levels(tiers.into_iter()))).collect();
        if let Some(last) = lines.last_mut() {
            last.seats = "Other seats".to_owned();
        }
        return lines;
    }
    groups.into_iter().map(|(_, tiers)| list.line(self::levels(tiers.into_iter()))).collect()
}

/// Names with the same price become one level, the most expensive first.
fn levels<'e>(tiers: impl Iterator<Item = (&'e str, Amount)>) -> Vec<Level<'e>> {
    let mut levels: Vec<Level<'e>> = Vec::new();
    for (name, amount) in tiers {
        match levels.iter_mut().find(|level| level.amount == amount) {
            Some(level) => level.names.push(name),
            None => levels.push(Level { amount, names: vec![name] }),
        }
    }
    levels.sort_by_key(|level| Reverse(level.amount));
    levels
}

/// What groups names: `Lower` for `Lower 12`; for names that are numbers, their hundreds.
fn kind_of(name: &str) -> String {
    match section_kind(name) {
        "" => format!("{}{}", name.chars().next().unwrap_or_default(), name.len()),
        kind => kind.to_owned(),
    }
}

struct List<'c> {
    currency: Currency,
    colors: &'c PriceColors,
}

impl List<'_> {
    fn line(&self, levels: Vec<Level<'_>>) -> PriceLine {
        let names: Vec<&str> = levels.iter().flat_map(|level| level.names.iter().copied()).collect();
        let text = |amount: Amount| {
            if amount == Amount::ZERO { "Free".to_owned() } else { self.currency.text(amount) }
        };
        let (high, low) = (levels.first().map(|level| level.amount), levels.last().map(|level| level.amount));
        let (high, low) = (high.unwrap_or_default(), low.unwrap_or_default());
        let mut colors: Vec<PriceColor> = Vec::new();
        for level in &levels {
            let color = self
                .colors
                .prices
                .iter()
                .find(|color| color.price.amount(self.currency.code()) == Some(level.amount));
            let new = color.filter(|color| colors.iter().all(|known| known.color != color.color));
            colors.extend(new.filter(|_| colors.len() < MOST_SWATCHES).cloned());
        }
        let details = levels.iter().map(|level| (named_once(&level.names), text(level.amount)));
        PriceLine {
            seats: named_once(&names),
            price: if high == low { text(high) } else { format!("{} – {}", text(low), text(high)) },
            colors,
            details: if levels.len() > 1 { details.collect() } else { Vec::new() },
        }
    }
}

/// The names as one text. Names that differ only in a number become one, because a stadium may have a tier for each of 100 sections.
fn named_once(names: &[&str]) -> String {
    let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
    for name in names {
        let kind = section_kind(name);
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, names)) => names.push(name),
            None => kinds.push((kind, vec![name])),
        }
    }
    let mut said: Vec<String> = Vec::new();
    for (kind, mut names) in kinds {
        names.sort_unstable();
        said.push(match names.as_slice() {
            // Some plan editors name categories by a UUID, which means nothing to buyers.
            [id, ..] if uuid::Uuid::try_parse(id).is_ok() => "Seats".to_owned(),
            [first, .., last] if kind.is_empty() => format!("{first} to {last}"),
            [only] => (*only).to_owned(),
            _ => kind.to_owned(),
        });
    }
    said.dedup();
    said.join(", ")
}
