//! The tokens of the full-text index. A word of a script with spaces is one token. Scripts without spaces, such as Japanese, Chinese and
//! Thai, are indexed as every pair of neighbouring letters, so that any part of a text is found.

use super::fold::{MAX_WORD_CHARS, plain};

/// The tokens of a text for the index, in order.
pub(super) fn of_text(text: &str) -> Vec<String> {
    let text = plain(text).replace('.', "");
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.flat_map(runs).flat_map(|run| of_run(&run)).collect()
}

/// The tokens that a text has next to each other if it has this folded word; the last may be the beginning of a token.
pub(super) fn of_query(word: &str) -> Vec<String> {
    let runs = runs(word);
    let mut tokens: Vec<String> = runs.iter().flat_map(|run| of_run(run)).collect();
    // The last letter of a part of a text is followed by another letter there, so no token consists of it alone.
    let is_pair =
        runs.last().is_some_and(|run| run.len() > 1 && run.iter().all(|letter| is_unspaced(*letter)));
    if is_pair {
        tokens.pop();
    }
    tokens
}

/// Whether a word has letters of a script that is written without spaces.
pub(super) fn has_unspaced(word: &str) -> bool {
    word.chars().any(is_unspaced)
}

/// The parts of a word in scripts with and without spaces.
fn runs(word: &str) -> Vec<Vec<char>> {
    let letters: Vec<char> = word.chars().collect();
    letters.chunk_by(|one, next| is_unspaced(*one) == is_unspaced(*next)).map(<[char]>::to_vec).collect()
}

/// For a script without spaces: each letter with the one after it, and the last letter alone.
fn of_run(run: &[char]) -> Vec<String> {
    if run.first().is_some_and(|letter| is_unspaced(*letter)) {
        (0..run.len()).map(|at| run.iter().skip(at).take(2).collect()).collect()
    } else {
        vec![run.iter().take(MAX_WORD_CHARS).collect()]
    }
}

/// Letters of scripts that are written without spaces; and of Korean, whose names are often joined to one word.
const fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{e00}'..='\u{109f}' // Thai, Lao, Tibetan, Myanmar
        | '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' // Hangul
        | '\u{1780}'..='\u{17ff}' // Khmer
        | '\u{1950}'..='\u{1aaf}' // Tai Le, New Tai Lue, Tai Tham
        | '\u{1b00}'..='\u{1b7f}' | '\u{a980}'..='\u{a9ff}' | '\u{aa00}'..='\u{aadf}' // Balinese, Javanese, Cham, Tai Viet
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{312f}' | '\u{31a0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' // Han, Kana, Bopomofo, Yi
        | '\u{1b000}'..='\u{1b2ff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_their_tokens() {
        for (text, expected) in [
            ("Taylor D.C.", "taylor dc"),
            ("東京交響楽団", "東京 京交 交響 響楽 楽団 団"),
            ("第9回 J-POPライブ", "第 9 回 j pop ライ イフ フ"),
            ("ดนตรี", "ดน นต ตร ร"),
            ("서울시립", "서울 울시 시립 립"),
            ("", ""),
        ] {
            assert_eq!(of_text(text).join(" "), expected, "{text}");
        }
        assert_eq!(of_text(&"楽".repeat(300)).len(), 300, "a text without spaces is not cut");
        assert_eq!(of_text(&"x".repeat(300))[0].len(), MAX_WORD_CHARS);
    }

    #[test]
    fn search_words_and_their_tokens() {
        for (word, expected) in [
            ("tay", "tay"),
            ("交響楽団", "交響 響楽 楽団"),
            ("団", "団"),
            ("第9回", "第 9 回"),
            ("東京j", "東京 京 j"),
        ] {
            assert_eq!(of_query(word).join(" "), expected, "{word}");
        }
    }
}
