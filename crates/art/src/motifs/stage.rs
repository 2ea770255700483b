//! Motifs about the stage and the house.

use crate::canvas::{Canvas, Point, Shape, arc, rectangle};
use crate::colours::Colours;
use crate::random::Random;
use std::f32::consts::{PI, TAU};

/// The seats of a hall seen from the stage; a spotlight lights some of them.
pub(super) fn hall(colours: Colours, random: &mut Random) -> Canvas {
    let centre = (1200.0 * random.between(0.3, 0.7), 630.0 * random.between(1.05, 1.3));
    let spot = (1200.0 * random.between(0.2, 0.8), 630.0 * random.between(0.2, 0.55));
    let reach = random.between(170.0, 330.0);
    let (first, step) = (random.between(150.0, 230.0), random.between(42.0, 54.0));
    let aisles = (3 + random.below(4)) as f32;
    let (radius, gap) = (step * 0.24, step * 0.86);
    let (mut dark, mut lit) = (Vec::new(), Vec::new());
    for row in 0..24 {
        let distance = first + step * row as f32;
        let count = (PI * distance / gap) as usize;
        for seat in 0..count {
            let share = seat as f32 / count as f32;
            let in_aisle = (share * aisles).fract() * distance * PI / aisles < gap * 1.2;
            let angle = PI * (1.0 + share);
            let (x, y) = (centre.0 + distance * angle.cos(), centre.1 + distance * angle.sin());
            let outside =
                !(-radius..=1200.0 + radius).contains(&x) || !(-radius..=630.0 + radius).contains(&y);
            if in_aisle || outside {
                continue;
            }
            let far = ((x - spot.0).powi(2) + (y - spot.1).powi(2)).sqrt() / reach;
            let is_lit = random.unit() < (1.15 - far).clamp(0.02, 0.92);
            if is_lit { &mut lit } else { &mut dark }.push(Shape::Line(vec![(x, y)]));
        }
    }
    Canvas::new(colours).stroke(colours.quiet, 0.55, radius * 2.0, dark).stroke(
        colours.light,
        1.0,
        radius * 2.0,
        lit,
    )
}

/// A curtain that begins to open, and light on the floor.
pub(super) fn curtain(colours: Colours, random: &mut Random) -> Canvas {
    let (gap, folds) = (random.between(60.0, 260.0), 6 + random.below(4));
    let (mut cloth, mut shades, mut edges) = (Vec::new(), Vec::new(), Vec::new());
    for side in [-1.0_f32, 1.0] {
        let wide = (620.0 - gap / 2.0) / folds as f32;
        for fold in 0..folds {
            let near = gap / 2.0 + wide * fold as f32;
            let (inner, outer) = (600.0 + side * near, 600.0 + side * (near + wide));
            // The cloth is gathered towards the sides, and hangs lower there.
            let hem = 560.0 + 22.0 * (fold as f32 / folds as f32) + random.between(0.0, 12.0);
            let pulled = side * 34.0 * (1.0 - fold as f32 / folds as f32);
            cloth.push(Shape::Line(vec![
                (inner, -5.0),
                (outer, -5.0),
                (outer + pulled, hem),
                (inner + pulled, hem),
            ]));
            let third = (outer - inner) * 0.38;
            shades.push(Shape::Line(vec![
                (inner, -5.0),
                (inner + third, -5.0),
                (inner + third * 0.8 + pulled, hem),
                (inner + pulled, hem),
            ]));
            edges.push(Shape::Line(vec![(inner + pulled, hem), (outer + pulled, hem)]));
        }
    }
    let floor = |reach: f32| {
        let at = |step: i32| {
            (
                600.0 + reach * (TAU * step as f32 / 48.0).cos(),
                600.0 + reach * 0.13 * (TAU * step as f32 / 48.0).sin(),
            )
        };
        Shape::Line((0..48).map(at).collect())
    };
    let reach = 250.0 + gap;
    Canvas::new(colours)
        .fill(colours.top, 1.0, vec![rectangle(0.0, 0.0, 1200.0, 630.0)])
        .fill(
            colours.light,
            0.16,
            vec![Shape::Line(vec![
                (585.0, -5.0),
                (615.0, -5.0),
                (600.0 + reach * 0.8, 600.0),
                (600.0 - reach * 0.8, 600.0),
            ])],
        )
        .fill(colours.light, 0.5, vec![floor(reach)])
        .fill(colours.light, 0.6, vec![floor(reach * 0.6)])
        .fill(colours.main, 1.0, cloth)
        .fill(colours.top, 0.42, shades)
        .stroke(colours.light, 0.9, 9.0, edges)
}

/// A proscenium of arches, one within the other, with light at the end.
pub(super) fn arches(colours: Colours, random: &mut Random) -> Canvas {
    let (middle, count) = (random.between(480.0, 720.0), 6 + random.below(3));
    let mut canvas = Canvas::new(colours);
    for arch in 0..count {
        let share = arch as f32 / (count - 1) as f32;
        let half = 640.0 - 530.0 * share;
        let x = 600.0 + (middle - 600.0) * share;
        let top = -140.0 + 400.0 * share + half * 0.75;
        let mut outline: Vec<Point> = arc((x, top), half, 0.5, 1.0);
        outline.extend([(x + half, 640.0), (x - half, 640.0)]);
        let colour = match arch {
            last if last + 1 == count => colours.light,
            odd if odd % 2 == 1 => colours.main,
            _ => colours.bottom,
        };
        let colour = crate::colours::mixed(
            colour,
            colours.top,
            if arch + 1 == count { 0.0 } else { 0.6 - 0.6 * share },
        );
        canvas = canvas.fill(colour, 1.0, vec![Shape::Line(outline)]);
    }
    let figure = vec![
        Shape::Circle((middle, 452.0), 20.0),
        Shape::Line(vec![
            (middle - 26.0, 580.0),
            (middle - 18.0, 482.0),
            (middle + 18.0, 482.0),
            (middle + 26.0, 580.0),
        ]),
    ];
    let floor = rectangle(0.0, 576.0, 1200.0, 60.0);
    canvas.fill(colours.top, 1.0, vec![floor]).fill(colours.top, 1.0, figure)
}

/// Speech bubbles: somebody talks, everybody laughs.
pub(super) fn bubbles(colours: Colours, random: &mut Random) -> Canvas {
    let mut canvas = Canvas::new(colours);
    let fills = [colours.quiet, colours.main, colours.accent, colours.light];
    let count = 5 + random.below(3);
    for bubble in 0..count {
        let x = 90.0 + 1020.0 * (bubble as f32 + 0.5) / count as f32 + random.between(-50.0, 50.0);
        let y = if bubble.is_multiple_of(2) {
            random.between(140.0, 250.0)
        } else {
            random.between(350.0, 470.0)
        };
        let (wide, high) = (random.between(120.0, 175.0), random.between(74.0, 112.0));
        let tail = if random.below(2) == 0 { -1.0 } else { 1.0 };
        let body = [(-1.0, -1.0, 0.5), (1.0, -1.0, 0.75), (1.0, 1.0, 0.0), (-1.0, 1.0, 0.25)];
        let round = high * 0.7;
        let mut outline = Vec::new();
        for (right, down, from) in body {
            outline.extend(arc(
                (x + right * (wide - round), y + down * (high - round)),
                round,
                from,
                from + 0.25,
            ));
        }
        let point = Shape::Line(vec![
            (x + tail * wide * 0.2, y + high - 8.0),
            (x + tail * wide * 0.62, y + high - 14.0),
            (x + tail * wide * 0.78, y + high + 62.0),
        ]);
        let fill = fills[(bubble + random.below(2)) % fills.len()];
        canvas = canvas.fill(fill, 1.0, vec![Shape::Line(outline), point]);
        let dots = (-1_i8..=1).map(|dot| Shape::Circle((x + 52.0 * f32::from(dot), y), 14.0)).collect();
        canvas = canvas.fill(colours.top, 0.85, dots);
    }
    canvas
}
