//! The API over HTTP, in process: one module for each resource, each route for every role. Every module says `cfg(test)`,
//! which tells clippy that its helpers are tests as well.

#[cfg(test)]
#[path = "../common/mod.rs"]
mod common;

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod buying;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod checkout_pages;
#[cfg(test)]
mod console;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod edit_conflicts;
#[cfg(test)]
mod event_changes;
mod event_prices;
mod events;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod live;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod organizations;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod passwords;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod search;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod stadium;
#[cfg(test)]
mod user_add;
#[cfg(test)]
mod venues;
#[cfg(test)]
mod views;
