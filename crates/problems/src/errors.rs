//! The only place that turns the application's errors into problem documents.

use axum::response::{IntoResponse, Response};
use fairseat_app::access::sessions::{BeginError, RefreshError};
use fairseat_app::access::{AccessDenied, HashError};
use fairseat_app::catalogue::events::CreateError;
use fairseat_app::idempotency::KeyRefused;
use fairseat_app::{Failure, OrFailure};
use fairseat_edge::problem::{Code, Problem};
use fairseat_engine::Fault;
use fairseat_store::StoreError;
use fairseat_store::invitations::{AcceptError, InviteError};
use fairseat_store::organizations::SetMemberError;
use fairseat_store::quotas::{Quota, QuotaError, QuotaReached};
use fairseat_store::users::SaveUserError;
use fairseat_turns::HeavyWorkError;
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

impl<E: Into<Self>> From<OrFailure<E>> for ApiError {
    fn from(error: OrFailure<E>) -> Self {
        match error {
            OrFailure::Refused(error) => error.into(),
            OrFailure::Failed(failure) => failure.into(),
        }
    }
}

impl From<SetMemberError> for ApiError {
    fn from(error: SetMemberError) -> Self {
        match error {
            SetMemberError::NotFound => Problem::not_found().into(),
            SetMemberError::LastOwner => last_owner().into(),
            SetMemberError::TooMany => {
                let detail = "The organization has too many members, or the person is a member of too many.";
                Problem::new(Code::Conflict, detail).into()
            }
            SetMemberError::Store(error) => error.into(),
        }
    }
}

impl From<InviteError> for ApiError {
    fn from(error: InviteError) -> Self {
        let detail = match error {
            InviteError::Declined => {
                "The person has declined. They can be invited again when the invitation has expired."
            }
            InviteError::TooMany => {
                "The organization has 100 open invitations: withdraw some, or wait until they expire."
            }
            InviteError::Store(error) => return error.into(),
        };
        Problem::new(Code::Conflict, detail).into()
    }
}

impl From<AcceptError> for ApiError {
    fn from(error: AcceptError) -> Self {
        let problem = match error {
            AcceptError::NotOpen => not_open(),
            AcceptError::OtherAddress => Problem::new(
                Code::OtherAddress,
                "The invitation is for another address. Sign in with the account that has it, or register with it.",
            ),
            AcceptError::Unverified => Problem::new(
                Code::EmailUnverified,
                "Follow the link in the message that we sent to your address, then accept.",
            ),
            AcceptError::TooMany => return SetMemberError::TooMany.into(),
            AcceptError::Store(error) => return error.into(),
        };
        problem.into()
    }
}

/// The answer for an invitation's token that is unknown or whose invitation is no longer open; it does not say which.
#[must_use]
pub fn not_open() -> Problem {
    let detail =
        "The invitation was accepted, declined or withdrawn, or it has expired. Ask for another one.";
    Problem::new(Code::NotFound, detail)
}

/// The answer to a change that would leave an organization without an owner.
#[must_use]
pub fn last_owner() -> Problem {
    let detail = "An organization has at least one owner. First make another member owner, or invite somebody as owner and wait until they \
                  have accepted.";
    Problem::new(Code::Conflict, detail)
}

impl From<SaveUserError> for ApiError {
    fn from(error: SaveUserError) -> Self {
        match error {
            SaveUserError::EmailTaken => email_taken().into(),
            SaveUserError::Store(error) => error.into(),
        }
    }
}

/// The answer for an address that another account has.
#[must_use]
pub fn email_taken() -> Problem {
    Problem::new(Code::EmailTaken, "Sign in, or ask for a new password if it is forgotten.")
}

impl From<KeyRefused> for ApiError {
    fn from(refused: KeyRefused) -> Self {
        let problem = match refused {
            KeyRefused::InFlight => Problem::new(
                Code::IdempotencyInFlight,
                "The first request with this Idempotency-Key is still running. Ask again in a moment.",
            )
            .retry_after(Duration::from_secs(1)),
            KeyRefused::Mismatch => Problem::new(
                Code::IdempotencyMismatch,
                "This Idempotency-Key was used with another body. Take a new key for a new request.",
            ),
        };
        problem.into()
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
        Quota::PublishedEvents => {
            ("published events that are not over", "Wait until some are over, or cancel some")
        }
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
            StoreError::Disk(_) | StoreError::Unreachable(_) | StoreError::Unknown(_) => {
                Problem::unavailable(cause)
            }
            StoreError::TooNew { .. }
            | StoreError::NotPrepared
            | StoreError::Unfinished
            | StoreError::MissingRight { .. }
            | StoreError::NoFullText(_)
            | StoreError::OnServer
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

impl From<HeavyWorkError> for ApiError {
    fn from(error: HeavyWorkError) -> Self {
        match error {
            HeavyWorkError::Busy => Problem::overloaded().because(error).into(),
            HeavyWorkError::Failed(cause) => Problem::internal(cause).into(),
        }
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
#[must_use]
pub fn invalid_credentials() -> Problem {
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
