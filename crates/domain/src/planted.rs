//! Bugs planted on purpose, so that the simulation can be seen to catch them. Without the feature `planted-bugs`, as in every
//! build that anybody ships, [`planted`] is `false`.

#[cfg(all(feature = "planted-bugs", not(debug_assertions)))]
compile_error!("planted bugs have no place in a release build");

#[cfg(feature = "planted-bugs")]
thread_local! {
    static BUG: std::cell::Cell<&'static str> = const { std::cell::Cell::new("") };
}

/// Makes this thread suffer from one bug, or from none (`""`).
#[cfg(feature = "planted-bugs")]
pub fn plant(bug: &'static str) {
    BUG.set(bug);
}

/// Whether this thread suffers from the bug of that name.
#[cfg(feature = "planted-bugs")]
#[must_use]
pub fn planted(bug: &str) -> bool {
    BUG.get() == bug
}

/// Whether this thread suffers from the bug of that name: no.
#[cfg(not(feature = "planted-bugs"))]
#[inline]
#[must_use]
pub const fn planted(_bug: &str) -> bool {
    false
}
