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

/// Some; `./test.sh` lives through a thousand more in a release build, `./test.sh long` through fifty thousand.
#[test]
fn nothing_goes_wrong_and_enough_is_seen() {
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
