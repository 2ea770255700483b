//! A letter before it is laid out: what it says, in a few kinds of blocks. Everything in it is plain text.

/// What somebody is to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) blocks: Vec<Block>,
}

/// A part of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// A paragraph.
    Text(String),
    /// What is what: `When`, `Tuesday, …`.
    Facts(Vec<(&'static str, String)>),
    /// The one thing to do: what it does, and its address.
    Button(&'static str, String),
    /// Things to look at: what each is, and its address.
    Links(Vec<(String, String)>),
    /// What one may want to know as well.
    Small(String),
}

/// Who sends it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sender<'s> {
    pub(super) name: &'s str,
    pub(super) url: &'s str,
}
