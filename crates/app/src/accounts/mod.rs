//! What happens to accounts: changes of password and address, links in letters, devices that an owner has used before.
//!
//! What must always hold: everything that is counted by e-mail address is counted under a keyed number, so that neither memory nor a token
//! has the address itself.

mod address_keys;
mod device;
mod guests;
mod phone_number;
mod security;

pub use address_keys::{guesses_at, letters_to};
pub use device::Device;
pub use guests::{OrderUnusable, guest_of_order};
pub use phone_number::phone_number;
pub use security::{LetterPermit, change_address, change_password, send_link, undo_address};
