//! Sets text in any script: chooses a font for each character, shapes, orders what runs from right to left, measures and breaks lines.
//!
//! No line is ever wider than asked for: a word that is too long is broken between letters, and a letter that is too wide makes the
//! whole paragraph smaller. Nothing is cut.

use super::fonts::{FACES, FONTS};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use parking_lot::Mutex;
use parley::fontique::{Blob, Collection, CollectionOptions, FontInfoOverride, SourceCache};
use parley::{
    Alignment, AlignmentOptions, FontContext, FontFamily, FontFamilyName, Layout, LayoutContext, LineHeight,
    OverflowWrap, Run, StyleProperty,
};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use unicode_normalization::UnicodeNormalization;

/// The height of a line, as a multiple of what the line's fonts ask for: with Latin letters about 1.4 times their size.
const LEADING: f32 = 1.2;

/// A text that has been set.
#[derive(Debug)]
pub(super) struct Paragraph {
    /// The text; the glyphs refer to its bytes.
    pub(super) text: String,
    /// The size of its letters.
    pub(super) size: f32,
    /// The width of its longest line.
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) lines: Vec<Line>,
}

/// One line of a paragraph.
#[derive(Debug)]
pub(super) struct Line {
    /// The distance from the top of the paragraph to the baseline.
    pub(super) baseline: f32,
    pub(super) spans: Vec<Span>,
}

/// Glyphs of one font that follow each other on a line, from left to right.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) font: Font,
    /// Where the first glyph begins.
    pub(super) x: f32,
    pub(super) glyphs: Vec<KrillaGlyph>,
}

/// A face of Latin letters. Other scripts look the same in all faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    Display,
    Bold,
    Text,
}

/// Sets a text in letters of `size`, on lines that are at most `width` wide. Spaces and line breaks in a row count as one space.
pub(super) fn set(text: &str, face: Face, size: f32, width: f32) -> Paragraph {
    static TYPESETTER: LazyLock<Mutex<Typesetter>> = LazyLock::new(|| Mutex::new(Typesetter::new()));
    // Composed, because our Korean font has syllables and not the letters that they consist of.
    let text: String = text.nfc().collect();
    let words = text.split_whitespace().map(|word| word.replace(char::is_control, ""));
    let text = words.collect::<Vec<_>>().join(" ");
    let mut typesetter = TYPESETTER.lock();
    let mut size = size;
    let mut layout = typesetter.layout(&text, face, size, width);
    // Only a single letter can be too wide; a few steps, because the shapes need not shrink in exact proportion.
    for _ in 0..4 {
        if layout.width() <= width {
            break;
        }
        size *= width / layout.width() * 0.99;
        layout = typesetter.layout(&text, face, size, width);
    }
    let lines = layout.lines().map(|line| {
        let mut x = line.metrics().offset;
        let spans = line.runs().filter_map(|run| {
            let span = typesetter.span(&run, x);
            x += run.advance();
            span
        });
        Line { baseline: line.metrics().baseline, spans: spans.collect() }
    });
    Paragraph { size, width: layout.width(), height: layout.height(), lines: lines.collect(), text }
}

/// Fonts and working memory, used by one thread at a time.
struct Typesetter {
    fonts: FontContext,
    working_memory: LayoutContext<()>,
    /// The families of each face, in the order in which a character's font is looked for.
    families: [Vec<FontFamilyName<'static>>; 3],
    /// The fonts as the PDF embeds them, by the id of their bytes.
    embedded: HashMap<u64, Font>,
}

impl Typesetter {
    fn new() -> Self {
        let options = CollectionOptions { system_fonts: false, ..CollectionOptions::default() };
        let mut collection = Collection::new(options);
        let mut embedded = HashMap::new();
        let others = FONTS.iter().map(|(name, _)| *name).filter(|name| !FACES.contains(name));
        let others: Vec<_> = others.map(FontFamilyName::named).collect();
        let families = FACES
            .map(|face| std::iter::once(FontFamilyName::named(face)).chain(others.iter().cloned()).collect());
        for (name, bytes) in FONTS {
            let Some(font) = Font::new((*bytes).into(), 0) else { continue };
            let blob = Blob::new(Arc::new(*bytes));
            embedded.insert(blob.id(), font);
            let named = FontInfoOverride { family_name: Some(name), ..FontInfoOverride::default() };
            collection.register_fonts(blob, Some(named));
        }
        let fonts = FontContext { collection, source_cache: SourceCache::default() };
        Self { fonts, working_memory: LayoutContext::new(), families, embedded }
    }

    fn layout(&mut self, text: &str, face: Face, size: f32, width: f32) -> Layout<()> {
        let [display, bold, plain] = &self.families;
        let families = match face {
            Face::Display => display,
            Face::Bold => bold,
            Face::Text => plain,
        };
        let mut builder = self.working_memory.ranged_builder(&mut self.fonts, text, 1.0, false);
        builder.push_default(StyleProperty::FontFamily(FontFamily::List(Cow::Borrowed(families))));
        builder.push_default(StyleProperty::FontSize(size));
        builder.push_default(StyleProperty::LineHeight(LineHeight::MetricsRelative(LEADING)));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        let mut layout = builder.build(text);
        layout.break_all_lines(Some(width));
        layout.align(Alignment::Start, AlignmentOptions::default());
        layout
    }

    /// The glyphs of a run; `None` if its font is not one of ours, which cannot be.
    fn span(&self, run: &Run<'_, ()>, x: f32) -> Option<Span> {
        let font = self.embedded.get(&run.font().data.id())?.clone();
        let size = run.font_size();
        let mut clusters: Vec<Vec<KrillaGlyph>> = Vec::new();
        for cluster in run.clusters() {
            if cluster.is_ligature_continuation() {
                // The ligature stands for this letter too.
                for glyph in clusters.last_mut().into_iter().flatten() {
                    glyph.text_range.end = cluster.text_range().end;
                }
                continue;
            }
            let glyphs = cluster.glyphs().map(|glyph| {
                let (advance, x, y) = (glyph.advance / size, glyph.x / size, glyph.y / size);
                // Parley counts y downwards, krilla upwards.
                KrillaGlyph::new(GlyphId::new(glyph.id), advance, x, -y, 0.0, cluster.text_range(), None)
            });
            clusters.push(glyphs.collect());
        }
        if run.is_rtl() {
            clusters.reverse();
        }
        Some(Span { font, x, glyphs: clusters.into_iter().flatten().collect() })
    }
}
