//! Work that takes much time or memory. A few tasks run at once, on blocking threads, and callers take turns.
//!
//! What must always hold: somebody with much waiting work does not delay others with little; work whose caller has left still counts as
//! running until it is done. What deliberately does not live here: what the work is, and who the callers are.

mod heavy_work;
mod turns;

pub use heavy_work::{HeavyWork, HeavyWorkError};
pub use turns::TurnKeys;
