//! Which e-mail addresses are accepted: exactly those to which the mail transport can send. The rule is that of browsers (HTML Living
//! Standard, "valid e-mail address"), and domains in any script.
//!
//! What must always hold: an accepted address has no line break, so it cannot inject mail headers, and is ASCII when it is sent, because few
//! mail servers accept anything else (RFC 6531).

use fairseat_store::email::ascii_domain;
use fairseat_store::limits::MAX_EMAIL_CHARS;
use lettre::Address;
use std::borrow::Cow;

/// The characters beside letters and digits that the part before the `@` may have without quotes (RFC 5322, 3.2.3), and the dot.
const SIGNS: &str = ".!#$%&'*+/=?^_`{|}~-";

/// An address to which letters can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailAddress {
    shown: String,
    sendable: Address,
}

/// Why a text is not accepted as an address, in words for its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefusal {
    /// It does not look like an address.
    #[error("must be an e-mail address such as ada@example.org")]
    NotAnAddress,
    /// The part before the `@` has letters that most mail servers refuse.
    #[error(
        "must have only letters a to z, digits and signs such as . - _ + before the @; other letters are accepted after it"
    )]
    LocalPart,
    /// The part after the `@` is not the name of a host.
    #[error(
        "must end with a domain such as example.org after the @; check it for spaces, signs and missing letters"
    )]
    Domain,
    /// Mail servers accept no address of this length.
    #[error("is longer than e-mail addresses can be: 64 characters before the @, 254 in all")]
    TooLong,
}

impl MailAddress {
    /// Reads an address; spaces around it are dropped.
    ///
    /// # Errors
    /// When no mail could be sent to it.
    pub fn parse(text: &str) -> Result<Self, AddressRefusal> {
        let text = text.trim();
        let (local, domain) = text.split_once('@').ok_or(AddressRefusal::NotAnAddress)?;
        if local.is_empty() || domain.is_empty() || text.contains(char::is_whitespace) {
            return Err(AddressRefusal::NotAnAddress);
        }
        if !local.chars().all(|letter| letter.is_ascii_alphanumeric() || SIGNS.contains(letter)) {
            return Err(AddressRefusal::LocalPart);
        }
        let ascii = ascii_domain(domain).ok_or(AddressRefusal::Domain)?;
        if local.len() + 1 + ascii.len() > MAX_EMAIL_CHARS {
            return Err(AddressRefusal::TooLong);
        }
        let sendable = Address::new(quoted(local), &ascii).map_err(|_invalid| AddressRefusal::TooLong)?;
        Ok(Self { shown: format!("{local}@{}", shown(domain, &ascii)), sendable })
    }

    /// The address as it was typed. A domain in another script than Latin is shown in that script, also if a browser turned it into
    /// Punycode.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The address for the mail server, in ASCII.
    #[must_use]
    pub fn into_sendable(self) -> Address {
        self.sendable
    }
}

/// Some providers gave out addresses with dots at the ends or beside each other. They are only valid in quotes (RFC 5321, 4.1.2).
fn quoted(local: &str) -> Cow<'_, str> {
    let needed = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    if needed { format!("\"{local}\"").into() } else { local.into() }
}

fn shown<'d>(domain: &'d str, ascii: &str) -> Cow<'d, str> {
    let (unicode, read) = idna::domain_to_unicode(ascii);
    let foreign = !unicode.is_ascii() && read.is_ok();
    if foreign { unicode.into() } else { domain.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How an address is shown and sent, or why it is refused.
    fn read(text: &str) -> String {
        match MailAddress::parse(text) {
            Ok(address) => format!("{} -> {}", address.shown, address.sendable),
            Err(refusal) => format!("{refusal:?}"),
        }
    }

    #[test]
    fn what_is_accepted_can_be_sent() {
        let longest = format!("{}@{}.test", "a".repeat(64), "b.".repeat(91) + "bb");
        assert_eq!(longest.len(), 254);
        for plain in ["ada@example.org", "A.d+a_1@x-y.example", "o'brien@example.ie", &longest] {
            assert_eq!(read(&format!(" {plain}\n")), format!("{plain} -> {plain}"));
        }
        for (typed, sent) in [
            ("ada@localhost", "ada@localhost -> ada@localhost"),
            ("ada@Example.ORG", "ada@Example.ORG -> ada@example.org"),
            ("ada@r3---sn.example", "ada@r3---sn.example -> ada@r3---sn.example"),
            ("ada..x@docomo.example", "ada..x@docomo.example -> \"ada..x\"@docomo.example"),
            ("ada.@example.org", "ada.@example.org -> \"ada.\"@example.org"),
            (".ada@example.org", ".ada@example.org -> \".ada\"@example.org"),
            ("...@example.org", "...@example.org -> \"...\"@example.org"),
            ("ada@bücher.example", "ada@bücher.example -> ada@xn--bcher-kva.example"),
            ("ada@BU\u{308}CHER.example", "ada@bücher.example -> ada@xn--bcher-kva.example"),
            ("ada@xn--bcher-kva.example", "ada@bücher.example -> ada@xn--bcher-kva.example"),
            ("anna@почта.рф", "anna@почта.рф -> anna@xn--80a1acny.xn--p1ai"),
            ("yuki@例え。テスト", "yuki@例え.テスト -> yuki@xn--r8jz45g.xn--zckzah"),
            ("noor@مثال.إختبار", "noor@مثال.إختبار -> noor@xn--mgbh0fb.xn--kgbechtv"),
        ] {
            assert_eq!(read(typed), sent);
        }
    }

    #[test]
    fn what_cannot_be_sent_is_refused_with_a_reason() {
        let too_long = format!("{}@{}.test", "a".repeat(64), "b.".repeat(91) + "bbb");
        for (text, reason) in [
            ("", "NotAnAddress"),
            ("@", "NotAnAddress"),
            ("ada", "NotAnAddress"),
            ("ada@", "NotAnAddress"),
            ("@example.org", "NotAnAddress"),
            ("a da@example.org", "NotAnAddress"),
            ("ada@example.org\r\nBcc: eve@example.org", "NotAnAddress"),
            ("\"ada\"@example.org", "LocalPart"),
            ("adä@example.org", "LocalPart"),
            ("анна@почта.рф", "LocalPart"),
            ("ada@@example.org", "Domain"),
            ("ada@example..org", "Domain"),
            ("ada@-example.org", "Domain"),
            ("ada@example.org.", "Domain"),
            ("ada@exam\u{0}ple.org", "Domain"),
            ("ada@example,org", "Domain"),
            ("ada@ex_ample.org", "Domain"),
            ("ada@[127.0.0.1]", "Domain"),
            ("ada@\u{202e}gro.elpmaxe", "Domain"),
            ("ada@xn--a.example", "Domain"),
            (&format!("{}@example.org", "a".repeat(65)), "TooLong"),
            (&too_long, "TooLong"),
            (&"a".repeat(100_000), "NotAnAddress"),
            (&format!("ada@{}", "ü".repeat(30_000)), "Domain"),
        ] {
            assert_eq!(read(text), reason, "{text}");
        }
    }
}
