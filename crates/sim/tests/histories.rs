//! Many histories: no rule is broken, everything is covered, and the same seed gives the same history.

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

/// `./test.sh` runs a thousand more in an optimized build, `./test.sh long` fifty thousand.
#[test]
fn no_rule_is_broken_and_everything_is_covered() {
    let halves = [1..101, 101..201].map(|seeds| {
        std::thread::spawn(move || {
            let mut report = Report::default();
            seeds.for_each(|seed| report.add(history(seed)));
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
