//! Reading JSON from outside: one field at a time, each problem noted with its path, no value tree in memory.
//!
//! The whole text is first checked to be JSON, without recursion and without building anything, so that deep or large
//! files cost little. After that a [`Node`] is a slice of the text. Reading a node gives a value, or notes a [`Problem`]; a
//! file with a problem is refused. A part that the plan can do without is read by [`Node::or_leave_out`] or
//! [`Fields::lenient`]: when it cannot be read, it is noted as [`LeftOut`] instead, and the file is still accepted.

use super::report::{ImportError, LeftOut, Problem};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::cell::RefCell;
use std::fmt;

/// Problems kept; the rest are counted.
const MAX_PROBLEMS: usize = 100;
/// After this many problems the rest of the file is not read: it is not a plan, or it is an attack.
const TOO_MANY_PROBLEMS: usize = 10_000;
/// Parts left out that are kept; the rest are counted.
const MAX_LEFT_OUT: usize = 1_000;

/// What reading a file has found so far.
#[derive(Debug, Default)]
pub(super) struct Findings(RefCell<Found>);

/// The lists of [`Findings`].
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The problems. With any problem the file is refused.
    pub(super) error: ImportError,
    /// The first 1,000 parts left out. The file is accepted without them.
    pub(super) left_out: Vec<LeftOut>,
    /// How many more parts were left out.
    pub(super) more_left_out: usize,
}

impl Findings {
    /// Notes a problem at a path. Only counts it when many are kept already.
    pub(super) fn note(&self, path: Path<'_>, message: impl fmt::Display) {
        let error = &mut self.0.borrow_mut().error;
        if error.problems.len() < MAX_PROBLEMS {
            error.problems.push(Problem { path: path.to_string(), message: message.to_string() });
        } else {
            error.more_problems = error.more_problems.saturating_add(1);
        }
    }

    /// Notes that the part at a path is left out. Only counts it when many are kept already.
    fn leave_out(&self, path: Path<'_>, reason: impl fmt::Display) {
        let mut found = self.0.borrow_mut();
        if found.left_out.len() < MAX_LEFT_OUT {
            found.left_out.push(LeftOut { path: path.to_string(), reason: reason.to_string() });
        } else {
            found.more_left_out = found.more_left_out.saturating_add(1);
        }
    }

    /// Whether no problem was found.
    pub(super) fn no_problems(&self) -> bool {
        self.0.borrow().error.problems.is_empty()
    }

    /// Whether reading should stop.
    fn too_many(&self) -> bool {
        self.0.borrow().error.more_problems >= TOO_MANY_PROBLEMS
    }

    /// Adds the parts that were left out within a part that could be read.
    fn add_left_out(&self, found: Found) {
        let mut own = self.0.borrow_mut();
        let room = MAX_LEFT_OUT.saturating_sub(own.left_out.len());
        let dropped = found.left_out.len().saturating_sub(room).saturating_add(found.more_left_out);
        own.left_out.extend(found.left_out.into_iter().take(room));
        own.more_left_out = own.more_left_out.saturating_add(dropped);
    }

    /// Everything that was found.
    pub(super) fn finish(self) -> Found {
        self.0.into_inner()
    }
}

/// Where a node is: a chain of steps up to the file itself.
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

/// A JSON value that has not been parsed yet.
#[derive(Clone, Copy)]
pub(super) struct Node<'a, 'p> {
    raw: &'a RawValue,
    pub(super) path: Path<'p>,
    findings: &'p Findings,
}

/// Some fields of an object, by their position in `names`. `null` counts as missing.
pub(super) struct Fields<'a, 'p, const N: usize> {
    parent: Node<'a, 'p>,
    names: [&'static str; N],
    values: [Option<&'a RawValue>; N],
}

impl<'a, 'p> Node<'a, 'p> {
    /// The whole text, once it is known to be JSON.
    pub(super) fn root(json: &'a str, findings: &'p Findings) -> Option<Self> {
        match serde_json::from_str::<&RawValue>(json) {
            Ok(raw) => Some(Self { raw, path: Path::Root, findings }),
            Err(error) => {
                findings.note(Path::Root, format_args!("is not JSON: {error}"));
                None
            }
        }
    }

    /// This node, but problems in it are noted in `findings`.
    pub(super) fn noted_in<'q>(self, findings: &'q Findings) -> Node<'a, 'q>
    where
        'p: 'q,
    {
        Node { findings, ..self }
    }

    /// Notes a problem with this node.
    pub(super) fn problem(&self, message: impl fmt::Display) {
        self.findings.note(self.path, message);
    }

    /// Notes that this node is left out.
    pub(super) fn leave_out(&self, reason: impl fmt::Display) {
        self.findings.leave_out(self.path, reason);
    }

    /// Reads a part that the plan can do without. A problem anywhere in it leaves it out as a whole; the first problem is
    /// the reason.
    pub(super) fn or_leave_out<T>(self, read: impl FnOnce(Node<'a, '_>) -> Option<T>) -> Option<T> {
        let findings = Findings::default();
        let value = read(self.noted_in(&findings));
        let found = findings.finish();
        let Some(problem) = found.error.problems.first() else {
            self.findings.add_left_out(found);
            return value;
        };
        let below = problem.path.strip_prefix(&self.path.to_string()).unwrap_or_default();
        match below.trim_start_matches('.') {
            "" => self.leave_out(&problem.message),
            below => self.leave_out(format_args!("{below} {}", problem.message)),
        }
        None
    }

    /// The node's JSON text.
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

    /// The fields of these names of an object.
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

    /// Calls `each` with every element of a list, and notes a problem when there are more than `max`.
    pub(super) fn each(self, max: usize, mut each: impl FnMut(usize, Node<'a, '_>)) {
        if !self.is_list() {
            self.problem("must be a list");
            return;
        }
        let mut too_long = false;
        let list = List {
            max,
            too_long: &mut too_long,
            findings: self.findings,
            each: |index, raw| {
                let path = Path::Element(&self.path, index);
                each(index, Node { raw, path, findings: self.findings });
            },
        };
        let read = self.raw.deserialize_seq(list);
        if too_long {
            self.problem(format_args!("must have at most {max} elements"));
        } else if let Err(error) = read
            && !self.findings.too_many()
        {
            self.problem(format_args!("cannot be read: {error}"));
        }
    }
}

impl<'a, const N: usize> Fields<'a, '_, N> {
    /// Whether the object has the field.
    pub(super) fn has(&self, at: usize) -> bool {
        self.raw(at).is_some()
    }

    /// Reads a field that may be missing.
    pub(super) fn optional<T>(&self, at: usize, read: impl FnOnce(Node<'a, '_>) -> Option<T>) -> Option<T> {
        read(Node { raw: self.raw(at)?, path: self.path(at), findings: self.parent.findings })
    }

    /// Reads a field that must be there.
    pub(super) fn required<T>(&self, at: usize, read: impl FnOnce(Node<'a, '_>) -> Option<T>) -> Option<T> {
        if !self.has(at) {
            self.parent.findings.note(self.path(at), IS_MISSING);
        }
        self.optional(at, read)
    }

    /// Reads a field that may be missing and, when it cannot be read, is left out.
    pub(super) fn lenient<T>(&self, at: usize, read: impl FnOnce(Node<'a, '_>) -> Option<T>) -> Option<T> {
        self.optional(at, |node| node.or_leave_out(read))
    }

    /// Reads a field that is listed as left out when it is missing or cannot be read.
    pub(super) fn wanted<T>(&self, at: usize, read: impl FnOnce(Node<'a, '_>) -> Option<T>) -> Option<T> {
        if !self.has(at) {
            self.parent.findings.leave_out(self.path(at), IS_MISSING);
        }
        self.lenient(at, read)
    }

    fn path(&self, at: usize) -> Path<'_> {
        Path::Field(&self.parent.path, self.names.get(at).copied().unwrap_or_default())
    }

    fn raw(&self, at: usize) -> Option<&'a RawValue> {
        self.values.get(at).copied().flatten().filter(|raw| raw.get() != "null")
    }
}

const IS_MISSING: &str = "is missing";

/// Collects the values of known fields and skips all others.
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
                self.node.findings.note(Path::Field(&self.node.path, name), "is given twice");
            }
        }
        Ok(())
    }
}

/// Reads a key as its position among the known names.
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

/// Calls `each` with the elements of a list, until there are too many of them or too many problems.
struct List<'l, F> {
    max: usize,
    too_long: &'l mut bool,
    findings: &'l Findings,
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
            if self.findings.too_many() {
                return Err(serde::de::Error::custom("too many problems"));
            }
            (self.each)(index, raw);
            index = index.saturating_add(1);
        }
        Ok(())
    }
}
