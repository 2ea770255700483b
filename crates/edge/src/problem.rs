//! Refusals and faults as RFC 9457 problem documents; the only place that maps codes to statuses.
//!
//! Text for users (`title`, `detail`, members) and text for the log ([`Problem::because`]) are separate. A cause may contain names of
//! tables, files or input, so it is never sent to a caller.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt::Display;
use std::time::Duration;

macro_rules! codes {
    ($($name:ident = $status:literal $code:literal $title:literal;)*) => {
        /// Every error code of the API. A code is part of the contract: it is never renamed or given another meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable machine name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The short text that is the same for every occurrence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// The HTTP status as a number.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }
        }
    };
}

codes! {
    BadRequest = 400 "bad_request" "The request could not be understood";
    Unauthenticated = 401 "unauthenticated" "Sign in first";
    InvalidSignature = 401 "invalid_signature" "The signature is missing, wrong or too old";
    InvalidCredentials = 401 "invalid_credentials" "The e-mail address or the password is wrong";
    PaymentDeclined = 402 "payment_declined" "The payment was declined";
    Forbidden = 403 "forbidden" "This is not allowed for your role";
    EmailUnverified = 403 "email_unverified" "Confirm your e-mail address first";
    OtherAddress = 403 "other_address" "This is for another e-mail address";
    TicketLimit = 403 "ticket_limit" "The limit of tickets per buyer is reached";
    HoldLimit = 403 "hold_limit" "Too many seats are held from your network";
    AdmissionRequired = 403 "admission_required" "A pass from the waiting room is needed";
    NotFound = 404 "not_found" "Not found, or not visible to you";
    MethodNotAllowed = 405 "method_not_allowed" "This address does not support that method";
    NotAcceptable = 406 "not_acceptable" "None of the accepted formats can be given";
    RequestTimeout = 408 "request_timeout" "The request took too long to arrive";
    Conflict = 409 "conflict" "The request conflicts with the current state";
    HasOrders = 409 "has_orders" "Something was sold";
    HasEvents = 409 "has_events" "Events take place here";
    LabelsInUse = 409 "labels_in_use" "Sold tickets bear these labels";
    EmailTaken = 409 "email_taken" "This e-mail address has an account";
    SeatUnavailable = 409 "seat_unavailable" "A seat is no longer available";
    SingleSeatLeft = 409 "single_seat_left" "A single seat would be left";
    SeatsCooling = 409 "seats_cooling" "You gave these seats back; others come first for a while";
    SaleNotOpen = 409 "sale_not_open" "The sale has not opened yet";
    SaleClosed = 409 "sale_closed" "The sale is closed";
    CannotExtend = 409 "cannot_extend" "The reservation cannot be extended again";
    NotRefundable = 409 "not_refundable" "The order can no longer be refunded";
    AlreadyOrdered = 409 "already_ordered" "The reservation has become an order";
    ReservationCancelled = 409 "reservation_cancelled" "The reservation was cancelled";
    TooManyAttempts = 409 "too_many_attempts" "The order has had too many attempts to pay";
    PaymentInProgress = 409 "payment_in_progress" "A payment for this reservation is under way";
    IdempotencyInFlight = 409 "idempotency_in_flight" "The first request with this key is still running";
    ReservationExpired = 410 "reservation_expired" "The reservation has expired";
    PreconditionFailed = 412 "precondition_failed" "The object has changed";
    BodyTooLarge = 413 "body_too_large" "The request body is too large";
    UriTooLong = 414 "uri_too_long" "The address is too long";
    UnsupportedMediaType = 415 "unsupported_media_type" "The type of the request body is not supported";
    Invalid = 422 "invalid" "The request is not valid";
    CardDataNotAccepted = 422 "card_data_not_accepted" "Card numbers are not accepted here";
    IdempotencyMismatch = 422 "idempotency_mismatch" "This key was used with another request";
    UpgradeRequired = 426 "upgrade_required" "This address needs another protocol";
    RateLimited = 429 "rate_limited" "Too many requests";
    HeadersTooLarge = 431 "headers_too_large" "The request headers are too large";
    Internal = 500 "internal" "Something went wrong on our side";
    NotImplemented = 501 "not_implemented" "This is not offered";
    Overloaded = 503 "overloaded" "The server is busy";
    TimedOut = 503 "timed_out" "The request took too long on our side";
    Unavailable = 503 "unavailable" "The outcome is not known";
    Quarantined = 503 "quarantined" "This event is suspended because of an internal error";
    ReadOnly = 503 "read_only" "The server is read-only at the moment";
}

impl Code {
    /// The status for a response line.
    #[must_use]
    pub fn status_code(self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The most general code for a status, for answers that have no code.
    #[must_use]
    pub fn for_status(status: StatusCode) -> Self {
        let plain = [
            Self::BadRequest,
            Self::Unauthenticated,
            Self::Forbidden,
            Self::NotFound,
            Self::MethodNotAllowed,
            Self::NotAcceptable,
            Self::RequestTimeout,
            Self::Conflict,
            Self::PreconditionFailed,
            Self::BodyTooLarge,
            Self::UriTooLong,
            Self::UnsupportedMediaType,
            Self::Invalid,
            Self::UpgradeRequired,
            Self::RateLimited,
            Self::HeadersTooLarge,
            Self::NotImplemented,
            Self::Overloaded,
        ];
        let fallback = if status.is_server_error() { Self::Internal } else { Self::BadRequest };
        plain.into_iter().find(|code| code.status() == status.as_u16()).unwrap_or(fallback)
    }
}

/// The media type of every error answer.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// One field of the request that is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field: a JSON path such as `seat_ids[3]`, or the name of a query parameter; empty for the whole body.
    pub field: Cow<'static, str>,
    /// Why it is refused, and which values are accepted. Never contains the value.
    pub message: Cow<'static, str>,
}

/// The cause of a problem, for the log only; the response's extensions carry it from the handler to the edge.
#[derive(Clone, Debug)]
pub struct Cause(pub String);

/// An error answer.
#[derive(Debug)]
pub struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    code: Code,
    detail: Cow<'static, str>,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<String>,
}

impl Problem {
    /// A problem with this code; `detail` explains this occurrence to the caller.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        let (detail, members) = (detail.into(), Map::new());
        Self(Box::new(Parts { code, detail, members, headers: Vec::new(), cause: None }))
    }

    /// 401: the request has no valid access token.
    #[must_use]
    pub fn unauthenticated(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Unauthenticated, detail)
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"fairseat\""))
    }

    /// 403: the caller's role does not permit this.
    #[must_use]
    pub fn forbidden(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Forbidden, detail)
    }

    /// 404: the object does not exist or is not the caller's; both get the same answer.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "Check the address and the id, and that you are signed in as its owner.")
    }

    /// 422 about one field.
    #[must_use]
    pub fn invalid(field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::invalid_fields(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// 422 about several fields at once.
    #[must_use]
    pub fn invalid_fields(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] if only.field.is_empty() => only.message.clone(),
            [only] => Cow::Owned(format!("{}: {}", only.field, only.message)),
            _ => Cow::Borrowed("Several fields are not valid; see errors."),
        };
        Self::new(Code::Invalid, detail).with("errors", &errors)
    }

    /// 429; the caller may retry after `retry_after`.
    #[must_use]
    pub fn rate_limited(retry_after: Duration) -> Self {
        Self::new(Code::RateLimited, "Slow down, and ask again after the seconds in Retry-After.")
            .retry_after(retry_after)
    }

    /// 503: nothing was done; the caller may retry in a moment.
    #[must_use]
    pub fn overloaded() -> Self {
        Self::new(Code::Overloaded, "Nothing was done. Ask again after the seconds in Retry-After.")
            .retry_after(Duration::from_secs(1))
    }

    /// 503 for a failure in the middle of the work: its outcome is unknown. `cause` goes to the log only.
    #[must_use]
    pub fn unavailable(cause: impl Display) -> Self {
        Self::new(
            Code::Unavailable,
            "It may or may not have been done: ask again, with the same key if there was one.",
        )
        .retry_after(Duration::from_secs(1))
        .because(cause)
    }

    /// 500 for a fault of the server; `cause` goes to the log only.
    #[must_use]
    pub fn internal(cause: impl Display) -> Self {
        Self::new(Code::Internal, "It has been logged. Quote the x-request-id header when you report it.")
            .because(cause)
    }

    /// Adds a member that lets a program react, such as `seats`.
    #[must_use]
    pub fn with(mut self, member: &'static str, value: &impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        self.0.members.insert(member.to_owned(), value);
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Sets `Retry-After` to whole seconds, rounded up, at least one.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1);
        self.with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// Adds the cause to this request's log line.
    #[must_use]
    pub fn because(mut self, cause: impl Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The document that is sent.
    #[must_use]
    pub fn document(&self) -> Value {
        serde_json::to_value(Document::of(&self.0)).unwrap_or_default()
    }
}

/// The JSON document; the members that all problems have come first.
#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: &'a str,
    #[serde(flatten)]
    members: &'a Map<String, Value>,
}

impl<'a> Document<'a> {
    fn of(Parts { code, detail, members, .. }: &'a Parts) -> Self {
        let r#type = format!("/docs#{}", code.name());
        Self { r#type, title: code.title(), status: code.status(), code: code.name(), detail, members }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_string(&Document::of(&self.0)).unwrap_or_default();
        let content_type = [(header::CONTENT_TYPE, PROBLEM_JSON)];
        let mut response = (self.0.code.status_code(), content_type, body).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in self.0.headers {
            response.headers_mut().insert(name, value);
        }
        if let Some(cause) = self.0.cause {
            response.extensions_mut().insert(Cause(cause));
        }
        response
    }
}

/// The shape of [`Problem`] for the OpenAPI document.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemSchema {
    /// Where this kind of problem is explained.
    #[schema(example = "/docs#invalid")]
    pub r#type: String,
    /// The same for every problem of this kind.
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// The stable machine name.
    #[schema(example = "invalid")]
    pub code: String,
    /// What happened this time, and what to do.
    pub detail: String,
    /// The refused fields, of code `invalid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub errors: Option<Vec<FieldError>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_code_is_unique_and_an_error() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!((400..600).contains(&code.status()), "{}", code.name());
        }
    }

    #[test]
    fn a_status_without_a_code_gets_the_most_general_code() {
        for (status, expected) in [
            (400, Code::BadRequest),
            (404, Code::NotFound),
            (418, Code::BadRequest),
            (422, Code::Invalid),
            (500, Code::Internal),
            (503, Code::Overloaded),
            (599, Code::Internal),
        ] {
            assert_eq!(Code::for_status(StatusCode::from_u16(status).unwrap()), expected, "{status}");
        }
    }

    #[test]
    fn the_document_names_the_field_and_hides_the_cause() {
        let problem = Problem::invalid("hold_duration", "must be 60 to 900").because("secret cause");
        insta::assert_json_snapshot!(problem.document(), @r#"
        {
          "code": "invalid",
          "detail": "hold_duration: must be 60 to 900",
          "errors": [
            {
              "field": "hold_duration",
              "message": "must be 60 to 900"
            }
          ],
          "status": 422,
          "title": "The request is not valid",
          "type": "/docs#invalid"
        }
        "#);
        let response = problem.into_response();
        assert_eq!(response.status(), 422);
        assert_eq!(response.extensions().get::<Cause>().map(|cause| cause.0.as_str()), Some("secret cause"));
    }

    #[test]
    fn retry_after_is_whole_seconds_rounded_up() {
        for (wait_ms, expected) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2"), (90_000, "90")] {
            let response = Problem::rate_limited(Duration::from_millis(wait_ms)).into_response();
            assert_eq!(response.headers()[header::RETRY_AFTER], expected, "{wait_ms} ms");
        }
    }
}
