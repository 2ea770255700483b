//! The plan as a small picture: for cards, e-mail, and pages without scripts.
//!
//! A small plan shows every row as a stroke in its category's colour; a plan of many rows shows each section as the outline
//! around its seats, with its name. Everything from the file is escaped, colours are let through only when they plainly are
//! colours, and the same plan always gives the same bytes.

use super::outline::outline;
use super::shape::Point;
use super::svg::{Svg, color, units};
use super::{CategoryIndex, SeatView, SeatingPlan, SectionView};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Corners of strokes beyond which sections are drawn instead of rows.
const MAX_STROKE_POINTS: usize = 2_000;
/// Decorations beyond this many are left out: they are the bulk of some plans and the least of a small picture.
const MAX_DECORATIONS: usize = 200;
const SEAT_COLOR: &str = "#7b8794";

/// The plan as an SVG document.
#[must_use]
pub fn seatmap_svg(plan: &SeatingPlan) -> String {
    let mut svg = Svg::default();
    let (from, to) = extent(plan);
    let _ = write!(
        svg.out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="{} {} {} {}" font-family="sans-serif">"#,
        units(from.x),
        units(from.y),
        units(to.x.saturating_sub(from.x)),
        units(to.y.saturating_sub(from.y)),
    );
    svg.element("title", plan.name());
    // What is drawn on it was drawn for paper, whatever the page around it looks like.
    let _ = write!(
        svg.out,
        r##"<rect x="{}" y="{}" width="100%" height="100%" fill="#faf6f0"/>"##,
        units(from.x),
        units(from.y)
    );
    for decoration in plan.decorations().iter().take(MAX_DECORATIONS) {
        svg.decoration(decoration);
    }
    let strokes = strokes(plan);
    let points: usize = strokes.values().flatten().map(Vec::len).fold(0, usize::saturating_add);
    // Where people stand there are no rows.
    if points <= MAX_STROKE_POINTS {
        draw_rows(&mut svg, plan, &strokes);
        draw_outlines(&mut svg, plan, |section| section.general_admission());
    } else {
        draw_outlines(&mut svg, plan, |_all| true);
    }
    if plan.parts().sections.len() > 1 {
        draw_section_names(&mut svg, plan, units(to.x.saturating_sub(from.x)));
    }
    svg.out.push_str("</svg>");
    svg.out
}

/// Strokes by category, `None` for seats without one.
type Strokes = BTreeMap<Option<CategoryIndex>, Vec<Vec<Point>>>;

/// Every segment as strokes of one category each, points on a straight line left out.
fn strokes(plan: &SeatingPlan) -> Strokes {
    let mut strokes = Strokes::new();
    let stands = |section| plan.section(section).is_some_and(|section| section.general_admission());
    for segment in plan.segments().filter(|segment| !segment.removed()) {
        let seats: Vec<SeatView<'_>> = segment.seats().iter().filter_map(|seat| plan.seat(*seat)).collect();
        if seats.first().is_some_and(|seat| stands(seat.section)) {
            continue;
        }
        for run in seats.chunk_by(|a, b| a.category == b.category) {
            let category = run.first().and_then(|seat| seat.category);
            strokes.entry(category).or_default().push(straightened(run.iter().map(|seat| seat.position)));
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

/// Whether `b` is within about a tenth of a unit of the line from `a` to `c`, for seats the usual way apart.
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

/// What the picture shows: the plan's size, and seats beyond it.
fn extent(plan: &SeatingPlan) -> (Point, Point) {
    const MARGIN: i32 = 25_000;
    let size = Point { x: plan.size().width, y: plan.size().height };
    let live = plan.seats().filter(|seat| !seat.removed).map(|seat| seat.position);
    live.fold((Point::default(), size), |(from, to), at| {
        let low = Point { x: at.x.saturating_sub(MARGIN), y: at.y.saturating_sub(MARGIN) };
        let high = at.plus(Point { x: MARGIN, y: MARGIN });
        (
            Point { x: from.x.min(low.x), y: from.y.min(low.y) },
            Point { x: to.x.max(high.x), y: to.y.max(high.y) },
        )
    })
}

/// Every row as strokes in its categories' colours.
fn draw_rows(svg: &mut Svg, plan: &SeatingPlan, strokes: &Strokes) {
    svg.out.push_str(r#"<g fill="none" stroke-width="15" stroke-linecap="round" stroke-linejoin="round">"#);
    for (category, strokes) in strokes {
        let _ = write!(svg.out, r#"<path stroke="{}" d=""#, category_color(plan, *category));
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

/// Every section as the outline around its seats, in the colour of its first seat's category.
fn draw_outlines(svg: &mut Svg, plan: &SeatingPlan, is_drawn: impl Fn(&SectionView<'_>) -> bool) {
    let mut by_color: BTreeMap<&str, Vec<Vec<Point>>> = BTreeMap::new();
    for section in plan.sections().filter(|section| is_drawn(section)) {
        let Some(first) = section.seats().find(|seat| !seat.removed) else { continue };
        by_color.entry(category_color(plan, first.category)).or_default().push(outline(live_places(section)));
    }
    if by_color.is_empty() {
        return;
    }
    svg.out.push_str(r#"<g stroke-width="20" stroke-linejoin="round">"#);
    for (color, outlines) in by_color {
        let _ = write!(svg.out, r#"<path fill="{color}" stroke="{color}" d=""#);
        for corners in outlines {
            svg.line(corners.into_iter());
            svg.out.push('Z');
        }
        svg.out.push_str("\"/>");
    }
    svg.out.push_str("</g>");
}

fn category_color(plan: &SeatingPlan, category: Option<CategoryIndex>) -> &str {
    let category = category.and_then(|category| plan.category(category));
    color(category.and_then(|category| category.color.as_deref()), SEAT_COLOR)
}

/// Each section's name in its middle, as large as fits in its width, and never too small to be read in a picture `across` units wide.
/// The ground it stands on hides the rows behind it.
fn draw_section_names(svg: &mut Svg, plan: &SeatingPlan, across: i32) {
    let ground = r##"paint-order="stroke" stroke="#ffffff" stroke-width=".45em" stroke-linejoin="round""##;
    let look = r##"fill="#1f2933" font-weight="600" text-anchor="middle" dominant-baseline="central""##;
    let (least, most) = ((across / 60).max(12), (across / 20).max(24));
    let _ = write!(svg.out, "<g {ground} {look}>");
    for section in plan.sections() {
        let places = live_places(section);
        let range =
            |side: fn(&Point) -> i32| Some((places.iter().map(side).min()?, places.iter().map(side).max()?));
        let Some(((left, right), (top, bottom))) = range(|point| point.x).zip(range(|point| point.y)) else {
            continue;
        };
        let letters = i32::try_from(section.name().chars().count()).unwrap_or(i32::MAX).max(1);
        let width = units(right.saturating_sub(left)).saturating_add(20);
        let size =
            width.saturating_mul(8).checked_div(letters.saturating_mul(5)).unwrap_or(12).clamp(least, most);
        let (x, y) = (units(left.midpoint(right)), units(top.midpoint(bottom)));
        let _ = write!(svg.out, r#"<text x="{x}" y="{y}" font-size="{size}">"#);
        svg.text(section.name());
        svg.out.push_str("</text>");
    }
    svg.out.push_str("</g>");
}
