//! Parses a request's choice of seats; errors name the wrong entry.

use crate::handler::*;
use fairseat_app::ids::PublicIds;
use fairseat_contract::reservations::{BestAvailable, CartChange, Places, Reserve};
use fairseat_domain::best_available::BestAvailableRequest;
use fairseat_domain::command::Selection;
use fairseat_domain::ids::{EventNumber, SeatIndex};
use fairseat_domain::seating_plan::SectionIndex;
use fairseat_problems::refusals::SeatFields;
use std::collections::BTreeSet;

/// A request's choice of seats, by a buyer or at the box office. Exactly one of the four fields must be given.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) seat_ids: Option<Vec<Uuid>>,
    pub(crate) seat_indexes: Option<Vec<u32>>,
    pub(crate) best_available: Option<BestAvailable>,
    pub(crate) general_admission: Option<Vec<Places>>,
}

impl From<Reserve> for Choice {
    fn from(body: Reserve) -> Self {
        let Reserve { seat_ids, seat_indexes, best_available, general_admission, .. } = body;
        Self { seat_ids, seat_indexes, best_available, general_admission }
    }
}

/// The most sections one reservation may name.
const MAX_SECTIONS: usize = 100;

/// The choice as a seat selection of the sale.
///
/// # Errors
/// `invalid`, naming every entry that is not a seat or section of this sale.
pub(crate) fn chosen(
    choice: impl Into<Choice>,
    ids: &PublicIds,
    sale: &Sale,
) -> Result<(Selection, SeatFields), ApiError> {
    let Choice { seat_ids, seat_indexes, best_available, general_admission } = choice.into();
    match (seat_ids, seat_indexes, best_available, general_admission) {
        (Some(seat_ids), None, None, None) => {
            let mut check = Check::new();
            let seats = seats_of("seat_ids", &seat_ids, ids, sale.event(), &mut check);
            check.finish()?;
            Ok(named("seat_ids", seats))
        }
        (None, Some(indexes), None, None) => {
            Ok(named("seat_indexes", indexes.into_iter().map(SeatIndex).collect()))
        }
        (None, None, Some(wish), None) => wanted(&wish, sale),
        (None, None, None, Some(places)) => standing(&places, sale),
        _ => Err(Problem::invalid(
            "seat_ids",
            "exactly one of seat_ids, seat_indexes, best_available and general_admission is required",
        )
        .into()),
    }
}

fn named(field: &'static str, seats: Vec<SeatIndex>) -> (Selection, SeatFields) {
    let fields = SeatFields { field, lists: vec![(field, seats.clone())] };
    (Selection::Seats(seats), fields)
}

/// The seats of the event with these ids; every other id becomes an error in `check`.
pub(crate) fn seats_of(
    field: &'static str,
    seat_ids: &[Uuid],
    ids: &PublicIds,
    event: EventNumber,
    check: &mut Check,
) -> Vec<SeatIndex> {
    let mut seats = Vec::with_capacity(seat_ids.len());
    for (position, id) in seat_ids.iter().enumerate() {
        match ids.open_seat(*id).filter(|(of, _)| *of == event) {
            Some((_, seat)) => seats.push(seat),
            None => check.refuse(format!("{field}[{position}]"), "is not a seat of this event"),
        }
    }
    seats
}

fn wanted(wish: &BestAvailable, sale: &Sale) -> Result<(Selection, SeatFields), ApiError> {
    let mut check = Check::new();
    let section = wish.section.as_deref().and_then(|name| {
        let section = sale.plan().section_named(name);
        check.that(section.is_some(), "best_available.section", "is not a section of this event");
        section
    });
    let max_price = wish.max_price.as_ref().and_then(|text| {
        let price = text.amount(sale.terms().currency);
        if let Err(error) = &price {
            check.refuse("best_available.max_price", error.to_string());
        }
        price.ok()
    });
    check.finish()?;
    let wanted =
        BestAvailableRequest { quantity: wish.quantity, section, max_price, accessible: wish.accessible };
    let fields = SeatFields { field: "best_available.quantity", lists: Vec::new() };
    Ok((Selection::BestAvailable(wanted), fields))
}

fn standing(places: &[Places], sale: &Sale) -> Result<(Selection, SeatFields), ApiError> {
    let mut check = Check::new();
    check.list("general_admission", places.len(), 1..=MAX_SECTIONS);
    let mut seen = BTreeSet::new();
    let mut wanted: Vec<(SectionIndex, u32)> = Vec::new();
    for (position, place) in places.iter().enumerate().take(MAX_SECTIONS) {
        let section = sale.plan().section_named(&place.section);
        let open = section
            .filter(|section| sale.plan().section(*section).is_some_and(|found| found.general_admission()));
        let Some(section) = open else {
            check.refuse(
                format!("general_admission[{position}].section"),
                "is not a section of general admission of this event",
            );
            continue;
        };
        let again = format!("general_admission[{position}].section");
        check.that(seen.insert(section), again, "is named more than once");
        let quantity = format!("general_admission[{position}].quantity");
        check.that(place.quantity > 0, quantity, "must be at least 1");
        wanted.push((section, place.quantity));
    }
    check.finish()?;
    let fields = SeatFields { field: "general_admission", lists: Vec::new() };
    Ok((Selection::GeneralAdmission(wanted), fields))
}

/// The seats to add and to remove.
///
/// # Errors
/// `invalid`, naming every entry that is not a seat of this event, or both fields when there are no entries.
pub(crate) fn seats_of_change(
    change: &CartChange,
    ids: &PublicIds,
    event: EventNumber,
) -> Result<(Vec<SeatIndex>, Vec<SeatIndex>, SeatFields), ApiError> {
    let mut check = Check::new();
    let any = !change.add_seat_ids.is_empty() || !change.remove_seat_ids.is_empty();
    check.that(any, "add_seat_ids", "or remove_seat_ids must name at least one seat");
    let add = seats_of("add_seat_ids", &change.add_seat_ids, ids, event, &mut check);
    let remove = seats_of("remove_seat_ids", &change.remove_seat_ids, ids, event, &mut check);
    check.finish()?;
    let lists = vec![("add_seat_ids", add.clone()), ("remove_seat_ids", remove.clone())];
    Ok((add, remove, SeatFields { field: "remove_seat_ids", lists }))
}
