//! The categories of events and their names.

/// The categories that the pages have names and filters for; other categories are found by search.
pub(crate) const CATEGORIES: &[(&str, &str)] = &[
    ("concert", "Concerts"),
    ("classical", "Classical"),
    ("theater", "Theatre"),
    ("comedy", "Comedy"),
    ("sports", "Sport"),
    ("family", "Family"),
];

/// A category for people to read: `open_air` becomes `Open air`.
pub(crate) fn category_name(category: &str) -> String {
    if let Some((_, name)) = CATEGORIES.iter().find(|(value, _)| *value == category) {
        return (*name).to_owned();
    }
    let mut letters = category.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters.map(|letter| if letter == '_' { ' ' } else { letter })).collect()
}
