//! Commands of the program, beside a server and alone.

mod user_add;
