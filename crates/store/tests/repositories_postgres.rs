//! The same tests on PostgreSQL; `common.rs` opens the other database because of this file's name.

#[cfg(test)]
#[path = "repositories/audit.rs"]
mod audit;
#[cfg(test)]
#[path = "repositories/common.rs"]
mod common;
#[cfg(test)]
#[path = "repositories/counter_sales.rs"]
mod counter_sales;
#[cfg(test)]
#[path = "repositories/events.rs"]
mod events;
#[cfg(test)]
#[path = "repositories/guests.rs"]
mod guests;
#[cfg(test)]
#[path = "repositories/invitations.rs"]
mod invitations;
#[cfg(test)]
#[path = "repositories/messages_and_answers.rs"]
mod messages_and_answers;
#[cfg(test)]
#[path = "repositories/organizations.rs"]
mod organizations;
#[cfg(test)]
#[path = "repositories/quotas.rs"]
mod quotas;
#[cfg(test)]
#[path = "repositories/search.rs"]
mod search;
#[cfg(test)]
#[path = "repositories/sessions.rs"]
mod sessions;
#[cfg(test)]
#[path = "repositories/users.rs"]
mod users;
#[cfg(test)]
#[path = "repositories/venues.rs"]
mod venues;
#[cfg(test)]
#[path = "repositories/views.rs"]
mod views;

// What concerns PostgreSQL alone.
#[cfg(test)]
#[path = "postgres/citus.rs"]
mod citus;
#[cfg(test)]
#[path = "postgres/opening.rs"]
mod opening;
#[cfg(test)]
#[path = "postgres/replicas.rs"]
mod replicas;
#[cfg(test)]
#[path = "postgres/transfer.rs"]
mod transfer;
#[cfg(test)]
#[path = "postgres/twins.rs"]
mod twins;
