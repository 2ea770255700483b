//! Measures how long operations on a seating plan take and how large their results are. The plan is FILE, or a generated
//! stadium of 100,000 seats. `cargo run --release -p fairseat-domain --example seating_plan [FILE [FOLDER]]`; the seat map
//! and the picture are written to FOLDER.
#![expect(clippy::print_stdout, reason = "the example prints its measurements")]

use fairseat_domain::best_available::{
    Availability, BestAvailableRequest, best_available, general_admission,
};
use fairseat_domain::ids::SeatIndex;
use fairseat_domain::money::Amount;
use fairseat_domain::seating_plan::{
    ImportOptions, SeatingPlan, SeatmapFormat, SectionIndex, SegmentIndex, export_pretix, import,
    seatmap_json, seatmap_svg,
};
use fairseat_domain::wire::seating_plan::PlanV1;
use std::hash::{DefaultHasher, Hasher};
use std::time::{Duration, Instant};

/// Which seats are free, with the counts and the bitmap that a sale keeps.
struct Free {
    seats: Vec<bool>,
    segments: Vec<u32>,
    words: Vec<u64>,
}

impl Free {
    fn of(plan: &SeatingPlan, is_free: impl Fn(usize) -> bool) -> Self {
        let seats: Vec<bool> = (0..plan.seat_count()).map(is_free).collect();
        let count =
            |seats: &[SeatIndex], free: &[bool]| seats.iter().filter(|seat| free[seat.position()]).count();
        let segments = plan.segments().map(|segment| count(segment.seats(), &seats) as u32).collect();
        let mut words = vec![0_u64; seats.len() / 64 + 1];
        for (at, _) in seats.iter().enumerate().filter(|(_, free)| **free) {
            words[at / 64] |= 1 << (at % 64);
        }
        Self { seats, segments, words }
    }
}

impl Availability for Free {
    fn available(&self, seat: SeatIndex) -> bool {
        self.seats.get(seat.position()) == Some(&true)
    }

    fn price(&self, seat: SeatIndex) -> Option<Amount> {
        Some(Amount(i64::from(seat.0 % 100)))
    }

    fn available_in_segment(&self, segment: SegmentIndex) -> u32 {
        self.segments.get(segment.position()).copied().unwrap_or(0)
    }

    fn next_available(&self, from: SeatIndex, before: SeatIndex) -> Option<SeatIndex> {
        let mut at = from.position();
        while at < before.position() {
            let word = self.words[at / 64] >> (at % 64);
            if word != 0 {
                let found = at + word.trailing_zeros() as usize;
                return (found < before.position()).then(|| SeatIndex::at(found));
            }
            at = (at / 64 + 1) * 64;
        }
        None
    }
}

fn timed<T>(what: &str, work: impl Fn() -> T) -> T {
    let mut best = Duration::MAX;
    let mut result = None;
    for _ in 0..5 {
        let start = Instant::now();
        result = Some(work());
        best = best.min(start.elapsed());
    }
    println!("{what:<52} {best:>12.1?}");
    result.expect("five rounds were run")
}

/// 200 sections of 25 rows of 20 seats.
fn stadium() -> String {
    let section = |at: usize| format!(r#"{{"name": "Block {at}", "rows": 25, "seats_per_row": 20}}"#);
    let sections: Vec<String> = (1..=200).map(section).collect();
    format!(r#"{{"name": "Stadium", "sections": [{}]}}"#, sections.join(","))
}

fn main() {
    let json =
        std::env::args().nth(1).map_or_else(stadium, |path| std::fs::read_to_string(path).expect("a file"));
    let plan = timed("import", || import(&json, ImportOptions { repair: true }).expect("a plan").plan);
    println!("{plan:?}, {} segments", plan.segment_count());
    let exported = timed("export as pretix", || export_pretix(&plan));
    println!("pretix form: {} bytes", exported.len());
    let again = timed("import of that", || import(&exported, ImportOptions::default()).expect("a plan").plan);
    println!("equal again: {}", again == plan);
    let bytes = timed("to wire", || postcard::to_stdvec(&PlanV1::from(&plan)).expect("bytes"));
    println!("wire: {} bytes", bytes.len());
    timed("from wire", || {
        SeatingPlan::try_from(postcard::from_bytes::<PlanV1>(&bytes).expect("bytes")).expect("a plan")
    });
    timed("changed to itself", || plan.changed_to(&again).expect("a plan"));
    let map = timed("seat map", || {
        seatmap_json(&plan, SeatmapFormat::EveryRow, &[], |seat| u16::try_from(seat.0 / 20_000).ok())
    });
    println!("seat map: {} bytes", map.len());
    let svg = timed("picture", || seatmap_svg(&plan, |_seat| None));
    println!("picture: {} bytes", svg.len());
    if let Some(folder) = std::env::args().nth(2) {
        std::fs::write(format!("{folder}/seatmap.json"), &map).expect("a file");
        std::fs::write(format!("{folder}/seatmap.svg"), &svg).expect("a file");
    }
    choose(&plan);
}

fn choose(plan: &SeatingPlan) {
    let wanted = BestAvailableRequest { quantity: 4, section: None, max_price: None, accessible: false };
    let fresh = SeatingPlan::try_from(PlanV1::from(plan)).expect("a plan");
    let everything = Free::of(plan, |_| true);
    let start = Instant::now();
    best_available(&fresh, &wanted, &everything).expect("seats");
    println!("{:<52} {:>12.1?}", "the first choice, which computes the nearness", start.elapsed());
    let scattered = |at: usize, share: u64| {
        let mut hasher = DefaultHasher::new();
        hasher.write_usize(at);
        hasher.finish() % 100 >= share
    };
    let cases = [
        ("nothing sold", Free::of(plan, |_| true)),
        ("half sold, scattered", Free::of(plan, |at| scattered(at, 50))),
        ("9 of 10 sold, scattered", Free::of(plan, |at| scattered(at, 90))),
        ("the first 99 % sold", Free::of(plan, |at| at >= plan.seat_count() / 100 * 99)),
        ("every second seat sold (no choice)", Free::of(plan, |at| at % 2 == 0)),
        ("all sold", Free::of(plan, |_| false)),
    ];
    for (name, free) in &cases {
        timed(&format!("4 of anywhere: {name}"), || best_available(plan, &wanted, free));
        let section = Some(SectionIndex(0));
        timed(&format!("4 of a section: {name}"), || {
            best_available(plan, &BestAvailableRequest { section, ..wanted }, free)
        });
    }
    let dear = BestAvailableRequest { max_price: Some(Amount(-1)), ..wanted };
    timed("4 of anywhere: all too dear", || best_available(plan, &dear, &cases[0].1));
    general();
}

fn general() {
    let json = r#"{"sections": [{"name": "Field", "general_admission": 100000}]}"#;
    let plan = import(json, ImportOptions::default()).expect("a plan").plan;
    let free = Free::of(&plan, |at| at > 99_000);
    timed("4 places of 100,000, 99,000 sold", || general_admission(&plan, SectionIndex(0), 4, &free));
}
