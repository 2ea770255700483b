//! Project chores: `cargo run -p xtask -- tidy` checks the layout's rules, as `cargo test -p xtask` does; `cargo run -p xtask -- capacity` prints
//! what docs/capacity.md calculates, and with `--write` puts it there.

mod capacity;
mod tidy;

use anyhow::{Result, bail};
use std::io::Write as _;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["tidy"] => tidy::check(),
        ["capacity"] => print(&capacity::run(false)?),
        ["capacity", "--write"] => print(&capacity::run(true)?),
        _ => bail!("usage: cargo run -p xtask -- tidy | capacity [--write]"),
    }
}

fn print(text: &str) -> Result<()> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}
