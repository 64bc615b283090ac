//! Every code there is, in the order of the work.
//!
//! A code never changes its name or meaning. Each has a fixture.

mod check;
mod input;
mod moves;
mod pods;
mod routes;
mod script;
mod stage;
mod tree;

pub use check::*;
pub use input::*;
pub use moves::*;
pub use pods::*;
pub use routes::*;
pub use script::*;
pub use stage::*;
pub use tree::*;

use super::{Code, Severity};

const fn code(
    name: &'static str,
    severity: Severity,
    allowable: bool,
    meaning: &'static str,
) -> Code {
    Code { name, severity, allowable, meaning }
}

const fn error(name: &'static str, meaning: &'static str) -> Code {
    code(name, Severity::Error, false, meaning)
}

const fn allowable_error(name: &'static str, meaning: &'static str) -> Code {
    code(name, Severity::Error, true, meaning)
}

const fn warning(name: &'static str, meaning: &'static str) -> Code {
    code(name, Severity::Warning, true, meaning)
}

const fn note(name: &'static str, meaning: &'static str) -> Code {
    code(name, Severity::Note, true, meaning)
}

/// Returns every code, in the order of the work.
pub fn all() -> impl Iterator<Item = &'static Code> {
    let groups = [
        input::ALL,
        stage::ALL,
        pods::ALL,
        routes::ALL,
        script::ALL,
        check::ALL,
        tree::ALL,
        moves::ALL,
    ];
    groups.into_iter().flatten().copied()
}

/// Returns the code of that name.
pub fn find(name: &str) -> Option<&'static Code> {
    all().find(|code| code.name == name)
}

/// Returns the code whose name is probably meant.
pub fn nearest_name(name: &str) -> Option<&'static str> {
    super::nearest(name, all().map(|code| code.name))
}
