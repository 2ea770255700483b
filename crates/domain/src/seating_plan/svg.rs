//! Writing SVG: escapes text, checks colours, draws decorations.

use super::number::write_thousandths;
use super::shape::{Decoration, DecorationText, Point, Shape};
use crate::text::is_writable;
use std::fmt::Write;

const SHAPE_COLOR: &str = "#d9dee4";

/// Thousandths as whole units.
pub(super) fn units(thousandths: i32) -> i32 {
    thousandths.saturating_add(500).div_euclid(1_000)
}

/// The colour if it is `#` with hexadecimal digits or a plain word, else the default. Other text could break out of the
/// attribute.
pub(super) fn color<'a>(color: Option<&'a str>, default: &'a str) -> &'a str {
    let plain = |color: &&str| match color.strip_prefix('#') {
        Some(digits) => {
            (3..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        None => (3..=20).contains(&color.len()) && color.bytes().all(|byte| byte.is_ascii_alphabetic()),
    };
    color.filter(plain).unwrap_or(default)
}

/// The brightness of a colour, from 0 to 255. A named colour counts as dark, unless it is `white` or begins with `light`.
fn brightness(color: &str) -> u32 {
    match color.strip_prefix('#').map(channels) {
        Some([red, green, blue]) => {
            (red.saturating_mul(299)
                .saturating_add(green.saturating_mul(587))
                .saturating_add(blue.saturating_mul(114)))
                / 1_000
        }
        None if color == "white" || color.starts_with("light") => 255,
        None => 0,
    }
}

/// Red, green and blue of 3, 4, 6 or 8 hexadecimal digits; an alpha channel is ignored.
fn channels(digits: &str) -> [u32; 3] {
    let value = |at: usize| {
        let text = if digits.len() < 6 {
            digits.get(at..at.saturating_add(1))
        } else {
            digits.get(at.saturating_mul(2)..at.saturating_mul(2).saturating_add(2))
        };
        let value = text.and_then(|text| u32::from_str_radix(text, 16).ok()).unwrap_or(0);
        if digits.len() < 6 { value.saturating_mul(17) } else { value }
    };
    [value(0), value(1), value(2)]
}

/// A colour for a dark background: a dark colour is mixed half with white; names stay.
pub(super) fn lightened(color: &str) -> String {
    match color.strip_prefix('#').map(channels) {
        Some(channels) if brightness(color) < 128 => {
            let [red, green, blue] = channels.map(|value| value.midpoint(255));
            format!("#{red:02x}{green:02x}{blue:02x}")
        }
        _ => color.to_owned(),
    }
}

/// The document that is written. Writing to a string cannot fail, so those results are dropped.
#[derive(Debug, Default)]
pub(super) struct Svg {
    pub(super) out: String,
}

impl Svg {
    /// Writes untrusted text, escaped.
    pub(super) fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '&' => self.out.push_str("&amp;"),
                '"' => self.out.push_str("&quot;"),
                _ if !is_writable(c) => {}
                _ => self.out.push(c),
            }
        }
    }

    /// An element that contains only text.
    pub(super) fn element(&mut self, name: &str, text: &str) {
        let _ = write!(self.out, "<{name}>");
        self.text(text);
        let _ = write!(self.out, "</{name}>");
    }

    /// Draws a decoration, and its text when the letters are at least `least` units high.
    pub(super) fn decoration(&mut self, decoration: &Decoration, least: i32) {
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
        // On a dark page the style sheet turns light shapes into shades and dark text on them into light text.
        let light = decoration.shape == Shape::Text || brightness(fill) > 100;
        if decoration.shape != Shape::Text {
            let class = if light { r#" class="l""# } else { "" };
            let _ = write!(self.out, r#"{class} fill="{fill}" stroke="{stroke}"/>"#);
        }
        let size_of =
            |text: &DecorationText| units(text.size.unwrap_or(DecorationText::DEFAULT_SIZE)).clamp(1, 1_000);
        let can_be_read = |text: &&DecorationText| !text.text.is_empty() && size_of(text) >= least;
        if let Some(text) = decoration.text.as_ref().filter(can_be_read) {
            let size = size_of(text);
            let ink = color(text.color.as_deref(), "#333333");
            let class = if light && brightness(ink) < 128 { r#" class="t""# } else { "" };
            self.label(at.plus(text.position), size, (class, ink), &text.text);
        }
        self.out.push_str("</g>");
    }

    fn label(&mut self, at: Point, size: i32, (class, fill): (&str, &str), text: &str) {
        let _ = write!(
            self.out,
            r#"<text{class} x="{}" y="{}" font-size="{size}" fill="{fill}" text-anchor="middle" dominant-baseline="central">"#,
            units(at.x),
            units(at.y),
        );
        self.text(text);
        self.out.push_str("</text>");
    }

    /// Writes a path through the points: `M x y x y …`.
    pub(super) fn line(&mut self, points: impl Iterator<Item = Point>) {
        for (at, point) in points.enumerate() {
            let command = if at == 0 { "M" } else { " " };
            let _ = write!(self.out, "{command}{} {}", units(point.x), units(point.y));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_forbids_are_left_out() {
        let mut svg = Svg::default();
        svg.text("<A>\u{fffe}\u{ffff}\u{b}\u{1fffe} & \"B\" 楽");
        assert_eq!(svg.out, "&lt;A&gt; &amp; &quot;B&quot; 楽");
    }
}
