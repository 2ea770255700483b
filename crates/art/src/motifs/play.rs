//! Motifs about games, feasts and holidays.

use crate::canvas::{Canvas, Point, Shape, arc, rectangle};
use crate::colours::Colours;
use crate::random::Random;
use std::f32::consts::TAU;

/// A field with its lines, seen from above.
pub(super) fn pitch(colours: Colours, random: &mut Random) -> Canvas {
    let stripes = (0..5).map(|stripe| rectangle(240.0 * stripe as f32, 0.0, 120.0, 630.0)).collect();
    let x = random.between(400.0, 800.0);
    let circle = random.between(120.0, 170.0);
    let (near, far) = (x - 800.0, x + 800.0);
    let lines = vec![
        Shape::Line(vec![(x, -10.0), (x, 640.0)]),
        Shape::Circle((x, 315.0), circle),
        Shape::Line(vec![(near, 55.0), (far, 55.0)]),
        Shape::Line(vec![(near, 575.0), (far, 575.0)]),
        Shape::Line(vec![(x - 330.0, -10.0), (x - 330.0, 640.0)]),
        Shape::Line(vec![(x + 330.0, -10.0), (x + 330.0, 640.0)]),
        Shape::Circle((x - 560.0, 315.0), circle * 0.9),
        Shape::Circle((x + 560.0, 315.0), circle * 0.9),
    ];
    let spots = [-560.0, 0.0, 560.0].map(|away| Shape::Circle((x + away, 315.0), 12.0));
    // A ball and the way it came.
    let (from, to) = (
        (random.between(60.0, 400.0), random.between(440.0, 600.0)),
        (random.between(760.0, 1120.0), random.between(80.0, 230.0)),
    );
    let high = random.between(120.0, 260.0);
    let way: Vec<Point> = (0..=40)
        .map(|step| {
            let share = step as f32 / 40.0;
            let bend = high * 4.0 * share * (1.0 - share);
            (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share - bend)
        })
        .collect();
    let trail = way.iter().step_by(4).map(|at| Shape::Line(vec![*at])).collect();
    Canvas::new(colours)
        .fill(colours.quiet, 0.28, stripes)
        .stroke(colours.light, 0.75, 7.0, lines)
        .fill(colours.light, 0.75, spots.into())
        .stroke(colours.accent, 0.85, 13.0, trail)
        .fill(colours.accent, 1.0, vec![Shape::Circle(to, 34.0)])
}

/// The lanes of a track in a bend.
pub(super) fn lanes(colours: Colours, random: &mut Random) -> Canvas {
    let centre = (random.between(250.0, 950.0), random.between(700.0, 860.0));
    let (first, wide) = (random.between(170.0, 240.0), random.between(72.0, 92.0));
    let mut canvas =
        Canvas::new(colours).fill(colours.quiet, 0.3, vec![Shape::Circle(centre, first + wide * 8.0)]);
    let lines = (0..9).map(|lane| Shape::Circle(centre, first + wide * lane as f32)).collect();
    canvas = canvas.stroke(colours.light, 0.65, 5.0, lines);
    let runners = [colours.light, colours.accent, colours.main, colours.light, colours.accent];
    for (lane, colour) in runners.into_iter().enumerate() {
        let radius = first + wide * (lane as f32 + 1.5);
        let start = random.between(0.55, 0.66);
        let end = start + random.between(0.05, 0.26);
        canvas = canvas.stroke(colour, 0.95, wide * 0.42, vec![Shape::Line(arc(centre, radius, start, end))]);
    }
    canvas
}

/// The rays of a sun over hills.
pub(super) fn rays(colours: Colours, random: &mut Random) -> Canvas {
    let centre = (random.between(350.0, 850.0), random.between(380.0, 470.0));
    let count = 14 + 2 * random.below(4);
    let turn = random.unit();
    let ray = |at: usize| {
        let angle = |part: f32| TAU * (at as f32 + part + turn) / count as f32;
        let end = |part: f32| (centre.0 + 1500.0 * angle(part).cos(), centre.1 + 1500.0 * angle(part).sin());
        Shape::Line(vec![centre, end(0.0), end(0.5)])
    };
    let hill = |random: &mut Random, top: f32| {
        let (phase, length) = (random.unit() * TAU, random.between(900.0, 1500.0));
        let at =
            |step: i32| (30.0 * step as f32, top + 44.0 * (phase + 30.0 * step as f32 / length * TAU).sin());
        let mut outline: Vec<Point> = (0..=40).map(at).collect();
        outline.extend([(1200.0, 640.0), (0.0, 640.0)]);
        vec![Shape::Line(outline)]
    };
    Canvas::new(colours)
        .fill(colours.main, 0.55, (0..count).map(ray).collect())
        .fill(colours.light, 1.0, vec![Shape::Circle(centre, 118.0)])
        .fill(colours.quiet, 1.0, hill(random, 470.0))
        .fill(colours.accent, 0.9, hill(random, 520.0))
        .fill(colours.top, 1.0, hill(random, 570.0))
}

/// Squares with quarters of circles, as on a tiled floor.
pub(super) fn tiles(colours: Colours, random: &mut Random) -> Canvas {
    const SIDE: f32 = 157.5;
    let fills = [colours.quiet, colours.main, colours.light, colours.accent];
    let mut layers: [Vec<Shape>; 4] = Default::default();
    for row in 0..4 {
        for column in 0..8 {
            let (left, top) = (SIDE * column as f32 - 30.0, SIDE * row as f32);
            let paint = [0, 0, 1, 1, 2, 3][random.below(6)];
            let shape = match random.below(6) {
                0 => Shape::Circle((left + SIDE / 2.0, top + SIDE / 2.0), SIDE * 0.36),
                1 => rectangle(left, top, SIDE, SIDE),
                2 => {
                    let from = 0.25 * random.below(4) as f32;
                    Shape::Line(arc((left + SIDE / 2.0, top + SIDE / 2.0), SIDE / 2.0, from, from + 0.5))
                }
                _ => {
                    let corner = random.below(4);
                    let (x, y) = (
                        left + if corner.is_multiple_of(2) { 0.0 } else { SIDE },
                        top + if corner < 2 { 0.0 } else { SIDE },
                    );
                    let from = [0.0, 0.25, 0.75, 0.5][corner];
                    let mut quarter = arc((x, y), SIDE, from, from + 0.25);
                    quarter.push((x, y));
                    Shape::Line(quarter)
                }
            };
            layers[paint].push(shape);
        }
    }
    let mut canvas = Canvas::new(colours);
    for (fill, shapes) in fills.into_iter().zip(layers) {
        canvas = canvas.fill(fill, 0.92, shapes);
    }
    canvas
}

/// Balloons on their strings.
pub(super) fn balloons(colours: Colours, random: &mut Random) -> Canvas {
    let fills = [colours.main, colours.accent, colours.light, colours.quiet];
    let count = 8 + random.below(4);
    let hand = (random.between(400.0, 800.0), 690.0);
    let mut canvas = Canvas::new(colours);
    let clouds = (0..4)
        .flat_map(|cloud| {
            let (x, y) = (random.between(0.0, 1200.0), 90.0 + 150.0 * cloud as f32);
            [(-62.0, 12.0, 40.0), (0.0, 0.0, 58.0), (66.0, 14.0, 44.0)]
                .map(|(right, down, size)| Shape::Circle((x + right, y + down), size))
        })
        .collect();
    canvas = canvas.fill(colours.quiet, 0.4, clouds);
    for balloon in 0..count {
        let x = 110.0 + 980.0 * (balloon as f32 + 0.5) / count as f32 + random.between(-30.0, 30.0);
        let (y, size) = (random.between(110.0, 400.0), random.between(52.0, 84.0));
        let at = |step: i32| {
            (x + size * 0.86 * (TAU * step as f32 / 40.0).cos(), y + size * (TAU * step as f32 / 40.0).sin())
        };
        let knot =
            Shape::Line(vec![(x - 11.0, y + size + 15.0), (x + 11.0, y + size + 15.0), (x, y + size - 6.0)]);
        let string =
            Shape::Line(vec![(x, y + size + 12.0), ((x * 2.0 + hand.0) / 3.0, y + size + 120.0), hand]);
        let shine = Shape::Line(arc((x, y), size * 0.6, 0.56, 0.68));
        canvas = canvas
            .stroke(colours.light, 0.7, 3.0, vec![string])
            .fill(
                fills[(balloon + random.below(2)) % fills.len()],
                1.0,
                vec![Shape::Line((0..40).map(at).collect()), knot],
            )
            .stroke([255, 255, 255], 0.55, 8.0, vec![shine]);
    }
    canvas
}

/// Strings of pennants, and confetti.
pub(super) fn bunting(colours: Colours, random: &mut Random) -> Canvas {
    let fills = [colours.main, colours.accent, colours.light, colours.quiet];
    let mut pieces: [Vec<Shape>; 4] = Default::default();
    for piece in 0..70 {
        let (x, y) = (random.between(0.0, 1200.0), random.between(0.0, 630.0));
        let size = random.between(7.0, 14.0);
        let shape = match piece % 3 {
            0 => Shape::Circle((x, y), size * 0.8),
            1 => Shape::Line(vec![
                (x, y),
                (x + size * 1.8, y + size * 0.7),
                (x + size * 1.4, y + size * 1.5),
                (x - size * 0.4, y + size * 0.8),
            ]),
            _ => {
                Shape::Line(vec![(x, y), (x + size * 1.5, y + size * 0.4), (x + size * 0.4, y + size * 1.6)])
            }
        };
        pieces[random.below(4)].push(shape);
    }
    let mut ropes = Vec::new();
    let mut pennants: [Vec<Shape>; 4] = Default::default();
    for rope in 0..3 {
        let (top, sag) =
            (40.0 + 165.0 * rope as f32 + random.between(-20.0, 20.0), random.between(70.0, 150.0));
        let lean = random.between(-70.0, 70.0);
        let y = |x: f32| top + lean * (x / 1200.0 - 0.5) + sag * 4.0 * (x / 1200.0) * (1.0 - x / 1200.0);
        ropes.push(Shape::Line((0..=30).map(|step| (40.0 * step as f32, y(40.0 * step as f32))).collect()));
        for pennant in 0..13 {
            let x = 46.0 + 92.0 * pennant as f32;
            let flag = vec![(x - 33.0, y(x - 33.0)), (x + 33.0, y(x + 33.0)), (x, y(x) + 84.0)];
            pennants[(pennant + rope) % 4].push(Shape::Line(flag));
        }
    }
    let mut canvas = Canvas::new(colours);
    for (fill, shapes) in fills.into_iter().zip(pieces) {
        canvas = canvas.fill(fill, 0.6, shapes);
    }
    for (fill, shapes) in fills.into_iter().zip(pennants) {
        canvas = canvas.fill(fill, 1.0, shapes);
    }
    canvas.stroke(colours.light, 0.8, 4.0, ropes)
}
