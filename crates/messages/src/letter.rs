//! A letter before it is laid out: what it says, in a few kinds of blocks. Everything in it is plain text.

/// A letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// From top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// A table of labels and values: `When`, `Tuesday, …`.
    Facts(Vec<(&'static str, String)>),
    /// The one thing to do: its label and its address.
    Button(&'static str, String),
    /// Things to look at: the label and the address of each.
    Links(Vec<(String, String)>),
    /// A remark in small print.
    Small(String),
}

/// The sender, as a letter names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sender<'s> {
    pub(super) name: &'s str,
    pub(super) url: &'s str,
}
