//! Does what the controller was recorded to do.
//!
//! The suite holds inputs and what the controller's own code made of them. Each kind of case is run by
//! a file of its own below `conformance/`; `conformance/known.jsonc` says where we differ, and why. A
//! kind or an operation that is none of ours is out of scope, with the reason that its file gives.
//!
//! `cargo test --test conformance -- --nocapture` prints the table.
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests read files, say what they found, and fail by a panic"
)]

#[path = "conformance/case.rs"]
mod case;
#[path = "conformance/conversion.rs"]
mod conversion;
#[path = "fixture/conformance.rs"]
mod fixture;
#[path = "conformance/known.rs"]
mod known;
#[path = "conformance/validation.rs"]
mod validation;

use case::{Case, Verdict, read_cases};
use known::Known;

/// Runs a case.
type Check = fn(&Case) -> Verdict;

/// The kinds of cases that are run, and what runs one.
const KINDS: [(&str, Check); 2] =
    [("conversion", conversion::check), ("validation", validation::check)];

#[test]
fn the_controller_does_the_same() {
    let Some(cases) = read_cases() else { return };
    let known = Known::read();
    let mut failed = Vec::new();
    println!("{:<20}{:>8}{:>8}{:>14}{:>8}", "kind", "passed", "known", "out of scope", "failed");
    for (kind, check) in KINDS {
        let mut count = Count::default();
        for case in cases.iter().filter(|case| case.kind == kind) {
            match count.add(case, check(case), &known) {
                Ok(()) => {}
                Err(why) => failed.push(format!("{}: {why}", case.file)),
            }
        }
        let Count { passed, known, out_of_scope, failed } = count;
        println!("{kind:<20}{passed:>8}{known:>8}{out_of_scope:>14}{failed:>8}");
        assert!(passed > 0, "no case of kind {kind} passed");
    }
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}

#[derive(Default)]
struct Count {
    passed: usize,
    known: usize,
    out_of_scope: usize,
    failed: usize,
}

impl Count {
    /// Counts a case; one that differs without being listed, or is listed without need, fails.
    fn add(&mut self, case: &Case, verdict: Verdict, known: &Known) -> Result<(), String> {
        let listed = known.lists_case(&case.file);
        let result = match verdict {
            Verdict::Passed if listed => Err("passes, and is listed as different".to_owned()),
            Verdict::Passed => {
                self.passed += 1;
                Ok(())
            }
            Verdict::Differs(_) if listed => {
                self.known += 1;
                Ok(())
            }
            Verdict::Differs(why) => Err(why),
            Verdict::DiffersBy(rule) if known.lists_rule(rule) => {
                self.known += 1;
                Ok(())
            }
            Verdict::DiffersBy(rule) => Err(format!("the rule {rule} is not listed")),
            Verdict::OutOfScope(reason) => {
                println!("  out of scope: {}: {reason}", case.file);
                self.out_of_scope += 1;
                Ok(())
            }
        };
        self.failed += usize::from(result.is_err());
        result
    }
}
