//! The motifs, and which of them fit a category.

mod music;
mod play;
mod stage;

use crate::canvas::Canvas;
use crate::colours::Colours;
use crate::random::Random;

type Motif = fn(Colours, &mut Random) -> Canvas;

fn fitting(category: &str) -> &'static [Motif] {
    match category {
        "concert" => &[music::beams, music::bars, music::strings, play::rays],
        "club" => &[music::record, music::bars, play::tiles],
        "festival" => &[play::rays, music::beams, play::bunting],
        "theater" | "theatre" | "musical" | "opera" | "dance" => {
            &[stage::curtain, stage::arches, stage::hall]
        }
        "classical" => &[music::notes, music::waves, stage::hall, music::strings],
        "comedy" => &[stage::bubbles, play::tiles, stage::curtain],
        "sports" | "sport" => &[play::pitch, play::lanes, play::rays],
        "family" => &[play::balloons, play::bunting, play::tiles, stage::curtain],
        _ => &[music::waves, play::tiles, stage::arches, play::rays],
    }
}

/// A motif for an event. Which one comes first is different in each venue.
pub(crate) fn of(category: &str, venue: u64, random: &mut Random) -> Motif {
    let fitting = fitting(category);
    let first = (venue >> 8) % fitting.len() as u64;
    fitting[(first as usize + random.below(fitting.len())) % fitting.len()]
}
