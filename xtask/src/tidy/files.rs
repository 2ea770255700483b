//! Rules for every `.rs` file: it begins with a module doc, is short, and contains no unfinished work; its tests do not sleep, and its docs
//! have no examples in Rust.

use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its path from the root, and its text.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
}

const MAX_LINES: usize = 500;

/// Longer files, each with a reason.
const LONG: &[(&str, &str)] = &[];

/// Tests that sleep, each with a reason why they cannot wait for an event.
const SLEEPY: &[(&str, &str)] = &[(
    "crates/engine/tests/engine/provider.rs",
    "a slow provider; the tests that use it have paused the clock, so that no time passes",
)];

/// Words that no source file may contain. They are put together here, so that this file does not contain them.
const NEVER: &[(&str, &str)] = &[
    (concat!("TO", "DO"), "finish it, or file an issue"),
    (concat!("FIX", "ME"), "finish it, or file an issue"),
    (concat!("#[ig", "nore"), "a test that does not run proves nothing"),
];
const SLEEP: &str = concat!("sle", "ep(");
/// Tests with a paused clock may sleep, because that only moves the clock.
const VIRTUAL_TIME: &str = "start_paused = true";

/// All our `.rs` files.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn sources(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut folders: Vec<PathBuf> = ["crates", "xtask"].iter().map(|name| root.join(name)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
                let path = path.strip_prefix(root).unwrap_or(&path).display().to_string();
                sources.push(Source { path, text });
            }
        }
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(sources)
}

/// The broken rules of all files.
pub(super) fn offences(sources: &[Source]) -> Vec<String> {
    let mut offences: Vec<String> = sources.iter().flat_map(offences_of).collect();
    offences.extend(stale(sources, LONG, is_long));
    offences.extend(stale(sources, SLEEPY, has_a_test_that_sleeps));
    offences
}

fn offences_of(source: &Source) -> Vec<String> {
    let Source { path, text } = source;
    let mut offences = Vec::new();
    if !text.starts_with("//! ") {
        offences.push(format!("{path}: must begin with a module doc (`//!`)"));
    }
    if is_long(source) && !listed(LONG, path) {
        offences.push(format!("{path}: longer than {MAX_LINES} lines; split it, or list it with a reason"));
    }
    if has_a_test_that_sleeps(source) && !listed(SLEEPY, path) {
        offences.push(format!("{path}: a test sleeps; wait for the event instead"));
    }
    let examples = rust_examples(text);
    offences.extend(examples.map(|line| {
        format!("{path}:{line}: write ```text, or have test.sh run examples again (cargo test --doc)")
    }));
    for (word, advice) in NEVER {
        let found = text.lines().enumerate().filter(|(_, line)| line.contains(word));
        offences.extend(found.map(|(index, _)| format!("{path}:{}: {word}: {advice}", index + 1)));
    }
    offences
}

/// The lines in which a doc comment begins an example in Rust. No test runs such examples, so none may exist.
fn rust_examples(text: &str) -> impl Iterator<Item = usize> {
    let docs = text.lines().enumerate().filter_map(|(index, line)| {
        let line = line.trim_start();
        let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))?;
        doc.trim().strip_prefix("```").map(|language| (index + 1, language))
    });
    // Fences come in pairs; the first of each names the language.
    docs.step_by(2).filter(|(_, language)| *language != "text").map(|(line, _)| line)
}

fn is_long(source: &Source) -> bool {
    source.text.lines().count() > MAX_LINES
}

/// Whether a test in the file sleeps. In a test file every line counts, in other files the lines after the first `cfg(test)`.
fn has_a_test_that_sleeps(source: &Source) -> bool {
    let stem = source.path.trim_end_matches(".rs");
    let all = source.path.contains("/tests/") || stem.ends_with("tests");
    let begins = if all { Some(0) } else { source.text.find("#[cfg(test)]\nmod tests {") };
    begins.and_then(|begins| source.text.get(begins..)).is_some_and(sleeps_in_real_time)
}

/// Whether anything sleeps outside tests with a paused clock. Such a test ends with the closing brace that has its attribute's indentation.
fn sleeps_in_real_time(tests: &str) -> bool {
    let mut paused_until = None;
    for line in tests.lines() {
        if line.contains(VIRTUAL_TIME) {
            paused_until = line.split_once('#').map(|(indent, _)| format!("{indent}}}"));
        } else if paused_until.as_deref() == Some(line) {
            paused_until = None;
        } else if paused_until.is_none() && line.contains(SLEEP) {
            return true;
        }
    }
    false
}

fn listed(exceptions: &[(&str, &str)], path: &str) -> bool {
    exceptions.iter().any(|(excused, _)| *excused == path)
}

fn stale(sources: &[Source], exceptions: &[(&str, &str)], needed: fn(&Source) -> bool) -> Vec<String> {
    let excused = |path: &str| sources.iter().any(|source| source.path == path && needed(source));
    let stale = exceptions.iter().filter(|(path, _)| !excused(path));
    stale.map(|(path, _)| format!("{path}: needs no exception any more; remove it from the list")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, text: &str) -> Vec<String> {
        offences_of(&Source { path: path.to_owned(), text: text.to_owned() })
    }

    #[test]
    fn each_rule_finds_its_offence() {
        let sleeps = format!("//! Doc.\nthread::{SLEEP}x);\n");
        let awake = format!("#[tokio::test]\nasync fn a() {{\n    {SLEEP}x);\n}}\n");
        let paused = awake.replace("test]", &format!("test({VIRTUAL_TIME})]"));
        let sleeps_in_tests = format!("//! Doc.\n#[cfg(test)]\nmod tests {{\n{SLEEP}x);\n}}");
        for (path, text, offences) in [
            ("a/src/lib.rs", "//! Doc.\n", 0),
            ("a/src/lib.rs", "fn main() {}\n", 1),
            ("a/src/lib.rs", "//! Doc.\n/// ```text\n/// a\n/// ```\n", 0),
            ("a/src/lib.rs", "//! Doc.\n/// ```\n/// a();\n/// ```\n", 1),
            ("a/src/lib.rs", &format!("//! Doc.\n{}", "\n".repeat(500)), 1),
            ("a/src/lib.rs", &format!("//! Doc.\n// {}: later\n", NEVER[0].0), 1),
            ("a/src/lib.rs", &format!("//! Doc.\n{}]\n", NEVER[2].0), 1),
            ("a/src/lib.rs", &sleeps, 0),
            ("a/src/lib.rs", &sleeps_in_tests, 1),
            ("a/src/http/edge_tests.rs", &sleeps, 1),
            ("a/tests/kill/main.rs", &sleeps, 1),
            ("a/tests/kill/main.rs", &format!("//! Doc.\n{paused}"), 0),
            ("a/tests/kill/main.rs", &format!("//! Doc.\n{paused}{awake}"), 1),
            ("a/tests/kill/main.rs", &format!("//! Doc.\n{awake}{paused}"), 1),
        ] {
            assert_eq!(of(path, text).len(), offences, "{path}: {text}");
        }
    }

    #[test]
    fn an_exception_that_is_not_needed_is_an_offence() {
        let short = Source { path: "a.rs".to_owned(), text: "//! Doc.\n".to_owned() };
        assert_eq!(stale(&[short], &[("a.rs", "long")], is_long).len(), 1);
        assert_eq!(stale(&[], &[("gone.rs", "long")], is_long).len(), 1);
    }
}
