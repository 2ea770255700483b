//! The layout of all letters, as plain text and as HTML.
//!
//! The HTML is one column of text without pictures, scripts and fonts. It is also readable without its style sheet, because some mail
//! programs remove it. The style sheet sets every colour for dark mode, so that no mail program inverts colours by guessing. All text is
//! escaped here.

use super::letter::{Block, Letter, Sender};
use fairseat_domain::text::{is_writable, writable};

const STYLE: &str = "\
:root{color-scheme:light dark;supported-color-schemes:light dark}\
body{margin:0;padding:0;background:#f3f1ec;color:#1d1b18}\
a{color:#0b4f8a}\
.card{max-width:36rem;margin:0 auto;padding:24px;background:#ffffff}\
@media (prefers-color-scheme:dark){\
body{background:#161513!important;color:#f1eee8!important}\
.card{background:#211f1c!important}\
a{color:#8cc4ff!important}\
.button{background:#8cc4ff!important;color:#10243a!important}\
.small{color:#c3beb4!important}\
th{color:#c3beb4!important}}";
const FONT: &str = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;\
                    font-size:16px;line-height:1.5;word-break:break-word";
const BUTTON: &str = "display:inline-block;padding:12px 20px;border-radius:6px;background:#0b4f8a;color:#ffffff;\
                      font-weight:bold;text-decoration:none";
const SMALL: &str = "color:#57534c;font-size:14px";

/// The plain-text form.
pub(super) fn text(letter: &Letter, sender: Sender<'_>) -> String {
    let blocks = letter.blocks.iter().map(|block| match block {
        Block::Text(text) | Block::Small(text) => text.clone(),
        Block::Facts(facts) => {
            let wide = facts.iter().map(|(label, _)| label.chars().count()).max().unwrap_or_default() + 1;
            let line = |(label, value): &(&str, String)| {
                let label = format!("{label}:");
                format!("{label:<wide$} {value}")
            };
            lines(facts.iter().map(line))
        }
        Block::Button(label, url) => format!("{label}:\n{url}"),
        Block::Links(links) => lines(links.iter().map(|(label, url)| format!("{label}:\n{url}"))),
    });
    let body = blocks.collect::<Vec<_>>().join("\n\n");
    let text = format!("{body}\n\n-- \n{}\n{}\n", sender.name, sender.url);
    writable(&text)
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

/// The HTML form.
pub(super) fn html(letter: &Letter, sender: Sender<'_>) -> String {
    let mut body = String::new();
    for block in &letter.blocks {
        body.push_str(&block_html(block));
    }
    let (title, name, url) = (escaped(&letter.subject), escaped(sender.name), escaped(sender.url));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"supported-color-schemes\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<div class=\"card\" style=\"{FONT}\">\n\
         <h1 style=\"font-size:22px;line-height:1.25;margin:0 0 16px\">{title}</h1>\n{body}\
         <hr style=\"border:0;border-top:1px solid #8a857c;margin:24px 0 12px\">\n\
         <p class=\"small\" style=\"{SMALL};margin:0\">{name}<br><a href=\"{url}\">{url}</a></p>\n</div>\n</body>\n</html>\n"
    )
}

fn block_html(block: &Block) -> String {
    match block {
        Block::Text(text) => format!("<p style=\"margin:0 0 16px\">{}</p>\n", escaped(text)),
        Block::Small(text) => {
            format!("<p class=\"small\" style=\"{SMALL};margin:0 0 16px\">{}</p>\n", escaped(text))
        }
        Block::Facts(facts) => facts_html(facts),
        // The address is shown as well, because not every mail program shows a button, and readers check where a link leads.
        Block::Button(label, url) => format!(
            "<p style=\"margin:0 0 16px\"><a class=\"button\" href=\"{url}\" style=\"{BUTTON}\">{}</a></p>\n\
             <p class=\"small\" style=\"{SMALL};margin:0 0 16px;word-break:break-all\">{url}</p>\n",
            escaped(label),
            url = escaped(url)
        ),
        Block::Links(links) => {
            let mut list = String::from("<ul style=\"margin:0 0 16px;padding:0 0 0 20px\">\n");
            for (label, url) in links {
                list.push_str(&format!("<li><a href=\"{}\">{}</a></li>\n", escaped(url), escaped(label)));
            }
            list + "</ul>\n"
        }
    }
}

fn facts_html(facts: &[(&str, String)]) -> String {
    let mut table =
        String::from("<table style=\"margin:0 0 16px;border-collapse:collapse;font-size:16px\">\n");
    for (label, value) in facts {
        let cell = "text-align:left;vertical-align:top;padding:4px 16px 4px 0";
        table.push_str(
            &format!(
                "<tr><th scope=\"row\" style=\"{cell};font-weight:normal;color:#57534c\">{}</th><td style=\"{cell}\">{}</td></tr>\n",
                escaped(label),
                escaped(value)
            ),
        );
    }
    table + "</table>\n"
}

/// Escapes text for use between tags and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other if is_writable(other) => escaped.push(other),
            _ => {}
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_in_names_and_addresses_is_escaped() {
        let evil = || "<script>alert('x')</script>\"&amp;".to_owned();
        let letter = Letter {
            subject: evil(),
            blocks: vec![
                Block::Text(evil()),
                Block::Facts(vec![("Event", evil())]),
                Block::Button("Go", format!("http://x.test/?{}", evil())),
                Block::Links(vec![(evil(), evil())]),
                Block::Small(evil()),
            ],
        };
        let page = html(&letter, Sender { name: &evil(), url: &evil() });
        assert!(!page.contains("<script") && !page.contains("alert('"), "{page}");
        let shown = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;amp;";
        assert_eq!(page.matches(shown).count(), 12, "{page}");
        assert_eq!(page.matches("<h1").count(), 1);
    }
}
