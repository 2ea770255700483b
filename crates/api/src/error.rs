//! The only place that turns the application's errors into problem documents.

use axum::response::{IntoResponse, Response};
use fairseat_app::Failure;
use fairseat_app::access::sessions::{BeginError, RefreshError};
use fairseat_app::access::{AccessDenied, HashError};
use fairseat_app::catalogue::events::CreateError;
use fairseat_edge::problem::{Code, Problem};
use fairseat_engine::Fault;
use fairseat_store::StoreError;
use fairseat_store::quotas::{Quota, QuotaError, QuotaReached};
use std::error::Error as _;
use std::time::Duration;

/// An error answer, whatever caused it.
#[derive(Debug)]
pub struct ApiError(pub Problem);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Engine(fault) => fault.into(),
            Failure::Store(error) => error.into(),
            Failure::Bug(cause) => Problem::internal(cause).into(),
        }
    }
}

impl From<CreateError> for ApiError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Quota(reached) => quota_reached(&reached).into(),
            CreateError::Failure(failure) => failure.into(),
        }
    }
}

impl From<QuotaError> for ApiError {
    fn from(error: QuotaError) -> Self {
        match error {
            QuotaError::Reached(reached) => quota_reached(&reached).into(),
            QuotaError::Store(error) => error.into(),
        }
    }
}

fn quota_reached(reached: &QuotaReached) -> Problem {
    let QuotaReached { quota, limit, used, of_founder } = *reached;
    let (things, advice) = match quota {
        Quota::DraftEvents => ("drafts", "Publish or delete some"),
        Quota::Seats => {
            ("seats, of venues and of events that are not over,", "Delete events that you do not need")
        }
        Quota::Venues => ("venues", "Use one that is there"),
        Quota::Pictures => ("pictures", "Remove some"),
    };
    let whose = if of_founder {
        "the organizations of its founder may have together"
    } else {
        "the organization may have"
    };
    let detail = format!(
        "There are {used} {things} and {whose} {limit}. {advice}, or ask the operator of this site for more."
    );
    Problem::new(Code::QuotaReached, detail)
        .with("quota", &quota.name())
        .with("limit", &limit)
        .with("used", &used)
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        let seconds = Duration::from_secs;
        let problem = match fault {
            Fault::Overloaded => Problem::overloaded(),
            Fault::ReadOnly => {
                Problem::new(Code::ReadOnly, "Nothing was done: the disk is full. Reading works.")
                    .retry_after(seconds(30))
            }
            Fault::Unavailable => Problem::new(
                Code::Unavailable,
                "It may or may not have been done. Ask again, with the same Idempotency-Key where you sent one.",
            )
            .retry_after(seconds(1)),
            Fault::Quarantined => Problem::new(
                Code::Quarantined,
                "This event stopped itself rather than sell wrongly; its operator has been told.",
            )
            .retry_after(seconds(60)),
            Fault::TooLarge => Problem::invalid("", "asks for more than can be done at once"),
        };
        problem.because(fault).into()
    }
}

/// How long it takes at least until somebody has freed space on a full disk.
const FULL_DISK: Duration = Duration::from_secs(30);

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let cause = match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        let problem = match error {
            StoreError::Busy | StoreError::Overloaded | StoreError::RolledBack | StoreError::Closed => {
                Problem::overloaded().because(cause)
            }
            StoreError::Full => {
                let detail = "The disk is full: reading works, nothing can be written.";
                Problem::new(Code::ReadOnly, detail).retry_after(FULL_DISK).because(cause)
            }
            StoreError::Disk(_) => Problem::unavailable(cause),
            StoreError::TooNew { .. }
            | StoreError::Unreadable(_)
            | StoreError::File(_)
            | StoreError::Database(_) => Problem::internal(cause),
        };
        problem.into()
    }
}

impl From<AccessDenied> for ApiError {
    fn from(denied: AccessDenied) -> Self {
        let problem = match denied {
            AccessDenied::NotFound => Problem::not_found(),
            AccessDenied::Role => Problem::forbidden("Your role in the organization does not include this."),
            AccessDenied::Guest => Problem::new(
                Code::EmailUnverified,
                "Make an account from what you have as a guest: POST /auth/register with your token.",
            ),
            AccessDenied::AdminOnly => Problem::forbidden("Only an administrator may do this."),
            AccessDenied::ManagerOnly => {
                Problem::forbidden("Only owners and managers of an organization may do this.")
            }
        };
        problem.into()
    }
}

impl From<HashError> for ApiError {
    fn from(error: HashError) -> Self {
        let problem = match error {
            HashError::Busy => Problem::overloaded().because(error),
            HashError::Failed(cause) => Problem::internal(cause),
        };
        problem.into()
    }
}

impl From<BeginError> for ApiError {
    fn from(error: BeginError) -> Self {
        match error {
            // The password that was checked is no longer the account's.
            BeginError::AccountChanged => invalid_credentials().into(),
            BeginError::Failed(failure) => failure.into(),
        }
    }
}

/// The answer to a wrong password; the same for an address without an account.
pub(crate) fn invalid_credentials() -> Problem {
    Problem::new(Code::InvalidCredentials, "Check both, or ask for a new password.")
}

impl From<RefreshError> for ApiError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::SessionOver => {
                Problem::unauthenticated("The session is over. Sign in again.").into()
            }
            RefreshError::Failed(failure) => failure.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header;
    use fairseat_edge::problem::Cause;

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
            (StoreError::Disk(database_error().into()), 503, "unavailable", Some("1")),
            (StoreError::TooNew { found: 9, known: 1 }, 500, "internal", None),
            (StoreError::Unreadable(SECRET), 500, "internal", None),
            (file.into(), 500, "internal", None),
            (StoreError::Database(database_error().into()), 500, "internal", None),
        ] {
            assert_answer(error.into(), status, code, retry_after, true);
        }
    }

    #[test]
    fn the_log_has_the_source_of_a_store_error() {
        let ApiError(problem) = StoreError::Disk(database_error().into()).into();
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
}
