//! Errors of the layers below as problem documents: status, code, whether to ask again, and a cause for the log alone.

use axum::http::header;
use axum::response::IntoResponse as _;
use fairseat_api::ApiError;
use fairseat_app::Failure;
use fairseat_app::access::sessions::RefreshError;
use fairseat_app::access::{AccessDenied, HashError};
use fairseat_edge::problem::Cause;
use fairseat_engine::Fault;
use fairseat_store::StoreError;
use std::sync::Arc;

/// Part of every cause in these tests; it must reach the log and never the answer.
const SECRET: &str = "secret-cause";

/// Asserts an answer: its status, its code, when to ask again, and whether a cause is kept for the log.
#[track_caller]
fn assert_answer(error: ApiError, status: u16, code: &str, retry_after: Option<&str>, is_logged: bool) {
    let ApiError(problem) = error;
    assert_eq!(problem.code().name(), code);
    assert!(!problem.document().to_string().contains(SECRET), "{code}: the cause is shown");
    let response = problem.into_response();
    assert_eq!(response.status(), status, "{code}");
    let found = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    assert_eq!(found, retry_after, "{code}");
    assert_eq!(response.extensions().get::<Cause>().is_some(), is_logged, "{code}");
}

fn database_error() -> rusqlite::Error {
    rusqlite::Error::InvalidParameterName(SECRET.to_owned())
}

#[test]
fn a_store_that_cannot_answer_says_whether_a_retry_is_safe() {
    let file = std::io::Error::other(SECRET);
    for (error, status, code, retry_after) in [
        (StoreError::Busy, 503, "overloaded", Some("1")),
        (StoreError::Overloaded, 503, "overloaded", Some("1")),
        (StoreError::RolledBack, 503, "overloaded", Some("1")),
        (StoreError::Closed, 503, "overloaded", Some("1")),
        (StoreError::Full, 503, "read_only", Some("30")),
        (StoreError::Disk(Arc::new(database_error())), 503, "unavailable", Some("1")),
        (StoreError::Unreachable(Arc::new(database_error())), 503, "unavailable", Some("1")),
        (StoreError::Unknown(Arc::new(database_error())), 503, "unavailable", Some("1")),
        (StoreError::NotPrepared, 500, "internal", None),
        (StoreError::OnServer, 500, "internal", None),
        (StoreError::TooNew { found: 9, known: 1 }, 500, "internal", None),
        (StoreError::Unreadable(SECRET), 500, "internal", None),
        (file.into(), 500, "internal", None),
        (StoreError::Database(Arc::new(database_error())), 500, "internal", None),
    ] {
        assert_answer(error.into(), status, code, retry_after, true);
    }
}

#[test]
fn the_log_has_the_source_of_a_store_error() {
    let ApiError(problem) = StoreError::Disk(Arc::new(database_error())).into();
    let response = problem.into_response();
    let cause = response.extensions().get::<Cause>().unwrap();
    assert!(cause.0.starts_with("the disk failed: ") && cause.0.contains(SECRET), "{}", cause.0);
}

#[test]
fn a_failure_is_answered_as_the_part_that_failed() {
    let bug = Failure::Bug(SECRET.to_owned());
    assert_answer(Failure::Engine(Fault::ReadOnly).into(), 503, "read_only", Some("30"), true);
    assert_answer(Failure::Store(StoreError::Busy).into(), 503, "overloaded", Some("1"), true);
    assert_answer(bug.into(), 500, "internal", None, true);
}

#[test]
fn missing_rights_are_forbidden_and_objects_of_others_do_not_exist() {
    for (denied, status, code) in [
        (AccessDenied::NotFound, 404, "not_found"),
        (AccessDenied::Role, 403, "forbidden"),
        (AccessDenied::Guest, 403, "email_unverified"),
        (AccessDenied::AdminOnly, 403, "forbidden"),
        (AccessDenied::ManagerOnly, 403, "forbidden"),
    ] {
        assert_answer(denied.into(), status, code, None, false);
    }
}

#[test]
fn a_full_password_queue_asks_for_a_retry() {
    assert_answer(HashError::Busy.into(), 503, "overloaded", Some("1"), true);
    assert_answer(HashError::Failed(SECRET.to_owned()).into(), 500, "internal", None, true);
}

#[test]
fn only_an_ended_session_is_answered_401() {
    assert_answer(RefreshError::SessionOver.into(), 401, "unauthenticated", None, false);
    let busy = RefreshError::Failed(StoreError::Busy.into());
    assert_answer(busy.into(), 503, "overloaded", Some("1"), true);
}

#[test]
fn every_fault_says_when_to_retry() {
    for (fault, status, code, retry_after) in [
        (Fault::Overloaded, 503, "overloaded", Some("1")),
        (Fault::ReadOnly, 503, "read_only", Some("30")),
        (Fault::Unavailable, 503, "unavailable", Some("1")),
        (Fault::Quarantined, 503, "quarantined", Some("60")),
        (Fault::TooLarge, 422, "invalid", None),
    ] {
        assert_answer(fault.into(), status, code, retry_after, true);
    }
}
