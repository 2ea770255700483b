//! Letters about an account.

use crate::letter::{Block, Letter};

/// Asks the recipient to confirm that an address is theirs; `until` says when the link expires.
#[must_use]
pub fn verify_email(url: String, until: &str) -> Letter {
    Letter {
        subject: "Confirm your e-mail address".to_owned(),
        blocks: vec![
            Block::Text(
                "Please confirm that this address is yours, so that your tickets find you.".to_owned(),
            ),
            Block::Button("Confirm this address", url),
            Block::Small(format!(
                "The link works once, until {until}. If you have not given this address to us, you need not do anything."
            )),
        ],
    }
}

/// Lets somebody choose a new password.
#[must_use]
pub fn reset_password(url: String, until: &str) -> Letter {
    Letter {
        subject: "Choose a new password".to_owned(),
        blocks: vec![
            Block::Text("Somebody, we hope you, asked for a new password for your account.".to_owned()),
            Block::Button("Choose a new password", url),
            Block::Small(format!(
                "The link works once, until {until}. If you did not ask, you need not do anything: your password stays as it is."
            )),
        ],
    }
}
