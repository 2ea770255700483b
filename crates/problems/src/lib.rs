//! Turns the errors of the application and the refusals of a sale into problem documents (RFC 9457).
//!
//! What must always hold: no other crate words an error of the application for callers of the API. What deliberately does not live here: the
//! document's form and the list of codes (see `fairseat-edge`), and refusals of a request's own fields, which each route words itself.

pub mod errors;
pub mod refusals;
