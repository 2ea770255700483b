//! A token as a QR code (ISO/IEC 18004): as modules for a page, as a PNG for a screen.
//!
//! Level M mends 15 % of damage, which a creased print needs; the quiet zone of four modules is part of the picture.

use fast_qr::{ECL, QRBuilder, QRCode};
use std::fmt;

/// Modules of white around the code, without which readers do not find it.
pub const QUIET_ZONE: usize = 4;
/// Pixels a module in the PNG: about 240 pixels a side, under 2 KB.
const PIXELS: usize = 4;
/// Bytes of the longest text drawn; a token has 134.
pub const MAX_TEXT_BYTES: usize = 256;

/// Why a code cannot be drawn: the text is too long, or the picture cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the QR code cannot be drawn: {0}")]
pub struct QrError(String);

/// The modules of a code, without its quiet zone.
pub struct Qr(QRCode);

impl fmt::Debug for Qr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Qr({0}x{0})", self.0.size)
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
        let code = QRBuilder::new(text).ecl(ECL::M).build();
        code.map(Self).map_err(|error| QrError(error.to_string()))
    }

    /// Modules a side.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.size
    }

    /// Whether the module in this row and column is dark; nothing outside is.
    #[must_use]
    pub fn is_dark(&self, row: usize, column: usize) -> bool {
        row < self.size() && column < self.size() && self.0[row][column].value()
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
        encoder.set_compression(png::Compression::High);
        let written = encoder.write_header().and_then(|mut writer| {
            writer.write_image_data(&self.bitmap(side))?;
            writer.finish()
        });
        written.map_err(|error| QrError(error.to_string()))?;
        Ok(file)
    }

    /// Rows of bits, each row filling whole bytes, 1 for white.
    fn bitmap(&self, side: usize) -> Vec<u8> {
        let mut bits = vec![0xff_u8; side * side.div_ceil(8)];
        for (row, line) in bits.chunks_mut(side.div_ceil(8)).enumerate() {
            let Some(module_row) = (row / PIXELS).checked_sub(QUIET_ZONE) else { continue };
            for column in 0..side {
                let dark = (column / PIXELS)
                    .checked_sub(QUIET_ZONE)
                    .is_some_and(|module_column| self.is_dark(module_row, module_column));
                if dark && let Some(byte) = line.get_mut(column / 8) {
                    *byte &= !(0x80 >> (column % 8));
                }
            }
        }
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a PNG as a phone would: pixels to code to text.
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
    fn a_reader_reads_the_token_back() {
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
    fn what_is_too_long_is_refused() {
        assert!(Qr::of(&"x".repeat(MAX_TEXT_BYTES)).is_ok());
        assert!(Qr::of(&"x".repeat(MAX_TEXT_BYTES + 1)).is_err());
    }
}
