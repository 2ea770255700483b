//! Organizers' texts: Markdown to HTML, without raw HTML and images, and with headings no larger than the page's own.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Safe HTML of an organizer's text.
pub(crate) fn to_html(text: &str) -> String {
    let events = Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH).filter_map(safe);
    let mut page = String::with_capacity(text.len() * 2);
    html::push_html(&mut page, events);
    page
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "an enum of another crate; the variants that are not listed are harmless"
)]
fn safe(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Link { dest_url, title, id, link_type }) => {
            let harmless =
                ["https://", "http://", "mailto:"].iter().any(|scheme| dest_url.starts_with(scheme));
            let dest_url = if harmless { dest_url } else { "#".into() };
            Some(Event::Start(Tag::Link { dest_url, title, id, link_type }))
        }
        Event::Start(Tag::Image { .. } | Tag::HtmlBlock) | Event::End(TagEnd::Image | TagEnd::HtmlBlock) => {
            None
        }
        Event::Start(Tag::Heading { id, classes, attrs, .. }) => {
            Some(Event::Start(Tag::Heading { level: HeadingLevel::H3, id, classes, attrs }))
        }
        Event::End(TagEnd::Heading(_)) => Some(Event::End(TagEnd::Heading(HeadingLevel::H3))),
        other => Some(other),
    }
}

/// The text without Markdown, cut between words to about `most` characters: for descriptions in search results.
pub(crate) fn summary(text: &str, most: usize) -> String {
    let mut plain = String::new();
    for event in Parser::new(text) {
        if let Event::Text(part) | Event::Code(part) = event {
            plain.push_str(&part);
        } else {
            plain.push(' ');
        }
    }
    let words = plain.split_whitespace();
    let mut short = String::new();
    for word in words {
        if short.chars().count() + word.chars().count() + 1 > most {
            return short + "…";
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        for (text, expected) in [
            ("*loud*", "<p><em>loud</em></p>\n"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("[x](javascript:alert(1))", "<p><a href=\"#\">x</a></p>\n"),
            ("![x](https://evil.test/pixel.gif)", "<p>x</p>\n"),
            ("# Title", "<h3>Title</h3>\n"),
            ("a <b onclick=\"x\">b</b>", "<p>a &lt;b onclick=\"x\"&gt;b&lt;/b&gt;</p>\n"),
        ] {
            assert_eq!(to_html(text), expected, "{text}");
        }
    }

    #[test]
    fn a_summary_ends_with_a_word() {
        assert_eq!(summary("**Three** bands\n\nyou will say you saw first.", 22), "Three bands you will…");
    }
}
