//! Commands of the program, with and without a running server.

mod user_add;
