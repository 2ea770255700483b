//! Validates e-mail addresses by the rule of browsers (HTML Living Standard, "valid e-mail address"); mail servers accept the same.

/// Characters of the part before the `@` (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// Characters of a label of a domain.
const MAX_LABEL: usize = 63;

/// The address in `text` without surrounding spaces; `None` if it is not valid. A valid address contains no line break, so it cannot inject
/// mail headers.
#[must_use]
pub fn address(text: &str) -> Option<&str> {
    let text = text.trim();
    let (local, domain) = text.split_once('@')?;
    let good = text.len() <= fairseat_store::limits::MAX_EMAIL_CHARS
        && (1..=MAX_LOCAL).contains(&local.len())
        && local.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte))
        && domain.split('.').all(is_label);
    good.then_some(text)
}

fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_valid_addresses_are_accepted() {
        let longest = format!("{}@{}.test", "a".repeat(64), "b.".repeat(91) + "bb");
        assert_eq!(longest.len(), 254);
        for good in
            ["ada@example.org", "A.d+a_1@x-y.example", "ada@localhost", "o'brien@example.ie", &longest]
        {
            assert_eq!(address(&format!(" {good}\n")), Some(good), "{good}");
        }
        for bad in [
            "",
            "@",
            "ada",
            "ada@",
            "@example.org",
            "ada@@example.org",
            "ada@example..org",
            "ada@-example.org",
            "ada@example.org.",
            "a da@example.org",
            "ada@example.org\r\nBcc: eve@example.org",
            "ada@exam\u{0}ple.org",
            "\"ada\"@example.org",
            "ada@[127.0.0.1]",
            "adä@example.org",
            &"a".repeat(100_000),
            &format!("{}@example.org", "a".repeat(65)),
            &format!("a{longest}"),
        ] {
            assert_eq!(address(bad), None, "{bad}");
        }
    }
}
