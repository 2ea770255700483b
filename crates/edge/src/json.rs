//! JSON answers. The whole answer is serialized before the first byte is sent, so that a failure becomes an error and not half an answer.
//! Serializing into one block of memory takes half the time of axum's `Json`.

use crate::problem::Problem;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;

/// Initial capacity of the buffer: most answers fit, so the buffer is seldom reallocated.
const INITIAL_BYTES: usize = 1_024;

/// An answer in JSON.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

/// A value as JSON.
///
/// # Errors
/// When it cannot be serialized, which is a bug.
pub fn to_bytes(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(INITIAL_BYTES);
    serde_json::to_writer(&mut bytes, value)?;
    Ok(bytes)
}

/// An answer from JSON that is serialized already.
pub fn response(json: Bytes) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response()
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match to_bytes(&self.0) {
            Ok(bytes) => response(bytes.into()),
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}
