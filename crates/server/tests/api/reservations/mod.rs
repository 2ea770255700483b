//! `/api/v1/reservations/{reservation_id}`.

mod change;
mod extend;
mod read;
