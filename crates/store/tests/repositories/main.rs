//! Tests of the store's functions against a real SQLite file in a temporary folder. All files are one program, so that it is linked
//! once.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod common;
#[cfg(test)]
mod counter_sales;
#[cfg(test)]
mod events;
#[cfg(test)]
mod guests;
#[cfg(test)]
mod invitations;
#[cfg(test)]
mod messages_and_answers;
#[cfg(test)]
mod organizations;
#[cfg(test)]
mod search;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod store;
#[cfg(test)]
mod users;
#[cfg(test)]
mod venues;
#[cfg(test)]
mod views;
