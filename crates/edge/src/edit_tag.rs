//! Optimistic locking: the `ETag` of an object's editable fields, and the `If-Match` of a change.
//!
//! An [`EditTag`] is a hash of the editable fields alone, so that selling seats does not make an organizer's edit fail. An answer with
//! further fields, such as the number of free seats, has a tag of two parts, `"<edit tag>.<hash of the bytes>"`: caches compare the whole
//! tag, `If-Match` compares the first part.

use crate::json::Json;
use crate::problem::{Code, Problem};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::convert::Infallible;
use utoipa::IntoParams;

/// The version of an object's editable fields: 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditTag(String);

impl EditTag {
    /// The tag of these editable fields.
    #[must_use]
    pub fn of(editable: &impl Serialize) -> Self {
        // If the fields cannot be serialized, the tag is one that no caller has, so every change with `If-Match` is refused.
        let json = serde_json::to_vec(editable).unwrap_or_default();
        Self(blake3::hash(&json).to_hex().get(..32).unwrap_or_default().to_owned())
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The `ETag` header of an answer that has only editable fields.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        HeaderValue::try_from(format!("\"{}\"", self.0)).unwrap_or(HeaderValue::from_static("\"\""))
    }

    /// An answer with this tag as its `ETag`.
    #[must_use]
    pub fn on<T: Serialize>(&self, body: Json<T>) -> Response {
        ([(header::ETAG, self.header())], body).into_response()
    }
}

/// The condition of a change, from its `If-Match` header. Without the header there is no condition, and the last change wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IfMatch(Option<String>);

impl IfMatch {
    /// Checks that a change of an object whose tag is `current` may proceed.
    ///
    /// # Errors
    /// `precondition_failed` (412) when the header does not name this version.
    pub fn check(&self, current: &EditTag) -> Result<(), Problem> {
        let Some(wanted) = &self.0 else { return Ok(()) };
        let is_current = |tag: &str| {
            let digits = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
            digits.is_some_and(|digits| digits.split('.').next() == Some(current.as_str()))
        };
        if wanted.split(',').map(str::trim).any(|tag| tag == "*" || is_current(tag)) {
            return Ok(());
        }
        let detail =
            "It was changed since you read it. Read it again, and send your change with the new ETag.";
        Err(Problem::new(Code::PreconditionFailed, detail))
    }

    /// Whether the change has a condition.
    #[must_use]
    pub const fn is_conditional(&self) -> bool {
        self.0.is_some()
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let values: Vec<_> = parts.headers.get_all(header::IF_MATCH).iter().collect();
        // A value that is not text matches no version.
        let text = |value: &&HeaderValue| value.to_str().unwrap_or_default().to_owned();
        Ok(Self((!values.is_empty()).then(|| values.iter().map(text).collect::<Vec<_>>().join(","))))
    }
}

/// The header, for the documentation of routes: `params(IfMatchHeader)`.
#[derive(IntoParams, Debug)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header; IfMatch reads it")]
pub struct IfMatchHeader {
    /// The `ETag` of the version that is to be changed: when there is a newer one the answer is 412 `precondition_failed`, and nothing
    /// is changed. Without the header the last change wins
    #[param(rename = "If-Match", required = false)]
    if_match: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_let_through_when_it_names_the_current_version() {
        let current = EditTag::of(&"Opera");
        let tag = current.as_str();
        let other = EditTag::of(&"Operetta").header();
        let other = other.to_str().unwrap();
        for (sent, expected) in [
            (None, true),
            (Some("*".to_owned()), true),
            (Some(format!("\"{tag}\"")), true),
            (Some(format!("\"{tag}.0123456789abcdef\"")), true),
            (Some(format!("{other}, \"{tag}\"")), true),
            (Some(other.to_owned()), false),
            (Some(format!("W/\"{tag}\"")), false),
            (Some(tag.to_owned()), false),
            (Some(String::new()), false),
            (Some("\"\"".to_owned()), false),
        ] {
            let refused = IfMatch(sent.clone()).check(&current).err().map(|problem| problem.code());
            assert_eq!(refused, (!expected).then_some(Code::PreconditionFailed), "{sent:?}");
        }
    }
}
