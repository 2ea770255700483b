//! What stands on a page, in any script and of any length: whole, readable, and within the margins.

use super::*;
use fairseat_domain::time::Timestamp;
use krilla::text::Glyph;
use proptest::prelude::*;

fn ticket(event: &str) -> Printed {
    Printed {
        ticket_id: uuid::Uuid::from_u128(7),
        event: event.to_owned(),
        venue: vec!["The Old Theatre".to_owned(), "1 Main Street, New York, NY, US".to_owned()],
        order: "K7MPQ2XR".to_owned(),
        doors_at: None,
        starts_at: Timestamp::from_millis(1_796_155_200_000),
        ends_at: None,
        timezone: "America/New_York".to_owned(),
        seat: "Floor A-1".to_owned(),
        place: None,
        valid: true,
    }
}

fn page(event: &str, token: Option<&str>) -> Page {
    Page { ticket: ticket(event), token: token.map(str::to_owned) }
}

fn token() -> String {
    "FS1.".to_owned() + &"x".repeat(130)
}

/// The characters for which no font has a glyph.
fn missing(paragraph: &Paragraph) -> String {
    let spans = paragraph.lines.iter().flat_map(|line| &line.spans);
    let glyphs = spans.flat_map(|span| &span.glyphs).filter(|glyph| glyph.glyph_id.to_u32() == 0);
    glyphs.map(|glyph| &paragraph.text[glyph.text_range.clone()]).collect()
}

/// The text as its lines say it.
fn lines(paragraph: &Paragraph) -> Vec<&str> {
    let line = |line: &typesetting::Line| {
        let ranges = || line.spans.iter().flat_map(|span| &span.glyphs).map(|glyph| &glyph.text_range);
        let start = ranges().map(|range| range.start).min().unwrap_or(0);
        let end = ranges().map(|range| range.end).max().unwrap_or(0);
        paragraph.text[start..end].trim()
    };
    paragraph.lines.iter().map(line).collect()
}

/// What the sheet does wrong: a glyph beyond a margin, texts on each other, a letter that is not drawn.
fn faults(sheet: &Sheet) -> Vec<String> {
    let mut faults = Vec::new();
    let mut free = BAND;
    for block in sheet.texts.iter().chain([&sheet.note]) {
        let paragraph = &block.paragraph;
        if block.top < free - 0.01 {
            faults.push(format!("{:?} begins at {}, above {free}", paragraph.text, block.top));
        }
        free = block.bottom();
        let mut drawn = vec![false; paragraph.text.len()];
        for span in paragraph.lines.iter().flat_map(|line| &line.spans) {
            let mut x = block.left + span.x;
            for glyph in &span.glyphs {
                let text = &paragraph.text[glyph.text_range.clone()];
                let end = x + glyph.x_advance(paragraph.size);
                // The space at the end of a line may hang beyond the margin.
                if !text.trim().is_empty() && (x < MARGIN - 0.01 || end > WIDTH - MARGIN + 0.01) {
                    faults.push(format!("{text:?} from {x} to {end}"));
                }
                drawn[glyph.text_range.clone()].fill(true);
                x = end;
            }
        }
        let letters = paragraph.text.char_indices().filter(|(_, letter)| letter.is_alphanumeric());
        faults.extend(
            letters.filter(|(at, _)| !drawn[*at]).map(|(_, letter)| format!("{letter:?} is not drawn")),
        );
    }
    if sheet.texts.iter().any(|block| block.bottom() > sheet.code_top + 0.01)
        || free > sheet.height - MARGIN + 0.01
    {
        faults.push("a text reaches into what is below".to_owned());
    }
    faults
}

#[test]
fn any_ticket_becomes_one_small_page() {
    for name in
        ["Romeo and Juliet", "", "名前", "אירוע", "🎟 \u{202e}\u{0}", &"W".repeat(5_000), &"long ".repeat(900)]
    {
        for token in [Some(token().as_str()), None] {
            let pdf = pages(&[page(name, token)]).unwrap();
            assert!(pdf.starts_with(b"%PDF-"), "{name}");
            assert!(pdf.len() < 200_000, "{} bytes for {name}", pdf.len());
        }
    }
}

#[test]
fn the_tickets_of_an_order_are_pages_of_one_file() {
    let of = |count: usize| pages(&vec![page("Fidelio", Some(&token())); count]).unwrap();
    let count = |pdf: &[u8]| String::from_utf8_lossy(pdf).matches("/Type/Page/").count();
    assert_eq!((count(&of(1)), count(&of(3))), (1, 3));
    assert!(of(3).len() < 3 * of(1).len(), "the fonts are in the file once");
    assert_eq!(title(&[page("Fidelio", None), page("Fidelio", None)]), "Fidelio, 2 tickets");
}

#[test]
fn the_time_is_in_the_venues_zone() {
    let plain = ticket("x");
    assert_eq!(
        (plain.day(), plain.times()),
        ("Tuesday, 1 December 2026".to_owned(), "Starts 15:00".to_owned())
    );
    let doors = Printed { doors_at: Some(Timestamp::from_millis(1_796_152_500_000)), ..ticket("x") };
    assert_eq!(doors.times(), "Doors 14:15, starts 15:00");
    let odd = Printed { timezone: "Mars/Olympus".to_owned(), ..ticket("x") };
    assert_eq!(odd.times(), "Starts 20:00 UTC");
    let told = super::super::event_time(doors.doors_at, doors.starts_at, &doors.timezone);
    assert_eq!(told, "Tuesday, 1 December 2026, doors 14:15, starts 15:00 (New York time)");
    let mailed = super::super::local_time(plain.starts_at, "UTC");
    assert_eq!(mailed, "Tuesday, 1 December 2026, 20:00 (UTC)");
}

#[test]
fn a_numbered_seat_is_the_largest_text_after_its_section() {
    let place = Some(("Stalls".to_owned(), "C".to_owned(), "12".to_owned()));
    let sheet = Sheet::of(&Printed { place, ..ticket("Fidelio") }, true);
    let texts: Vec<&str> = sheet.texts.iter().map(|block| &*block.paragraph.text).collect();
    assert_eq!(texts[texts.len() - 2..], ["Stalls", "Row C, seat 12"]);
    let largest = sheet.texts.iter().map(|block| block.paragraph.size).fold(0.0, f32::max);
    assert_eq!(sheet.texts.last().unwrap().paragraph.size, largest);
    assert_eq!((sheet.height, faults(&sheet)), (HEIGHT, Vec::new()));
    let band: Vec<&str> = sheet.band.iter().map(|block| &*block.paragraph.text).collect();
    assert_eq!(band, ["Fairseat", "Order K7MPQ2XR"]);
}

#[test]
fn every_font_can_be_read() {
    for (name, bytes) in fonts::FONTS {
        assert!(krilla::text::Font::new((*bytes).into(), 0).is_some(), "{name}");
    }
}

#[test]
fn names_of_every_script_have_glyphs() {
    let names = [
        "東京交響楽団",
        "大阪城ホール 1階",
        "国家大剧院 二层",
        "國家音樂廳",
        "コンサート ゆめ",
        "서울시립교향악단",
        // The same in conjoining letters, as file names on some systems have them.
        "\u{1109}\u{1165}\u{110b}\u{116e}\u{11af}",
        "วงดุริยางค์ซิมโฟนี ที่นั่ง",
        "ວົງດົນຕີ",
        "មហោស្រព",
        "မြန်မာ ဂီတ",
        "राष्ट्रीय नाट्य विद्यालय",
        "বাংলা নাটক",
        "ਪੰਜਾਬੀ",
        "ગુજરાતી",
        "ଓଡ଼ିଆ",
        "தமிழ் இசை",
        "తెలుగు",
        "ಕನ್ನಡ",
        "മലയാളം",
        "සිංහල",
        "བོད་སྐད།",
        "አዲስ አበባ",
        "ދިވެހި",
        "ᱥᱟᱱᱛᱟᱲᱤ",
        "ꯃꯤꯇꯩꯂꯣꯟ",
        "𞤆𞤵𞤤𞤢𞤪",
        "ᏣᎳᎩ",
        "ᐃᓄᒃᑎᑐᑦ",
        "אולם הקונצרטים שורה ג",
        "دار الأوبرا المصرية",
        "اردو ادب کی شام",
        "Հայաստան",
        "საქართველო",
        "Анна Каренина",
        "Ωδείο Αθηνών",
        "Nhà hát Lớn Hà Nội",
        "Žižkov – Łódź – İzmir",
        "🎟️ 🎸 😀 👩‍🎤 👨‍👩‍👧 🏳️‍🌈 🇩🇪 1️⃣ ❤️",
    ];
    for name in names {
        let paragraph = typesetting::set(name, Face::Text, 12.0, 200.0);
        assert_eq!(missing(&paragraph), "", "of {name}");
        assert!(pages(&[page(name, None)]).unwrap().len() < 100_000, "{name}");
    }
}

#[test]
fn letters_join_and_run_as_their_script_wants() {
    let glyphs = |text: &str| {
        let paragraph = typesetting::set(text, Face::Text, 12.0, 200.0);
        assert_eq!(paragraph.lines.len(), 1);
        let spans = paragraph.lines.into_iter().flat_map(|line| line.spans);
        spans.flat_map(|span| span.glyphs).collect::<Vec<_>>()
    };
    let starts = |text: &str| glyphs(text).iter().map(|glyph| glyph.text_range.start).collect::<Vec<_>>();
    // Right to left: the last letter is the first glyph from the left. Figures keep their order.
    assert_eq!(starts("אבג"), [4, 2, 0]);
    assert_eq!(starts("אב 12"), [5, 6, 4, 2, 0]);
    assert_eq!(starts("ab"), [0, 1]);
    // In the middle of a word, a letter has another form than alone.
    let alone = glyphs("ع")[0].glyph_id;
    assert!(glyphs("سعيد").iter().all(|glyph| glyph.glyph_id != alone));
    // Conjuncts, jamo and families of emoji are one glyph.
    for text in ["क्ष", "\u{1109}\u{1165}", "👨‍👩‍👧"] {
        let drawn = glyphs(text).into_iter().filter(|glyph| glyph.x_advance > 0.0);
        assert_eq!(drawn.count(), 1, "{text}");
    }
}

#[test]
fn the_seat_is_never_cut() {
    let sections = [
        "Parterre links vorne, Sichtbehinderung durch Säule möglich",
        "Rang 2, Reihe hinter dem Technikpult, eingeschränkte Sicht auf die Bühne, nur mit Begleitung",
        "１階席中央ブロック車椅子席・見切れ席（舞台の一部が見えにくい場合があります）",
        &"SPERRSITZ".repeat(22),
        "קומה ראשונה, אזור ימין, ראות מוגבלת בגלל עמוד",
    ];
    for section in sections {
        let seats = ["A-1", "A-2"].map(|seat| {
            let seat = format!("{section} {seat}");
            let sheet = Sheet::of(&Printed { seat: seat.clone(), ..ticket("Fidelio") }, true);
            let paragraph = &sheet.texts.last().unwrap().paragraph;
            assert_eq!(lines(paragraph).join(" ").replace(' ', ""), seat.replace(' ', ""));
            assert!(paragraph.size >= SEAT.smallest, "{} for {seat}", paragraph.size);
            assert_eq!(faults(&sheet), [""; 0], "{seat}");
            lines(paragraph).last().copied().unwrap().to_owned()
        });
        assert!(seats[0].ends_with("A-1") && seats[1].ends_with("A-2"), "{seats:?}");
    }
}

#[test]
fn texts_are_broken_where_their_width_ends() {
    let set = |text: &str| typesetting::set(text, Face::Text, 16.0, WIDTH - 2.0 * MARGIN);
    assert_eq!(lines(&set("Romeo and Juliet")), ["Romeo and Juliet"]);
    assert_eq!(lines(&set("")), [""]);
    assert_eq!(lines(&set("WMWMWMWMWMWMWMWMWMWMWMWMW")).len(), 2);
    // Capitals are wide, small letters are not: as many fit as fit.
    assert_eq!(lines(&set(&"i".repeat(50))).len(), 1);
    assert_eq!(lines(&set("DIE MEISTERSINGER VON NÜRNBERG")), ["DIE MEISTERSINGER VON", "NÜRNBERG"]);
    assert_eq!(lines(&set("東京交響楽団第七百回定期演奏会")).len(), 1);
    assert_eq!(lines(&set("東京交響楽団第七百回定期演奏会名曲選")).len(), 2);
}

#[test]
fn a_usual_ticket_is_a6_in_usual_sizes() {
    for code in [true, false] {
        let sheet = Sheet::of(&ticket("Romeo and Juliet"), code);
        assert_eq!(sheet.height, HEIGHT);
        assert_eq!(sheet.texts[0].paragraph.size, NAME.usual);
    }
    // Long texts get smaller before the page gets taller.
    let long = Sheet::of(&ticket(&"A long title about much ado ".repeat(8)), true);
    assert_eq!(long.height, HEIGHT);
    assert!((NAME.smallest..NAME.usual).contains(&long.texts[0].paragraph.size));
    assert!(Sheet::of(&ticket(&"W".repeat(300)), true).height > HEIGHT);
}

/// Names of every kind: long words, many words, any script, and whatever else Unicode has.
fn names() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[A-Z]{1,60}",
        "[a-zäöüß]{1,20}",
        "[0-9W_@%-]{1,60}",
        "[一-龥ぁ-んァ-ヶ]{1,40}",
        "[가-힣]{1,30}",
        "[ก-ฮะ-ูเ-์]{1,40}",
        "([क-ह][्ा-ौ]?){1,40}",
        "(क्){1,60}",
        "[ء-ي]{1,40}",
        "[א-ת]{1,40}",
        "[😀-😏🎭🎟\u{200d}\u{fe0f}]{1,20}",
        "\\PC{0,40}",
        any::<String>(),
    ];
    proptest::collection::vec(word, 0..8).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn nothing_is_drawn_beyond_the_margins(event in names(), venue in names(), seat in names(), code: bool) {
        let printed = Printed { venue: vec![venue.clone(), venue], seat, ..ticket(&event) };
        prop_assert_eq!(faults(&Sheet::of(&printed, code)), Vec::<String>::new());
    }
}
