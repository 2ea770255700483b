//! `/api/v1/reservations/{reservation_id}`.

mod cancel;
mod change;
mod extend;
mod read;
