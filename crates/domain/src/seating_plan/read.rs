//! Reading JSON from strangers: one field at a time, each problem noted with its path, no value tree in memory.
//!
//! The whole text is checked to be JSON once, without recursion and without building anything, so that depth and size
//! cost nothing. After that a [`Node`] is a slice of it. What is asked of a node either comes back or leaves a problem.

use super::report::{ImportError, Problem};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::cell::RefCell;
use std::fmt;

/// Problems kept; the rest are counted.
const MAX_PROBLEMS: usize = 100;
/// Problems after which no more of the file is read: it is something else than a plan, or means harm.
const TOO_MANY_PROBLEMS: usize = 10_000;

/// Problems found so far.
#[derive(Debug, Default)]
pub(super) struct Problems(RefCell<ImportError>);

impl Problems {
    /// Notes a problem at a path. Costs next to nothing once there are too many to keep.
    pub(super) fn note(&self, path: Path<'_>, message: impl fmt::Display) {
        let mut error = self.0.borrow_mut();
        if error.problems.len() < MAX_PROBLEMS {
            error.problems.push(Problem { path: path.to_string(), message: message.to_string() });
        } else {
            error.more_problems = error.more_problems.saturating_add(1);
        }
    }

    /// Whether nothing is wrong.
    pub(super) fn none(&self) -> bool {
        self.0.borrow().problems.is_empty()
    }

    /// Whether there is no point in reading on.
    fn too_many(&self) -> bool {
        self.0.borrow().more_problems >= TOO_MANY_PROBLEMS
    }

    /// All of them.
    pub(super) fn into_error(self) -> ImportError {
        self.0.into_inner()
    }
}

/// Where a node stands: a chain of steps up to the file itself.
#[derive(Clone, Copy)]
pub(super) enum Path<'p> {
    Root,
    Field(&'p Path<'p>, &'p str),
    Element(&'p Path<'p>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Self::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Element(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// A JSON value that has not been looked into yet.
#[derive(Clone, Copy)]
pub(super) struct Node<'a, 'p> {
    raw: &'a RawValue,
    pub(super) path: Path<'p>,
    problems: &'p Problems,
}

/// The fields asked for, in the order asked; `null` counts as missing.
pub(super) struct Fields<'a, 'p, const N: usize> {
    parent: Node<'a, 'p>,
    names: [&'static str; N],
    values: [Option<&'a RawValue>; N],
}

impl<'a, 'p> Node<'a, 'p> {
    /// The whole text, once it is known to be JSON.
    pub(super) fn root(json: &'a str, problems: &'p Problems) -> Option<Self> {
        match serde_json::from_str::<&RawValue>(json) {
            Ok(raw) => Some(Self { raw, path: Path::Root, problems }),
            Err(error) => {
                problems.note(Path::Root, format_args!("is not JSON: {error}"));
                None
            }
        }
    }

    /// This node, with its problems noted elsewhere.
    pub(super) fn heard_by<'q>(self, problems: &'q Problems) -> Node<'a, 'q>
    where
        'p: 'q,
    {
        Node { problems, ..self }
    }

    /// Notes a problem with this node.
    pub(super) fn problem(&self, message: impl fmt::Display) {
        self.problems.note(self.path, message);
    }

    /// The JSON text of it.
    pub(super) fn json(&self) -> &'a str {
        self.raw.get()
    }

    /// Whether this is a JSON array.
    pub(super) fn is_list(&self) -> bool {
        self.raw.get().starts_with('[')
    }

    /// Whether this is a JSON string.
    pub(super) fn is_string(&self) -> bool {
        self.raw.get().starts_with('"')
    }

    /// These fields of an object.
    pub(super) fn fields<const N: usize>(self, names: [&'static str; N]) -> Option<Fields<'a, 'p, N>> {
        if !self.raw.get().starts_with('{') {
            self.problem("must be an object");
            return None;
        }
        let mut values = [None; N];
        let seed = Object { names: &names, values: &mut values, node: &self };
        match self.raw.deserialize_map(seed) {
            Ok(()) => Some(Fields { parent: self, names, values }),
            Err(error) => {
                self.problem(format_args!("cannot be read: {error}"));
                None
            }
        }
    }

    /// Hands every element of a list to `each`, at most `max` of them.
    pub(super) fn each(self, max: usize, mut each: impl FnMut(usize, Node<'a, '_>)) {
        if !self.is_list() {
            self.problem("must be a list");
            return;
        }
        let mut too_long = false;
        let list = List {
            max,
            too_long: &mut too_long,
            problems: self.problems,
            each: |index, raw| {
                let path = Path::Element(&self.path, index);
                each(index, Node { raw, path, problems: self.problems });
            },
        };
        let read = self.raw.deserialize_seq(list);
        if too_long {
            self.problem(format_args!("must have at most {max} elements"));
        } else if let Err(error) = read
            && !self.problems.too_many()
        {
            self.problem(format_args!("cannot be read: {error}"));
        }
    }
}

impl<'a, const N: usize> Fields<'a, '_, N> {
    /// Whether the field is there.
    pub(super) fn has(&self, at: usize) -> bool {
        self.raw(at).is_some()
    }

    /// Reads a field that may be missing.
    pub(super) fn optional<T>(&self, at: usize, read: impl FnOnce(Node<'a, '_>) -> Option<T>) -> Option<T> {
        let raw = self.raw(at)?;
        let path = Path::Field(&self.parent.path, self.names.get(at).copied().unwrap_or_default());
        read(Node { raw, path, problems: self.parent.problems })
    }

    /// Reads a field that must be there.
    pub(super) fn required<T>(&self, at: usize, read: impl FnOnce(Node<'a, '_>) -> Option<T>) -> Option<T> {
        if !self.has(at) {
            let path = Path::Field(&self.parent.path, self.names.get(at).copied().unwrap_or_default());
            self.parent.problems.note(path, "is missing");
        }
        self.optional(at, read)
    }

    fn raw(&self, at: usize) -> Option<&'a RawValue> {
        self.values.get(at).copied().flatten().filter(|raw| raw.get() != "null")
    }
}

/// Collects the values of known fields; what else there is is skipped.
struct Object<'o, 'a, 'p> {
    names: &'o [&'static str],
    values: &'o mut [Option<&'a RawValue>],
    node: &'o Node<'a, 'p>,
}

impl<'a> Visitor<'a> for Object<'_, 'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(known) = map.next_key_seed(Known(self.names))? {
            let Some(slot) = known.and_then(|at| self.values.get_mut(at)) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let name = known.and_then(|at| self.names.get(at)).copied().unwrap_or_default();
            if slot.replace(map.next_value()?).is_some() {
                self.node.problems.note(Path::Field(&self.node.path, name), "is there twice");
            }
        }
        Ok(())
    }
}

/// A key: its position among the names known.
struct Known<'o>(&'o [&'static str]);

impl<'a> DeserializeSeed<'a> for Known<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Known<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| *name == key))
    }
}

/// Hands on the elements of a list.
struct List<'l, F> {
    max: usize,
    too_long: &'l mut bool,
    problems: &'l Problems,
    each: F,
}

impl<'a, F: FnMut(usize, &'a RawValue)> Visitor<'a> for List<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut list: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        while let Some(raw) = list.next_element::<&RawValue>()? {
            if index >= self.max {
                *self.too_long = true;
                return Err(serde::de::Error::custom("too long"));
            }
            if self.problems.too_many() {
                return Err(serde::de::Error::custom("too many problems"));
            }
            (self.each)(index, raw);
            index = index.saturating_add(1);
        }
        Ok(())
    }
}
