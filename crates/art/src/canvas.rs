//! What a picture consists of: a background, and layers of shapes of one colour each. It can be written as SVG.

use crate::colours::{Colour, Colours};
use std::fmt::Write as _;

/// A picture's width in pixels. Link previews of most services want this size.
pub const WIDTH: u32 = 1200;
/// A picture's height in pixels.
pub const HEIGHT: u32 = 630;

pub(crate) type Point = (f32, f32);

/// A shape of a layer.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Straight lines between points; closed where the layer is filled.
    Line(Vec<Point>),
    Circle(Point, f32),
}

/// How the shapes of a layer are painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Paint {
    Fill,
    /// Lines of this width, with round ends.
    Stroke(f32),
}

/// Shapes of one colour. Where they overlap, the colour is not stronger.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) paint: Paint,
    pub(crate) colour: Colour,
    pub(crate) opacity: f32,
    pub(crate) shapes: Vec<Shape>,
}

/// A picture as data.
#[derive(Debug)]
pub(crate) struct Canvas {
    pub(crate) top: Colour,
    pub(crate) bottom: Colour,
    pub(crate) layers: Vec<Layer>,
}

impl Canvas {
    pub(crate) fn new(colours: Colours) -> Self {
        Self { top: colours.top, bottom: colours.bottom, layers: Vec::new() }
    }

    pub(crate) fn fill(mut self, colour: Colour, opacity: f32, shapes: Vec<Shape>) -> Self {
        self.layers.push(Layer { paint: Paint::Fill, colour, opacity, shapes });
        self
    }

    pub(crate) fn stroke(mut self, colour: Colour, opacity: f32, width: f32, shapes: Vec<Shape>) -> Self {
        self.layers.push(Layer { paint: Paint::Stroke(width), colour, opacity, shapes });
        self
    }

    pub(crate) fn svg(&self) -> String {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\"><linearGradient id=\"g\" x2=\"0\" y2=\"1\">\
             <stop stop-color=\"{}\"/><stop offset=\"1\" stop-color=\"{}\"/></linearGradient><path fill=\"url(#g)\" d=\"M0 0h{WIDTH}v{HEIGHT}H0z\"/>",
            hex(self.top),
            hex(self.bottom),
        );
        for layer in self.layers.iter().filter(|layer| !layer.shapes.is_empty()) {
            layer.write(&mut svg);
        }
        svg + "</svg>"
    }
}

impl Layer {
    fn write(&self, svg: &mut String) {
        let (colour, opacity) = (hex(self.colour), (self.opacity * 100.0).round() / 100.0);
        // Writing to a String cannot fail.
        let begun = match self.paint {
            Paint::Fill => write!(svg, "<path fill=\"{colour}\" fill-opacity=\"{opacity}\" d=\""),
            Paint::Stroke(width) => write!(
                svg,
                "<path fill=\"none\" stroke=\"{colour}\" stroke-opacity=\"{opacity}\" stroke-width=\"{width:.0}\" stroke-linecap=\"round\" \
                 stroke-linejoin=\"round\" d=\""
            ),
        };
        begun.unwrap_or_default();
        for shape in &self.shapes {
            self.write_shape(shape, svg);
        }
        svg.push_str("\"/>");
    }

    fn write_shape(&self, shape: &Shape, svg: &mut String) {
        match shape {
            Shape::Circle((x, y), radius) => {
                // Whole numbers, of which the width is exactly twice the radius: else the arcs are no half circles.
                let radius = radius.round();
                let (left, across) = (x - radius, radius * 2.0);
                write!(svg, "M{left:.0} {y:.0}a{radius:.0} {radius:.0} 0 1 1 {across:.0} 0a{radius:.0} {radius:.0} 0 1 1-{across:.0} 0")
                    .unwrap_or_default();
            }
            Shape::Line(points) => {
                for (at, (x, y)) in points.iter().enumerate() {
                    let command = if at == 0 { "M" } else { "L" };
                    write!(svg, "{command}{x:.0} {y:.0}").unwrap_or_default();
                }
                svg.push_str(match (self.paint, points.len()) {
                    (Paint::Fill, _) => "z",
                    // A stroke of zero length with round ends is a dot.
                    (Paint::Stroke(_), 1) => "h0",
                    (Paint::Stroke(_), _) => "",
                });
            }
        }
    }
}

fn hex([red, green, blue]: Colour) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// A ring or a part of one, as points. Angles are in turns, from the right, clockwise.
pub(crate) fn arc(centre: Point, radius: f32, from: f32, to: f32) -> Vec<Point> {
    let steps = ((to - from).abs() * std::f32::consts::TAU * radius / 14.0).clamp(8.0, 90.0) as usize;
    (0..=steps)
        .map(|step| {
            let angle = (from + (to - from) * step as f32 / steps as f32) * std::f32::consts::TAU;
            (centre.0 + radius * angle.cos(), centre.1 + radius * angle.sin())
        })
        .collect()
}

/// An upright box.
pub(crate) fn rectangle(left: f32, top: f32, width: f32, height: f32) -> Shape {
    Shape::Line(vec![(left, top), (left + width, top), (left + width, top + height), (left, top + height)])
}
