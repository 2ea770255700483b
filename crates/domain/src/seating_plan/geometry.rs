//! The geometry of a plan for browsers: one immutable JSON document. It names seats by their plan index.

use super::json::Json;
use super::parts::{NO_CATEGORY, Parts};
use super::plan::SeatingPlan;
use super::shape::{Decoration, Point, Shape};
use super::view::{RowView, SeatView, SectionView};
use crate::ids::SeatIndex;

/// The version of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatmapFormat {
    /// Every row is written.
    EveryRow,
    /// Rows that are alike are written once.
    RowsAlike,
}

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
///
/// # Format, version 2
/// As version 1, but rows that are alike are written once: a stadium of 100,000 seats takes a few kilobytes.
/// ```text
/// { "labels": ["A", "B", …], "step": [x, y], "runs": [RUN, …] }   in place of several rows
/// ```
/// The runs are the first row's. Those of each further row are the same, moved by `step`, and follow the row before in the order of indexes.
#[must_use]
pub fn seatmap_json(
    plan: &SeatingPlan,
    format: SeatmapFormat,
    tier_names: &[&str],
    tier: impl Fn(SeatIndex) -> Option<u16>,
) -> Vec<u8> {
    let mut document =
        Document { json: Json::default(), parts: plan.parts(), format, tier, next: SeatIndex(0) };
    document.write(plan, tier_names);
    document.json.into_text().into_bytes()
}

struct Document<'a, F> {
    json: Json,
    parts: &'a Parts,
    format: SeatmapFormat,
    tier: F,
    /// One after the last index written.
    next: SeatIndex,
}

impl<'a, F: Fn(SeatIndex) -> Option<u16>> Document<'a, F> {
    fn write(&mut self, plan: &'a SeatingPlan, tier_names: &[&str]) {
        self.json.open('{');
        let format = match self.format {
            SeatmapFormat::EveryRow => "1",
            SeatmapFormat::RowsAlike => "2",
        };
        self.json.raw("format", format);
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
            let runs = self.runs(&seats, false);
            write_runs(&mut self.json, &runs);
        } else {
            self.write_rows(section);
        }
        self.json.close('}');
    }

    fn write_rows(&mut self, section: SectionView<'a>) {
        let rows: Vec<WrittenRow<'a>> = section.rows().filter_map(|row| self.row(row)).collect();
        let mut rest = rows.as_slice();
        self.json.key("rows");
        self.json.open('[');
        while let Some(first) = rest.first() {
            let (alike, step) = match self.format {
                SeatmapFormat::EveryRow => (1, None),
                SeatmapFormat::RowsAlike => rows_alike(rest),
            };
            let (own, after) = rest.split_at_checked(alike).unwrap_or((rest, &[]));
            self.json.open('{');
            match step {
                Some((x, y)) => {
                    self.json.list("labels", own, |json, row| json.text_element(row.label));
                    self.json.integers("step", [x, y]);
                }
                None => self.json.text("label", first.label),
            }
            write_runs(&mut self.json, &first.runs);
            self.json.close('}');
            rest = after;
        }
        self.json.close(']');
    }

    fn row(&mut self, row: RowView<'a>) -> Option<WrittenRow<'a>> {
        let seats = live(row.seats());
        (!seats.is_empty()).then(|| WrittenRow { label: row.label(), runs: self.runs(&seats, true) })
    }

    /// Runs of consecutive indexes of one row object, since seats of one row object are often evenly spaced.
    fn runs(&mut self, seats: &[SeatView<'a>], numbered: bool) -> Vec<Run> {
        let row_object =
            |seat: &SeatView<'_>| self.parts.seats.get(seat.index.position()).map(|seat| seat.row_object);
        let together = |a: &SeatView<'a>, b: &SeatView<'a>| {
            a.index.0.checked_add(1) == Some(b.index.0) && row_object(a) == row_object(b)
        };
        let runs: Vec<&[SeatView<'a>]> = seats.chunk_by(together).collect();
        runs.into_iter().filter_map(|run| self.run(run, numbered)).collect()
    }

    fn run(&mut self, run: &[SeatView<'a>], numbered: bool) -> Option<Run> {
        let (first, last) = run.first().zip(run.last())?;
        let from = (first.index != self.next).then_some(first.index);
        self.next = SeatIndex(last.index.0.saturating_add(1));
        let coordinates =
            |side: fn(Point) -> i32| run.iter().map(|seat| tenths(side(seat.position))).collect();
        let places = if numbered {
            Some((
                Coordinates::of(coordinates(|point| point.x)),
                Coordinates::of(coordinates(|point| point.y)),
            ))
        } else {
            None
        };
        let mut numbers = Json::default();
        if numbered {
            write_numbers(&mut numbers, run);
        }
        let looks = self.looks(run);
        Some(Run { from, count: run.len(), numbers: numbers.into_text(), places, looks })
    }

    /// Tiers, categories, radii and wheelchair places of a run, as fields.
    fn looks(&self, run: &[SeatView<'a>]) -> String {
        let mut json = Json::default();
        let part = |seat: &SeatView<'a>| self.parts.seats.get(seat.index.position());
        let tier = |seat: &SeatView<'a>| (self.tier)(seat.index).map(i64::from);
        let category =
            |seat: &SeatView<'a>| part(seat).map(|part| part.category).filter(|it| *it != NO_CATEGORY);
        let radius = |seat: &SeatView<'a>| part(seat).map(|part| part.radius).filter(|radius| *radius > 0);
        let tenths_of = |radius: u16| i64::from(radius).saturating_mul(10);
        write_along(&mut json, "tier", run.iter().map(tier).collect());
        write_along(&mut json, "category", run.iter().map(|seat| category(seat).map(i64::from)).collect());
        write_along(&mut json, "radius", run.iter().map(|seat| radius(seat).map(tenths_of)).collect());
        let accessible = run.iter().zip(0..).filter(|(seat, _)| seat.accessible).map(|(_, at)| at);
        let accessible: Vec<i64> = accessible.collect();
        if !accessible.is_empty() {
            json.integers("accessible", accessible);
        }
        json.into_text()
    }
}

/// A row that will be written.
struct WrittenRow<'a> {
    label: &'a str,
    runs: Vec<Run>,
}

/// A run that will be written. Fields that are texts are JSON already, without the braces around them.
struct Run {
    /// Absent when it follows the run before.
    from: Option<SeatIndex>,
    count: usize,
    numbers: String,
    /// Absent for standing places.
    places: Option<(Coordinates, Coordinates)>,
    looks: String,
}

impl Run {
    /// How far the next row's run is from this one, when they differ in nothing else.
    fn step_to(&self, next: &Self) -> Option<(i64, i64)> {
        let same = next.from.is_none()
            && self.count == next.count
            && self.numbers == next.numbers
            && self.looks == next.looks;
        let ((x, y), (next_x, next_y)) = self.places.as_ref().zip(next.places.as_ref()).filter(|_| same)?;
        Some((x.step_to(next_x)?, y.step_to(next_y)?))
    }
}

/// The coordinates of a run on one axis: the first, and the step to all others or to each.
#[derive(PartialEq, Eq)]
struct Coordinates {
    first: i64,
    steps: Steps,
}

#[derive(PartialEq, Eq)]
enum Steps {
    Even(i64),
    Each(Vec<i64>),
}

impl Coordinates {
    fn of(values: Vec<i64>) -> Self {
        if let Some((first, step)) = even(&values) {
            return Self { first, steps: Steps::Even(step) };
        }
        let differences = values.iter().zip(values.iter().skip(1)).map(|(a, b)| b.saturating_sub(*a));
        let steps = Steps::Each(differences.collect());
        Self { first: values.first().copied().unwrap_or(0), steps }
    }

    fn step_to(&self, next: &Self) -> Option<i64> {
        (self.steps == next.steps).then(|| next.first.saturating_sub(self.first))
    }

    fn write(&self, json: &mut Json, [evenly, each]: [&str; 2]) {
        match &self.steps {
            Steps::Even(step) => json.integers(evenly, [self.first, *step]),
            Steps::Each(steps) => json.integers(each, [self.first].into_iter().chain(steps.iter().copied())),
        }
    }
}

/// How many of the first rows are alike, and the step from each to the next when there are several.
fn rows_alike(rows: &[WrittenRow<'_>]) -> (usize, Option<(i64, i64)>) {
    let step_between = |row: &WrittenRow<'_>, next: &WrittenRow<'_>| {
        let mut steps = row.runs.iter().zip(&next.runs).map(|(run, next)| run.step_to(next));
        let first = steps.next().flatten().filter(|_| row.runs.len() == next.runs.len())?;
        steps.all(|step| step == Some(first)).then_some(first)
    };
    let mut steps = rows.iter().zip(rows.iter().skip(1)).map(|(row, next)| step_between(row, next));
    let Some(step) = steps.next().flatten() else { return (1, None) };
    let more = steps.take_while(|other| *other == Some(step)).count();
    (more.saturating_add(2), Some(step))
}

fn write_runs(json: &mut Json, runs: &[Run]) {
    json.list("runs", runs, |json, run| {
        json.object(|json| {
            if let Some(from) = run.from {
                json.raw("from", &from.to_string());
            }
            json.raw("count", &run.count.to_string());
            json.fields(&run.numbers);
            if let Some((x, y)) = &run.places {
                x.write(json, ["x", "xs"]);
                y.write(json, ["y", "ys"]);
            }
            json.fields(&run.looks);
        });
    });
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
