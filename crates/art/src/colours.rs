//! Colours that go together, by category and venue.

use crate::random::Random;

/// Red, green and blue, from 0 to 255.
pub(crate) type Colour = [u8; 3];

/// The colours of one picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Colours {
    /// The background at the top and at the bottom.
    pub(crate) top: Colour,
    pub(crate) bottom: Colour,
    /// Shapes that stay in the background.
    pub(crate) quiet: Colour,
    /// The main colour of shapes.
    pub(crate) main: Colour,
    /// The colour of light, used sparingly.
    pub(crate) light: Colour,
    /// A second accent.
    pub(crate) accent: Colour,
}

const fn colours(top: u32, bottom: u32, quiet: u32, main: u32, light: u32, accent: u32) -> Colours {
    Colours {
        top: rgb(top),
        bottom: rgb(bottom),
        quiet: rgb(quiet),
        main: rgb(main),
        light: rgb(light),
        accent: rgb(accent),
    }
}

const fn rgb(hex: u32) -> Colour {
    let [_, red, green, blue] = hex.to_be_bytes();
    [red, green, blue]
}

const PLUM: Colours = colours(0x2b1055, 0x7a1d6b, 0x9652aa, 0xd1478f, 0xffc478, 0x7af0e2);
const MIDNIGHT: Colours = colours(0x0b1a4a, 0x3d1a78, 0x5a5ec0, 0x7c6cf0, 0x8ff5e0, 0xff8fb8);
const EMBER: Colours = colours(0x3a0c12, 0x9a2a1e, 0xc05438, 0xf07a3c, 0xffd89a, 0xff5d6c);
const VELVET: Colours = colours(0x3a0712, 0x861422, 0xa83844, 0xc8323e, 0xffd696, 0xf29f6b);
const PINE: Colours = colours(0x07302c, 0x11624a, 0x3e8c6c, 0x58b884, 0xf6ee82, 0xff9f5a);
const OCEAN: Colours = colours(0x06283d, 0x125d78, 0x3f88a0, 0x5cb8c8, 0xffe2a0, 0xff8a6c);
const SLATE: Colours = colours(0x121c30, 0x30506c, 0x607c96, 0x8fb0c8, 0xfae2b4, 0xe08c64);
const OCHRE: Colours = colours(0x7a3a06, 0xc8761a, 0xd8923c, 0xf0b450, 0xfff4ce, 0x5a2a5c);
const CORAL: Colours = colours(0xb8324a, 0xf0705a, 0xf28e76, 0xffb48c, 0xfff0d0, 0x2c3a78);
const MINT: Colours = colours(0x0f5a5a, 0x2f9c86, 0x56b09c, 0x8ed8b8, 0xfff3b8, 0xff7d66);
const SKY: Colours = colours(0x1c4aa0, 0x4f92e0, 0x76aeea, 0xa6d0f6, 0xfff2b0, 0xff8466);
const GRAPHITE: Colours = colours(0x14121c, 0x34304a, 0x5c5878, 0x8a84b0, 0xd8ff6a, 0xff5fa2);

/// The colours that suit a category. A venue uses three of them that are next to each other, so that its events look related.
fn suiting(category: &str) -> &'static [Colours] {
    match category {
        "concert" => &[PLUM, MIDNIGHT, EMBER, OCEAN, GRAPHITE],
        "club" => &[GRAPHITE, MIDNIGHT, PLUM, CORAL],
        "festival" => &[CORAL, OCHRE, OCEAN, PLUM],
        "theater" | "theatre" | "musical" | "opera" | "dance" => &[VELVET, PLUM, SLATE, EMBER],
        "classical" => &[SLATE, OCEAN, PINE, VELVET],
        "comedy" => &[OCHRE, CORAL, MINT, PLUM],
        "sports" | "sport" => &[PINE, SKY, EMBER, MIDNIGHT],
        "family" => &[SKY, MINT, CORAL, OCHRE],
        _ => &[OCEAN, SLATE, PLUM, PINE, OCHRE],
    }
}

pub(crate) fn of(category: &str, venue: u64, random: &mut Random) -> Colours {
    let suiting = suiting(category);
    let first = (venue % suiting.len() as u64) as usize;
    suiting[(first + random.below(3)) % suiting.len()]
}

/// A colour between two.
pub(crate) fn mixed(one: Colour, other: Colour, share: f32) -> Colour {
    std::array::from_fn(|part| {
        (f32::from(one[part]) + (f32::from(other[part]) - f32::from(one[part])) * share).round() as u8
    })
}
