//! Seating plans of any form: taken whole or refused, and what was taken goes out and comes in again equal.
#![no_main]

use fairseat_domain::seating_plan::{ImportOptions, export_pretix, import};

libfuzzer_sys::fuzz_target!(|json: &str| {
    for repair in [false, true] {
        if let Ok(imported) = import(json, ImportOptions { repair }) {
            let again = import(&export_pretix(&imported.plan), ImportOptions::default()).expect("our own export");
            assert_eq!(export_pretix(&again.plan), export_pretix(&imported.plan));
        }
    }
});
