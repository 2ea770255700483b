//! Reading the short form: the file gives the measures of sections, [`arrange`] their positions.

use super::arrangement::{Arrangement, Block, Placement, arrange};
use super::builder::{Builder, NewSeat};
use super::parts::{RowObject, SectionPart};
use super::read::Node;
use super::short_stage::Stage;
use super::value::{count, label, text};
use crate::limits::{MAX_CATEGORIES, MAX_ROWS, MAX_SEATS, MAX_SECTIONS};
use std::collections::{BTreeMap, BTreeSet};

/// A section of the file, checked.
struct SectionMeasures {
    name: Box<str>,
    general_admission: bool,
    rows: usize,
    seats_per_row: usize,
    /// The number of seats. The last row of a general admission may have fewer than `seats_per_row`.
    seats: usize,
    /// The accessible seats, as row and seat from 0.
    accessible: BTreeSet<(usize, usize)>,
}

impl SectionMeasures {
    fn block(&self) -> Block<'_> {
        let Self { name, rows, seats_per_row, general_admission, .. } = self;
        Block { name, rows: *rows, seats_per_row: *seats_per_row, general_admission: *general_admission }
    }
}

/// Reads the whole file into `builder`; lays out nothing when it noted a problem.
pub(super) fn read_plan(root: Node<'_, '_>, builder: &mut Builder) {
    let Some(fields) = root.fields(["name", "sections", "stage"]) else { return };
    if let Some(name) = fields.lenient(0, label) {
        builder.parts.name = name.into();
    }
    let mut sections: Vec<SectionMeasures> = Vec::new();
    let mut names: BTreeMap<Box<str>, usize> = BTreeMap::new();
    let mut sound = true;
    fields.required(1, |list| {
        list.each(MAX_SECTIONS, |at, node| match read_section(node) {
            Some(section) => {
                if let Some(first) = names.insert(section.name.clone(), at) {
                    node.problem(format_args!("has the name of sections[{first}]; names must differ"));
                }
                sections.push(section);
            }
            None => sound = false,
        });
        Some(())
    });
    let sum =
        |count: fn(&SectionMeasures) -> usize| sections.iter().map(count).fold(0, usize::saturating_add);
    if sum(|section| section.seats) > MAX_SEATS || sum(|section| section.rows) > MAX_ROWS {
        root.problem(format_args!("has more than {MAX_SEATS} seats or {MAX_ROWS} rows in all"));
    } else if sound {
        let names = |wanted: &str| sections.iter().position(|section| &*section.name == wanted);
        let stage = fields.optional(2, |node| Stage::read(node, names));
        lay_out(&sections, stage, builder);
    }
}

fn read_section(node: Node<'_, '_>) -> Option<SectionMeasures> {
    let fields = node.fields(["name", "rows", "seats_per_row", "accessible", "general_admission"])?;
    let name = fields.required(0, |node| {
        let name = label(node)?;
        if name.is_empty() {
            node.problem("must not be empty");
        }
        Some(Box::from(&*name))
    });
    if fields.has(4) {
        let seats = fields.optional(4, |node| count(node, MAX_SEATS));
        if fields.has(1) || fields.has(2) || fields.has(3) {
            node.problem("must have either general_admission or rows and seats_per_row");
            return None;
        }
        let seats_per_row = side_of_square(seats?);
        let rows = seats?.div_ceil(seats_per_row);
        let accessible = BTreeSet::new();
        return Some(SectionMeasures {
            name: name?,
            general_admission: true,
            rows,
            seats_per_row,
            seats: seats?,
            accessible,
        });
    }
    let rows = fields.required(1, |node| count(node, MAX_ROWS));
    let seats_per_row = fields.required(2, |node| count(node, MAX_SEATS));
    let (rows, seats_per_row) = (rows?, seats_per_row?);
    let mut accessible = BTreeSet::new();
    fields.optional(3, |list| {
        list.each(MAX_SEATS, |_, node| accessible.extend(read_seat_label(node, rows, seats_per_row)));
        Some(())
    });
    let seats = rows.saturating_mul(seats_per_row);
    Some(SectionMeasures { name: name?, general_admission: false, rows, seats_per_row, seats, accessible })
}

/// `A-1` as row and seat from 0.
fn read_seat_label(node: Node<'_, '_>, rows: usize, seats_per_row: usize) -> Option<(usize, usize)> {
    let text = text(node)?;
    let found = text.rsplit_once('-').and_then(|(row, seat)| {
        let seat = seat.parse::<usize>().ok()?.checked_sub(1)?;
        Some((row_of_letters(row)?, seat)).filter(|(row, seat)| *row < rows && *seat < seats_per_row)
    });
    if found.is_none() {
        node.problem("must name a seat of this section, as A-1");
    }
    found
}

/// The side of the smallest square with room for `count` places.
fn side_of_square(count: usize) -> usize {
    let root = count.isqrt();
    if root.saturating_mul(root) < count { root.saturating_add(1) } else { root.max(1) }
}

/// A, B … Z, AA, AB …
fn letters(row: usize) -> String {
    let mut reversed = Vec::new();
    let mut rest = Some(row);
    while let Some(at) = rest {
        let letter = u8::try_from(at % 26).unwrap_or(0).saturating_add(b'A');
        reversed.push(char::from(letter));
        rest = (at / 26).checked_sub(1);
    }
    reversed.into_iter().rev().collect()
}

fn row_of_letters(text: &str) -> Option<usize> {
    let letters = !text.is_empty() && text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let value = text.bytes().fold(0_usize, |value, byte| {
        value.saturating_mul(26).saturating_add(usize::from(byte.saturating_sub(b'A'))).saturating_add(1)
    });
    letters.then(|| value.saturating_sub(1))
}

fn lay_out(sections: &[SectionMeasures], stage: Option<Stage>, builder: &mut Builder) {
    let blocks: Vec<Block<'_>> = sections.iter().map(SectionMeasures::block).collect();
    let Arrangement { places, middle } = arrange(&blocks);
    for (section, place) in sections.iter().zip(&places) {
        // When there are more sections than categories are allowed, prices are given by section name alone.
        let category =
            if sections.len() > MAX_CATEGORIES { None } else { builder.category(&section.name, None) };
        add_section(section, category, *place, builder);
    }
    builder.parts.size = builder.measured_size();
    builder.parts.focus = middle;
    if let Some(stage) = stage {
        stage.add_to(&mut builder.parts, &blocks, &places);
    }
}

fn add_section(measures: &SectionMeasures, category: Option<u16>, place: Placement, builder: &mut Builder) {
    let section = builder.section(SectionPart {
        name: measures.name.clone(),
        zone_name: None,
        zone_id: None,
        uuid: None,
        position: place.seat(0, 0),
        general_admission: measures.general_admission,
    });
    for row in 0..measures.rows {
        let label = if measures.general_admission { String::new() } else { letters(row) };
        // A general admission is one row object, placed as a square.
        if row == 0 || !measures.general_admission {
            let label = builder.label(&label);
            builder.row_object(RowObject::new(section, label, place.seat(row, 0).minus(place.seat(0, 0))));
        }
        let before = row.saturating_mul(measures.seats_per_row);
        for seat in 0..measures.seats_per_row.min(measures.seats.saturating_sub(before)) {
            let number = seat.saturating_add(1);
            let (number, guid) = if measures.general_admission {
                (String::new(), format!("{}-{}", measures.name, before.saturating_add(number)))
            } else {
                (number.to_string(), format!("{}-{label}-{number}", measures.name))
            };
            builder.seat(&NewSeat {
                guid: &guid,
                number: &number,
                position: place.seat(row, seat),
                category,
                accessible: measures.accessible.contains(&(row, seat)),
                ..NewSeat::default()
            });
        }
    }
}
