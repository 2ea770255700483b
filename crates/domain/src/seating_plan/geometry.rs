//! The geometry of a plan for browsers: one immutable JSON document. It names seats by their plan index.

use super::json::Json;
use super::parts::{NO_CATEGORY, Parts};
use super::plan::SeatingPlan;
use super::shape::{Decoration, Point, Shape};
use super::view::{RowView, SeatView, SectionView};
use crate::ids::SeatIndex;

/// The plan's geometry as one JSON document; `tier` gives the price tier of a seat, `tier_names` the name of each tier.
///
/// # Format, version 1
/// Lengths are whole tenths of the editor's unit. Empty fields are absent.
/// ```text
/// { "format": 1, "name": "…", "seats": 1132,              indexes run from 0 to seats − 1
///   "size": [width, height],
///   "categories": [{"name": "…", "color": "…"}],
///   "tiers": ["…"],                                       what the numbers of "tier" below mean
///   "sections": [{ "name": "…", "rows": [{ "label": "A", "runs": [RUN, …] }] },
///                { "name": "…", "general_admission": true, "box": [left, top, width, height], "runs": [RUN, …] }],
///   "decorations": [{ "shape": "rectangle" | "circle" | "ellipse" | "polygon" | "text",
///                     "at": [x, y], "rotation": degrees clockwise around "at", "color": "…", "border_color": "…",
///                     "size": [width, height] | [radius] | [radius x, radius y], "points": [x, y, x, y, …],
///                     "text": {"text": "…", "at": [x, y], "color": "…", "size": height} }] }
/// RUN: seats of one row with indexes one after the other
/// { "from": first index,        absent: one after the last index of the run before it in the document (0 at first)
///   "count": n,
///   "numbers": [first, step]    whole numbers; or every number as a text; absent: all empty
///   "x": [first, step], or      "xs": [first, then the difference to each next]; "y" and "ys" alike
///   "tier": 3, "category": 0, "radius": 100,   of every seat; or [[count, value or null], …] along the run
///   "accessible": [0, 4] }      which seats of the run, from 0
/// ```
/// A decoration's `at` is the top left of a rectangle, the centre of a circle or an ellipse, the origin of a polygon. The
/// points of a polygon and the `at` of a text are relative to it. The places of a general admission have no positions: draw
/// their box. Removed seats are left out. Colors are untrusted text: let CSS parse them, never paste them into markup.
#[must_use]
pub fn seatmap_json(
    plan: &SeatingPlan,
    tier_names: &[&str],
    tier: impl Fn(SeatIndex) -> Option<u16>,
) -> Vec<u8> {
    let mut document = Document { json: Json::default(), parts: plan.parts(), tier, next: SeatIndex(0) };
    document.write(plan, tier_names);
    document.json.into_text().into_bytes()
}

struct Document<'a, F> {
    json: Json,
    parts: &'a Parts,
    tier: F,
    /// One after the last index written.
    next: SeatIndex,
}

impl<'a, F: Fn(SeatIndex) -> Option<u16>> Document<'a, F> {
    fn write(&mut self, plan: &'a SeatingPlan, tier_names: &[&str]) {
        self.json.open('{');
        self.json.raw("format", "1");
        self.json.text("name", plan.name());
        self.json.raw("seats", &plan.seat_count().to_string());
        self.json.integers("size", [tenths(plan.size().width), tenths(plan.size().height)]);
        self.json.list("categories", plan.categories(), |json, category| {
            json.object(|json| {
                json.text("name", &category.name);
                json.optional_text("color", category.color.as_deref());
            });
        });
        if !tier_names.is_empty() {
            self.json.list("tiers", tier_names, |json, name| json.text_element(name));
        }
        self.json.key("sections");
        self.json.open('[');
        for section in plan.sections() {
            self.write_section(section);
        }
        self.json.close(']');
        self.json.list("decorations", plan.decorations(), write_decoration);
        self.json.close('}');
    }

    fn write_section(&mut self, section: SectionView<'a>) {
        self.json.open('{');
        self.json.text("name", section.name());
        if section.general_admission() {
            self.json.raw("general_admission", "true");
            let seats: Vec<SeatView<'a>> = live(section.seats());
            self.json.integers("box", bounding_box(&seats));
            self.write_runs(&seats, false);
        } else {
            self.json.key("rows");
            self.json.open('[');
            for row in section.rows() {
                self.write_row(row);
            }
            self.json.close(']');
        }
        self.json.close('}');
    }

    fn write_row(&mut self, row: RowView<'a>) {
        let seats = live(row.seats());
        if seats.is_empty() {
            return;
        }
        self.json.open('{');
        self.json.text("label", row.label());
        self.write_runs(&seats, true);
        self.json.close('}');
    }

    /// Runs of consecutive indexes of one row object, since seats of one row object are often evenly spaced.
    fn write_runs(&mut self, seats: &[SeatView<'a>], numbered: bool) {
        let row_object =
            |seat: &SeatView<'_>| self.parts.seats.get(seat.index.position()).map(|seat| seat.row_object);
        let together = |a: &SeatView<'a>, b: &SeatView<'a>| {
            a.index.0.checked_add(1) == Some(b.index.0) && row_object(a) == row_object(b)
        };
        let runs: Vec<&[SeatView<'a>]> = seats.chunk_by(together).collect();
        self.json.key("runs");
        self.json.open('[');
        for run in runs {
            self.json.open('{');
            self.write_run(run, numbered);
            self.json.close('}');
        }
        self.json.close(']');
    }

    fn write_run(&mut self, run: &[SeatView<'a>], numbered: bool) {
        let Some((first, last)) = run.first().zip(run.last()) else { return };
        if first.index != self.next {
            self.json.raw("from", &first.index.to_string());
        }
        self.next = SeatIndex(last.index.0.saturating_add(1));
        self.json.raw("count", &run.len().to_string());
        if numbered {
            write_numbers(&mut self.json, run);
            let coordinates =
                |side: fn(Point) -> i32| run.iter().map(move |seat| tenths(side(seat.position)));
            write_coordinates(&mut self.json, ["x", "xs"], coordinates(|point| point.x).collect());
            write_coordinates(&mut self.json, ["y", "ys"], coordinates(|point| point.y).collect());
        }
        let parts = self.parts;
        let part = move |seat: &SeatView<'a>| parts.seats.get(seat.index.position());
        let tier = |seat: &SeatView<'a>| (self.tier)(seat.index).map(i64::from);
        let category =
            |seat: &SeatView<'a>| part(seat).map(|part| part.category).filter(|it| *it != NO_CATEGORY);
        let radius = |seat: &SeatView<'a>| part(seat).map(|part| part.radius).filter(|radius| *radius > 0);
        write_along(&mut self.json, "tier", run.iter().map(tier).collect());
        write_along(
            &mut self.json,
            "category",
            run.iter().map(|seat| category(seat).map(i64::from)).collect(),
        );
        write_along(
            &mut self.json,
            "radius",
            run.iter().map(|seat| radius(seat).map(|radius| i64::from(radius).saturating_mul(10))).collect(),
        );
        let accessible = run.iter().zip(0..).filter(|(seat, _)| seat.accessible).map(|(_, at)| at);
        let accessible: Vec<i64> = accessible.collect();
        if !accessible.is_empty() {
            self.json.integers("accessible", accessible);
        }
    }
}

/// Seats still in the plan, by index.
fn live<'a>(seats: impl Iterator<Item = SeatView<'a>>) -> Vec<SeatView<'a>> {
    let mut seats: Vec<SeatView<'a>> = seats.filter(|seat| !seat.removed).collect();
    seats.sort_by_key(|seat| seat.index);
    seats
}

/// Thousandths as tenths, rounded.
fn tenths(thousandths: i32) -> i64 {
    i64::from(thousandths).saturating_add(50).div_euclid(100)
}

fn bounding_box(seats: &[SeatView<'_>]) -> [i64; 4] {
    let range = |side: fn(Point) -> i32| {
        let values = || seats.iter().map(|seat| tenths(side(seat.position)));
        (values().min().unwrap_or(0), values().max().unwrap_or(0))
    };
    let ((left, right), (top, bottom)) = (range(|point| point.x), range(|point| point.y));
    [left, top, right.saturating_sub(left), bottom.saturating_sub(top)]
}

/// `[first, step]` when the numbers are plain integers at equal steps, else every number as a text.
fn write_numbers(json: &mut Json, run: &[SeatView<'_>]) {
    if run.iter().all(|seat| seat.number.is_empty()) {
        return;
    }
    let plain =
        |text: &str| text.parse::<u32>().ok().filter(|value| value.to_string() == text).map(i64::from);
    let numbers: Option<Vec<i64>> = run.iter().map(|seat| plain(seat.number)).collect();
    if let Some((first, step)) = numbers.as_deref().and_then(even) {
        json.integers("numbers", [first, step]);
        return;
    }
    json.key("numbers");
    json.array(|json| run.iter().for_each(|seat| json.text_element(seat.number)));
}

/// The first number and the step when all steps are equal. A single number has step 0.
fn even(numbers: &[i64]) -> Option<(i64, i64)> {
    let mut steps = numbers.iter().zip(numbers.iter().skip(1)).map(|(a, b)| b.saturating_sub(*a));
    let step = steps.next().unwrap_or(0);
    numbers.first().copied().filter(|_| steps.all(|other| other == step)).map(|first| (first, step))
}

fn write_coordinates(json: &mut Json, [evenly, each]: [&str; 2], values: Vec<i64>) {
    if let Some((first, step)) = even(&values) {
        json.integers(evenly, [first, step]);
        return;
    }
    let differences = values.iter().zip(values.iter().skip(1)).map(|(a, b)| b.saturating_sub(*a));
    json.integers(each, values.first().copied().into_iter().chain(differences));
}

/// Writes one value when all are equal, else runs of a count and a value. Writes no field when no seat has a value.
fn write_along(json: &mut Json, key: &str, values: Vec<Option<i64>>) {
    let runs: Vec<&[Option<i64>]> = values.chunk_by(|a, b| a == b).collect();
    match runs.as_slice() {
        [] | [[None, ..]] => {}
        [[Some(value), ..]] => json.raw(key, &value.to_string()),
        _ => json.list(key, &runs, |json, run| {
            json.array(|json| {
                json.element(i64::try_from(run.len()).unwrap_or(i64::MAX));
                json.optional_element(run.first().copied().flatten());
            });
        }),
    }
}

fn write_decoration(json: &mut Json, decoration: &Decoration) {
    let pair = |point: Point| [tenths(point.x), tenths(point.y)];
    json.object(|json| {
        let (name, size) = match &decoration.shape {
            Shape::Rectangle { width, height } => ("rectangle", vec![tenths(*width), tenths(*height)]),
            Shape::Circle { radius } => ("circle", vec![tenths(*radius)]),
            Shape::Ellipse { radius } => ("ellipse", pair(*radius).to_vec()),
            Shape::Polygon(_) => ("polygon", Vec::new()),
            Shape::Text => ("text", Vec::new()),
        };
        json.text("shape", name);
        json.integers("at", pair(decoration.position));
        if decoration.rotation != 0 {
            json.number("rotation", decoration.rotation);
        }
        json.optional_text("color", decoration.color.as_deref());
        json.optional_text("border_color", decoration.border_color.as_deref());
        if !size.is_empty() {
            json.integers("size", size);
        }
        if let Shape::Polygon(points) = &decoration.shape {
            json.integers("points", points.iter().flat_map(|point| pair(*point)));
        }
        if let Some(text) = decoration.text.as_ref().filter(|text| !text.text.is_empty()) {
            json.key("text");
            json.object(|json| {
                json.text("text", &text.text);
                json.integers("at", pair(text.position));
                json.optional_text("color", text.color.as_deref());
                json.raw("size", &tenths(text.size.unwrap_or(16_000)).to_string());
            });
        }
    });
}
