//! Reading the short form: sections by their measures, positions laid out here.
//!
//! Sections stand on shelves, side by side while a shelf is not much wider than the whole is high, each shelf centred, in
//! the order of the file, with three seats' room between them.

use super::builder::{Builder, NewSeat};
use super::parts::{RowPart, SectionPart};
use super::read::Node;
use super::shape::{MAX_COORDINATE, Point};
use super::value::{count, label, text};
use crate::limits::{MAX_CATEGORIES, MAX_ROWS, MAX_SEATS, MAX_SECTIONS};
use std::collections::{BTreeMap, BTreeSet};

/// Between neighbours and between rows, in thousandths; less only where the plan would grow past its bounds.
const PITCH: i64 = 25_000;
/// Empty seats' widths around a section.
const GAP: usize = 3;

/// A section as asked for, checked.
struct Asked {
    name: Box<str>,
    general_admission: bool,
    rows: usize,
    seats_per_row: usize,
    /// Seats in all: less than the product in the last row of a general admission.
    seats: usize,
    /// Row and seat from 0.
    accessible: BTreeSet<(usize, usize)>,
}

/// Reads the whole file into `builder`; what is wrong is noted, and then nothing is laid out.
pub(super) fn read_plan(root: Node<'_, '_>, builder: &mut Builder) {
    let Some(fields) = root.fields(["name", "sections"]) else { return };
    if let Some(name) = fields.optional(0, label) {
        builder.parts.name = name.into();
    }
    let mut asked: Vec<Asked> = Vec::new();
    let mut names: BTreeMap<Box<str>, usize> = BTreeMap::new();
    let mut sound = true;
    fields.required(1, |list| {
        list.each(MAX_SECTIONS, |at, node| match read_section(node) {
            Some(section) => {
                if let Some(first) = names.insert(section.name.clone(), at) {
                    node.problem(format_args!("has the name of sections[{first}]; names must differ"));
                }
                asked.push(section);
            }
            None => sound = false,
        });
        Some(())
    });
    let sum = |count: fn(&Asked) -> usize| asked.iter().map(count).fold(0, usize::saturating_add);
    if sum(|section| section.seats) > MAX_SEATS || sum(|section| section.rows) > MAX_ROWS {
        root.problem(format_args!("has more than {MAX_SEATS} seats or {MAX_ROWS} rows in all"));
    } else if sound {
        lay_out(&asked, builder);
    }
}

fn read_section(node: Node<'_, '_>) -> Option<Asked> {
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
        return Some(Asked {
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
    Some(Asked { name: name?, general_admission: false, rows, seats_per_row, seats, accessible })
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

/// The smallest whole side of a square with room for `count`.
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

/// Where each section's first seat stands, in seats from the top left, and how far the whole reaches.
fn shelves(asked: &[Asked]) -> (Vec<(usize, usize)>, usize) {
    let area = asked.iter().map(|section| {
        let (across, down) = (section.seats_per_row.saturating_add(GAP), section.rows.saturating_add(GAP));
        across.saturating_mul(down)
    });
    let widest = asked.iter().map(|section| section.seats_per_row).max().unwrap_or(0);
    let width = widest.max((area.fold(0, usize::saturating_add).saturating_mul(3) / 2).isqrt());
    let mut places: Vec<(usize, usize)> = Vec::new();
    let (mut x, mut y, mut depth, mut first) = (0_usize, 0_usize, 0_usize, 0_usize);
    for section in asked {
        if x > 0 && x.saturating_add(section.seats_per_row) > width {
            centre(&mut places, first, width, x);
            first = places.len();
            y = y.saturating_add(depth).saturating_add(GAP);
            (x, depth) = (0, 0);
        }
        places.push((x, y));
        x = x.saturating_add(section.seats_per_row).saturating_add(GAP);
        depth = depth.max(section.rows);
    }
    centre(&mut places, first, width, x);
    (places, width.max(y.saturating_add(depth)))
}

/// Moves a shelf, which begins at the place `first` and ends a gap before `end`, to the middle.
fn centre(places: &mut [(usize, usize)], first: usize, width: usize, end: usize) {
    let spare = width.saturating_sub(end.saturating_sub(GAP)) / 2;
    for place in places.iter_mut().skip(first) {
        place.0 = place.0.saturating_add(spare);
    }
}

fn lay_out(asked: &[Asked], builder: &mut Builder) {
    let (places, reach) = shelves(asked);
    let reach = i64::try_from(reach).unwrap_or(i64::MAX).saturating_add(4).max(1);
    let pitch = PITCH.min(i64::from(MAX_COORDINATE).checked_div(reach).unwrap_or(PITCH));
    let place = |x: usize, y: usize| {
        let at = |cells: usize| {
            let cells = i64::try_from(cells).unwrap_or(i64::MAX).saturating_add(2);
            i32::try_from(cells.saturating_mul(pitch)).unwrap_or(MAX_COORDINATE)
        };
        Point { x: at(x), y: at(y) }
    };
    for (section, (x, y)) in asked.iter().zip(places) {
        let place = |row: usize, seat: usize| place(x.saturating_add(seat), y.saturating_add(row));
        // More sections than there may be categories are priced by their names alone.
        let category =
            if asked.len() > MAX_CATEGORIES { None } else { builder.category(&section.name, None) };
        add_section(section, category, place, builder);
    }
    builder.parts.size = builder.measured_size();
}

fn add_section(
    asked: &Asked,
    category: Option<u16>,
    place: impl Fn(usize, usize) -> Point,
    builder: &mut Builder,
) {
    let section = builder.section(SectionPart {
        name: asked.name.clone(),
        zone_name: None,
        zone_id: None,
        uuid: None,
        position: place(0, 0),
        general_admission: asked.general_admission,
    });
    for row in 0..asked.rows {
        let label = if asked.general_admission { String::new() } else { letters(row) };
        // A general admission is one row, drawn as a square.
        if row == 0 || !asked.general_admission {
            let label = builder.label(&label);
            builder.row_part(RowPart::new(section, label, place(row, 0).minus(place(0, 0))));
        }
        let before = row.saturating_mul(asked.seats_per_row);
        for seat in 0..asked.seats_per_row.min(asked.seats.saturating_sub(before)) {
            let number = seat.saturating_add(1);
            let (number, guid) = if asked.general_admission {
                (String::new(), format!("{}-{}", asked.name, before.saturating_add(number)))
            } else {
                (number.to_string(), format!("{}-{label}-{number}", asked.name))
            };
            builder.seat(&NewSeat {
                guid: &guid,
                number: &number,
                position: place(row, seat),
                category,
                accessible: asked.accessible.contains(&(row, seat)),
                ..NewSeat::default()
            });
        }
    }
}
