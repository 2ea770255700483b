//! The letter that invites somebody to an organization. Its recipient may be a stranger to the inviter, so it contains no text that the
//! inviter chose freely, except a name that cannot be taken for a link.

use super::one_line;
use crate::letter::{Block, Letter};

/// Longer names of organizations are not quoted.
const MAX_NAME_CHARS: usize = 80;

/// What an invitation says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationFacts {
    /// The organization's name.
    pub organization: String,
    /// The inviter's confirmed address.
    pub inviter: String,
    /// The role: `manager`.
    pub role: &'static str,
    /// The page on which the person accepts or declines.
    pub url: String,
    /// When it ends.
    pub until: String,
}

/// Invites somebody to an organization.
#[must_use]
pub fn invitation(facts: InvitationFacts) -> Letter {
    let InvitationFacts { organization, inviter, role, url, until } = facts;
    let name = quotable(&organization);
    let whose = name.as_deref().unwrap_or("an organization");
    let mut rows = vec![("Role", role.to_owned()), ("Invited by", inviter)];
    rows.splice(0..0, name.clone().map(|name| ("Organization", name)));
    Letter {
        subject: format!("You are invited to join {whose}"),
        blocks: vec![
            Block::Text(format!(
                "You are invited to work on events and tickets with {whose}. Nothing changes unless you accept."
            )),
            Block::Facts(rows),
            Block::Button("See the invitation", url),
            Block::Small(format!(
                "The invitation is open until {until}. If you don't know the sender, you can ignore this e-mail or decline on that page."
            )),
        ],
    }
}

/// The name, if it is short and cannot be taken for an address on the web or of a mailbox, which mail programs turn into links.
fn quotable(name: &str) -> Option<String> {
    let name = one_line(name);
    let is_short = (1..=MAX_NAME_CHARS).contains(&name.chars().count());
    let looks_like_link = |word: &str| {
        let inner = word.trim_matches(|edge: char| !edge.is_alphanumeric());
        word.contains(['@', '/', '\\', '。', '．', '｡']) || inner.contains('.') || inner.contains(':')
    };
    (is_short && !name.split(' ').any(looks_like_link)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_a_link_is_not_quoted() {
        for name in
            ["The Globe", "St. Pauli Theater", "Müller & Söhne, Inc.", "Theatre: The Globe", "Club 27!"]
        {
            assert_eq!(quotable(name).as_deref(), Some(name));
        }
        for name in [
            "You won! http://evil.test",
            "visit evil.example now",
            "(evil.example)",
            "mail eve@evil",
            "evil。example",
            "localhost:80",
            "a\\b",
            "",
            "  ",
            &"long ".repeat(20),
        ] {
            assert_eq!(quotable(name), None, "{name}");
        }
    }
}
