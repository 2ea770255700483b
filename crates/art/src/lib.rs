//! Draws pictures for events without one of their own: light beams for a concert, a curtain for a play, a pitch for a match.
//!
//! The event's category decides which motifs fit, its venue decides the colours, and the event's id decides the rest. The same three texts
//! always give the same picture, so that caches may store it for ever. A picture is the same as SVG and as PNG.

mod canvas;
mod colours;
mod motifs;
mod random;
mod raster;

pub use canvas::{HEIGHT, WIDTH};

use canvas::Canvas;
use random::Random;

/// A picture that has been designed, and can be written in two forms.
#[derive(Debug)]
pub struct Picture(Canvas);

/// Designs the picture of an event. The texts may be any; an unknown category gets motifs that fit everything.
#[must_use]
pub fn picture(category: &str, venue: &str, event: &str) -> Picture {
    let mut random = Random::of(&format!("{event} {venue}"));
    let place = Random::of(venue).next();
    let colours = colours::of(category, place, &mut random);
    let motif = motifs::of(category, place, &mut random);
    Picture(motif(colours, &mut random))
}

impl Picture {
    /// The picture as SVG, a few kilobytes.
    #[must_use]
    pub fn svg(&self) -> String {
        self.0.svg()
    }

    /// The picture as PNG, for readers that show no SVG; `None` if it cannot be encoded, which is a bug.
    #[must_use]
    pub fn png(&self) -> Option<Vec<u8>> {
        raster::png(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const CATEGORIES: [&str; 9] =
        ["concert", "club", "festival", "theater", "classical", "comedy", "sports", "family", "lecture"];

    #[test]
    fn the_same_event_always_has_the_same_picture() {
        let drawn = picture("concert", "venue", "event");
        let again = picture("concert", "venue", "event");
        assert_eq!(drawn.svg(), again.svg());
        assert_eq!(drawn.png(), again.png());
        assert_ne!(drawn.svg(), picture("concert", "venue", "another").svg());
        assert_ne!(drawn.svg(), picture("concert", "another", "event").svg());
    }

    /// A motif and its colours, roughly: the picture without its numbers.
    fn look(category: &str, venue: usize, event: usize) -> String {
        let svg = picture(category, &format!("venue {venue}"), &format!("event {event}")).svg();
        svg.chars()
            .filter(|letter| !letter.is_ascii_digit() && !matches!(letter, '.' | '-' | ' '))
            .take(4_000)
            .collect()
    }

    #[test]
    fn a_list_of_events_is_varied() {
        let list: BTreeSet<String> =
            (0..24).map(|event| look(CATEGORIES[event % CATEGORIES.len()], event % 5, event)).collect();
        assert!(list.len() >= 20, "{} different pictures of 24", list.len());
    }

    #[test]
    fn one_venue_with_one_kind_of_event_is_varied() {
        for category in CATEGORIES {
            let looks: BTreeSet<String> = (0..12).map(|event| look(category, 1, event)).collect();
            assert!(looks.len() >= 3, "{category}: {} different pictures of 12", looks.len());
        }
    }

    #[test]
    fn pictures_are_small() {
        for category in CATEGORIES {
            for event in 0..30 {
                let svg = picture(category, "venue", &event.to_string()).svg();
                assert!(svg.len() < 24 * 1024, "{category} {event}: {} bytes", svg.len());
                assert!(
                    svg.ends_with("</svg>") && !svg.contains("NaN") && !svg.contains("inf"),
                    "{category} {event}"
                );
            }
        }
    }

    #[test]
    fn a_png_shows_what_the_svg_shows() {
        let png = picture("sports", "venue", "event").png().unwrap();
        assert!(png.starts_with(b"\x89PNG"));
        assert_eq!(png[16..24], [0, 0, 4, 176, 0, 0, 2, 118]);
    }
}
