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

/// Tells the owner that the password was changed; `forgot_url` is where one asks for another.
#[must_use]
pub fn password_changed(when: &str, forgot_url: String) -> Letter {
    Letter {
        subject: "Your password was changed".to_owned(),
        blocks: vec![
            Block::Text(format!(
                "The password of your account was changed on {when}, and everybody else who was signed in has been signed out."
            )),
            Block::Text("Was it you? Then all is well. If it was not, choose a new password now.".to_owned()),
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
            "The e-mail address of your account was changed on {when}, and everybody else who was signed in has been signed out."
        )),
        Block::Text(
            "This is our last message to your former address: from now on we write to the new one."
                .to_owned(),
        ),
    ];
    let advice = "Was it not you? Then somebody knows your password. Change it wherever else you use it";
    match undo {
        Some((url, until)) => {
            blocks.push(Block::Text(format!("{advice}, and take your account back.")));
            blocks.push(Block::Button("Take my account back", url));
            blocks.push(Block::Small(format!(
                "It restores this address, lets you choose a new password, and signs everybody out. The link works once, until {until}. If \
                 it was you, you need not do anything."
            )));
        }
        None => blocks.push(Block::Small(format!("{advice}, and tell us at once."))),
    }
    Letter { subject: "Your account has a new e-mail address".to_owned(), blocks }
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
