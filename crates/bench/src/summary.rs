//! The results as one JSON object.

use crate::measure::Measured;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Ratios by name.
pub(crate) type Ratios = BTreeMap<&'static str, f64>;

/// Pairs of rows that are compared: the name of the ratio, the numerator, the denominator.
const RATIOS: [(&str, &str, &str); 15] = [
    ("reserve_vs_empty", "reserve_spread", "empty_post"),
    ("contended_vs_spread", "reserve_contended", "reserve_spread"),
    ("availability_vs_hello", "availability", "hello"),
    ("event_page_vs_hello", "event_page", "hello"),
    ("reserve_vs_row_locks", "reserve_spread", "row_locks"),
    ("reserve_vs_conditional_update", "reserve_spread", "conditional_update"),
    ("reserve_vs_sqlite_transaction", "reserve_spread", "sqlite_transaction"),
    ("reserve_vs_redis_locks", "reserve_spread", "redis_locks"),
    ("reserve_vs_redis_lua", "reserve_spread", "redis_lua"),
    ("postgres_vs_empty", "postgres_spread", "empty_post"),
    ("postgres_vs_embedded", "postgres_spread", "reserve_spread"),
    ("postgres_vs_row_locks", "postgres_spread", "row_locks"),
    ("two_racing_vs_one", "racing_2", "racing_1"),
    ("four_racing_vs_one", "racing_4", "racing_1"),
    ("four_forwarding_vs_racing", "forwarding_4", "racing_4"),
];

/// The ratios of all pairs whose two rows were measured.
pub(crate) fn ratios(rows: &[Measured]) -> Ratios {
    let row = |key: &str| rows.iter().find(|row| row.key == key);
    let ratio =
        |(name, above, below): (&'static str, &str, &str)| Some((name, row(above)?.over(row(below)?)));
    RATIOS.into_iter().filter_map(ratio).collect()
}

/// Rates, latencies and ratios as one object.
pub(crate) fn object(rows: &[Measured], ratios: &Ratios) -> Value {
    let by_key = |value: &dyn Fn(&Measured) -> f64| -> Map<String, Value> {
        rows.iter().map(|row| (row.key.to_owned(), rounded(value(row)))).collect()
    };
    json!({
        "rates": by_key(&Measured::rate),
        "p50_ms": by_key(&|row| row.quantile_ms(0.5)),
        "p99_ms": by_key(&|row| row.quantile_ms(0.99)),
        "server_cpu_us": by_key(&Measured::server_cpu_us),
        "load_cpu_us": by_key(&Measured::load_cpu_us),
        "ratios": ratios.iter().map(|(name, ratio)| ((*name).to_owned(), rounded(*ratio))).collect::<Map<_, _>>(),
    })
}

/// Rounds to four significant digits; a measurement is not more precise.
fn rounded(value: f64) -> Value {
    let digits = 10_f64.powf((3.0 - value.abs().max(1e-9).log10().floor()).clamp(0.0, 6.0));
    json!((value * digits).round() / digits)
}
