//! The demo's mailbox. It stores the letters to all accounts instead of sending them.
//!
//! What must hold: a letter that is added twice is stored once; only the newest [`MAX_LETTERS`] are kept; the letters of a deleted account
//! are deleted.

use crate::database::Database;
use crate::error::StoreError;
use crate::limits::MAX_LETTERS;
use crate::page::{Listing, Page};
use crate::sql::{Filter, Row, Sql, cell, values};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;
use uuid::Uuid;

/// A message as its recipient reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The message's id, the same for every attempt to send it.
    pub message_id: Uuid,
    /// The account it is for.
    pub recipient: AccountId,
    /// The e-mail address.
    pub address: String,
    /// Its subject.
    pub subject: String,
    /// The plain-text form.
    pub text: String,
    /// The HTML form.
    pub html: String,
    /// When it was added.
    pub sent_at: Timestamp,
    /// The attached files. A letter that is read has only their names; [`Mailbox::file`] reads the content.
    pub files: Vec<File>,
}

/// A file attached to a letter.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, unique within the letter.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

impl File {
    /// The media type of a file with this name: a calendar entry (`.ics`), else a PDF.
    #[must_use]
    pub fn media_type(name: &str) -> &'static str {
        if name.ends_with(".ics") { "text/calendar; charset=utf-8" } else { "application/pdf" }
    }
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "File({}, {} bytes)", self.name, self.content.len())
    }
}

const COLUMNS: &str = "message_id, recipient, address, subject, text_form, html_form, sent_at";

/// The mailbox; from [`crate::Store::mailbox`].
#[derive(Clone, Copy, Debug)]
pub struct Mailbox<'s>(pub(crate) &'s Database);

impl Mailbox<'_> {
    /// Adds a letter, and deletes the oldest ones above the limit.
    ///
    /// # Errors
    /// When the database fails, or there is no such account.
    pub async fn put(&self, letter: Letter) -> Result<(), StoreError> {
        self.0.write("mailbox.put", move |sql| put(sql, &letter)).await
    }

    /// The letters, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, page: Page) -> Result<Listing<Letter>, StoreError> {
        let mut filter = Filter::new();
        let part = page.bind(&mut filter);
        let text = format!("SELECT {COLUMNS} FROM mailbox ORDER BY sent_at DESC, rowid DESC {part}");
        self.0
            .read("mailbox.list", move |sql| {
                let total = sql.count("SELECT COUNT(*) FROM mailbox", &[])?;
                Ok(Listing { rows: sql.all(&text, filter.values(), read)?, total })
            })
            .await
    }

    /// One letter.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_id(&self, message_id: Uuid) -> Result<Option<Letter>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM mailbox WHERE message_id = ?1");
        let values = values![message_id];
        self.0
            .read("mailbox.by_id", move |sql| {
                let Some(letter) = sql.one(&text, &values, read)? else { return Ok(None) };
                let names = "SELECT name FROM mailbox_files WHERE message_id = ?1 ORDER BY name";
                let name = |row: &Row<'_>| Ok(File { name: row.next()?, content: Vec::new() });
                Ok(Some(Letter { files: sql.all(names, &values, name)?, ..letter }))
            })
            .await
    }

    /// The content of an attached file.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn file(&self, message_id: Uuid, name: String) -> Result<Option<Vec<u8>>, StoreError> {
        let text = "SELECT content FROM mailbox_files WHERE message_id = ?1 AND name = ?2";
        let values = values![message_id, name];
        self.0.read("mailbox.file", move |sql| sql.one(text, &values, cell)).await
    }
}

fn put(sql: &Sql<'_>, letter: &Letter) -> Result<(), StoreError> {
    let text = format!(
        "INSERT INTO mailbox ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (message_id) DO NOTHING"
    );
    let Letter { message_id, recipient, address, subject, text: text_form, html, sent_at, files } = letter;
    let values = values![*message_id, *recipient, *address, *subject, *text_form, *html, *sent_at];
    if sql.execute(&text, &values)? == 1 {
        let text = "INSERT INTO mailbox_files (message_id, name, content) VALUES (?1, ?2, ?3)";
        let files = files.iter().map(|File { name, content }| values![*message_id, *name, *content].to_vec());
        sql.execute_each(text, files)?;
    }
    let make_room = "DELETE FROM mailbox WHERE message_id IN \
                     (SELECT message_id FROM mailbox ORDER BY sent_at DESC, rowid DESC LIMIT 9223372036854775807 OFFSET ?1)";
    sql.execute(make_room, &values![MAX_LETTERS])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Letter, StoreError> {
    Ok(Letter {
        message_id: row.next()?,
        recipient: row.next()?,
        address: row.next()?,
        subject: row.next()?,
        text: row.next()?,
        html: row.next()?,
        sent_at: row.next()?,
        files: Vec::new(),
    })
}

pub(crate) fn drop_all(sql: &Sql<'_>, recipient: AccountId) -> Result<(), StoreError> {
    sql.execute("DELETE FROM mailbox WHERE recipient = ?1", &values![recipient])?;
    Ok(())
}
