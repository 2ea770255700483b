//! Motifs about music.

use crate::canvas::{Canvas, Point, Shape, arc, rectangle};
use crate::colours::Colours;
use crate::random::Random;
use std::f32::consts::TAU;

/// Beams of light from above, over the heads of a crowd.
pub(super) fn beams(colours: Colours, random: &mut Random) -> Canvas {
    let count = 5 + random.below(4);
    let (mut quiet, mut bright, mut lamps) = (Vec::new(), Vec::new(), Vec::new());
    for beam in 0..count {
        let x = 1200.0 * (beam as f32 + 0.5) / count as f32 + random.between(-40.0, 40.0);
        let to = 600.0 + (x - 600.0) * random.between(-1.1, 1.7);
        let half = random.between(55.0, 120.0);
        let beam =
            Shape::Line(vec![(x - 5.0, -10.0), (x + 5.0, -10.0), (to + half, 640.0), (to - half, 640.0)]);
        if random.below(3) == 0 {
            bright.push(beam)
        } else {
            quiet.push(beam)
        }
        lamps.push(Shape::Circle((x, 2.0), 15.0));
    }
    Canvas::new(colours)
        .fill(colours.main, 0.28, quiet)
        .fill(colours.light, 0.34, bright)
        .fill(colours.light, 1.0, lamps)
        .fill(colours.top, 0.75, crowd(random, 560.0, 34.0))
        .fill(colours.top, 1.0, crowd(random, 610.0, 42.0))
}

/// Heads and shoulders side by side.
fn crowd(random: &mut Random, top: f32, size: f32) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let mut x = -random.between(0.0, size);
    while x < 1200.0 + size {
        let y = top + random.between(-0.5, 0.5) * size;
        shapes.push(Shape::Circle((x, y), size * 0.46));
        shapes.push(rectangle(x - size * 0.78, y + size * 0.62, size * 1.56, 630.0));
        if random.below(5) == 0 {
            let up = random.between(1.3, 2.2) * size;
            shapes.push(rectangle(x + size * 0.55, y - up + size, size * 0.24, up));
        }
        x += size * random.between(1.55, 2.0);
    }
    shapes
}

/// The bars of an equalizer, mirrored at a horizon.
pub(super) fn bars(colours: Colours, random: &mut Random) -> Canvas {
    let count = 22 + 4 * random.below(4);
    let (step, phase, waves) = (1200.0 / count as f32, random.unit() * TAU, random.between(1.2, 2.8));
    let (mut lower, mut upper, mut tips) = (Vec::new(), Vec::new(), Vec::new());
    for bar in 0..count {
        let x = step * (bar as f32 + 0.5);
        let swing = (phase + waves * TAU * bar as f32 / count as f32).sin() * 0.5 + 0.5;
        let height = 40.0 + 250.0 * (0.75 * swing + 0.25 * random.unit());
        upper.push(Shape::Line(vec![(x, 385.0), (x, 385.0 - height)]));
        lower.push(Shape::Line(vec![(x, 425.0), (x, 425.0 + height * 0.45)]));
        tips.push(Shape::Line(vec![(x, 385.0 - height)]));
    }
    let width = step * 0.56;
    Canvas::new(colours)
        .stroke(colours.quiet, 0.5, width, lower)
        .stroke(colours.main, 1.0, width, upper)
        .stroke(colours.light, 1.0, width, tips)
}

/// A record, and its arm.
pub(super) fn record(colours: Colours, random: &mut Random) -> Canvas {
    let centre = (random.between(430.0, 770.0), random.between(290.0, 360.0));
    let grooves = (0..9).map(|groove| Shape::Circle(centre, 165.0 + 26.0 * groove as f32)).collect();
    let glow = random.unit();
    let light =
        (0..7).map(|at| Shape::Line(arc(centre, 178.0 + 26.0 * at as f32, glow, glow + 0.09))).collect();
    let opposite = (0..7)
        .map(|at| Shape::Line(arc(centre, 178.0 + 26.0 * at as f32, glow + 0.5, glow + 0.59)))
        .collect();
    let side = if centre.0 < 600.0 { 1.0 } else { -1.0 };
    let arm = vec![
        (600.0 + side * 530.0, -10.0),
        (600.0 + side * 500.0, 240.0),
        (centre.0 + side * 190.0, centre.1 + 95.0),
    ];
    Canvas::new(colours)
        .fill(colours.top, 0.9, vec![Shape::Circle(centre, 400.0)])
        .stroke(colours.quiet, 0.45, 3.0, grooves)
        .stroke(colours.main, 0.8, 10.0, light)
        .stroke(colours.accent, 0.6, 10.0, opposite)
        .fill(colours.main, 1.0, vec![Shape::Circle(centre, 128.0)])
        .fill(colours.light, 1.0, vec![Shape::Circle(centre, 74.0)])
        .fill(colours.top, 1.0, vec![Shape::Circle(centre, 14.0)])
        .stroke(colours.light, 0.9, 14.0, vec![Shape::Line(arm)])
}

/// Vibrating strings between two bridges.
pub(super) fn strings(colours: Colours, random: &mut Random) -> Canvas {
    let count = 5 + random.below(3);
    let (mut still, mut moving, mut blurs) = (Vec::new(), Vec::new(), Vec::new());
    for string in 0..count {
        let y = 95.0 + 440.0 * (string as f32 + 0.5) / count as f32;
        let swing = random.between(10.0, 34.0);
        let waves = 1.0 + random.below(4) as f32;
        let wave = |swing: f32| {
            let at = |step: i32| {
                let x = 20.0 * step as f32;
                (x, y + swing * (waves * TAU * x / 2400.0).sin())
            };
            Shape::Line((0..=60).map(at).collect())
        };
        still.push(Shape::Line(vec![(0.0, y), (1200.0, y)]));
        moving.push(wave(swing));
        blurs.extend([wave(swing * 0.5), wave(-swing * 0.5), wave(-swing)]);
    }
    let sun = (random.between(300.0, 900.0), 315.0);
    Canvas::new(colours)
        .fill(colours.main, 0.45, vec![Shape::Circle(sun, 225.0)])
        .stroke(colours.quiet, 0.55, 3.0, blurs)
        .stroke(colours.quiet, 0.4, 2.0, still)
        .stroke(colours.light, 1.0, 6.0, moving)
}

/// Notes on the waving lines of a staff.
pub(super) fn notes(colours: Colours, random: &mut Random) -> Canvas {
    let (phase, swing) = (random.unit() * TAU, random.between(28.0, 62.0));
    let middle = |x: f32| 315.0 + swing * (phase + x / 1200.0 * TAU).sin();
    let line = |line: i32| {
        let at = |step: i32| (24.0 * step as f32, middle(24.0 * step as f32) + 46.0 * (line - 2) as f32);
        Shape::Line((0..=50).map(at).collect())
    };
    let (mut heads, mut stems, mut flags): (Vec<Shape>, Vec<Shape>, Vec<Shape>) = Default::default();
    let mut x = random.between(90.0, 150.0);
    let mut before: Option<(Point, f32)> = None;
    while x < 1150.0 {
        let step = random.below(9) as f32 - 4.0;
        let (y, up) = (middle(x) + 23.0 * step, if step < 0.0 { -1.0 } else { 1.0 });
        heads.push(Shape::Circle((x, y), 21.0));
        let stem = (x + 18.0 * up, y - 118.0 * up);
        stems.push(Shape::Line(vec![(x + 18.0 * up, y), stem]));
        match before.take() {
            Some((other, way)) if way == up && random.below(2) == 0 => {
                flags.push(Shape::Line(vec![other, stem]))
            }
            _ => before = Some((stem, up)),
        }
        x += random.between(72.0, 140.0);
    }
    Canvas::new(colours)
        .stroke(colours.quiet, 0.7, 3.0, (0..5).map(line).collect())
        .stroke(colours.light, 1.0, 6.0, stems)
        .stroke(colours.light, 1.0, 15.0, flags)
        .fill(colours.light, 1.0, heads)
}

/// Waves in front of a low sun.
pub(super) fn waves(colours: Colours, random: &mut Random) -> Canvas {
    let sun = (random.between(260.0, 940.0), random.between(170.0, 290.0));
    let mut canvas = Canvas::new(colours).fill(colours.light, 0.25, vec![Shape::Circle(sun, 165.0)]).fill(
        colours.light,
        1.0,
        vec![Shape::Circle(sun, 112.0)],
    );
    for wave in 0_u8..5 {
        let depth = f32::from(wave) / 4.0;
        let (phase, high) = (random.unit() * TAU, random.between(22.0, 44.0));
        let length = random.between(330.0, 620.0);
        let at = |step: i32| {
            let x = 20.0 * step as f32;
            (x, 265.0 + 310.0 * depth + high * (phase + x / length * TAU).sin())
        };
        let mut outline: Vec<Point> = (0..=60).map(at).collect();
        outline.extend([(1200.0, 640.0), (0.0, 640.0)]);
        let colour = if wave.is_multiple_of(2) { colours.main } else { colours.quiet };
        let colour = crate::colours::mixed(colour, colours.top, depth * 0.75);
        canvas = canvas.fill(colour, 0.9, vec![Shape::Line(outline)]);
    }
    canvas
}
