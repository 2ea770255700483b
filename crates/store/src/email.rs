//! The form in which e-mail addresses are compared. Which addresses are accepted is decided in `fairseat-messages`.

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

/// More than any domain of 253 characters takes in UTF-8.
const MAX_DOMAIN_BYTES: usize = 1_024;

/// A domain as mail servers and the domain name system write it: in lower case, other scripts as Punycode (UTS 46, RFC 5891). `None` if it
/// is not the name of a host.
#[must_use]
pub fn ascii_domain(domain: &str) -> Option<String> {
    // Punycode takes quadratic time, and logins look up whatever they are given.
    if domain.len() > MAX_DOMAIN_BYTES {
        return None;
    }
    let (rules, hyphens, length) = (AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify);
    let ascii = Uts46::new().to_ascii(domain.as_bytes(), rules, hyphens, length);
    ascii.ok().map(std::borrow::Cow::into_owned)
}

/// An address in the form for comparing: trimmed, in lower case, its domain in ASCII. So `Ada@BÜCHER.example` and
/// `ada@xn--bcher-kva.example` are one address.
#[must_use]
pub fn key(address: &str) -> String {
    let lower = address.trim().to_lowercase();
    let ascii =
        lower.rsplit_once('@').and_then(|(local, domain)| Some(format!("{local}@{}", ascii_domain(domain)?)));
    ascii.unwrap_or(lower)
}
