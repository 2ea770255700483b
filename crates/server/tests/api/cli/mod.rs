//! Commands of the program, with and without a running server.

mod migrate;
mod user_add;
mod verify_database;
