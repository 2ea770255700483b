//! Snapshots: refused, or a sale that can be asked everything.
#![no_main]

use fairseat_domain::Sale;
use fairseat_domain::time::Timestamp;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(sale) = Sale::from_snapshot(bytes) {
        drop((sale.check_invariants(), sale.effects(), sale.counts(), sale.due_entry(Timestamp::from_millis(1 << 41))));
    }
});
