//! Folding text for search: words of letters and digits in lower case, without accents, and with special letters replaced (`ø` by `o`).
//! Stored text and search text are folded in the same way, so that they match.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The most characters of a search text that are used.
const MAX_QUERY_CHARS: usize = 200;
/// The most words of a search text that are used.
const MAX_QUERY_WORDS: usize = 8;
/// The most characters of one word; longer ones are cut.
const MAX_WORD_CHARS: usize = 40;

/// The words of a text, in order.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter) && !joins(*letter)) {
        if letter.is_alphanumeric() {
            push(words.last_mut(), letter);
        } else if words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The first distinct words of a search text.
pub(crate) fn query_words(text: &str) -> Vec<String> {
    let start: String = text.chars().take(MAX_QUERY_CHARS).collect();
    let mut found: Vec<String> = Vec::new();
    for word in words(&start) {
        if !found.contains(&word) && found.len() < MAX_QUERY_WORDS {
            found.push(word);
        }
    }
    found
}

/// A text as one key for comparing and ordering.
pub(crate) fn key(text: &str) -> String {
    words(text).join(" ")
}

/// Marks that are dropped inside abbreviations and names: "D.C." is "dc", "O'Neil" is "oneil".
const fn joins(letter: char) -> bool {
    matches!(letter, '.' | '\'' | '’' | '‘' | '`' | '\u{ad}')
}

fn push(word: Option<&mut String>, letter: char) {
    let Some(word) = word else { return };
    for lower in letter.to_lowercase() {
        if word.chars().count() < MAX_WORD_CHARS {
            match spelled(lower) {
                Some(spelled) => word.push_str(spelled),
                None => word.push(lower),
            }
        }
    }
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
            ("AC/DC", &["ac", "dc"]),
            ("Washington, D.C.", &["washington", "dc"]),
            ("Straße ÆON İstanbul", &["strasse", "aeon", "istanbul"]),
            ("ﬁnal ＦＵＬＬ", &["final", "full"]),
            ("东京 Tokyo", &["东京", "tokyo"]),
            ("🎵!?\"'\0", &[]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), *expected, "{text:?}");
        }
    }

    #[test]
    fn search_texts_are_bounded() {
        assert_eq!(query_words("a a b a"), ["a", "b"]);
        assert!(query_words(&"x ".repeat(10_000)).len() <= MAX_QUERY_WORDS);
        assert_eq!(query_words(&"x".repeat(10_000))[0].chars().count(), MAX_WORD_CHARS);
    }
}
