//! Which new passwords are refused because they are the first that somebody else would try.
//!
//! NIST SP 800-63B, 3.1.1.2: a password must be long enough and not be on a list of common ones; rules about kinds of characters make nothing
//! better. The list is the part with eight characters and more of the 20,000 passwords that Royce Williams collected and Django ships
//! (<https://gist.github.com/roycewilliams/226886fd01572964e1431ac8afc999ce>).

use std::sync::LazyLock;

/// The common passwords in lower case, sorted, one a line.
pub const COMMON: &str = include_str!("common.txt");

/// Why a password is easy to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EasyToGuess {
    /// It is on the list, in small or capital letters.
    Common,
    /// It is the person's own name or address.
    Own,
}

/// Why `password` is easy to guess for somebody who knows the person's `details`, such as name and e-mail address; `None` if it is not.
#[must_use]
pub fn easy_to_guess(password: &str, details: &[&str]) -> Option<EasyToGuess> {
    static LIST: LazyLock<Vec<&str>> = LazyLock::new(|| COMMON.lines().collect());
    let password = password.trim().to_lowercase();
    if LIST.binary_search(&password.as_str()).is_ok() {
        return Some(EasyToGuess::Common);
    }
    let is_own = |detail: &&str| {
        let detail = detail.trim().to_lowercase();
        let before_the_at = detail.split('@').next().unwrap_or_default();
        !detail.is_empty() && (password == detail || password == before_the_at)
    };
    details.iter().any(is_own).then_some(EasyToGuess::Own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_has_no_password_that_is_too_short_anyway() {
        let list: Vec<&str> = COMMON.lines().collect();
        assert!(list.is_sorted() && list.len() > 8_000, "{}", list.len());
        for password in list {
            assert!(password.chars().count() >= 8 && password == password.to_lowercase(), "{password}");
        }
    }

    #[test]
    fn common_passwords_and_own_names_are_easy_to_guess() {
        let details = ["Ada Lovelace", "ada.lovelace@example.org", ""];
        for (password, expected) in [
            ("password", Some(EasyToGuess::Common)),
            ("PassWord123", Some(EasyToGuess::Common)),
            (" 12345678 ", Some(EasyToGuess::Common)),
            ("iloveyou", Some(EasyToGuess::Common)),
            ("qwertyuiop", Some(EasyToGuess::Common)),
            ("ada lovelace", Some(EasyToGuess::Own)),
            ("ada.lovelace", Some(EasyToGuess::Own)),
            ("Ada.Lovelace@example.org", Some(EasyToGuess::Own)),
            ("ada lovelace and charles", None),
            ("correct horse battery staple", None),
            ("", None),
        ] {
            assert_eq!(easy_to_guess(password, &details), expected, "{password}");
        }
    }
}
