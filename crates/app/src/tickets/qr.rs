//! A token as a QR code (ISO/IEC 18004): as modules for a PDF page, or as a PNG.
//!
//! Error correction level M repairs 15 % of damage, which a creased print needs. The PNG includes the quiet zone of four modules.

use qrcodegen::{Mask, QrCode, QrCodeEcc, QrSegment, Version};
use std::fmt;

/// The quiet zone: white modules around the code, without which readers do not find it.
pub const QUIET_ZONE: usize = 4;
/// Pixels per module in the PNG: about 230 pixels a side, nearly 2 KB.
const PIXELS: usize = 4;
/// Bytes of the longest text drawn; a token has 134.
pub const MAX_TEXT_BYTES: usize = 256;

/// The mask pattern. The standard chooses the one of eight that looks most random. A token is a signature and looks random under each
/// of them, and trying all eight takes fifteen times as long as drawing the code.
const MASK: u8 = 0;

/// Why a code cannot be drawn: the text is too long, or the picture cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the QR code cannot be drawn: {0}")]
pub struct QrError(String);

/// The modules of a code, without its quiet zone.
pub struct Qr(QrCode);

impl fmt::Debug for Qr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Qr({0}x{0})", self.size())
    }
}

impl Qr {
    /// The code of `text`.
    ///
    /// # Errors
    /// When the text is longer than [`MAX_TEXT_BYTES`].
    pub fn of(text: &str) -> Result<Self, QrError> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(QrError("the text is too long".to_owned()));
        }
        let segments = QrSegment::make_segments(text);
        let (least, most) = (Version::MIN, Version::MAX);
        let code = QrCode::encode_segments_advanced(
            &segments,
            QrCodeEcc::Medium,
            least,
            most,
            Some(Mask::new(MASK)),
            false,
        );
        code.map(Self).map_err(|error| QrError(error.to_string()))
    }

    /// Modules a side.
    #[must_use]
    pub fn size(&self) -> usize {
        usize::try_from(self.0.size()).unwrap_or_default()
    }

    /// Whether the module in this row and column is dark; modules outside the code are not.
    #[must_use]
    pub fn is_dark(&self, row: usize, column: usize) -> bool {
        let coordinates = i32::try_from(column).ok().zip(i32::try_from(row).ok());
        coordinates.is_some_and(|(x, y)| self.0.get_module(x, y))
    }

    /// The code as a PNG of one bit a pixel.
    ///
    /// # Errors
    /// Never in practice: writing to memory does not fail.
    pub fn png(&self) -> Result<Vec<u8>, QrError> {
        let side = (self.size() + 2 * QUIET_ZONE) * PIXELS;
        let pixels = u32::try_from(side).map_err(|error| QrError(error.to_string()))?;
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, pixels, pixels);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        // Fast compression: a buyer waits for the code, and a thorough compressor takes twenty times as long for half the size.
        encoder.set_compression(png::Compression::Fast);
        encoder.set_filter(png::Filter::Up);
        let written = encoder.write_header().and_then(|mut writer| {
            writer.write_image_data(&self.bitmap(side))?;
            writer.finish()
        });
        written.map_err(|error| QrError(error.to_string()))?;
        Ok(file)
    }

    /// Rows of bits, 1 for white; each row is padded to whole bytes.
    fn bitmap(&self, side: usize) -> Vec<u8> {
        let modules = self.size() + 2 * QUIET_ZONE;
        let is_dark = |row: usize, column: usize| {
            let inside = row.checked_sub(QUIET_ZONE).zip(column.checked_sub(QUIET_ZONE));
            inside.is_some_and(|(row, column)| self.is_dark(row, column))
        };
        let mut bits = Vec::with_capacity(side * side.div_ceil(8));
        for row in 0..modules {
            // A module is half a byte wide.
            let byte = |column: usize| {
                let half = |dark: bool, mask: u8| if dark { 0 } else { mask };
                half(is_dark(row, column), 0xf0) | half(is_dark(row, column + 1), 0x0f)
            };
            let line: Vec<u8> = (0..modules).step_by(2).map(byte).collect();
            for _ in 0..PIXELS {
                bits.extend_from_slice(&line);
            }
        }
        bits
    }
}

const _: () = assert!(PIXELS == 4, "a module is half a byte wide in the bitmap");

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a code from a PNG as a phone would.
    fn scanned(png: &[u8]) -> String {
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        let (width, height) = (info.width as usize, info.height as usize);
        let white = |x: usize, y: usize| bytes[y * info.line_size + x / 8] & (0x80 >> (x % 8)) != 0;
        let mut picture =
            rqrr::PreparedImage::prepare_from_greyscale(
                width,
                height,
                |x, y| {
                    if white(x, y) { 255 } else { 0 }
                },
            );
        let codes = picture.detect_grids();
        assert_eq!(codes.len(), 1);
        codes[0].decode().unwrap().1
    }

    #[test]
    fn a_reader_gets_the_token_from_the_code() {
        for seed in 0..20_u8 {
            let claims = super::super::token::Claims {
                event: uuid::Uuid::from_bytes([seed; 16]),
                ticket: uuid::Uuid::from_bytes([seed.wrapping_mul(31); 16]),
            };
            let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
            let token = super::super::token::sign(&claims, &key);
            let png = Qr::of(&token).unwrap().png().unwrap();
            assert!(png.len() < 2_000, "{} bytes", png.len());
            assert_eq!(scanned(&png), token);
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_refused() {
        assert!(Qr::of(&"x".repeat(MAX_TEXT_BYTES)).is_ok());
        assert!(Qr::of(&"x".repeat(MAX_TEXT_BYTES + 1)).is_err());
    }
}
