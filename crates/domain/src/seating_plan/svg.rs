//! Writing SVG: what is escaped, which colours are let through, how a decoration is drawn.

use super::number::write_thousandths;
use super::shape::{Decoration, Point, Shape};
use std::fmt::Write;

const SHAPE_COLOR: &str = "#d9dee4";

/// Thousandths as whole units.
pub(super) fn units(thousandths: i32) -> i32 {
    thousandths.saturating_add(500).div_euclid(1_000)
}

/// A colour of `#` and hexadecimal digits, or of letters only; anything else is not pasted into a document.
pub(super) fn color<'a>(color: Option<&'a str>, default: &'a str) -> &'a str {
    let plain = |color: &&str| match color.strip_prefix('#') {
        Some(digits) => {
            (3..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        None => (3..=20).contains(&color.len()) && color.bytes().all(|byte| byte.is_ascii_alphabetic()),
    };
    color.filter(plain).unwrap_or(default)
}

/// The document being written. Writing to a string cannot fail, so those results are dropped.
#[derive(Debug, Default)]
pub(super) struct Svg {
    pub(super) out: String,
}

impl Svg {
    /// Text from outside, escaped.
    pub(super) fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '&' => self.out.push_str("&amp;"),
                '"' => self.out.push_str("&quot;"),
                // Neither is allowed in XML, and no name has a meaning for them.
                '\u{fffe}' | '\u{ffff}' => {}
                _ => self.out.push(c),
            }
        }
    }

    /// An element with nothing but text in it.
    pub(super) fn element(&mut self, name: &str, text: &str) {
        let _ = write!(self.out, "<{name}>");
        self.text(text);
        let _ = write!(self.out, "</{name}>");
    }

    /// A decoration with its text.
    pub(super) fn decoration(&mut self, decoration: &Decoration) {
        let (at, fill) = (decoration.position, color(decoration.color.as_deref(), SHAPE_COLOR));
        let stroke = color(decoration.border_color.as_deref(), fill);
        let mut rotation = String::new();
        write_thousandths(&mut rotation, decoration.rotation);
        let turned = format!(r#"transform="rotate({rotation} {} {})""#, units(at.x), units(at.y));
        let _ = write!(self.out, "<g");
        if decoration.rotation != 0 {
            let _ = write!(self.out, " {turned}");
        }
        self.out.push('>');
        match &decoration.shape {
            Shape::Rectangle { width, height } => {
                let (width, height) = (units(*width).max(0), units(*height).max(0));
                let _ = write!(
                    self.out,
                    r#"<rect x="{}" y="{}" width="{width}" height="{height}""#,
                    units(at.x),
                    units(at.y)
                );
            }
            Shape::Circle { radius } => {
                let radius = units(*radius).max(0);
                let _ = write!(self.out, r#"<circle cx="{}" cy="{}" r="{radius}""#, units(at.x), units(at.y));
            }
            Shape::Ellipse { radius } => {
                let (x, y) = (units(radius.x).max(0), units(radius.y).max(0));
                let _ = write!(
                    self.out,
                    r#"<ellipse cx="{}" cy="{}" rx="{x}" ry="{y}""#,
                    units(at.x),
                    units(at.y)
                );
            }
            Shape::Polygon(points) => {
                let _ = write!(self.out, r#"<path d=""#);
                self.line(points.iter().map(|point| at.plus(*point)));
                self.out.push_str("Z\"");
            }
            Shape::Text => {}
        }
        if decoration.shape != Shape::Text {
            let _ = write!(self.out, r#" fill="{fill}" stroke="{stroke}"/>"#);
        }
        if let Some(text) = decoration.text.as_ref().filter(|text| !text.text.is_empty()) {
            let size = units(text.size.unwrap_or(16_000)).clamp(1, 1_000);
            self.label(at.plus(text.position), size, color(text.color.as_deref(), "#333333"), &text.text);
        }
        self.out.push_str("</g>");
    }

    fn label(&mut self, at: Point, size: i32, fill: &str, text: &str) {
        let _ = write!(
            self.out,
            r#"<text x="{}" y="{}" font-size="{size}" fill="{fill}" text-anchor="middle" dominant-baseline="central">"#,
            units(at.x),
            units(at.y),
        );
        self.text(text);
        self.out.push_str("</text>");
    }

    /// `M x y L x y …`, as short as it gets.
    pub(super) fn line(&mut self, points: impl Iterator<Item = Point>) {
        for (at, point) in points.enumerate() {
            let command = if at == 0 { "M" } else { " " };
            let _ = write!(self.out, "{command}{} {}", units(point.x), units(point.y));
        }
    }
}
