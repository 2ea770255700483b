//! A ticket as a PDF page: A6, which can be printed in the middle of an A4 or Letter sheet.
//!
//! Text is real text, tagged for screen readers, in an embedded font (`DejaVu` Sans, which has Latin, Greek, Cyrillic and
//! more); the code is drawn as shapes, sharp at any size.

use super::Printed;
use super::qr::{QUIET_ZONE, Qr, QrError};
use krilla::Document;
use krilla::SerializeSettings;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::tagging::{ContentTag, SpanTag, Tag, TagGroup, TagKind, TagTree};
use krilla::text::{Font, TextDirection};
use std::num::NonZeroU16;
use std::sync::LazyLock;

const FONT: &[u8] = include_bytes!("../../static/fonts/DejaVuSans.ttf");

/// A6 in points.
const WIDTH: f32 = 297.64;
const HEIGHT: f32 = 419.53;
const MARGIN: f32 = 24.0;
/// Side of the code with its quiet zone.
const CODE: f32 = 190.0;
/// Where the code begins, its quiet zone included.
const CODE_TOP: f32 = HEIGHT - MARGIN - 12.0 - CODE;
/// How a text is set: its size, and the lines it may take before it ends in an ellipsis.
type Style = (f32, usize);
const NAME: Style = (16.0, 2);
const TIME: Style = (9.0, 2);
const VENUE: Style = (9.0, 1);
const ADDRESS: Style = (9.0, 2);
const SEAT: Style = (14.0, 2);
const NOTE: Style = (7.0, 1);
/// The height of a line, as a multiple of its font size.
const LEADING: f32 = 1.4;

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
    static DEJAVU: LazyLock<Option<Font>> = LazyLock::new(|| Font::new(FONT.into(), 0));
    let broken = |what: &str| PdfError::Page(what.to_owned());
    let font = DEJAVU.clone().ok_or_else(|| broken("the font cannot be read"))?;
    let settings = SerializeSettings { enable_tagging: true, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let size = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| broken("no such size"))?;
    let mut page = document.start_page_with(size);
    let drawing = Drawing { surface: page.surface(), font, y: MARGIN, tags: TagTree::new() };
    let tags = drawing.ticket(ticket, token)?;
    page.finish();
    document.set_tag_tree(tags);
    let title = format!("{}, {}", ticket.event, ticket.seat);
    document.set_metadata(Metadata::new().title(title).language("en".to_owned()));
    document.finish().map_err(|error| PdfError::Page(format!("{error:?}")))
}

fn paragraph() -> TagKind {
    Tag::P.into()
}

/// A page being drawn from top to bottom.
struct Drawing<'a> {
    surface: Surface<'a>,
    font: Font,
    y: f32,
    tags: TagTree,
}

impl Drawing<'_> {
    /// The whole page, and its structure for screen readers.
    fn ticket(mut self, ticket: &Printed, token: Option<&str>) -> Result<TagTree, PdfError> {
        self.lines(ticket);
        match token {
            Some(token) => self.code(&Qr::of(token)?)?,
            None => self.text("Not valid for entry.", SEAT, paragraph()),
        }
        self.y = HEIGHT - MARGIN;
        self.text(&format!("Ticket {}", ticket.ticket_id), NOTE, paragraph());
        Ok(self.tags)
    }

    fn lines(&mut self, ticket: &Printed) {
        let heading = Tag::Hn(NonZeroU16::MIN, Some(ticket.event.clone())).into();
        self.text(&ticket.event, NAME, heading);
        self.text(&ticket.local_time(), TIME, paragraph());
        for (line, style) in ticket.venue.iter().zip([VENUE, ADDRESS]) {
            self.text(line, style, paragraph());
        }
        self.text(&ticket.seat, SEAT, paragraph());
    }

    /// Text on as many lines as it needs, below what is there.
    fn text(&mut self, text: &str, (size, max_lines): Style, tag: TagKind) {
        let mut group = TagGroup::new(tag);
        for line in wrapped(text, size, max_lines) {
            self.y += size;
            group.push(self.surface.start_tagged(ContentTag::Span(SpanTag::empty())));
            let at = Point::from_xy(MARGIN, self.y);
            self.surface.draw_text(at, self.font.clone(), size, &line, false, TextDirection::Auto);
            self.surface.end_tagged();
            self.y += size * (LEADING - 1.0);
        }
        self.tags.push(group);
    }

    fn code(&mut self, code: &Qr) -> Result<(), PdfError> {
        let count = |modules: usize| u16::try_from(modules).map_or(0.0, f32::from);
        let module = CODE / count(code.size() + 2 * QUIET_ZONE);
        let left = (WIDTH - CODE) / 2.0 + module * count(QUIET_ZONE);
        let top = CODE_TOP + module * count(QUIET_ZONE);
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

/// Lines that fit the page's width, broken at spaces where there are some; what is too long for the page ends in `…`.
fn wrapped(text: &str, size: f32, max_lines: usize) -> Vec<String> {
    // Wide letters take about three quarters of the size: text in capitals still fits.
    let mut fitting = 0_usize;
    while f32::from(u16::try_from(fitting + 1).unwrap_or(u16::MAX)) * size * 0.62 <= WIDTH - 2.0 * MARGIN {
        fitting += 1;
    }
    let mut lines = vec![String::new()];
    let mut put = |word: &str| {
        let Some(line) = lines.last_mut() else { return };
        let (used, more) = (line.chars().count(), word.chars().count());
        if used == 0 {
            line.push_str(word);
        } else if used + 1 + more <= fitting {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    };
    for word in text.split_whitespace() {
        let characters: Vec<char> = word.chars().collect();
        for piece in characters.chunks(fitting.max(1)) {
            put(&piece.iter().collect::<String>());
        }
    }
    if lines.len() > max_lines {
        lines.truncate(max_lines);
        if let Some(last) = lines.last_mut() {
            last.push('…');
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use fairseat_domain::time::Timestamp;

    fn ticket(event: &str) -> Printed {
        Printed {
            ticket_id: uuid::Uuid::from_u128(7),
            event: event.to_owned(),
            venue: vec!["The Old Theatre".to_owned(), "1 Main Street, New York, NY, US".to_owned()],
            starts_at: Timestamp::from_millis(1_796_155_200_000),
            ends_at: None,
            timezone: "America/New_York".to_owned(),
            seat: "Floor A-1".to_owned(),
            valid: true,
        }
    }

    #[test]
    fn any_ticket_becomes_one_small_page() {
        let token = "FS1.".to_owned() + &"x".repeat(130);
        for name in [
            "Romeo and Juliet",
            "",
            "名前",
            "אירוע",
            "🎟 \u{202e}\u{0}",
            &"W".repeat(5_000),
            &"long ".repeat(900),
        ] {
            for token in [Some(token.as_str()), None] {
                let pdf = page(&ticket(name), token).unwrap();
                assert!(pdf.starts_with(b"%PDF-"), "{name}");
                assert!(pdf.len() < 200_000, "{} bytes for {name}", pdf.len());
            }
        }
    }

    #[test]
    fn the_time_is_in_the_venues_zone() {
        assert_eq!(ticket("x").local_time(), "Tuesday, 1 December 2026, 15:00 (America/New_York)");
        let odd = Printed { timezone: "Mars/Olympus".to_owned(), ..ticket("x") };
        assert_eq!(odd.local_time(), "Tuesday, 1 December 2026, 20:00 (UTC)");
    }

    #[test]
    fn the_longest_texts_end_above_the_code() {
        let styles = [NAME, TIME, VENUE, ADDRESS, SEAT];
        let lines = styles.iter().flat_map(|(size, lines)| std::iter::repeat_n(size * LEADING, *lines));
        assert!(MARGIN + lines.sum::<f32>() < CODE_TOP);
    }

    #[test]
    fn long_names_are_wrapped_and_cut() {
        assert_eq!(wrapped("Romeo and Juliet", 16.0, 2), ["Romeo and Juliet"]);
        assert_eq!(wrapped("", 16.0, 2), [""]);
        let lines = wrapped(&"word ".repeat(100), 16.0, 3);
        assert_eq!(lines.len(), 3);
        assert!(lines[2].ends_with('…'));
        assert!(lines.iter().all(|line| line.chars().count() <= 26), "{lines:?}");
    }
}
