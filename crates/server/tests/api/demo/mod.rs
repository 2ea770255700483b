//! The demo.

mod load;
mod mailbox;
