//! The focus of a plan: the point that people look at. Seats near it are good seats.
//!
//! It is the point that the plan names; else the middle of the stage, which is a decoration whose text means a stage, a screen or a pitch; else
//! the middle of seats that surround a middle, as in a stadium; else the middle of the front edge of all seats.

use super::bowl;
use super::parts::{Parts, SeatPart};
use super::shape::{Decoration, Point, Shape};
use std::collections::BTreeMap;

/// Words for a stage or another thing that people look at, in many languages; lower case, without accents, letters only.
#[rustfmt::skip]
const STAGE_WORDS: &[&str] = &[
    // English
    "stage", "mainstage", "thestage", "centrestage", "centerstage", "bandstand", "screen", "thescreen", "pitch", "field", "playingfield",
    "court", "centrecourt", "centercourt", "ring", "boxingring", "rink", "icerink", "ice",
    // German, Dutch, Scandinavian languages, Finnish, Estonian
    "buhne", "buehne", "hauptbuhne", "hauptbuehne", "leinwand", "spielfeld", "spielflache", "spielflaeche", "manege", "eisflache",
    "podium", "toneel", "scen", "scenen", "scene", "scenekant", "estrad", "svid", "lava", "nayttamo", "estradi",
    // French, Spanish, Catalan, Portuguese, Italian, Romanian
    "lascene", "grandescene", "estrade", "ecran", "terrain", "escenario", "elescenario", "tarima", "pantalla", "cancha", "terrenodejuego",
    "escenari", "palco", "palcoprincipal", "palcoscenico", "gramado", "relvado", "schermo", "campo", "campodegioco", "scena",
    // Polish, Czech, Slovak, Hungarian, Croatian, Latvian, Turkish, Irish
    "ekran", "boisko", "jeviste", "platno", "javisko", "szinpad", "pozornica", "skatuve", "sahne", "staitse",
    // Russian, Ukrainian, Bulgarian, Greek
    "сцена", "сцената", "эстрада", "экран", "σκηνη",
    // Hebrew, Arabic, Persian, Hindi, Thai, Vietnamese, Indonesian
    "במה", "הבמה", "خشبةالمسرح", "المسرح", "صحنه", "मंच", "เวที", "sankhau", "panggung", "pentas",
    // Chinese, Japanese, Korean
    "舞台", "主舞台", "舞臺", "ステージ", "メインステージ", "무대",
];

/// The focus; a stage that is drawn counts before one that is only a text.
pub(super) fn focus(parts: &Parts) -> Point {
    parts
        .focus
        .or_else(|| stage(&parts.decorations).map(middle_of))
        .or_else(|| bowl::middle(parts))
        .unwrap_or_else(|| middle_of_front(&parts.seats))
}

/// The decoration that is the stage. A word on many decorations is rather a kind of seats, as “palco” is a box in Italian.
fn stage(decorations: &[Decoration]) -> Option<&Decoration> {
    let named: Vec<(String, &Decoration)> =
        decorations.iter().filter_map(|decoration| Some((stage_word(decoration)?, decoration))).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (word, _) in &named {
        let count = counts.entry(word).or_default();
        *count = count.saturating_add(1);
    }
    let rank = |(word, decoration): &&(String, &Decoration)| {
        let is_kind = counts.get(word.as_str()).is_some_and(|count| *count > 2);
        (is_kind, decoration.shape == Shape::Text)
    };
    named.iter().min_by_key(rank).map(|(_, decoration)| *decoration)
}

/// The first word for a stage in a decoration's text: all its letters (`S T A G E`, `Bühne 1`), or those of a part of it (`Scène / Stage`).
fn stage_word(decoration: &Decoration) -> Option<String> {
    let text = &decoration.text.as_ref()?.text;
    let parts = text.split(['\n', '/', '|', ',', '(', ')', '·', '–', '—', '-']);
    std::iter::once(&**text).chain(parts).map(folded).find(|word| STAGE_WORDS.contains(&word.as_str()))
}

/// The letters of a text in lower case, without accents. Accents that are characters of their own are no letters.
fn folded(text: &str) -> String {
    let lower = text.chars().flat_map(char::to_lowercase);
    lower.filter(|letter| letter.is_alphabetic()).map(without_accent).collect()
}

/// The letter without its accent, for the letters in [`STAGE_WORDS`].
fn without_accent(letter: char) -> char {
    match letter {
        'ä' | 'á' | 'à' | 'â' | 'ã' | 'å' | 'ấ' | 'ă' => 'a',
        'č' | 'ç' | 'ć' => 'c',
        'é' | 'è' | 'ê' | 'ë' | 'ě' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' => 'o',
        'š' | 'ś' | 'ş' => 's',
        'ü' | 'ú' | 'ù' | 'û' => 'u',
        'ή' => 'η',
        other => other,
    }
}

/// The top centre of the box around all live seats.
fn middle_of_front(seats: &[SeatPart]) -> Point {
    let places = || seats.iter().filter(|seat| !seat.removed).map(|seat| seat.position);
    let left = places().map(|place| place.x).min().unwrap_or(0);
    let right = places().map(|place| place.x).max().unwrap_or(0);
    Point { x: left.midpoint(right), y: places().map(|place| place.y).min().unwrap_or(0) }
}

/// The middle of a decoration. Its rotation is rounded to quarter turns, which is exact enough to rank seats.
fn middle_of(decoration: &Decoration) -> Point {
    let middle = match &decoration.shape {
        Shape::Rectangle { width, height } => Point { x: width / 2, y: height / 2 },
        Shape::Polygon(points) => {
            let middle = |side: fn(&Point) -> i32| {
                let (low, high) = (points.iter().map(side).min(), points.iter().map(side).max());
                low.unwrap_or(0).midpoint(high.unwrap_or(0))
            };
            Point { x: middle(|point| point.x), y: middle(|point| point.y) }
        }
        Shape::Text => decoration.text.as_ref().map(|text| text.position).unwrap_or_default(),
        Shape::Circle { .. } | Shape::Ellipse { .. } => Point::default(),
    };
    const QUARTER: i32 = 90_000;
    let turns = decoration.rotation.saturating_add(QUARTER / 2).div_euclid(QUARTER).rem_euclid(4);
    let turned = match turns {
        1 => Point { x: middle.y.saturating_neg(), y: middle.x },
        2 => Point { x: middle.x.saturating_neg(), y: middle.y.saturating_neg() },
        3 => Point { x: middle.y, y: middle.x.saturating_neg() },
        _ => middle,
    };
    decoration.position.plus(turned)
}
