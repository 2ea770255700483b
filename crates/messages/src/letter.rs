//! A letter before layout: a few kinds of blocks, all of plain text.

/// A letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The subject, one line.
    pub subject: String,
    /// The blocks from top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// A table of labels and values: `When`, `Tuesday, …`.
    Facts(Vec<(&'static str, String)>),
    /// The main link, shown as a button: label and address.
    Button(&'static str, String),
    /// Further links: label and address of each.
    Links(Vec<(String, String)>),
    /// Small print.
    Small(String),
}

/// The sender's name and site, for the end of the letter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sender<'s> {
    pub(super) name: &'s str,
    pub(super) url: &'s str,
}
