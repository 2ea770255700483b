//! JSON answers, written whole before their first byte is sent: an answer that cannot be written is an error, not half an
//! answer, and writing into one block of memory takes half the time of axum's own.

use crate::problem::Problem;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;

/// Bytes most answers fit in, so that they are written without moving.
const USUAL_BYTES: usize = 1_024;

/// An answer in JSON.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

/// A value as JSON.
///
/// # Errors
/// When it cannot be written, which is a bug.
pub fn to_bytes(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut bytes, value)?;
    Ok(bytes)
}

/// An answer whose JSON was written before.
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
