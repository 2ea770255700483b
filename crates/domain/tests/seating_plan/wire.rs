//! Encoding plans as bytes, and decoding them.

use super::random_plans::any_pretix_plan;
use super::{ARENA, CLUB, SMALL_THEATRE, repaired};
use fairseat_domain::seating_plan::SeatingPlan;
use fairseat_domain::wire::seating_plan::PlanV1;
use fairseat_domain::wire::{WireError, decode_plan, encode_plan};
use proptest::prelude::*;

fn to_bytes(plan: &SeatingPlan) -> Vec<u8> {
    postcard::to_stdvec(&PlanV1::from(plan)).expect("bytes")
}

fn from_bytes(bytes: &[u8]) -> Option<SeatingPlan> {
    postcard::from_bytes::<PlanV1>(bytes).ok().and_then(|wire| SeatingPlan::try_from(wire).ok())
}

/// Every later version must decode the bytes of the first release.
#[test]
fn bytes_of_the_first_release_are_decoded() {
    let bytes = include_bytes!("../fixtures/small-theatre.plan-v1.postcard");
    // The first release did not keep start directions.
    let plan = repaired(&SMALL_THEATRE.replace("start_direction", "unknown")).plan;
    assert_eq!(from_bytes(bytes), Some(plan.clone()));
    assert_eq!(to_bytes(&plan), bytes, "a plan without newer fields is still written like this");
}

#[test]
fn a_stadium_takes_about_seven_bytes_a_seat() {
    let section = |at: usize| format!(r#"{{"name": "Block {at}", "rows": 25, "seats_per_row": 20}}"#);
    let sections: Vec<String> = (1..=200).map(section).collect();
    let plan = repaired(&format!(r#"{{"sections": [{}]}}"#, sections.join(","))).plan;
    let bytes = to_bytes(&plan);
    assert!(bytes.len() < 800_000, "{} bytes", bytes.len());
    assert_eq!(from_bytes(&bytes), Some(plan));
}

#[test]
fn the_largest_plan_survives_encoding() {
    let plan = super::plan(r#"{"sections": [{"name": "S", "general_admission": 250000}]}"#);
    assert_eq!(from_bytes(&to_bytes(&plan)), Some(plan));
}

#[test]
fn an_encoded_plan_carries_its_version() {
    let plan = super::plan(CLUB);
    let bytes = encode_plan(&plan).expect("bytes");
    assert_eq!(decode_plan(&bytes), Ok(plan));
    assert_eq!(decode_plan(&[[9].as_slice(), &bytes].concat()), Err(WireError::UnknownVersion(9)));
    assert!(decode_plan(&[]).is_err());
}

#[test]
fn damaged_bytes_are_refused_or_give_a_valid_plan() {
    for json in [SMALL_THEATRE, CLUB] {
        let bytes = to_bytes(&repaired(json).plan);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            if let Some(plan) = from_bytes(&damaged) {
                assert_eq!(from_bytes(&to_bytes(&plan)), Some(plan), "decoded bytes are a valid plan");
            }
            assert_eq!(from_bytes(&bytes[..at]), None, "cut off at {at}");
        }
    }
}

proptest! {
    #[test]
    fn any_plan_survives_encoding(json in any_pretix_plan(), next in any_pretix_plan()) {
        let plan = repaired(&json).plan;
        let changed = plan.changed_to(&repaired(&next).plan).expect("a plan");
        for plan in [plan, changed] {
            prop_assert_eq!(from_bytes(&to_bytes(&plan)), Some(plan));
        }
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _answer = from_bytes(&bytes);
    }

    #[test]
    fn mixed_bytes_of_two_plans_are_decoded_or_refused(at in 0..2_000_usize, from in 0..2_000_usize, length in 1..40_usize) {
        let (mut bytes, other) = (to_bytes(&repaired(SMALL_THEATRE).plan), to_bytes(&repaired(ARENA).plan));
        bytes.splice(at..at + length, other[from..from + length].iter().copied());
        let _answer = from_bytes(&bytes);
    }
}
