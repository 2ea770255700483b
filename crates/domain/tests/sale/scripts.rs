//! Every file in `scripts/` is a transcript: commands at the margin, their results indented below. Each `##` begins a new
//! sale. `UPDATE_SCRIPTS=1` writes the files with the current results.

use crate::script::play;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sale/scripts")
}

fn check(name: &str) {
    let path = folder().join(name).with_extension("txt");
    let expected = std::fs::read_to_string(&path).expect("a script");
    let actual = replayed(&expected);
    if std::env::var_os("UPDATE_SCRIPTS").is_some() {
        std::fs::write(&path, &actual).expect("the script can be written");
        return;
    }
    for (number, (expected, actual)) in (1..).zip(expected.lines().zip(actual.lines())) {
        assert_eq!(expected, actual, "{}:{number}", path.display());
    }
    assert_eq!(expected.len(), actual.len(), "{} ends early", path.display());
}

/// The same file with its commands played again.
fn replayed(file: &str) -> String {
    let (head, sections) = file.split_once("\n## ").expect("a head and sections");
    let mut output = format!("{}\n", head.trim_end());
    for section in sections.split("\n## ") {
        let (title, lines) = section.split_once('\n').expect("a title and lines");
        let notes = lines.lines().filter(|line| line.starts_with("# "));
        let commands: Vec<&str> =
            lines.lines().filter(|line| !line.starts_with([' ', '#']) && !line.is_empty()).collect();
        write!(output, "\n## {title}\n").expect("a string takes everything");
        notes.for_each(|note| writeln!(output, "{note}").expect("a string takes everything"));
        output.push_str(&play(&commands.join("\n")));
    }
    output
}

macro_rules! scripts {
    ($($name:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            check(stringify!($name));
        })+

        #[test]
        fn every_script_file_has_a_test() {
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
    hoarding,
    labels,
    late_payments,
    limits,
    opening,
    orders,
    organizer,
    refunds,
    repeats,
    single_seats
);
