//! A ticket as a PDF page: A6, which can be printed in the middle of an A4 or Letter sheet.
//!
//! Text is real text, tagged for screen readers, in embedded fonts; the code is drawn as shapes, sharp at any size. No text is cut: long
//! texts are set smaller, but not smaller than can be read, and a page that is still too short becomes taller than A6.

mod fonts;
mod typesetting;

use super::Printed;
use super::qr::{QUIET_ZONE, Qr, QrError};
use krilla::Document;
use krilla::SerializeSettings;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::tagging::{ContentTag, SpanTag, Tag, TagGroup, TagKind, TagTree};
use std::num::NonZeroU16;
use typesetting::Paragraph;

/// A6 in points.
const WIDTH: f32 = 297.64;
const HEIGHT: f32 = 419.53;
const MARGIN: f32 = 24.0;
/// Side of the code with its quiet zone.
const CODE: f32 = 190.0;

/// The size of a text's letters.
#[derive(Clone, Copy)]
struct Style {
    /// Where there is room.
    usual: f32,
    /// The smallest that can still be read well.
    smallest: f32,
}

const NAME: Style = Style { usual: 16.0, smallest: 10.0 };
const TIME: Style = Style { usual: 9.0, smallest: 7.5 };
const VENUE: Style = Style { usual: 9.0, smallest: 7.5 };
const SEAT: Style = Style { usual: 14.0, smallest: 10.0 };
const NOTE: Style = Style { usual: 7.0, smallest: 7.0 };
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

/// Draws the page. `token` becomes the QR code; a ticket that is not valid has none.
///
/// # Errors
/// [`PdfError`], whatever the ticket says.
pub fn page(ticket: &Printed, token: Option<&str>) -> Result<Vec<u8>, PdfError> {
    let code = token.map(Qr::of).transpose()?;
    let sheet = Sheet::of(ticket, code.is_some());
    let settings = SerializeSettings { enable_tagging: true, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let size = PageSettings::from_wh(WIDTH, sheet.height);
    let mut page = document.start_page_with(size.ok_or_else(|| PdfError::Page("no such size".to_owned()))?);
    let drawing = Drawing { surface: page.surface(), tags: TagTree::new() };
    let tags = drawing.sheet(&sheet, code.as_ref())?;
    page.finish();
    document.set_tag_tree(tags);
    let title = format!("{}, {}", ticket.event, ticket.seat);
    document.set_metadata(Metadata::new().title(title).language("en".to_owned()));
    document.finish().map_err(|error| PdfError::Page(format!("{error:?}")))
}

/// Where everything is on the page.
struct Sheet {
    height: f32,
    /// The texts above the code, from top to bottom.
    texts: Vec<Block>,
    code_top: f32,
    /// The text below the code.
    note: Block,
}

/// A paragraph, its distance from the top of the page, and what it is to a screen reader.
struct Block {
    paragraph: Paragraph,
    top: f32,
    tag: TagKind,
}

impl Block {
    fn bottom(&self) -> f32 {
        self.top + self.paragraph.height
    }
}

impl Sheet {
    fn of(ticket: &Printed, with_code: bool) -> Self {
        let note =
            typesetting::set(&format!("Ticket {}", ticket.ticket_id), NOTE.usual, WIDTH - 2.0 * MARGIN);
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
        Self { height, texts, code_top: top - code, note: Block { paragraph: note, top, tag: Tag::P.into() } }
    }
}

fn bottom(texts: &[Block]) -> f32 {
    texts.last().map_or(MARGIN, Block::bottom)
}

/// The texts above the code, one below the other, in letters of this share of their usual size.
fn texts(ticket: &Printed, valid: bool, share: f32) -> Vec<Block> {
    let heading = Tag::Hn(NonZeroU16::MIN, Some(ticket.event.clone())).into();
    let mut texts = vec![(ticket.event.clone(), NAME, heading), (ticket.local_time(), TIME, Tag::P.into())];
    texts.extend(ticket.venue.iter().map(|line| (line.clone(), VENUE, Tag::P.into())));
    texts.push((ticket.seat.clone(), SEAT, Tag::P.into()));
    if !valid {
        texts.push(("Not valid for entry.".to_owned(), SEAT, Tag::P.into()));
    }
    let mut top = MARGIN;
    let blocks = texts.into_iter().map(|(text, style, tag)| {
        let size = style.smallest.max(style.usual * share);
        let block = Block { paragraph: typesetting::set(&text, size, WIDTH - 2.0 * MARGIN), top, tag };
        top = block.bottom();
        block
    });
    blocks.collect()
}

/// A page being drawn.
struct Drawing<'a> {
    surface: Surface<'a>,
    tags: TagTree,
}

impl Drawing<'_> {
    /// The whole page, and its structure for screen readers.
    fn sheet(mut self, sheet: &Sheet, code: Option<&Qr>) -> Result<TagTree, PdfError> {
        sheet.texts.iter().for_each(|block| self.text(block));
        if let Some(code) = code {
            self.code(code, sheet.code_top)?;
        }
        self.text(&sheet.note);
        Ok(self.tags)
    }

    fn text(&mut self, block: &Block) {
        let paragraph = &block.paragraph;
        let mut group = TagGroup::new(block.tag.clone());
        for line in &paragraph.lines {
            group.push(self.surface.start_tagged(ContentTag::Span(SpanTag::empty())));
            for span in &line.spans {
                let at = Point::from_xy(MARGIN + span.x, block.top + line.baseline);
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
        self.surface.draw_path(&squares);
        self.surface.end_tagged();
        self.tags.push(figure);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
