//! `/api/v1/venues`.

mod access;
mod change;
mod create;
mod delete;
mod list;
mod seating_plan;
