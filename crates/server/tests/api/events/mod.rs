//! `/api/v1/events`.

mod access;
mod availability;
mod box_office;
mod cancel;
mod cancellation;
mod change;
mod clone;
mod create;
mod delete;
mod export;
mod image;
pub(crate) mod live;
mod orders;
mod performer;
mod price_range;
mod read;
mod reserve;
mod search;
mod seating_plan;
mod seats;
mod sections;
mod statistics;
