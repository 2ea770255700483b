//! The fonts of printed tickets. `static/fonts/README.md` says where they come from.

/// A font by the name of its file.
macro_rules! font {
    ($file:literal) => {
        ($file, include_bytes!(concat!("../../../static/fonts/", $file, ".ttf")))
    };
}

/// The faces of Latin text, as on the pages: for headings and seats, for what matters, for the rest.
pub(super) const FACES: [&str; 3] =
    ["BricolageGrotesque-ExtraBold", "InstrumentSans-Bold", "InstrumentSans-Regular"];

/// Each font's name and file. After the face of a text, a character is drawn with the first font that has it, so the order decides.
pub(super) const FONTS: &[(&str, &[u8])] = &[
    font!("BricolageGrotesque-ExtraBold"),
    font!("InstrumentSans-Bold"),
    font!("InstrumentSans-Regular"),
    // Latin, Greek, Cyrillic, Hebrew, Arabic, Armenian, Georgian and more.
    font!("DejaVuSans"),
    font!("DroidSansFallbackFull"),
    font!("NanumSquareR"),
    font!("NotoSansThai"),
    font!("NotoSansLao"),
    font!("NotoSansKhmer"),
    font!("NotoSansMyanmar"),
    font!("NotoSansDevanagari"),
    font!("NotoSansBengali"),
    font!("NotoSansGurmukhi"),
    font!("NotoSansGujarati"),
    font!("NotoSansOriya"),
    font!("NotoSansTamil"),
    font!("NotoSansTelugu"),
    font!("NotoSansKannada"),
    font!("NotoSansMalayalam"),
    font!("NotoSansSinhala"),
    font!("NotoSerifTibetan"),
    font!("NotoSansEthiopic"),
    font!("NotoSansThaana"),
    font!("NotoSansOlChiki"),
    font!("NotoSansMeeteiMayek"),
    font!("NotoSansAdlam"),
    font!("NotoSansCherokee"),
    font!("NotoSansCanadianAboriginal"),
    font!("NotoEmoji"),
];
