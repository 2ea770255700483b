//! Every file in `scripts/` is a transcript: what people wished stands at the margin, what came of it below, indented. Each
//! `##` begins a new sale. A changed rule shows as a changed line; `UPDATE_SCRIPTS=1` writes the files anew.

use crate::script::play;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sale/scripts")
}

fn check(name: &str) {
    let path = folder().join(name).with_extension("txt");
    let expected = std::fs::read_to_string(&path).expect("a script");
    let actual = retold(&expected);
    if std::env::var_os("UPDATE_SCRIPTS").is_some() {
        std::fs::write(&path, &actual).expect("the script can be written");
        return;
    }
    for (number, (expected, actual)) in (1..).zip(expected.lines().zip(actual.lines())) {
        assert_eq!(expected, actual, "{}:{number}", path.display());
    }
    assert_eq!(expected.len(), actual.len(), "{} ends early", path.display());
}

/// The same file with the wishes played again.
fn retold(file: &str) -> String {
    let (head, scenes) = file.split_once("\n## ").expect("a head and scenes");
    let mut told = format!("{}\n", head.trim_end());
    for scene in scenes.split("\n## ") {
        let (title, lines) = scene.split_once('\n').expect("a title and lines");
        let notes = lines.lines().filter(|line| line.starts_with("# "));
        let wishes: Vec<&str> =
            lines.lines().filter(|line| !line.starts_with([' ', '#']) && !line.is_empty()).collect();
        write!(told, "\n## {title}\n").expect("a string takes everything");
        notes.for_each(|note| writeln!(told, "{note}").expect("a string takes everything"));
        told.push_str(&play(&wishes.join("\n")));
    }
    told
}

macro_rules! scripts {
    ($($name:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            check(stringify!($name));
        })+

        #[test]
        fn every_script_is_played() {
            let mut files: Vec<String> = std::fs::read_dir(folder())
                .expect("the folder of scripts")
                .map(|file| file.expect("a file").path().file_stem().expect("a name").display().to_string())
                .collect();
            files.sort();
            assert_eq!(files, [$(stringify!($name)),+]);
        }
    };
}

scripts!(
    carts,
    counter,
    event_changes,
    event_ends,
    expiry,
    late_payments,
    limits,
    opening,
    orders,
    organizer,
    refunds,
    repeats
);
