//! Reads from a file's tokens only what dependencies consist of: modules, definitions, `use` and paths.
//!
//! `proc_macro2` does the lexing, so comments, strings and the contents of macro calls are read as the compiler reads them. A full
//! parser such as `syn` would not help: it leaves macro calls as tokens, and its extra features would build it a second time.

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use std::collections::BTreeSet;

/// The parts of one module that dependencies consist of.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// Names that the module defines itself.
    pub(super) definitions: BTreeSet<String>,
    pub(super) children: Vec<Child>,
    pub(super) uses: Vec<Use>,
    /// Every other path of at least two segments, such as `crate::money::Amount`.
    pub(super) paths: Vec<Vec<String>>,
    /// Every name outside of `use`, except for fields and methods.
    pub(super) names: BTreeSet<String>,
}

/// A `mod` item.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) name: String,
    /// The value of `#[path = "…"]`.
    pub(super) path: Option<String>,
    /// The module itself, if its body is in the same file.
    pub(super) body: Option<Module>,
}

/// One leaf of a `use` tree.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) path: Vec<String>,
    /// The name it brings into scope; `None` for `*`.
    pub(super) name: Option<String>,
    /// Whether it is `pub` to any degree.
    pub(super) public: bool,
}

/// Reads a whole file.
///
/// # Errors
/// When the text is not Rust.
pub(super) fn read(text: &str) -> Result<Module> {
    let tokens: TokenStream = text.parse().map_err(|error| anyhow!("{error}"))?;
    Ok(module(tokens))
}

fn module(tokens: TokenStream) -> Module {
    let mut module = Module::default();
    Reader::new(tokens).items(&mut module, true);
    module
}

/// Keywords that are followed by the name of a definition.
const DEFINING: &[&str] =
    &["struct", "enum", "union", "trait", "fn", "type", "const", "static", "macro_rules"];

struct Reader {
    tokens: Vec<TokenTree>,
    at: usize,
}

impl Reader {
    fn new(tokens: TokenStream) -> Self {
        Self { tokens: tokens.into_iter().collect(), at: 0 }
    }

    /// Reads all tokens into `module`. Definitions belong to the module only at its `top`, not inside a function's body.
    fn items(&mut self, module: &mut Module, top: bool) {
        let (mut public, mut path) = (false, None);
        while let Some(token) = self.next() {
            match token {
                TokenTree::Ident(ident) => match name_of(&ident).as_str() {
                    "pub" => public = true,
                    "use" => {
                        let mut tree = Vec::new();
                        self.use_tree(&[], &mut tree);
                        module.uses.extend(tree.into_iter().map(|leaf| Use { public, ..leaf }));
                        public = false;
                    }
                    "mod" => module.children.extend(self.child(path.take())),
                    word => self.word(word, module, top),
                },
                TokenTree::Group(group) => {
                    if top {
                        path = path_attribute(&group).or(path);
                    }
                    if group.delimiter() != Delimiter::Parenthesis {
                        public = false;
                    }
                    Self::new(group.stream()).items(module, false);
                }
                TokenTree::Punct(_) if self.is_separator_behind() => self.skip_segment(),
                TokenTree::Punct(punct) if punct.as_char() == '.' => self.skip_segment(),
                TokenTree::Punct(punct) if punct.as_char() == ';' => (public, path) = (false, None),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    /// Reads a keyword before a definition, or the first segment of a path.
    fn word(&mut self, word: &str, module: &mut Module, top: bool) {
        if top && DEFINING.contains(&word) {
            self.skip_punct('!');
            if let Some(name) = self.peek_name() {
                module.definitions.insert(name);
            }
            return;
        }
        let mut path = vec![word.to_owned()];
        while self.eat_separator() {
            match self.peek_name() {
                Some(name) => path.push(name),
                None => break,
            }
            self.at += 1;
        }
        module.names.insert(word.to_owned());
        if path.len() > 1 {
            module.paths.push(path);
        }
    }

    fn child(&mut self, path: Option<String>) -> Option<Child> {
        let name = self.peek_name()?;
        self.at += 1;
        let body = match self.tokens.get(self.at) {
            Some(TokenTree::Group(group)) => Some(self::module(group.stream())),
            _ => None,
        };
        self.at += 1;
        Some(Child { name, path, body })
    }

    /// Reads one `use` tree, up to its `;`, its `,` or the end of its braces.
    fn use_tree(&mut self, prefix: &[String], leaves: &mut Vec<Use>) {
        let mut path = prefix.to_vec();
        let mut alias = None;
        while let Some(token) = self.next() {
            match token {
                TokenTree::Ident(ident) if ident == "as" => {
                    alias = self.peek_name();
                    self.at += 1;
                }
                TokenTree::Ident(ident) => path.push(name_of(&ident)),
                TokenTree::Group(group) => {
                    let mut inner = Self::new(group.stream());
                    while inner.at < inner.tokens.len() {
                        inner.use_tree(&path, leaves);
                    }
                    path.clear();
                }
                TokenTree::Punct(punct) if punct.as_char() == '*' => {
                    leaves.push(Use { path: std::mem::take(&mut path), name: None, public: false });
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {}
                TokenTree::Punct(_) | TokenTree::Literal(_) => break,
            }
        }
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if let Some(last) = path.last().cloned() {
            leaves.push(Use { path, name: Some(alias.unwrap_or(last)), public: false });
        }
    }

    fn next(&mut self) -> Option<TokenTree> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn peek_name(&self) -> Option<String> {
        match self.tokens.get(self.at) {
            Some(TokenTree::Ident(ident)) => Some(name_of(ident)),
            _ => None,
        }
    }

    fn is_punct(&self, at: usize, wanted: char) -> bool {
        matches!(self.tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
    }

    fn skip_punct(&mut self, wanted: char) {
        if self.is_punct(self.at, wanted) {
            self.at += 1;
        }
    }

    /// Whether `::` begins at this token.
    fn separator_at(&self, at: usize) -> bool {
        let joint =
            matches!(self.tokens.get(at), Some(TokenTree::Punct(punct)) if punct.spacing() == Spacing::Joint);
        joint && self.is_punct(at, ':') && self.is_punct(at + 1, ':')
    }

    fn eat_separator(&mut self) -> bool {
        let found = self.separator_at(self.at);
        if found {
            self.at += 2;
        }
        found
    }

    /// Whether the last tokens are a `::` that follows no name, as in `<T as Trait>::name` or `::tokio`.
    fn is_separator_behind(&self) -> bool {
        self.at >= 2 && self.separator_at(self.at - 2)
    }

    /// Skips a name that belongs to something unknown: a field, a method, or the rest of a path that does not start with a name.
    fn skip_segment(&mut self) {
        if self.peek_name().is_some() {
            self.at += 1;
        }
    }
}

/// The name without the `r#` of a raw identifier.
fn name_of(ident: &proc_macro2::Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

/// The path that the contents of an attribute give to a module: `path = "…"`.
fn path_attribute(group: &Group) -> Option<String> {
    let text = group.stream().to_string();
    let value = text.strip_prefix("path = ")?;
    Some(value.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(path: &str, name: Option<&str>, public: bool) -> Use {
        let path = path.split("::").map(str::to_owned).collect();
        Use { path, name: name.map(str::to_owned), public }
    }

    #[test]
    fn a_use_tree_is_read_leaf_by_leaf() {
        let module = read("pub(crate) use crate::{a::{self, B as C}, d::*}; use super::e;").unwrap();
        assert_eq!(
            module.uses,
            [
                leaf("crate::a", Some("a"), true),
                leaf("crate::a::B", Some("C"), true),
                leaf("crate::d", None, true),
                leaf("super::e", Some("e"), false),
            ]
        );
    }

    #[test]
    fn paths_are_found_in_bodies_and_macro_calls_but_not_in_comments_and_strings() {
        let text = r#"
            //! crate::comment::A
            fn f() { let a = crate::one::A::new(); vec![super::two::b()]; "crate::string::C"; <u8 as T>::x::y(); a.g::<u8>(); }
        "#;
        let paths: Vec<_> = read(text).unwrap().paths.iter().map(|path| path.join("::")).collect();
        assert_eq!(paths, ["crate::one::A::new", "super::two::b"]);
    }

    #[test]
    fn modules_and_definitions_are_found() {
        let text = r#"
            #[path = "../elsewhere.rs"] mod moved;
            mod inline { pub struct Inner; }
            pub enum Outer {} macro_rules! made { () => {} } fn function() { struct Local; }
        "#;
        let module = read(text).unwrap();
        assert_eq!(module.definitions.into_iter().collect::<Vec<_>>(), ["Outer", "function", "made"]);
        assert_eq!(module.children[0].path.as_deref(), Some("../elsewhere.rs"));
        assert!(module.children[1].body.as_ref().unwrap().definitions.contains("Inner"));
    }
}
