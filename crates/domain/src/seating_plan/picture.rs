//! The plan as a small picture: for cards, e-mail, and pages without scripts.
//!
//! A plan with few rows shows every row as a stroke, with the names of the sections over them. A plan with many rows shows
//! each section as the outline around its seats. A general admission is always an outline. The colours are those of the
//! map: one for each price, or the plan's own colours when each price has a different one. The picture follows the light or
//! dark scheme of the page. All text from the file is escaped, colours are checked, and the same plan always gives the
//! same bytes.

use super::label::section_kind;
use super::outline::outline;
use super::plan::SeatingPlan;
use super::shape::{Decoration, Point, Shape};
use super::svg::{Svg, color, lightened, units};
use super::view::{SeatView, SectionView};
use crate::ids::SeatIndex;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// When the strokes of all rows have more points than this, sections are drawn instead of rows.
const MAX_STROKE_POINTS: usize = 2_000;
/// At most this many decorations are drawn: some plans have thousands, which are hardly visible in a small picture.
const MAX_DECORATIONS: usize = 200;
/// The margin around the picture, in thousandths.
const MARGIN: i32 = 40_000;
/// A seat's width, in units.
const SEAT_SIZE: i32 = 20;
/// The colour of seats without a price and a colour of their own, on a light page and on a dark one.
const PLAIN: (&str, &str) = ("#7b8794", "#9aa5b1");
/// The colours of prices, most expensive first, on a light page and on a dark one. The map has the same.
const PRICES: [(&str, &str); 8] = [
    ("#7a1f5c", "#f08fd0"),
    ("#2457c5", "#8db4ff"),
    ("#0b7a75", "#4fd1c1"),
    ("#a84a00", "#ffb066"),
    ("#5b4bb5", "#b9a8ff"),
    ("#5d6b12", "#c9d85c"),
    ("#b3246b", "#ff8fb5"),
    ("#24667f", "#7fd0ee"),
];
/// The styles of a dark page: a dark ground, light text, light shapes as shades.
const DARK: &str = ".g{fill:#1d1823}.t{fill:#f5efe6}.l{fill-opacity:.09;stroke-opacity:.09}";

/// The plan as an SVG document. `price` gives the rank of a seat's price, 0 for the most expensive, or `None` without one.
#[must_use]
pub fn seatmap_svg(plan: &SeatingPlan, price: impl Fn(SeatIndex) -> Option<usize>) -> String {
    let paints = Paints::of(plan, price);
    let mut svg = Svg::default();
    let (from, to) = extent(plan);
    let (width, height) = (units(to.x.saturating_sub(from.x)), units(to.y.saturating_sub(from.y)));
    let (left, top) = (units(from.x), units(from.y));
    let _ = write!(
        svg.out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="{left} {top} {width} {height}" font-family="system-ui,sans-serif">"#,
    );
    svg.element("title", plan.name());
    let _ = write!(svg.out, "<style>@media(prefers-color-scheme:dark){{{DARK}");
    for (at, (_, dark)) in paints.list.iter().enumerate() {
        let _ = write!(svg.out, ".p{at}{{color:{dark}}}");
    }
    let _ = write!(
        svg.out,
        r##"}}</style><rect class="g" x="{left}" y="{top}" width="{width}" height="{height}" fill="#fffdfa"/>"##
    );
    // A text that repeats the name of a section is not drawn: the name is drawn there anyway.
    let named = |decoration: &&Decoration| {
        let text = decoration.text.as_ref().map_or("", |text| text.text.trim());
        decoration.shape == Shape::Text
            && plan.sections().any(|section| section.name().to_lowercase() == text.to_lowercase())
    };
    for decoration in plan.decorations().iter().take(MAX_DECORATIONS).filter(|decoration| !named(decoration))
    {
        svg.decoration(decoration, width.max(height) / 45);
    }
    let strokes = strokes(plan, &paints);
    let points: usize = strokes.values().flatten().map(Vec::len).fold(0, usize::saturating_add);
    let draws_rows = points <= MAX_STROKE_POINTS;
    if draws_rows {
        draw_rows(&mut svg, &paints, &strokes);
    }
    draw_outlines(&mut svg, plan, &paints, width, |section| !draws_rows || section.general_admission());
    if plan.parts().sections.len() > 1 || points == 0 {
        draw_section_names(&mut svg, plan, width.max(height), draws_rows);
    }
    svg.out.push_str("</svg>");
    svg.out
}

/// The colours in which [`seatmap_svg`] draws the seats of each rank of price, on a light page and on a dark one. Where seats of one rank have
/// several colours, it is that of the first.
#[must_use]
pub fn price_colors(
    plan: &SeatingPlan,
    price: impl Fn(SeatIndex) -> Option<usize>,
) -> BTreeMap<usize, (String, String)> {
    let paints = Paints::of(plan, &price);
    let mut colors = BTreeMap::new();
    for seat in plan.seats().filter(|seat| !seat.removed) {
        let Some(rank) = price(seat.index) else { continue };
        if let Some((light, dark)) = paints.list.get(paints.of_seat(seat.index)) {
            colors.entry(rank).or_insert_with(|| ((*light).to_owned(), dark.clone()));
        }
    }
    colors
}

/// The colours of seats, on a light page and on a dark one.
struct Paints<'p> {
    list: Vec<(&'p str, String)>,
    /// The position in `list` of each seat's colour.
    of_seat: Vec<usize>,
}

impl<'p> Paints<'p> {
    fn of(plan: &'p SeatingPlan, price: impl Fn(SeatIndex) -> Option<usize>) -> Self {
        let own = |seat: &SeatView<'p>| {
            let category = seat.category.and_then(|category| plan.category(category));
            category.and_then(|category| category.color.as_deref()).map(|given| color(Some(given), PLAIN.0))
        };
        let mut own_of: BTreeMap<usize, BTreeSet<Option<&'p str>>> = BTreeMap::new();
        for seat in plan.seats().filter(|seat| !seat.removed) {
            if let Some(rank) = price(seat.index) {
                own_of.entry(rank).or_default().insert(own(&seat));
            }
        }
        let category_colors: BTreeSet<&str> = own_of.values().flatten().filter_map(|color| *color).collect();
        let colors_tell_prices_apart = category_colors.len() == own_of.len()
            && own_of.values().all(|colors| colors.len() == 1 && !colors.contains(&None));
        let mut known: BTreeMap<(bool, &'p str), usize> = BTreeMap::new();
        let mut paints = Self { list: Vec::new(), of_seat: Vec::new() };
        for seat in plan.seats() {
            let rank = price(seat.index).filter(|_| !colors_tell_prices_apart);
            let price = rank.and_then(|rank| PRICES.get(rank.checked_rem(PRICES.len())?));
            let light = match price {
                Some((light, _)) => light,
                None => own(&seat).unwrap_or(PLAIN.0),
            };
            let at = *known.entry((price.is_some(), light)).or_insert_with(|| {
                let dark = match price {
                    Some((_, dark)) => (*dark).to_owned(),
                    None if light == PLAIN.0 => PLAIN.1.to_owned(),
                    None => lightened(light),
                };
                paints.list.push((light, dark));
                paints.list.len().saturating_sub(1)
            });
            paints.of_seat.push(at);
        }
        paints
    }

    fn of_seat(&self, seat: SeatIndex) -> usize {
        self.of_seat.get(seat.position()).copied().unwrap_or_default()
    }

    /// Begins a path in this colour.
    fn begin(&self, svg: &mut Svg, paint: usize) {
        let light = self.list.get(paint).map_or(PLAIN.0, |(light, _)| light);
        let _ = write!(svg.out, r#"<path class="p{paint}" color="{light}" d=""#);
    }
}

/// Strokes by colour.
type Strokes = BTreeMap<usize, Vec<Vec<Point>>>;

/// Every segment as strokes of one colour each, without the points within straight lines.
fn strokes(plan: &SeatingPlan, paints: &Paints<'_>) -> Strokes {
    let mut strokes = Strokes::new();
    let is_general_admission =
        |section| plan.section(section).is_some_and(|section| section.general_admission());
    for segment in plan.segments().filter(|segment| !segment.removed()) {
        let seats: Vec<SeatView<'_>> = segment.seats().iter().filter_map(|seat| plan.seat(*seat)).collect();
        if seats.first().is_some_and(|seat| is_general_admission(seat.section)) {
            continue;
        }
        for run in seats.chunk_by(|a, b| paints.of_seat(a.index) == paints.of_seat(b.index)) {
            let paint = run.first().map_or(0, |seat| paints.of_seat(seat.index));
            strokes.entry(paint).or_default().push(straightened(run.iter().map(|seat| seat.position)));
        }
    }
    strokes
}

fn straightened(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    for point in points {
        if let [.., before, last] = kept.as_slice()
            && is_straight(*before, *last, point)
        {
            kept.pop();
        }
        kept.push(point);
    }
    kept
}

/// Whether `b` is within about a tenth of a unit of the line from `a` to `c`, at the usual distance of seats.
fn is_straight(a: Point, b: Point, c: Point) -> bool {
    let difference = |to: i32, from: i32| i128::from(to).saturating_sub(i128::from(from));
    let (abx, aby) = (difference(b.x, a.x), difference(b.y, a.y));
    let (acx, acy) = (difference(c.x, a.x), difference(c.y, a.y));
    let cross = abx.saturating_mul(acy).saturating_sub(aby.saturating_mul(acx));
    let reach = acx.saturating_abs().max(acy.saturating_abs());
    cross.saturating_abs() <= reach.saturating_mul(100)
}

fn live_places(section: SectionView<'_>) -> Vec<Point> {
    section.seats().filter(|seat| !seat.removed).map(|seat| seat.position).collect()
}

/// The top left and bottom right corners of the box around some points; `None` without points.
fn corners(points: impl Iterator<Item = Point>) -> Option<(Point, Point)> {
    points.map(|at| (at, at)).reduce(|(from, to), (at, _)| {
        (Point { x: from.x.min(at.x), y: from.y.min(at.y) }, Point { x: to.x.max(at.x), y: to.y.max(at.y) })
    })
}

/// The corners of the picture: the box around everything drawn, with a margin; the plan's size when nothing is drawn.
fn extent(plan: &SeatingPlan) -> (Point, Point) {
    let live = plan.seats().filter(|seat| !seat.removed).map(|seat| seat.position);
    let drawn = plan.decorations().iter().take(MAX_DECORATIONS).flat_map(|decoration| decoration.corners());
    let (from, to) = corners(live.chain(drawn))
        .unwrap_or((Point::default(), Point { x: plan.size().width, y: plan.size().height }));
    let margin = Point { x: MARGIN, y: MARGIN };
    (from.minus(margin), to.plus(margin))
}

/// Every row as strokes.
fn draw_rows(svg: &mut Svg, paints: &Paints<'_>, strokes: &Strokes) {
    if strokes.is_empty() {
        return;
    }
    svg.out.push_str(
        r#"<g fill="none" stroke="currentColor" stroke-width="15" stroke-linecap="round" stroke-linejoin="round">"#,
    );
    for (paint, strokes) in strokes {
        paints.begin(svg, *paint);
        for points in strokes {
            svg.line(points.iter().copied());
            if points.len() == 1 {
                svg.out.push_str("h0");
            }
        }
        svg.out.push_str("\"/>");
    }
    svg.out.push_str("</g>");
}

/// Draws sections as the outline around their seats, in the colour of the first seat; general admissions as their box.
fn draw_outlines(
    svg: &mut Svg,
    plan: &SeatingPlan,
    paints: &Paints<'_>,
    across: i32,
    is_drawn: impl Fn(&SectionView<'_>) -> bool,
) {
    let mut by_paint: BTreeMap<usize, Vec<Vec<Point>>> = BTreeMap::new();
    for section in plan.sections().filter(|section| is_drawn(section)) {
        let Some(first) = section.seats().find(|seat| !seat.removed) else { continue };
        let places = live_places(section);
        let around = if section.general_admission() {
            let Some((from, to)) = corners(places.into_iter()) else { continue };
            vec![from, Point { x: to.x, y: from.y }, to, Point { x: from.x, y: to.y }]
        } else {
            outline(places)
        };
        by_paint.entry(paints.of_seat(first.index)).or_default().push(around);
    }
    if by_paint.is_empty() {
        return;
    }
    let rim = (across / 300).max(1);
    let _ = write!(
        svg.out,
        r#"<g fill="currentColor" fill-opacity=".2" stroke="currentColor" stroke-linejoin="round" stroke-width="{rim}">"#
    );
    for (paint, outlines) in by_paint {
        paints.begin(svg, paint);
        for around in outlines {
            svg.line(around.into_iter());
            svg.out.push('Z');
        }
        svg.out.push_str("\"/>");
    }
    svg.out.push_str("</g>");
}

/// A name and, if it has several words, a shorter form: `Lower 101`, `101`; `Pitch Standing`, `Pitch`.
fn shorter(name: &str) -> impl Iterator<Item = &str> {
    let (first, last) = (name.split_whitespace().next(), name.split_whitespace().next_back());
    let short = if last.is_some_and(|last| last.chars().count() <= 5) { last } else { first };
    std::iter::once(name).chain(short.filter(|short| *short != name))
}

/// The width and height in which a section's name must fit, in units. A section that fills only a part of its box, because
/// it is slanted or hollow, has less room.
fn room_for_name(section: SectionView<'_>, from: Point, to: Point) -> (i32, i32) {
    let side = |from: i32, to: i32| units(to.saturating_sub(from)).saturating_add(SEAT_SIZE).max(1);
    let (width, height) = (side(from.x, to.x), side(from.y, to.y));
    let seats = i64::try_from(section.seats().filter(|seat| !seat.removed).count()).unwrap_or(i64::MAX);
    let area = i64::from(width).saturating_mul(i64::from(height));
    let filled = seats.saturating_mul(700 * 1_000_000).checked_div(area).unwrap_or(0);
    let part = if section.general_admission() { 1_000 } else { filled.min(1_000_000).isqrt() };
    let room = |side: i32| i32::try_from(i64::from(side).saturating_mul(part) / 1_000).unwrap_or(side);
    (room(width), room(height))
}

/// Draws each section's name in its middle, as large as fits, unless it would be too small to read. Over rows the name has
/// a background.
fn draw_section_names(svg: &mut Svg, plan: &SeatingPlan, across: i32, over_rows: bool) {
    let (least, most) = ((across / 42).max(1), (across / 28).max(2));
    // Sections of one kind, "Lower 1" and "Lower 2", all get the same size and form of name, or none gets a name.
    let mut kinds: BTreeMap<&str, Option<(bool, i32)>> = BTreeMap::new();
    let mut places: Vec<(&str, Point)> = Vec::new();
    for section in plan.sections() {
        let Some((from, to)) = corners(live_places(section).into_iter()) else { continue };
        places.push((section.name(), Point { x: from.x.midpoint(to.x), y: from.y.midpoint(to.y) }));
        let room = room_for_name(section, from, to);
        let fitting = shorter(section.name()).enumerate().find_map(|(shortened, name)| {
            let letters = i32::try_from(name.chars().count()).unwrap_or(i32::MAX).max(1);
            let wide = room.0.saturating_mul(11).checked_div(letters.saturating_mul(10)).unwrap_or(0);
            let size = wide.min(room.1.saturating_mul(7) / 10).min(most);
            (size >= least).then_some((shortened > 0, size))
        });
        let alike = kinds.entry(section_kind(section.name())).or_insert(fitting);
        *alike = alike.zip(fitting).map(|(all, one)| (all.0 || one.0, all.1.min(one.1)));
    }
    let mut names: Vec<(&str, Point, i32)> = Vec::new();
    for (name, at) in places {
        let Some(Some((shortened, size))) = kinds.get(section_kind(name)) else { continue };
        let shown = if *shortened { shorter(name).last() } else { Some(name) };
        names.push((shown.unwrap_or(name), at, *size));
    }
    if over_rows {
        svg.out.push_str(r##"<g class="g" fill="#fffdfa" fill-opacity=".94">"##);
        for (name, at, size) in &names {
            let letters = i32::try_from(name.chars().count()).unwrap_or(i32::MAX);
            let width = letters.saturating_mul(*size).saturating_mul(3) / 5;
            let (width, height) = (width.saturating_add(*size), size.saturating_mul(8) / 5);
            let (x, y) = (units(at.x).saturating_sub(width / 2), units(at.y).saturating_sub(height / 2));
            let _ = write!(
                svg.out,
                r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{}"/>"#,
                height / 2
            );
        }
        svg.out.push_str("</g>");
    }
    svg.out.push_str(
        r##"<g class="t" fill="#1d1722" font-weight="600" text-anchor="middle" dominant-baseline="central">"##,
    );
    for (name, at, size) in names {
        let _ = write!(svg.out, r#"<text x="{}" y="{}" font-size="{size}">"#, units(at.x), units(at.y));
        svg.text(name);
        svg.out.push_str("</text>");
    }
    svg.out.push_str("</g>");
}
