//! Answers of the server.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::Value;

/// An answer with its whole body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    /// The body if it is JSON, else null.
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        let json = serde_json::from_slice(&bytes).unwrap_or_default();
        Self { status: parts.status, headers: parts.headers, bytes, json }
    }

    /// The JSON of an answer that must have this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> &Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        &self.json
    }

    /// Asserts a refusal: its status, its code, and that it is a problem document.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> &Value {
        self.expect(status);
        assert_eq!(self.json["code"], code, "{}", self.json);
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        &self.json
    }

    /// The fields that a 422 names.
    #[track_caller]
    pub(crate) fn invalid_fields(&self) -> Vec<&str> {
        let errors = self.refused(422, "invalid")["errors"].as_array().unwrap();
        errors.iter().map(|error| error["field"].as_str().unwrap()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}
