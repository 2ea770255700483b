//! The OpenAPI document as one HTML page for people: it has no script and loads nothing else.

use crate::problem::Code;
use serde_json::Value;
use std::fmt::Write;

/// The page for `document`, with the addresses of its icon and its style sheet.
#[must_use]
pub fn html(document: &Value, icon: &str, styles: &str) -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Fairseat API</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"{}\" type=\"image/svg+xml\"><link rel=\"stylesheet\" href=\"{}\"></head><body><main><p><a href=\"/\">Fairseat</a></p>\
         <h1>Fairseat API</h1><p>For programs: <a href=\"/openapi.json\">openapi.json</a>. Requests and answers are \
         JSON; errors are <a href=\"#codes\">problem documents</a>. Calls marked “signed in” need \
         <code>Authorization: Bearer …</code>.</p>",
        icon, styles,
    );
    let mut tag = "";
    for entry in entries(document) {
        if entry.tag != tag {
            tag = entry.tag;
            add(&mut page, format_args!("<h2>{}</h2>", Escaped(tag)));
        }
        operation(&mut page, document, &entry);
    }
    codes(&mut page);
    page.push_str("</main></body></html>");
    page
}

struct Entry<'a> {
    tag: &'a str,
    path: &'a str,
    method: String,
    operation: &'a Value,
}

/// The operations, by tag; the tags in the order of their first path.
fn entries(document: &Value) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in
            item.as_object().into_iter().flatten().filter(|(_, value)| value.is_object())
        {
            let tag = operation["tags"][0].as_str().unwrap_or("Other");
            entries.push(Entry { tag, path, method: method.to_uppercase(), operation });
        }
    }
    let tags: Vec<&str> = entries.iter().map(|entry| entry.tag).collect();
    entries.sort_by_key(|entry| tags.iter().position(|tag| *tag == entry.tag));
    entries
}

fn operation(page: &mut String, document: &Value, Entry { path, method, operation, .. }: &Entry<'_>) {
    let public = operation["security"]
        .as_array()
        .is_some_and(|needed| needed.iter().any(|one| *one == serde_json::json!({})));
    let key = if public { "" } else { " <small>(signed in)</small>" };
    add(page, format_args!("<details><summary><code>{method} {}</code> ", Escaped(path)));
    add(page, format_args!("{}{key}</summary>", Escaped(text(&operation["summary"]))));
    if let Some(description) = operation["description"].as_str() {
        add(page, format_args!("<p>{}</p>", Escaped(description)));
    }
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let (name, place) = (Escaped(text(&parameter["name"])), Escaped(text(&parameter["in"])));
        let (shape, about) =
            (shape(document, &parameter["schema"], 0), Escaped(text(&parameter["description"])));
        add(
            page,
            format_args!("<p><code>{name}</code> ({place}) <code>{}</code> {about}</p>", Escaped(&shape)),
        );
    }
    for content in operation["requestBody"]["content"].as_object().into_iter().flatten() {
        schema(page, document, "Request", content);
    }
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let about = text(&response["description"]);
        add(page, format_args!("<h4>{} {}</h4>", Escaped(status), Escaped(about)));
        if !status.ends_with("XX") {
            for content in response["content"].as_object().into_iter().flatten() {
                schema(page, document, "", content);
            }
        }
    }
    page.push_str("</details>");
}

pub(crate) fn schema(page: &mut String, document: &Value, title: &str, (kind, content): (&String, &Value)) {
    let shape = shape(document, &content["schema"], 0);
    add(
        page,
        format_args!("<h4>{title} <small>{}</small></h4><pre>{}</pre>", Escaped(kind), Escaped(&shape)),
    );
}

/// A schema in the form of a JSON example: names with their types.
fn shape(document: &Value, schema: &Value, depth: usize) -> String {
    if depth > 6 {
        return "…".to_owned();
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
        return shape(document, target, depth);
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(choices) = schema[several].as_array() {
            let glue = if several == "allOf" { " & " } else { " | " };
            return choices.iter().map(|one| shape(document, one, depth)).collect::<Vec<_>>().join(glue);
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
    }
    if let Some(fields) = schema["properties"].as_object() {
        return object(document, schema, fields, depth);
    }
    if schema["items"].is_object() {
        return format!("[{}, …]", shape(document, &schema["items"], depth));
    }
    if schema["additionalProperties"].is_object() {
        return format!("{{\"…\": {}}}", shape(document, &schema["additionalProperties"], depth));
    }
    let kind = match &schema["type"] {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join(" | "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => "any".to_owned(),
    };
    schema["format"].as_str().map_or(kind.clone(), |format| format!("{kind} ({format})"))
}

pub(crate) fn object(
    document: &Value,
    schema: &Value,
    fields: &serde_json::Map<String, Value>,
    depth: usize,
) -> String {
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let indent = "  ".repeat(depth + 1);
    let mut lines = String::from("{\n");
    for (name, field) in fields {
        let optional = if required.iter().any(|one| one == name) { "" } else { "?" };
        let about = field["description"].as_str().and_then(|about| about.lines().next());
        let about = about.map(|about| format!("  // {about}")).unwrap_or_default();
        add(
            &mut lines,
            format_args!("{indent}{name}{optional}: {}{about}\n", shape(document, field, depth + 1)),
        );
    }
    lines.push_str(&"  ".repeat(depth));
    lines.push('}');
    lines
}

fn codes(page: &mut String) {
    page.push_str(
        "<h2 id=\"codes\">Problem codes</h2><table><tr><th>Code</th><th>Status</th><th>Meaning</th></tr>",
    );
    for code in Code::ALL {
        let (name, status, title) = (code.name(), code.status(), code.title());
        add(
            page,
            format_args!(
                "<tr id=\"{name}\"><td><code>{name}</code></td><td>{status}</td><td>{title}</td></tr>"
            ),
        );
    }
    page.push_str("</table>");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(crate) fn add(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail, so the result is ignored.
    page.write_fmt(text).unwrap_or_default();
}

/// Text between tags or in a quoted attribute.
struct Escaped<'a>(pub(crate) &'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_document_cannot_become_markup() {
        let document = serde_json::json!({"paths": {"/<b>": {"get": {"summary": "<script>alert(1)</script>", "tags": ["\"&"]}}}});
        let page = html(&document, "", "");
        assert!(!page.contains("<script>") && !page.contains("<b>"), "{page}");
    }
}
