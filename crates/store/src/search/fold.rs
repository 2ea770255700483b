//! Folding text for search: lower case, without accents, with special letters replaced (`ø` by `o`) and without apostrophes. Stored text and
//! search text are folded in the same way, so that they match.
//!
//! A release that folds differently raises `FORMAT` in `refold.rs`, so that texts stored before are folded again.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The most characters of a search text that are used.
const MAX_QUERY_CHARS: usize = 200;
/// The most words of a search text that are used.
const MAX_QUERY_WORDS: usize = 8;
/// The most characters of one word; longer ones are cut.
pub(super) const MAX_WORD_CHARS: usize = 40;

/// A text with its letters folded. Other signs stay, except apostrophes and characters that are not visible.
pub(crate) fn plain(text: &str) -> String {
    let visible = text.chars().filter(|letter| !is_dropped(*letter));
    // Composed again, so that a Korean syllable is one letter.
    let letters = visible.nfkd().filter(|letter| !is_combining_mark(*letter) && !is_dropped(*letter)).nfc();
    let mut plain = String::with_capacity(text.len());
    for lower in letters.flat_map(char::to_lowercase) {
        match lower {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => plain.push('-'),
            space if space.is_whitespace() => plain.push(' '),
            letter => match spelled(letter) {
                Some(spelled) => plain.push_str(spelled),
                None => plain.push(letter),
            },
        }
    }
    plain
}

/// The words of letters and digits in a text, in order. A dot inside a word is dropped: "D.C." is "dc".
pub(crate) fn words(text: &str) -> Vec<String> {
    let text = plain(text).replace('.', "");
    let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word.chars().take(MAX_WORD_CHARS).collect()).collect()
}

/// The first distinct words of a search text.
pub(crate) fn query_words(text: &str) -> Vec<String> {
    let start: String = text.chars().take(MAX_QUERY_CHARS).collect();
    let words = words(&start);
    let telling: Vec<String> =
        words.iter().filter(|word| !FILLERS.contains(&word.as_str())).cloned().collect();
    distinct(if telling.is_empty() { words } else { telling })
}

/// Words with which people ask for tickets, and that say nothing about the event: "tickets for the hawks". They count only if a search has no
/// other words.
const FILLERS: [&str; 9] = ["ticket", "tickets", "for", "the", "a", "an", "to", "of", "at"];

/// The first distinct parts between spaces of a search text, with the signs in them.
pub(crate) fn query_parts(text: &str) -> Vec<String> {
    let start: String = text.chars().take(MAX_QUERY_CHARS).collect();
    distinct(plain(&start).split_whitespace().map(str::to_owned).collect())
}

fn distinct(words: Vec<String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in words {
        if !found.contains(&word) && found.len() < MAX_QUERY_WORDS {
            found.push(word);
        }
    }
    found
}

/// A text as one key for comparing and ordering: its folded words.
#[must_use]
pub fn key(text: &str) -> String {
    words(text).join(" ")
}

/// Apostrophes in all their forms (`O’Neil` is "oneil"), the soft hyphen, and joiners without width.
const fn is_dropped(letter: char) -> bool {
    matches!(
        letter,
        '\'' | '’' | '‘' | '‛' | '`' | '´' | '′' | '\u{2b9}'..='\u{2bd}' | '\u{5f3}' | '\u{a78c}'
        | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
    )
}

/// Letters that Unicode normalization does not decompose, with their usual plain spelling.
const fn spelled(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'æ' => "ae",
        'œ' => "oe",
        'ı' => "i",
        'þ' => "th",
        'ħ' => "h",
        'ŧ' => "t",
        'ŋ' => "n",
        'ς' => "σ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_their_words() {
        let cases: &[(&str, &[&str])] = &[
            ("Taylor Swift", &["taylor", "swift"]),
            ("  São Paulo—Łódź ", &["sao", "paulo", "lodz"]),
            ("Beyoncé's", &["beyonces"]),
            ("O’Brien OʼBrien O´Brien O＇Brien", &["obrien", "obrien", "obrien", "obrien"]),
            ("AC/DC", &["ac", "dc"]),
            ("Washington, D.C.", &["washington", "dc"]),
            ("Straße ÆON İstanbul", &["strasse", "aeon", "istanbul"]),
            ("ﬁnal ＦＵＬＬ", &["final", "full"]),
            ("ΟΔΥΣΣΕΥΣ Οδυσσεύς", &["οδυσσευσ", "οδυσσευσ"]),
            ("АННА Йога", &["анна", "иога"]),
            ("서울 콘서트", &["서울", "콘서트"]),
            ("东京 Tokyo", &["东京", "tokyo"]),
            ("🎵!?\"'\0", &[]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), *expected, "{text:?}");
        }
    }

    #[test]
    fn plain_text_keeps_its_signs() {
        for (text, expected) in [
            ("Ned_100%", "ned_100%"),
            ("Zoë\u{a0}O’Hara–Smith", "zoe ohara-smith"),
            ("ADA@Bücher.example", "ada@bucher.example"),
        ] {
            assert_eq!(plain(text), expected);
        }
    }

    #[test]
    fn words_that_say_nothing_about_an_event_are_left_out() {
        assert_eq!(query_words("Tickets for the Hawks"), ["hawks"]);
        assert_eq!(query_words("The The"), ["the"], "they are all there is");
    }

    #[test]
    fn search_texts_are_bounded() {
        assert_eq!(query_words("c c b c"), ["c", "b"]);
        assert!(query_words(&"x ".repeat(10_000)).len() <= MAX_QUERY_WORDS);
        assert_eq!(query_words(&"x".repeat(10_000))[0].chars().count(), MAX_WORD_CHARS);
        assert_eq!(query_parts("a. a. b-c"), ["a.", "b-c"]);
        assert!(query_parts(&"x ".repeat(10_000)).len() <= MAX_QUERY_WORDS);
    }
}
