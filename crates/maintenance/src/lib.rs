//! What operators do with a data folder: verify it ([`verify`]), back it up and restore it ([`backup`]), move it into a database ([`migrate`]).
//!
//! What must always hold: nothing here needs a running server, and a server may be running. What deliberately does not live here: the command
//! line (see `fairseat-server`) and the running application (see `fairseat-app`).

pub mod backup;
pub mod migrate;
pub mod verify;
