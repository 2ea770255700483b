//! The categories of events and their names.

/// The categories that the pages have names and filters for; other categories are found by search.
pub const CATEGORIES: &[(&str, &str)] = &[
    ("concert", "Concerts"),
    ("classical", "Classical"),
    ("theater", "Theatre"),
    ("comedy", "Comedy"),
    ("sports", "Sport"),
    ("family", "Family"),
];

/// The category that somebody typed: the name or the value of a known one in any case (`Concert`, `concerts`), else the text itself.
#[must_use]
pub fn category_of(typed: &str) -> &str {
    let typed = typed.trim();
    let is_known =
        |(value, name): &&(&str, &str)| typed.eq_ignore_ascii_case(value) || typed.eq_ignore_ascii_case(name);
    CATEGORIES.iter().find(is_known).map_or(typed, |(value, _)| value)
}

/// A category for people to read: `open_air` becomes `Open air`.
pub fn category_name(category: &str) -> String {
    if let Some((_, name)) = CATEGORIES.iter().find(|(value, _)| *value == category_of(category)) {
        return (*name).to_owned();
    }
    let mut letters = category.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters.map(|letter| if letter == '_' { ' ' } else { letter })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_is_recognized_as_people_type_it() {
        for (typed, category) in
            [("Concert", "concert"), (" Theatre ", "theater"), ("sport", "sports"), ("Open air", "Open air")]
        {
            assert_eq!(category_of(typed), category, "{typed}");
        }
        assert_eq!(category_name("Concert"), "Concerts");
        assert_eq!(category_name("open_air"), "Open air");
    }
}
