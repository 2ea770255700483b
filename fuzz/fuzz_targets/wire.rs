//! Batches of facts: refused, or read and written again to something that means the same.
#![no_main]

use fairseat_domain::wire;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(entries) = wire::decode_batch(bytes) {
        let written = wire::encode_batch(&entries).expect("what was read can be written");
        assert_eq!(wire::decode_batch(&written).expect("and read"), entries);
    }
});
