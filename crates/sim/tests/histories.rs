//! Many histories: nothing goes wrong, enough is seen, and the same seed is the same history.

use fairseat_sim::{Report, history};

#[test]
fn the_same_seed_gives_the_same_trace_byte_for_byte() {
    for seed in 1..=30 {
        let (one, other) = (history(seed), history(seed));
        assert_eq!(one.trace, other.trace, "seed {seed}");
        assert_eq!(one.violations, other.violations, "seed {seed}");
    }
    assert_ne!(history(1).trace, history(2).trace);
}

/// A thousand; with `FAIRSEAT_LONG` fifty thousand, other ones.
#[test]
fn nothing_goes_wrong_and_enough_is_seen() {
    let (first, count) =
        if std::env::var_os("FAIRSEAT_LONG").is_some() { (100_000, 50_000) } else { (1, 1_000) };
    let halves = [(first, count / 2), (first + count / 2, count / 2)].map(|(first, count)| {
        std::thread::spawn(move || {
            let mut report = Report::default();
            (first..first + count).for_each(|seed| report.add(history(seed)));
            report
        })
    });
    let mut report = Report::default();
    for half in halves {
        report.merge(half.join().expect("a history panicked"));
    }
    println!("{}", report.table(0.0));
    assert_eq!(report.violations().collect::<Vec<_>>(), []);
    assert_eq!(report.gaps(), Vec::<String>::new());
}
