//! The store as lists and searches read it.

use crate::handler::{ApiState, RequestContext};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use fairseat_store::Store;
use std::convert::Infallible;
use std::ops::Deref;

/// The store for a handler that lists or searches: a database replica answers where there is one, unless the caller must see the latest state.
/// A handler that decides something reads `app.store`.
pub(crate) struct Lists(Store);

impl Deref for Lists {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.0
    }
}

impl FromRequestParts<ApiState> for Lists {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &ApiState) -> Result<Self, Infallible> {
        let context = parts.extensions.get::<RequestContext>();
        Ok(Self(app.store.for_lists(context.is_some_and(|context| !context.needs_latest))))
    }
}
