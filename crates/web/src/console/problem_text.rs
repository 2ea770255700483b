//! Refusals of the API as the console's forms show them.

use crate::api::{PageError, Problem};
use crate::forms::name_of;

/// A refusal that belongs on the page with the form; everything else is a page of its own.
pub(crate) fn form_problem(mut failure: PageError) -> Result<Problem, PageError> {
    if !matches!(failure.problem.status, 400 | 402 | 403 | 409 | 410 | 413 | 422 | 429) {
        return Err(failure);
    }
    for error in &mut failure.problem.errors {
        // A form's clock has no zone; what the API does not understand of it is a time the venue's clocks skip.
        if error.message.starts_with("must be a time such as") {
            error.message =
                "must be a time that the venue’s clocks show; in spring they skip an hour".to_owned();
        }
    }
    Ok(failure.problem)
}

/// What is wrong with fields the form does not have a place for, in words.
pub(crate) fn other_errors(problem: &Problem, shown: &[&str]) -> Vec<String> {
    let is_shown =
        |field: &str| shown.iter().any(|name| field == *name || field.starts_with(&format!("{name}.")));
    let rest = problem.errors.iter().filter(|error| !is_shown(&error.field));
    rest.map(|error| {
        name_of(&error.field).map_or_else(
            || format!("{}: {}", error.field, error.message),
            |name| format!("{name} {}.", error.message),
        )
    })
    .collect()
}

/// What a form says above itself: in general words where its fields, or [`elsewhere`], tell the rest.
pub(crate) fn headline(problem: &Problem) -> &str {
    match &*problem.code {
        "idempotency_mismatch" => {
            "This form was sent before, and what it made is there. Send it once more to make another."
        }
        _ if problem.errors.is_empty() => &problem.detail,
        _ => "Please correct what is named below.",
    }
}

/// Why a form is not sent on: what it changes was changed since it was opened. Sent again, it counts.
pub(crate) fn changed_meanwhile() -> Problem {
    let detail = "It was changed meanwhile, in another tab or by somebody else. What you wrote is below: save it again to put it \
                  in the place of what is there now.";
    Problem {
        status: 409,
        code: "conflict".to_owned(),
        title: "Changed meanwhile".to_owned(),
        detail: detail.to_owned(),
        ..Problem::default()
    }
}

/// Tells of something a page shows besides its own: why it is missing.
pub(crate) fn unavailable_reason(failure: &PageError) -> String {
    match failure.problem.status {
        403 => "Your role does not include this.".to_owned(),
        404 | 405 => "This server does not offer it.".to_owned(),
        _ => failure.problem.detail.clone(),
    }
}
