//! What a form has done, so that the page after it can say so: `/console/events/7?done=published`.
//!
//! The address carries one word of this list and never a text, so a link cannot make a page say anything else. A script takes the word out of
//! the address, so that loading the page again does not repeat the notice.

use crate::render::see_other;
use axum::response::Response;

/// Something that a form has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// An account was made.
    Registered,
    /// An organization was made.
    OrganizationCreated,
    /// A venue was made.
    VenueCreated,
    /// A venue was deleted.
    VenueDeleted,
    /// A seating plan was replaced.
    PlanReplaced,
    /// Price categories were named.
    CategoriesNamed,
    /// An event was made, as a draft.
    DraftCreated,
    /// An event is public now.
    Published,
    /// An event was copied, as a draft.
    Copied,
    /// An event was cancelled.
    EventCancelled,
    /// An event was deleted.
    EventDeleted,
    /// A form's changes were saved.
    Saved,
    /// A picture was saved.
    PictureSaved,
    /// A picture was removed.
    PictureRemoved,
    /// An order was cancelled.
    OrderCancelled,
    /// A refund was paid out.
    RefundHandedOut,
    /// Somebody was invited.
    Invited,
    /// An invitation was withdrawn.
    Withdrawn,
    /// A member's role was changed.
    RoleChanged,
    /// A member was removed.
    MemberRemoved,
}

/// The word in the address, and the notice.
const NOTICES: &[(Done, &str, &str)] = &[
    (
        Done::Registered,
        "registered",
        "Your account is ready. Please follow the link in the e-mail that we have just sent you.",
    ),
    (Done::OrganizationCreated, "organization", "Your organization was created. Next, it needs a venue."),
    (Done::VenueCreated, "venue", "The venue was created."),
    (Done::VenueDeleted, "venue-deleted", "The venue was deleted."),
    (Done::PlanReplaced, "plan", "The seating plan was replaced."),
    (Done::CategoriesNamed, "categories", "The price categories were named."),
    (
        Done::DraftCreated,
        "draft",
        "The draft was saved. Only your organization sees it until you publish it.",
    ),
    (Done::Published, "published", "The event is published: everybody can find it now."),
    (Done::Copied, "copied", "The copy is a draft. Look through its times and prices, then publish it."),
    (Done::EventCancelled, "cancelled", "The event was cancelled. Everybody with tickets is told by e-mail."),
    (Done::EventDeleted, "deleted", "The event was deleted."),
    (Done::Saved, "saved", "Saved."),
    (Done::PictureSaved, "picture", "The picture was saved."),
    (Done::PictureRemoved, "picture-removed", "The picture was removed."),
    (Done::OrderCancelled, "order-cancelled", "The order was cancelled and its seats are for sale again."),
    (Done::RefundHandedOut, "handed-out", "The refund was recorded as paid out."),
    (Done::Invited, "invited", "The invitation was sent."),
    (Done::Withdrawn, "withdrawn", "The invitation was withdrawn."),
    (Done::RoleChanged, "role", "The role was changed."),
    (Done::MemberRemoved, "removed", "The member was removed."),
];

impl Done {
    /// What the address of a page says was done.
    #[must_use]
    pub fn in_address(path_and_query: &str) -> Option<Self> {
        let (_, query) = path_and_query.split_once('?')?;
        let (_, word) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "done")?;
        NOTICES.iter().find(|(_, known, _)| *known == word).map(|(done, _, _)| *done)
    }

    /// The notice.
    #[must_use]
    pub fn notice(self) -> &'static str {
        self.entry().map_or("", |(_, _, notice)| notice)
    }

    /// The address of a page of this server, with the word.
    #[must_use]
    pub fn at(self, path: &str) -> String {
        let separator = if path.contains('?') { '&' } else { '?' };
        self.entry().map_or_else(|| path.to_owned(), |(_, word, _)| format!("{path}{separator}done={word}"))
    }

    /// Redirects to a page of this server that says so.
    pub fn then(self, path: &str) -> Response {
        see_other(&self.at(path))
    }

    fn entry(self) -> Option<&'static (Self, &'static str, &'static str)> {
        NOTICES.iter().find(|(done, _, _)| *done == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_words_are_notices() {
        for (done, word, notice) in NOTICES {
            assert_eq!(Done::in_address(&done.at("/console?organization=1")), Some(*done), "{word}");
            assert!(notice.ends_with('.') && done.notice() == *notice, "{word}");
        }
        for odd in ["/console", "/console?done=", "/console?done=<b>Pay+here</b>", "/done=saved"] {
            assert_eq!(Done::in_address(odd), None, "{odd}");
        }
    }
}
