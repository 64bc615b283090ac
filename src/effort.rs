//! A count of steps in the loops whose number could grow with the square of the input.
//!
//! Behind the feature `fuzzing` tests read it, as `tests/effort.rs` does; otherwise nothing is counted.

#[cfg(feature = "fuzzing")]
thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Counts some steps of a loop.
#[inline]
pub(crate) fn count(steps: usize) {
    #[cfg(feature = "fuzzing")]
    STEPS.set(STEPS.get() + steps as u64);
    #[cfg(not(feature = "fuzzing"))]
    let _ = steps;
}

/// Returns how many steps some work takes in this thread.
#[cfg(feature = "fuzzing")]
pub fn effort(work: impl FnOnce()) -> u64 {
    let before = STEPS.get();
    work();
    STEPS.get() - before
}
