//! The patterns that were compiled last.
//!
//! To compile a pattern takes a hundred times as long as to run it, and each stage of each rollout asks
//! for the same few again.

use std::cell::RefCell;
use std::collections::BTreeMap;

use regex::bytes::Regex;

/// How many patterns are kept.
const KEPT: usize = 64;

thread_local! {
    static COMPILED: RefCell<BTreeMap<Box<str>, Regex>> = const { RefCell::new(BTreeMap::new()) };
}

/// Returns the compiled pattern, which `compile` makes where it is not known.
///
/// # Errors
///
/// What `compile` returns.
pub(super) fn compiled<E>(
    pattern: &str,
    compile: impl FnOnce() -> Result<Regex, E>,
) -> Result<Regex, E> {
    let known = COMPILED.with_borrow(|all| all.get(pattern).cloned());
    if let Some(known) = known {
        return Ok(known);
    }
    let new = compile()?;
    COMPILED.with_borrow_mut(|all| {
        if all.len() >= KEPT {
            all.clear();
        }
        all.insert(pattern.into(), new.clone());
    });
    Ok(new)
}
