//! The layout's rules as a test: which crate may depend on which, that no cycle of files crosses a folder, and rules for every source file.
//!
//! Every exception is listed with its reason beside its rule. An exception that is no longer needed is an offence too, so that the lists only
//! shrink. Formatting is checked by `rustfmt`, code by Clippy.

mod cycles;
mod direction;
mod files;

use anyhow::{Result, bail};
use std::path::Path;

/// The root of the workspace.
fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Checks every rule.
///
/// # Errors
/// All offences, one on each line.
pub(crate) fn check() -> Result<()> {
    let mut offences = direction::offences(&direction::edges()?);
    let sources = files::sources(root())?;
    offences.extend(files::offences(&sources));
    offences.extend(cycles::offences(&sources)?);
    if offences.is_empty() {
        return Ok(());
    }
    bail!("the layout's rules are broken:\n  {}", offences.join("\n  "))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_layouts_rules_hold() {
        if let Err(offences) = super::check() {
            panic!("{offences}");
        }
    }
}
