//! Pictures for events without one: the seats of a hall seen from the stage, some of them lit, in the colours of the event's category.
//!
//! A picture depends only on the event's id and category. It is drawn when it is requested, and caches may store it for ever.

use axum::http::HeaderValue;
use fairseat_edge::prepared::{CachePolicy, Prepared};
use moka::sync::Cache;
use std::fmt::Write as _;
use std::sync::Arc;
use tokio::sync::Semaphore;

const WIDTH: f32 = 1200.0;
const HEIGHT: f32 = 630.0;

/// The address of an event's drawn picture; `form` is `svg` or `png`.
pub(crate) fn url(category: &str, event_id: &str, form: &str) -> String {
    let kind: String = category.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
    let kind = if kind.is_empty() { "event" } else { &kind };
    format!("/posters/{}/{event_id}.{form}", kind.to_ascii_lowercase())
}

/// Red, green and blue, from 0 to 255.
type Colour = [u8; 3];

/// The colours of the background's top and bottom, of dark seats and of lit seats.
struct Palette {
    top: Colour,
    bottom: Colour,
    dark: Colour,
    light: Colour,
}

fn palette(category: &str, random: &mut Random) -> Palette {
    let choices: &[Palette] = match category {
        "concert" => &[
            Palette {
                top: [46, 16, 84],
                bottom: [120, 24, 98],
                dark: [150, 82, 170],
                light: [255, 196, 120],
            },
            Palette {
                top: [12, 26, 74],
                bottom: [92, 26, 120],
                dark: [104, 96, 190],
                light: [122, 240, 226],
            },
        ],
        "theater" | "theatre" => &[Palette {
            top: [58, 8, 18],
            bottom: [134, 20, 34],
            dark: [176, 66, 66],
            light: [255, 214, 150],
        }],
        "sports" | "sport" => &[Palette {
            top: [8, 44, 40],
            bottom: [16, 96, 70],
            dark: [62, 140, 108],
            light: [246, 238, 130],
        }],
        "classical" | "opera" => &[Palette {
            top: [18, 28, 48],
            bottom: [48, 74, 104],
            dark: [96, 124, 150],
            light: [250, 226, 180],
        }],
        "comedy" => &[Palette {
            top: [98, 46, 8],
            bottom: [186, 96, 16],
            dark: [216, 142, 64],
            light: [255, 244, 206],
        }],
        _ => &[
            Palette {
                top: [28, 24, 60],
                bottom: [76, 60, 128],
                dark: [120, 108, 176],
                light: [255, 176, 150],
            },
            Palette {
                top: [10, 50, 64],
                bottom: [20, 104, 112],
                dark: [72, 148, 150],
                light: [255, 226, 160],
            },
        ],
    };
    let place = random.below(choices.len());
    let Palette { top, bottom, dark, light } = choices[place];
    Palette { top, bottom, dark, light }
}

/// A small generator of pseudo-random numbers (splitmix64): the same seed gives the same picture.
struct Random(u64);

impl Random {
    fn of(text: &str) -> Self {
        Self(u64::from_le_bytes(blake3::hash(text.as_bytes()).as_bytes()[..8].try_into().unwrap_or_default()))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1.
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.unit() * bound as f32) as usize % bound.max(1)
    }
}

struct Dot {
    x: f32,
    y: f32,
    radius: f32,
    lit: bool,
}

struct Picture {
    palette: Palette,
    dots: Vec<Dot>,
}

/// Draws rows as arcs around a stage below the picture; a spotlight lights one part of the hall.
fn drawn(category: &str, event_id: &str) -> Picture {
    let mut random = Random::of(event_id);
    let palette = palette(category, &mut random);
    let centre = (WIDTH * (0.3 + 0.4 * random.unit()), HEIGHT * (1.05 + 0.25 * random.unit()));
    let spot = (WIDTH * (0.15 + 0.7 * random.unit()), HEIGHT * (0.15 + 0.4 * random.unit()));
    let reach = 170.0 + 160.0 * random.unit();
    let (first, step, aisles) =
        (150.0 + 80.0 * random.unit(), 38.0 + 14.0 * random.unit(), 3 + random.below(4));
    let mut dots = Vec::new();
    for row in 0..26 {
        let distance = first + step * row as f32;
        let (radius, gap) = (step * 0.24, step * 0.86);
        let count = (std::f32::consts::PI * distance / gap) as usize;
        for seat in 0..count {
            let share = seat as f32 / count as f32;
            let in_aisle = (share * aisles as f32).fract() * distance * std::f32::consts::PI
                / (aisles as f32)
                < gap * 1.2;
            let angle = std::f32::consts::PI * (1.0 + share);
            let (x, y) = (centre.0 + distance * angle.cos(), centre.1 + distance * angle.sin());
            let outside = x < -radius || x > WIDTH + radius || y < -radius || y > HEIGHT + radius;
            if in_aisle || outside {
                continue;
            }
            let far = ((x - spot.0).powi(2) + (y - spot.1).powi(2)).sqrt() / reach;
            dots.push(Dot { x, y, radius, lit: random.unit() < (1.15 - far).clamp(0.02, 0.92) });
        }
    }
    Picture { palette, dots }
}

impl Picture {
    fn svg(&self) -> String {
        let colour = |[red, green, blue]: Colour| format!("#{red:02x}{green:02x}{blue:02x}");
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\"><defs><linearGradient id=\"g\" x2=\"0\" y2=\"1\">\
             <stop stop-color=\"{}\"/><stop offset=\"1\" stop-color=\"{}\"/></linearGradient></defs><path fill=\"url(#g)\" d=\"M0 0h{WIDTH}v{HEIGHT}H0z\"/>",
            colour(self.palette.top),
            colour(self.palette.bottom),
        );
        for (lit, fill, opacity) in [(false, self.palette.dark, 0.55), (true, self.palette.light, 1.0)] {
            // A stroke of zero length with round ends is the shortest way to write a dot.
            let radius = self.dots.first().map_or(8.0, |dot| dot.radius);
            let style = format!(
                "stroke=\"{}\" stroke-opacity=\"{opacity}\" stroke-width=\"{:.1}\"",
                colour(fill),
                radius * 2.0
            );
            let start = format!("<path fill=\"none\" stroke-linecap=\"round\" {style} d=\"");
            svg.push_str(&start);
            for dot in self.dots.iter().filter(|dot| dot.lit == lit) {
                // Writing to a String cannot fail.
                write!(svg, "M{:.0} {:.0}h0", dot.x, dot.y).unwrap_or_default();
            }
            svg.push_str("\"/>");
        }
        svg + "</svg>"
    }

    fn png(&self) -> Option<Vec<u8>> {
        let (width, height) = (WIDTH as usize, HEIGHT as usize);
        let mut pixels = vec![0_u8; width * height * 3];
        for (line, row) in pixels.chunks_exact_mut(width * 3).enumerate() {
            let down = line as f32 / HEIGHT;
            let colour = mixed(self.palette.top, self.palette.bottom, down);
            row.chunks_exact_mut(3).for_each(|pixel| pixel.copy_from_slice(&colour));
        }
        for dot in &self.dots {
            let (fill, opacity) = if dot.lit { (self.palette.light, 1.0) } else { (self.palette.dark, 0.55) };
            let (left, right) = (
                (dot.x - dot.radius - 1.0).max(0.0) as usize,
                (dot.x + dot.radius + 2.0).clamp(0.0, WIDTH) as usize,
            );
            let (top, bottom) = (
                (dot.y - dot.radius - 1.0).max(0.0) as usize,
                (dot.y + dot.radius + 2.0).clamp(0.0, HEIGHT) as usize,
            );
            for y in top..bottom {
                for x in left..right {
                    let away = ((x as f32 + 0.5 - dot.x).powi(2) + (y as f32 + 0.5 - dot.y).powi(2)).sqrt();
                    let cover = (dot.radius + 0.5 - away).clamp(0.0, 1.0) * opacity;
                    let at = (y * width + x) * 3;
                    let Some(pixel) = pixels.get_mut(at..at + 3) else { continue };
                    let under = [pixel[0], pixel[1], pixel[2]];
                    pixel.copy_from_slice(&mixed(under, fill, cover));
                }
            }
        }
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&pixels).ok()?;
        writer.finish().ok()?;
        Some(bytes)
    }
}

fn mixed(one: Colour, other: Colour, share: f32) -> Colour {
    std::array::from_fn(|part| {
        (f32::from(one[part]) + (f32::from(other[part]) - f32::from(one[part])) * share).round() as u8
    })
}

/// Draws a picture on a blocking thread; `None` for an unknown form.
pub(crate) async fn picture_of(category: String, event_id: String, form: String) -> Option<Prepared> {
    let draw = move || match form.as_str() {
        "svg" => {
            let svg = drawn(&category, &event_id).svg();
            Some(Prepared::new(HeaderValue::from_static("image/svg+xml"), svg.into(), CachePolicy::IMMUTABLE))
        }
        "png" => {
            let png = drawn(&category, &event_id).png()?;
            Some(Prepared::fleeting(
                HeaderValue::from_static("image/png"),
                png.into(),
                CachePolicy::IMMUTABLE,
            ))
        }
        _ => None,
    };
    tokio::task::spawn_blocking(draw).await.ok().flatten()
}

/// The size of the cache of pictures, in bytes: room for some hundreds.
const CACHED_BYTES: u64 = 32 << 20;
/// The most pictures drawn at the same time. Further requests for pictures wait; other requests do not.
const DRAWN_AT_ONCE: usize = 2;

/// Cache of drawn pictures, by their address below `/posters`.
#[derive(Clone, Debug)]
pub(crate) struct Posters {
    cached: Cache<String, Prepared>,
    drawing: Arc<Semaphore>,
}

impl Default for Posters {
    fn default() -> Self {
        let weigh = |_: &String, picture: &Prepared| u32::try_from(picture.bytes().len()).unwrap_or(u32::MAX);
        let cached = Cache::builder().weigher(weigh).max_capacity(CACHED_BYTES).build();
        Self { cached, drawing: Arc::new(Semaphore::new(DRAWN_AT_ONCE)) }
    }
}

impl Posters {
    /// The picture at this address; `None` when the address is not that of a picture.
    pub(crate) async fn of(&self, category: String, file: String) -> Option<Prepared> {
        let address = format!("{category}/{file}");
        if let Some(cached) = self.cached.get(&address) {
            return Some(cached);
        }
        let (event_id, form) = file.split_once('.')?;
        let is_id =
            event_id.len() == 36 && event_id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
        if !is_id || category.len() > 20 {
            return None;
        }
        let _turn = self.drawing.acquire().await.ok()?;
        // Another request may have drawn it meanwhile.
        if let Some(cached) = self.cached.get(&address) {
            return Some(cached);
        }
        let picture = picture_of(category, event_id.to_owned(), form.to_owned()).await?;
        self.cached.insert(address, picture.clone());
        Some(picture)
    }
}
