//! The pages, requested as browsers do it.

mod account;
mod caching;
mod checkout;
mod console;
mod event;
mod event_prices;
mod events;
mod guests;
mod orders;
mod poster;
mod programme;
mod refusals;
mod seats;
mod security;
mod sign_in;
