//! What is usual at a place: its time zone ([`timezones`]) and its currency ([`currencies`]). Tables only; nothing here reads or writes data.

pub mod currencies;
pub mod timezones;
