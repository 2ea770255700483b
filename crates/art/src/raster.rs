//! Turns a picture into pixels, with soft edges.

use crate::canvas::{Canvas, HEIGHT, Layer, Paint, Point, Shape, WIDTH};
use crate::colours::mixed;

const ACROSS: usize = WIDTH as usize;
const DOWN: usize = HEIGHT as usize;
/// Lines in each line of pixels that a polygon's edges are sampled at.
const SAMPLES: usize = 4;

pub(crate) fn png(canvas: &Canvas) -> Option<Vec<u8>> {
    let mut pixels = vec![0_u8; ACROSS * DOWN * 3];
    for (line, row) in pixels.chunks_exact_mut(ACROSS * 3).enumerate() {
        let colour = mixed(canvas.top, canvas.bottom, line as f32 / DOWN as f32);
        row.chunks_exact_mut(3).for_each(|pixel| pixel.copy_from_slice(&colour));
    }
    let mut mask = Mask(vec![0.0; ACROSS * DOWN]);
    for layer in &canvas.layers {
        mask.0.fill(0.0);
        mask.cover(layer);
        for (pixel, cover) in pixels.chunks_exact_mut(3).zip(&mask.0) {
            if *cover > 0.0 {
                let under = [pixel[0], pixel[1], pixel[2]];
                pixel.copy_from_slice(&mixed(under, layer.colour, cover.min(1.0) * layer.opacity));
            }
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

/// How much of each pixel a layer covers, from 0 to 1.
struct Mask(Vec<f32>);

impl Mask {
    fn cover(&mut self, layer: &Layer) {
        for shape in &layer.shapes {
            match (layer.paint, shape) {
                (Paint::Fill, Shape::Line(points)) => self.polygon(points),
                (Paint::Fill, Shape::Circle(centre, radius)) => {
                    self.near(*centre, *radius, |away| radius - away)
                }
                (Paint::Stroke(width), Shape::Circle(centre, radius)) => {
                    self.near(*centre, radius + width, |away| width / 2.0 - (away - radius).abs());
                }
                (Paint::Stroke(width), Shape::Line(points)) => {
                    let ends = points.iter().skip(1).chain(points.first().filter(|_| points.len() == 1));
                    for (from, to) in points.iter().zip(ends) {
                        self.segment(*from, *to, width / 2.0);
                    }
                }
            }
        }
    }

    /// Covers the pixels around a point; `depth` tells by the distance how far a place is inside the shape.
    fn near(&mut self, (x, y): Point, reach: f32, depth: impl Fn(f32) -> f32) {
        self.each((x - reach, y - reach), (x + reach, y + reach), |at| {
            depth(((at.0 - x).powi(2) + (at.1 - y).powi(2)).sqrt())
        });
    }

    fn segment(&mut self, from: Point, to: Point, reach: f32) {
        let (along_x, along_y) = (to.0 - from.0, to.1 - from.1);
        let square = (along_x * along_x + along_y * along_y).max(f32::EPSILON);
        let corner = (from.0.min(to.0) - reach, from.1.min(to.1) - reach);
        let other = (from.0.max(to.0) + reach, from.1.max(to.1) + reach);
        self.each(corner, other, |(x, y)| {
            let share = (((x - from.0) * along_x + (y - from.1) * along_y) / square).clamp(0.0, 1.0);
            let nearest = (from.0 + along_x * share, from.1 + along_y * share);
            reach - ((x - nearest.0).powi(2) + (y - nearest.1).powi(2)).sqrt()
        });
    }

    fn each(&mut self, from: Point, to: Point, depth: impl Fn(Point) -> f32) {
        let (left, right) =
            ((from.0 - 1.0).max(0.0) as usize, (to.0 + 2.0).clamp(0.0, ACROSS as f32) as usize);
        let (top, bottom) = ((from.1 - 1.0).max(0.0) as usize, (to.1 + 2.0).clamp(0.0, DOWN as f32) as usize);
        for y in top..bottom {
            for x in left..right {
                let covered = (depth((x as f32 + 0.5, y as f32 + 0.5)) + 0.5).clamp(0.0, 1.0);
                let pixel = &mut self.0[y * ACROSS + x];
                *pixel = pixel.max(covered);
            }
        }
    }

    /// Fills a polygon, where a line to the outside crosses it an odd number of times.
    fn polygon(&mut self, points: &[Point]) {
        let lines = points.iter().zip(points.iter().cycle().skip(1));
        let lowest = points.iter().fold(0.0_f32, |most, (_, y)| most.max(*y));
        let highest = points.iter().fold(DOWN as f32, |least, (_, y)| least.min(*y));
        let rows = (highest.max(0.0) as usize)..(lowest.clamp(0.0, DOWN as f32).ceil() as usize);
        let mut crossings = Vec::new();
        for sample in rows.start * SAMPLES..rows.end * SAMPLES {
            let y = (sample as f32 + 0.5) / SAMPLES as f32;
            crossings.clear();
            for ((x1, y1), (x2, y2)) in lines.clone() {
                if (*y1 <= y) != (*y2 <= y) {
                    crossings.push(x1 + (y - y1) / (y2 - y1) * (x2 - x1));
                }
            }
            crossings.sort_by(f32::total_cmp);
            for pair in crossings.chunks_exact(2) {
                self.span(
                    sample / SAMPLES,
                    pair[0].clamp(0.0, ACROSS as f32),
                    pair[1].clamp(0.0, ACROSS as f32),
                );
            }
        }
    }

    /// Adds one sample's share to the pixels of a line from `left` to `right`, and a part of it to those at its ends.
    fn span(&mut self, line: usize, left: f32, right: f32) {
        for x in left as usize..(right.ceil() as usize).min(ACROSS) {
            let covered = right.min(x as f32 + 1.0) - left.max(x as f32);
            self.0[line * ACROSS + x] += covered.max(0.0) / SAMPLES as f32;
        }
    }
}
