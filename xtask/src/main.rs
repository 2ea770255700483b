//! Project chores: `cargo run -p xtask -- tidy` checks the layout's rules, as `cargo test -p xtask` does.

mod tidy;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("tidy") => tidy::check(),
        _ => bail!("usage: cargo run -p xtask -- tidy"),
    }
}
