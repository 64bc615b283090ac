//! The most that is said with one code: a broken generator must not bury what else is wrong.

use std::collections::BTreeMap;

use super::{Code, Diagnostic, Severity};

/// How many diagnostics of one code and severity are shown.
const MAX_OF_A_CODE: usize = 100;

/// Cuts what is beyond the limit, and puts a count in its place; `sorted` stays in its order.
pub(crate) fn limited<T>(
    sorted: Vec<T>,
    diagnostic: fn(&T) -> &Diagnostic,
    of_count: fn(Diagnostic) -> T,
) -> Vec<T> {
    let mut counts: BTreeMap<(Severity, &'static str), usize> = BTreeMap::new();
    for one in &sorted {
        *counts.entry(kind(diagnostic(one))).or_default() += 1;
    }
    let mut shown: BTreeMap<(Severity, &'static str), usize> = BTreeMap::new();
    let mut kept = Vec::with_capacity(sorted.len().min(MAX_OF_A_CODE));
    for one in sorted {
        let found = diagnostic(&one);
        let (code, severity, kind) = (found.code, found.severity, kind(found));
        let number = shown.entry(kind).or_default();
        *number += 1;
        if *number <= MAX_OF_A_CODE {
            kept.push(one);
        }
        let all = counts.get(&kind).copied().unwrap_or_default();
        if *number == MAX_OF_A_CODE && all > MAX_OF_A_CODE {
            kept.push(of_count(more(code, severity, all - MAX_OF_A_CODE)));
        }
    }
    kept
}

fn kind(diagnostic: &Diagnostic) -> (Severity, &'static str) {
    (diagnostic.severity, diagnostic.code.name)
}

fn more(code: &'static Code, severity: Severity, count: usize) -> Diagnostic {
    let message = format!("{count} more with this code are not shown");
    let diagnostic = Diagnostic::new(code, message).with_help("correct those above first");
    Diagnostic { severity, ..diagnostic }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::{DUPLICATE_KEY, NOT_AN_OBJECT};

    #[test]
    fn a_code_has_its_limit_and_others_have_theirs() {
        let of = |code, count| (0..count).map(move |at| Diagnostic::new(code, format!("{at}")));
        let sorted: Vec<_> = of(&DUPLICATE_KEY, 250).chain(of(&NOT_AN_OBJECT, 100)).collect();
        let cut = limited(sorted, |one| one, |one| one);
        assert_eq!(cut.len(), 100 + 1 + 100);
        assert_eq!(cut[100].message, "150 more with this code are not shown");
        assert_eq!(cut[100].severity, Severity::Warning);
        assert_eq!(cut[101].code, &NOT_AN_OBJECT);
    }
}
