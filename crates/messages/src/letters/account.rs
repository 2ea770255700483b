//! Letters about an account.

use crate::letter::{Block, Letter};

/// Asks the recipient to confirm that an address is theirs; `until` says when the link expires.
#[must_use]
pub fn verify_email(url: String, until: &str) -> Letter {
    Letter {
        subject: "Confirm your e-mail address".to_owned(),
        blocks: vec![
            Block::Text(
                "Please confirm your e-mail address, so that letters about your tickets and events reach you.".to_owned(),
            ),
            Block::Button("Confirm this address", url),
            Block::Small(format!(
                "The link works once, until {until}. If you didn't sign up, you can ignore this e-mail."
            )),
        ],
    }
}

/// Tells the owner that the password was changed; `forgot_url` is where one asks for another.
#[must_use]
pub fn password_changed(when: &str, forgot_url: String) -> Letter {
    Letter {
        subject: "Your password was changed".to_owned(),
        blocks: vec![
            Block::Text(format!(
                "The password of your account was changed on {when}, and all other devices have been signed out."
            )),
            Block::Text(
                "If this was you, there is nothing to do. If not, choose a new password now.".to_owned(),
            ),
            Block::Button("Choose a new password", forgot_url),
        ],
    }
}

/// Tells the owner, at the former address, that the account has another one. The new address is not named: it may be a stranger's. `undo` is
/// the link that undoes the change, and until when it works.
#[must_use]
pub fn email_changed(when: &str, undo: Option<(String, String)>) -> Letter {
    let mut blocks = vec![
        Block::Text(format!(
            "The e-mail address of your account was changed on {when}, and all other devices have been signed out."
        )),
        Block::Text(
            "This is our last e-mail to this address. From now on we write to the new one.".to_owned(),
        ),
    ];
    let advice = "If this wasn't you, somebody knows your password. Change it wherever else you use it";
    match undo {
        Some((url, until)) => {
            blocks.push(Block::Text(format!("{advice}, and take your account back.")));
            blocks.push(Block::Button("Take my account back", url));
            blocks.push(Block::Small(format!(
                "It restores this address, lets you choose a new password, and signs everybody out. The link works once, until {until}. If it \
                 was you, there is nothing to do."
            )));
        }
        None => blocks.push(Block::Small(format!("{advice}, and please tell us right away."))),
    }
    Letter { subject: "Your account has a new e-mail address".to_owned(), blocks }
}

/// Lets somebody choose a new password.
#[must_use]
pub fn reset_password(url: String, until: &str) -> Letter {
    Letter {
        subject: "Choose a new password".to_owned(),
        blocks: vec![
            Block::Text("You asked for a new password for your account.".to_owned()),
            Block::Button("Choose a new password", url),
            Block::Small(format!(
                "The link works once, until {until}. If you didn't ask for it, you can ignore this e-mail; your password stays the same."
            )),
        ],
    }
}
