//! Tickets as pages of a PDF: A6, which can be printed in the middle of an A4 or Letter sheet. At the top is the brand with the order's number,
//! then what, when and where, then the seat in the largest letters, and the code.
//!
//! Text is real text, tagged for screen readers, in embedded fonts; the code is drawn as shapes, sharp at any size. No text is cut: long
//! texts are set smaller, but not smaller than can be read, and a page that is still too short becomes taller than A6.

mod fonts;
mod typesetting;

use super::Printed;
use super::qr::{QUIET_ZONE, Qr, QrError};
use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag, Tag, TagGroup, TagKind, TagTree};
use std::num::NonZeroU16;
use typesetting::{Face, Paragraph};

/// A6 in points.
const WIDTH: f32 = 297.64;
const HEIGHT: f32 = 419.53;
const MARGIN: f32 = 24.0;
/// The height of the band at the top.
const BAND: f32 = 32.0;
/// Side of the code with its quiet zone.
const CODE: f32 = 184.0;

/// Red, green and blue.
type Colour = [u8; 3];
const BRAND: Colour = [168, 30, 58];
const INK: Colour = [29, 23, 34];
const MUTED: Colour = [93, 84, 102];
const WHITE: Colour = [255, 255, 255];

/// The size of a text's letters.
#[derive(Clone, Copy)]
struct Style {
    face: Face,
    colour: Colour,
    /// The distance to the text above.
    gap: f32,
    /// Where there is room.
    usual: f32,
    /// The smallest that can still be read well.
    smallest: f32,
}

const NAME: Style = Style { face: Face::Display, colour: INK, gap: 0.0, usual: 18.0, smallest: 10.0 };
const TIME: Style = Style { face: Face::Bold, colour: INK, gap: 1.0, usual: 10.0, smallest: 7.5 };
const VENUE: Style = Style { face: Face::Text, colour: MUTED, gap: 0.0, usual: 8.5, smallest: 7.5 };
const SECTION: Style = Style { face: Face::Bold, colour: BRAND, gap: 5.0, usual: 11.0, smallest: 8.0 };
const SEAT: Style = Style { face: Face::Display, colour: INK, gap: 0.0, usual: 22.0, smallest: 10.0 };
const NOTE: Style = Style { face: Face::Text, colour: MUTED, gap: 0.0, usual: 7.0, smallest: 7.0 };
const BRAND_NAME: Style = Style { face: Face::Display, colour: WHITE, gap: 0.0, usual: 14.0, smallest: 14.0 };
const ORDER: Style = Style { face: Face::Bold, colour: WHITE, gap: 0.0, usual: 9.0, smallest: 9.0 };
/// The sizes that are tried, as shares of the usual ones.
const SHARES: [f32; 5] = [1.0, 0.9, 0.8, 0.7, 0.6];

/// Why a page cannot be made; always a bug.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// The code could not be drawn.
    #[error(transparent)]
    Code(#[from] QrError),
    /// The file could not be written.
    #[error("the page cannot be made: {0}")]
    Page(String),
}

/// A ticket to draw, and the text of its code; a ticket that is not valid has no code.
#[derive(Clone, Debug)]
pub struct Page {
    /// What is printed.
    pub ticket: Printed,
    /// The text of the QR code.
    pub token: Option<String>,
}

/// Draws tickets of one event, a page each, into one file.
///
/// # Errors
/// [`PdfError`], whatever the tickets say.
pub fn pages(pages: &[Page]) -> Result<Vec<u8>, PdfError> {
    let settings = SerializeSettings { enable_tagging: true, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let mut tags = TagTree::new();
    for page in pages {
        let code = page.token.as_deref().map(Qr::of).transpose()?;
        let sheet = Sheet::of(&page.ticket, code.is_some());
        let size = PageSettings::from_wh(WIDTH, sheet.height);
        let mut drawn =
            document.start_page_with(size.ok_or_else(|| PdfError::Page("no such size".to_owned()))?);
        let drawing = Drawing { surface: drawn.surface(), tags: &mut tags };
        drawing.sheet(&sheet, code.as_ref())?;
        drawn.finish();
    }
    document.set_tag_tree(tags);
    document.set_metadata(Metadata::new().title(title(pages)).language("en".to_owned()));
    document.finish().map_err(|error| PdfError::Page(format!("{error:?}")))
}

/// The title of the file: `Romeo and Juliet, Floor A-1`, or `Romeo and Juliet, 3 tickets`.
fn title(pages: &[Page]) -> String {
    match pages {
        [] => String::new(),
        [only] => format!("{}, {}", only.ticket.event, only.ticket.seat),
        [first, ..] => format!("{}, {} tickets", first.ticket.event, pages.len()),
    }
}

/// Where everything is on the page.
struct Sheet {
    height: f32,
    /// The texts in the band at the top.
    band: Vec<Block>,
    /// The texts above the code, from top to bottom.
    texts: Vec<Block>,
    code_top: f32,
    /// The text below the code.
    note: Block,
}

/// A paragraph, its distance from the top of the page, and what it is to a screen reader.
struct Block {
    paragraph: Paragraph,
    left: f32,
    top: f32,
    colour: Colour,
    tag: TagKind,
}

impl Block {
    fn bottom(&self) -> f32 {
        self.top + self.paragraph.height
    }
}

impl Sheet {
    fn of(ticket: &Printed, with_code: bool) -> Self {
        let advice = if with_code { "Show this code at the door. " } else { "" };
        let note = format!("{advice}Ticket {}", ticket.ticket_id);
        let note = typesetting::set(&note, NOTE.face, NOTE.usual, WIDTH - 2.0 * MARGIN);
        let code = if with_code { CODE } else { 0.0 };
        let below = code + note.height + MARGIN;
        let mut texts = Vec::new();
        for share in SHARES {
            texts = self::texts(ticket, with_code, share);
            if bottom(&texts) + below <= HEIGHT {
                break;
            }
        }
        let height = HEIGHT.max(bottom(&texts) + below);
        let top = height - MARGIN - note.height;
        let note = Block { paragraph: note, left: MARGIN, top, colour: NOTE.colour, tag: Tag::P.into() };
        Self { height, band: band(ticket), texts, code_top: top - code, note }
    }
}

fn bottom(texts: &[Block]) -> f32 {
    texts.last().map_or(BAND + MARGIN / 2.0, Block::bottom)
}

/// The texts above the code, one below the other, in letters of this share of their usual size.
fn texts(ticket: &Printed, valid: bool, share: f32) -> Vec<Block> {
    let heading = Tag::Hn(NonZeroU16::MIN, Some(ticket.event.clone())).into();
    let mut texts = vec![
        (ticket.event.clone(), NAME, heading),
        (ticket.day(), TIME, Tag::P.into()),
        (ticket.times(), Style { gap: 0.0, ..TIME }, Tag::P.into()),
    ];
    texts.extend(ticket.venue.iter().map(|line| (line.clone(), VENUE, Tag::P.into())));
    match &ticket.place {
        Some((section, row, number)) => {
            texts.push((section.clone(), SECTION, Tag::P.into()));
            texts.push((format!("Row {row}, seat {number}"), SEAT, Tag::P.into()));
        }
        None => texts.push((ticket.seat.clone(), Style { gap: SECTION.gap, ..SEAT }, Tag::P.into())),
    }
    if !valid {
        texts.push(("Not valid for entry.".to_owned(), SEAT, Tag::P.into()));
    }
    let mut top = BAND + MARGIN / 2.0;
    let blocks = texts.into_iter().map(|(text, style, tag)| {
        let size = style.smallest.max(style.usual * share);
        let paragraph = typesetting::set(&text, style.face, size, WIDTH - 2.0 * MARGIN);
        let block = Block { paragraph, left: MARGIN, top: top + style.gap, colour: style.colour, tag };
        top = block.bottom();
        block
    });
    blocks.collect()
}

/// The brand at the left of the band, and the order's number at its right.
fn band(ticket: &Printed) -> Vec<Block> {
    let order = if ticket.order.is_empty() { String::new() } else { format!("Order {}", ticket.order) };
    let texts = [("Fairseat".to_owned(), BRAND_NAME), (order, ORDER)];
    let placed = texts.into_iter().filter(|(text, _)| !text.is_empty()).map(|(text, style)| {
        let paragraph = typesetting::set(&text, style.face, style.usual, WIDTH / 2.0 - MARGIN);
        let left = if style.usual == ORDER.usual { WIDTH - MARGIN - paragraph.width } else { MARGIN };
        let top = (BAND - paragraph.height) / 2.0;
        Block { paragraph, left, top, colour: style.colour, tag: Tag::P.into() }
    });
    placed.collect()
}

/// A page being drawn. `tags` are the structure of the whole file.
struct Drawing<'a, 't> {
    surface: Surface<'a>,
    tags: &'t mut TagTree,
}

impl Drawing<'_, '_> {
    /// The whole page, and its structure for screen readers.
    fn sheet(mut self, sheet: &Sheet, code: Option<&Qr>) -> Result<(), PdfError> {
        self.ground()?;
        sheet.band.iter().chain(&sheet.texts).for_each(|block| self.text(block));
        if let Some(code) = code {
            self.code(code, sheet.code_top)?;
        }
        self.text(&sheet.note);
        Ok(())
    }

    /// The coloured band at the top, which says nothing to a screen reader.
    fn ground(&mut self) -> Result<(), PdfError> {
        let mut band = PathBuilder::new();
        let size = Rect::from_xywh(0.0, 0.0, WIDTH, BAND);
        band.push_rect(size.ok_or_else(|| PdfError::Page("the band has no size".to_owned()))?);
        let band = band.finish().ok_or_else(|| PdfError::Page("the band is empty".to_owned()))?;
        self.colour(BRAND);
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        self.surface.draw_path(&band);
        self.surface.end_tagged();
        Ok(())
    }

    fn colour(&mut self, [red, green, blue]: Colour) {
        let paint = rgb::Color::new(red, green, blue).into();
        self.surface.set_fill(Some(Fill { paint, opacity: NormalizedF32::ONE, rule: FillRule::default() }));
    }

    fn text(&mut self, block: &Block) {
        self.colour(block.colour);
        let paragraph = &block.paragraph;
        let mut group = TagGroup::new(block.tag.clone());
        for line in &paragraph.lines {
            group.push(self.surface.start_tagged(ContentTag::Span(SpanTag::empty())));
            for span in &line.spans {
                let at = Point::from_xy(block.left + span.x, block.top + line.baseline);
                let font = span.font.clone();
                self.surface.draw_glyphs(at, &span.glyphs, font, &paragraph.text, paragraph.size, false);
            }
            self.surface.end_tagged();
        }
        self.tags.push(group);
    }

    fn code(&mut self, code: &Qr, code_top: f32) -> Result<(), PdfError> {
        let count = |modules: usize| u16::try_from(modules).map_or(0.0, f32::from);
        let module = CODE / count(code.size() + 2 * QUIET_ZONE);
        let left = (WIDTH - CODE) / 2.0 + module * count(QUIET_ZONE);
        let top = code_top + module * count(QUIET_ZONE);
        let mut squares = PathBuilder::new();
        for row in 0..code.size() {
            for column in (0..code.size()).filter(|column| code.is_dark(row, *column)) {
                let (x, y) = (left + module * count(column), top + module * count(row));
                squares.push_rect(
                    Rect::from_xywh(x, y, module, module)
                        .ok_or_else(|| PdfError::Page("a module has no size".to_owned()))?,
                );
            }
        }
        let squares = squares.finish().ok_or_else(|| PdfError::Page("the code is empty".to_owned()))?;
        let mut figure = TagGroup::new(Tag::Figure(Some("QR code to be shown at the door".to_owned())));
        figure.push(self.surface.start_tagged(ContentTag::Other));
        self.colour([0, 0, 0]);
        self.surface.draw_path(&squares);
        self.surface.end_tagged();
        self.tags.push(figure);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
