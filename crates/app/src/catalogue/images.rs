//! Pictures of events: an upload is cropped to the pages' format and encoded in two sizes, without metadata such as the place where a photo
//! was taken.
//!
//! What must always hold: what decoding may take in memory is known from the file's header, and refused, before any pixel is decoded. The
//! pixels are kept at most twice: only the part that is shown is made smaller, and only the small picture is turned.

use fairseat_store::ImageId;
use fairseat_store::images::Image;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use std::io::Cursor;

/// Width and height for the event's page and for link previews.
const WIDE: (u32, u32) = (1200, 630);
/// Width and height for lists; also the smallest upload.
pub const SMALL: (u32, u32) = (600, 315);
/// The most pixels in an upload.
pub const MAX_PIXELS: u64 = 40_000_000;
/// The most pixels of its longer side.
const LONGEST_SIDE: u32 = 20_000;
/// The most memory that the decoded pixels may take, in bytes: three for each pixel. Pictures with transparency take four, so they may have
/// three quarters as many.
const MAX_PIXEL_BYTES: u64 = 3 * MAX_PIXELS;
/// What the decoder of a progressive JPEG keeps of each pixel besides, in bytes: three coefficients of two.
const PROGRESSIVE_BYTES: u64 = 6;
/// The most memory that a decoder may take besides, in bytes.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;
/// JPEG quality from 1 to 100: above this, files grow without a visible difference.
const QUALITY: u8 = 82;

/// Why an upload was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is not a JPEG, PNG or WebP file, or a damaged one.
    Unreadable,
    /// It has more than [`MAX_PIXELS`] (fewer with transparency or with 16 bits for each colour), or a side that is too long.
    TooManyPixels,
    /// It is smaller than the picture for lists.
    TooSmall,
}

/// Makes the files of a picture. The largest takes a core for a second.
///
/// # Errors
/// When it cannot be used.
pub fn prepare(bytes: &[u8]) -> Result<Image, Unusable> {
    let wide = DynamicImage::ImageRgb8(wide(bytes)?);
    let small = wide.resize_exact(SMALL.0, SMALL.1, FilterType::Triangle);
    let (wide, small) = (encode(&wide)?, encode(&small)?);
    let mut id = [0; 16];
    id.copy_from_slice(&blake3::hash(&wide).as_bytes()[..16]);
    Ok(Image { id: ImageId(uuid::Builder::from_custom_bytes(id).into_uuid()), wide, small })
}

/// The picture for the event's page.
fn wide(bytes: &[u8]) -> Result<RgbImage, Unusable> {
    let unreadable = |_error| Unusable::Unreadable;
    let mut reader =
        ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_io| Unusable::Unreadable)?;
    let is_progressive = match reader.format() {
        Some(ImageFormat::Jpeg) => match jpeg_kind(bytes) {
            // The decoder accepts a truncated file and fills the missing part with grey.
            JpegKind::Truncated => return Err(Unusable::Unreadable),
            JpegKind::Sequential => false,
            JpegKind::Progressive => true,
        },
        Some(ImageFormat::Png | ImageFormat::WebP) => false,
        _ => return Err(Unusable::Unreadable),
    };
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let is_large = pixels > MAX_PIXELS || width.max(height) > LONGEST_SIDE;
    let progressive_bytes = if is_progressive { pixels.saturating_mul(PROGRESSIVE_BYTES) } else { 0 };
    let bytes = decoder.total_bytes();
    if is_large || bytes > MAX_PIXEL_BYTES || bytes.saturating_add(progressive_bytes) > MAX_MEMORY {
        return Err(Unusable::TooManyPixels);
    }
    let orientation = decoder.orientation().map_err(unreadable)?;
    let target = if lies_on_its_side(orientation) { (WIDE.1, WIDE.0) } else { WIDE };
    let smallest = if lies_on_its_side(orientation) { (SMALL.1, SMALL.0) } else { SMALL };
    if width < smallest.0 || height < smallest.1 {
        return Err(Unusable::TooSmall);
    }
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| {
        let is_too_large = matches!(error, image::ImageError::Limits(_));
        if is_too_large { Unusable::TooManyPixels } else { Unusable::Unreadable }
    })?;
    let mut cut = DynamicImage::ImageRgb8(cut(picture, target));
    cut.apply_orientation(orientation);
    Ok(cut.into_rgb8())
}

/// Whether width and height are exchanged when the picture is turned upright.
fn lies_on_its_side(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum JpegKind {
    /// Its image data has no end.
    Truncated,
    /// It is decoded block by block.
    Sequential,
    /// All of it is in memory until the last pass.
    Progressive,
}

/// The kind of a JPEG. The segments before its image data, which may contain a thumbnail, are skipped by their lengths.
fn jpeg_kind(jpeg: &[u8]) -> JpegKind {
    let mut rest = jpeg.get(2..).unwrap_or_default();
    let mut kind = JpegKind::Sequential;
    while let [0xff, marker, high, low, ..] = *rest {
        rest = rest.get(2 + usize::from(u16::from_be_bytes([high, low]))..).unwrap_or_default();
        match marker {
            0xc2 | 0xc6 | 0xca | 0xce => kind = JpegKind::Progressive,
            // Within image data, this pair of bytes can only be the end marker.
            0xda if rest.windows(2).any(|pair| pair == [0xff, 0xd9]) => return kind,
            0xda => break,
            _ => {}
        }
    }
    JpegKind::Truncated
}

/// Crops the middle of a picture to the target's format, makes it that large, and puts transparent pictures on white.
fn cut(picture: DynamicImage, target: (u32, u32)) -> RgbImage {
    let has_alpha = picture.color().has_alpha();
    // With 8 bits for each colour. The methods of `DynamicImage` are compiled with the crate `image`, which is optimised in every build.
    let picture = if has_alpha {
        DynamicImage::ImageRgba8(picture.into_rgba8())
    } else {
        DynamicImage::ImageRgb8(picture.into_rgb8())
    };
    let (left, top, width, height) = middle((picture.width(), picture.height()), target);
    let part = picture.crop_imm(left, top, width, height);
    drop(picture);
    let cut = part.resize_exact(target.0, target.1, FilterType::Lanczos3);
    if !has_alpha {
        return cut.into_rgb8();
    }
    let seen = cut.into_rgba8();
    let mut flat = RgbImage::from_pixel(seen.width(), seen.height(), Rgb([255; 3]));
    for (below, above) in flat.pixels_mut().zip(seen.pixels()) {
        let [.., alpha] = above.0;
        for (below, above) in below.0.iter_mut().zip(above.0) {
            let mixed = u16::from(above) * u16::from(alpha) + u16::from(*below) * u16::from(255 - alpha);
            *below = u8::try_from(mixed / 255).unwrap_or(u8::MAX);
        }
    }
    flat
}

/// The largest part in the middle that has the target's format: left, top, width, height. Making the whole picture smaller first would take
/// memory for its whole width.
fn middle((whole_width, whole_height): (u32, u32), (width, height): (u32, u32)) -> (u32, u32, u32, u32) {
    let scaled = |side: u32, by: u32, of: u32| {
        let scaled = u64::from(side) * u64::from(by) / u64::from(of);
        u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
    };
    let part_width = whole_width.min(scaled(whole_height, width, height));
    let part_height = whole_height.min(scaled(whole_width, height, width));
    ((whole_width - part_width) / 2, (whole_height - part_height) / 2, part_width, part_height)
}

fn encode(picture: &DynamicImage) -> Result<Vec<u8>, Unusable> {
    let mut file = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut file, QUALITY);
    picture.write_with_encoder(encoder).map_err(|_error| Unusable::Unreadable)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageBuffer, Rgba};

    fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// Red on the left, green on the right, blue at the very edges above and below.
    fn picture(width: u32, height: u32) -> DynamicImage {
        let pixel = |x, y| {
            if y < 20 || y >= height - 20 {
                Rgb([0, 0, 255])
            } else if x < width / 2 {
                Rgb([255, 0, 0])
            } else {
                Rgb([0, 255, 0])
            }
        };
        DynamicImage::ImageRgb8(ImageBuffer::from_fn(width, height, pixel))
    }

    fn shown(file: &[u8]) -> RgbImage {
        image::load_from_memory_with_format(file, ImageFormat::Jpeg).unwrap().into_rgb8()
    }

    /// The strongest of red, green and blue.
    fn hue(picture: &RgbImage, x: u32, y: u32) -> usize {
        let Rgb(parts) = picture.get_pixel(x, y);
        (0..3).max_by_key(|part| parts[*part]).unwrap()
    }

    #[test]
    fn every_format_is_cropped_to_the_same_two_sizes() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let image = prepare(&file(&picture(1000, 900), format)).unwrap();
            let (wide, small) = (shown(&image.wide), shown(&image.small));
            assert_eq!((wide.dimensions(), small.dimensions()), (WIDE, SMALL), "{format:?}");
            for (picture, (width, height)) in [(&wide, WIDE), (&small, SMALL)] {
                let corners = [(5, 5), (width - 5, 5), (5, height - 5), (width - 5, height - 5)];
                assert_eq!(corners.map(|(x, y)| hue(picture, x, y)), [0, 1, 0, 1], "{format:?}");
            }
        }
    }

    #[test]
    fn equal_pictures_have_the_same_id() {
        let id = |width| prepare(&file(&picture(width, 700), ImageFormat::Png)).unwrap().id;
        assert_eq!(id(1200), id(1200));
        assert_ne!(id(1200), id(900));
    }

    /// A JPEG that says of itself that it lies on its side, and where it was taken.
    fn on_its_side() -> Vec<u8> {
        let plain = file(&picture(1200, 1200), ImageFormat::Jpeg);
        // Orientation 6, and a text that would give the place away.
        let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\x01\x0e\0\x02\0\0\0\x0c\0\0\0\x26\0\0\0\0OUR-GARDEN-1";
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&plain[..2], &[0xff, 0xe1], &length, exif, &plain[2..]].concat()
    }

    #[test]
    fn a_photo_is_turned_upright_and_loses_its_metadata() {
        let sent = on_its_side();
        assert!(sent.windows(6).any(|part| part == b"GARDEN"));
        let image = prepare(&sent).unwrap();
        let wide = shown(&image.wide);
        assert_eq!([(600, 10), (600, 620)].map(|(x, y)| hue(&wide, x, y)), [0, 1], "left is above");
        for file in [&image.wide, &image.small] {
            assert!(!file.windows(4).any(|part| part == b"Exif"));
            assert!(!file.windows(6).any(|part| part == b"GARDEN"));
        }
    }

    #[test]
    fn transparent_pictures_are_put_on_white() {
        let clear = DynamicImage::ImageRgba8(ImageBuffer::from_pixel(700, 400, Rgba([255, 0, 0, 0])));
        let Rgb(parts) = *shown(&prepare(&file(&clear, ImageFormat::Png)).unwrap().wide).get_pixel(600, 300);
        assert!(parts.iter().all(|part| *part > 250), "{parts:?}");
    }

    /// It is a valid file whose pixels would take 8 bytes each.
    #[test]
    fn a_picture_whose_pixels_take_too_much_memory_is_refused_by_its_header() {
        let deep = DynamicImage::ImageRgba16(ImageBuffer::new(700, 400));
        let mut sent = file(&deep, ImageFormat::Png);
        assert!(prepare(&sent).is_ok());
        // 6,000 by 6,000 are 36 million pixels, fewer than allowed, and 288 MB.
        sent[16..24].copy_from_slice(&[0, 0, 0x17, 0x70, 0, 0, 0x17, 0x70]);
        let header = &sent[12..29];
        let crc = png_checksum(header).to_be_bytes();
        sent[29..33].copy_from_slice(&crc);
        assert_eq!(prepare(&sent).unwrap_err(), Unusable::TooManyPixels);
    }

    /// 36 million pixels of a sequential JPEG are allowed, but the decoder of a progressive one would keep 216 MB besides them.
    #[test]
    fn a_progressive_jpeg_may_have_fewer_pixels() {
        let mut sent = file(&picture(700, 400), ImageFormat::Jpeg);
        assert_eq!(jpeg_kind(&sent), JpegKind::Sequential);
        assert_eq!(jpeg_kind(&sent[..sent.len() - 2]), JpegKind::Truncated);
        let frame = sent.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        sent[frame + 1] = 0xc2;
        sent[frame + 5..frame + 9].copy_from_slice(&[0x17, 0x70, 0x17, 0x70]);
        assert_eq!(jpeg_kind(&sent), JpegKind::Progressive);
        assert_eq!(prepare(&sent).unwrap_err(), Unusable::TooManyPixels);
    }

    /// The checksum of a PNG chunk (ISO 3309).
    fn png_checksum(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
            })
        })
    }

    #[test]
    fn unusable_uploads_are_refused() {
        let png = file(&picture(700, 400), ImageFormat::Png);
        let jpeg = on_its_side();
        // A picture of 30,000 by 30,000 pixels in a few bytes: the size in the header must be checked before decoding.
        let mut bomb = png.clone();
        bomb[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
        for (sent, why) in [
            (&b""[..], Unusable::Unreadable),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", Unusable::Unreadable),
            (b"GIF89a\x01\0\x01\0", Unusable::Unreadable),
            (&png[..png.len() / 2], Unusable::Unreadable),
            (&jpeg[..jpeg.len() / 2], Unusable::Unreadable),
            (&jpeg[..jpeg.len() - 2], Unusable::Unreadable),
            (&jpeg[..20], Unusable::Unreadable),
            (&file(&picture(599, 400), ImageFormat::Png), Unusable::TooSmall),
            (&file(&picture(700, 300), ImageFormat::Png), Unusable::TooSmall),
        ] {
            assert_eq!(prepare(sent).unwrap_err(), why);
        }
        assert!(matches!(prepare(&bomb), Err(Unusable::TooManyPixels | Unusable::Unreadable)));
        for at in 0..png.len().min(400) {
            let mut broken = png.clone();
            broken[at] ^= 0x55;
            drop(prepare(&broken));
        }
    }
}
