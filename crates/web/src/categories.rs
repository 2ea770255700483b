//! The categories of events and what people call them.

/// Kinds of events that have a name here; others can be searched by word.
pub(crate) const CATEGORIES: &[(&str, &str)] = &[
    ("concert", "Concerts"),
    ("classical", "Classical"),
    ("theater", "Theatre"),
    ("comedy", "Comedy"),
    ("sports", "Sport"),
    ("family", "Family"),
];

/// What people call a kind of event: an organizer may have written `open_air`.
pub(crate) fn category_name(category: &str) -> String {
    if let Some((_, name)) = CATEGORIES.iter().find(|(value, _)| *value == category) {
        return (*name).to_owned();
    }
    let mut letters = category.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters.map(|letter| if letter == '_' { ' ' } else { letter })).collect()
}
