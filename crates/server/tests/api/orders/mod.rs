//! `/api/v1/orders`.

mod cancel;
mod create;
mod hand_out_refund;
mod tickets;
