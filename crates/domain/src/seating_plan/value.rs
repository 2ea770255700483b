//! Reading single values: texts, lengths, counts, points, UUIDs. Each function notes a problem when it gives `None`.

use super::label::is_new_label;
use super::number::thousandths;
use super::read::Node;
use super::shape::Point;
use std::borrow::Cow;

/// A text: a string, or a number exactly as it is written.
pub(super) fn text<'a>(node: Node<'a, '_>) -> Option<Cow<'a, str>> {
    let raw = node.json();
    if raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return Some(Cow::Borrowed(raw));
    }
    let Some(inside) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        node.problem("must be a string or a number");
        return None;
    };
    if !inside.contains('\\') {
        return Some(Cow::Borrowed(inside));
    }
    let read = serde_json::from_str::<String>(raw);
    if read.is_err() {
        node.problem("is not valid Unicode text");
    }
    read.ok().map(Cow::Owned)
}

/// A text that is allowed as a name or label.
pub(super) fn label<'a>(node: Node<'a, '_>) -> Option<Cow<'a, str>> {
    let text = text(node)?;
    if !is_new_label(&text) {
        node.problem("must have at most 200 characters, and no control characters");
        return None;
    }
    Some(text)
}

/// A length in thousandths, within the bounds of a plan.
pub(super) fn length(node: Node<'_, '_>) -> Option<i32> {
    let raw = node.json();
    if !raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        node.problem("must be a number");
        return None;
    }
    let value = thousandths(raw);
    if value.is_none() {
        node.problem("must be a number from -1000000 to 1000000");
    }
    value
}

/// A count from 1 to `max`.
pub(super) fn count(node: Node<'_, '_>, max: usize) -> Option<usize> {
    let value = node.json().parse::<usize>().ok().filter(|value| (1..=max).contains(value));
    if value.is_none() {
        node.problem(format_args!("must be a whole number from 1 to {max}"));
    }
    value
}

/// True or false.
pub(super) fn boolean(node: Node<'_, '_>) -> Option<bool> {
    match node.json() {
        "true" => Some(true),
        "false" => Some(false),
        _ => {
            node.problem("must be true or false");
            None
        }
    }
}

/// A point of `x` and `y`.
pub(super) fn point(node: Node<'_, '_>) -> Option<Point> {
    let fields = node.fields(["x", "y"])?;
    let (x, y) = (fields.required(0, length), fields.required(1, length));
    Some(Point { x: x?, y: y? })
}

/// The editor's id of an object.
pub(super) fn uuid(node: Node<'_, '_>) -> Option<u128> {
    let text = text(node)?;
    let groups: Vec<&str> = text.split('-').collect();
    let lengths = groups.iter().map(|group| group.len());
    let hexadecimal = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let value = u128::from_str_radix(&groups.concat(), 16).ok();
    let value = value.filter(|value| hexadecimal && lengths.eq([8, 4, 4, 4, 12]) && *value != 0);
    if value.is_none() {
        node.problem("must be a UUID that is not all zeros");
    }
    value
}
