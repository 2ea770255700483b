//! The texts with which the console's forms show the API's refusals.

use fairseat_client::{FieldProblem, PageError, Problem};
use fairseat_web::forms::name_of;

/// The problem of a refused form, to show on its page; other errors become an error page.
pub(crate) fn form_problem(mut failure: PageError) -> Result<Problem, PageError> {
    if !matches!(failure.problem.status, 400 | 402 | 403 | 409 | 410 | 413 | 422 | 429) {
        return Err(failure);
    }
    for error in &mut failure.problem.errors {
        // A time field of a form is always well-formed, so the API refuses it only if the venue's clocks skip that hour.
        if error.message.starts_with("must be a time such as") {
            error.message =
                "must be a time that the venue’s clocks show; in spring they skip an hour".to_owned();
        }
    }
    Ok(failure.problem)
}

/// Messages for fields that the form does not show (`shown` lists those it does).
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

/// The notice above a form. It is general when the form's fields, or [`other_errors`], have the details.
pub(crate) fn headline(problem: &Problem) -> &str {
    match &*problem.code {
        "idempotency_mismatch" => {
            "This form was already sent, and its result was saved. Send it once more to make another."
        }
        "precondition_failed" => &problem.detail,
        _ if problem.errors.is_empty() => &problem.detail,
        _ => "Please correct what is named below.",
    }
}

/// Whether the API refused a form because its object was changed after the form was opened.
pub(crate) fn is_outdated(failure: &PageError) -> bool {
    failure.problem.code == "precondition_failed"
}

/// The refusal of a form whose object was changed after the form was opened. Each field that differs shows the value that was saved in the
/// meantime. Sending the form again overwrites it.
pub(crate) fn outdated(saved_meanwhile: Vec<FieldProblem>) -> Problem {
    let detail = "It was changed meanwhile, in another tab or by somebody else. What you wrote is below, beside what was saved \
                  meanwhile: save it again to replace that.";
    Problem {
        status: 412,
        code: "precondition_failed".to_owned(),
        title: "Changed meanwhile".to_owned(),
        detail: detail.to_owned(),
        errors: saved_meanwhile,
        ..Problem::default()
    }
}

/// The message with the value that was saved in this field in the meantime.
pub(crate) fn saved_meanwhile(field: &str, saved: &str) -> FieldProblem {
    let message =
        if saved.is_empty() { "Emptied meanwhile".to_owned() } else { format!("Saved meanwhile: {saved}") };
    FieldProblem { field: field.to_owned(), message }
}

/// Why a part of a page cannot be shown.
pub(crate) fn unavailable_reason(failure: &PageError) -> String {
    match failure.problem.status {
        403 => "Your role does not include this.".to_owned(),
        404 | 405 => "This server does not offer it.".to_owned(),
        _ => failure.problem.detail.clone(),
    }
}
