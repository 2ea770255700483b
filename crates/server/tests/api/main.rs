//! The server over HTTP, in this process. The tests of a route lie at its path: `POST /api/v1/orders/{order_id}/cancel` is tested in
//! `orders/cancel.rs`. Pages are tested in `pages`, commands of the program in `cli` and `backup`. Every module has `cfg(test)`, so that
//! clippy treats its helpers as test code.

#[cfg(test)]
#[path = "../common/mod.rs"]
mod common;

#[cfg(test)]
mod access_tokens;
#[cfg(test)]
mod auth;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod bus;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod edit_conflicts;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod events;
#[cfg(test)]
mod hostile_input;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod odd_characters;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod organizations;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod rate_limits;
#[cfg(test)]
mod redis;
#[cfg(test)]
mod reservations;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod secrets_on_disk;
#[cfg(test)]
mod ticket_key;
#[cfg(test)]
mod tickets;
#[cfg(test)]
mod users;
#[cfg(test)]
mod venues;
#[cfg(test)]
mod views;
#[cfg(test)]
mod webhooks;
