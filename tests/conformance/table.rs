//! The results by kind, and the differences that are known.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Where our answer differs from the recorded one, and why nobody would call that wrong.
const KNOWN: &str = include_str!("known.jsonc");

/// What came of a case.
pub(crate) enum Verdict {
    Passed,
    /// Nothing was rendered, for errors of these codes.
    Refused(BTreeSet<&'static str>),
    OutOfScope(&'static str),
    /// Differs by a rule that is known.
    DiffersBy(&'static str),
    /// Something else came out than was recorded.
    Differs(String),
}

#[derive(Default)]
struct Row {
    passed: usize,
    known: usize,
    out_of_scope: usize,
    failed: usize,
}

/// The results so far.
pub(crate) struct Table {
    /// The code that each known difference is refused with; none where it is another result.
    known: BTreeMap<String, Option<String>>,
    rules: BTreeSet<String>,
    rows: BTreeMap<String, Row>,
    reasons: BTreeMap<&'static str, usize>,
    failures: Vec<String>,
}

impl Table {
    pub(crate) fn new() -> Self {
        let lines = KNOWN.lines().filter(|line| !line.trim_start().starts_with("//"));
        let list: Value = serde_json::from_str(&lines.collect::<String>()).unwrap();
        let (mut known, mut rules) = (BTreeMap::new(), BTreeSet::new());
        for entry in list.as_array().unwrap() {
            let text = |key: &str| entry.get(key).map(|text| text.as_str().unwrap().to_owned());
            assert!(text("reason").is_some_and(|reason| !reason.is_empty()), "{entry}");
            match text("rule") {
                Some(rule) => drop(rules.insert(rule)),
                None => drop(known.insert(text("case").unwrap(), text("code"))),
            }
        }
        Self { known, rules, rows: BTreeMap::new(), reasons: BTreeMap::new(), failures: Vec::new() }
    }

    pub(crate) fn add(&mut self, kind: &str, name: &str, verdict: Verdict) {
        let row = self.rows.entry(kind.to_owned()).or_default();
        let known = self.known.remove(name);
        let failure = match (verdict, known) {
            (Verdict::Passed, None) => {
                row.passed += 1;
                return;
            }
            (Verdict::Refused(codes), Some(Some(code))) if codes.iter().eq([&code.as_str()]) => {
                row.known += 1;
                return;
            }
            (Verdict::Differs(_), Some(None)) => {
                row.known += 1;
                return;
            }
            (Verdict::DiffersBy(rule), None) if self.rules.contains(rule) => {
                row.known += 1;
                return;
            }
            (Verdict::OutOfScope(reason), None) => {
                row.out_of_scope += 1;
                *self.reasons.entry(reason).or_default() += 1;
                return;
            }
            (Verdict::Differs(difference), _) => difference,
            (Verdict::DiffersBy(rule), _) => format!("differs by {rule}"),
            (Verdict::Refused(codes), _) => format!("refused: {codes:?}"),
            (Verdict::Passed | Verdict::OutOfScope(_), Some(_)) => "no longer differs".to_owned(),
        };
        row.failed += 1;
        self.failures.push(format!("{name}: {failure}"));
    }

    /// Prints the table; nothing may have failed.
    pub(crate) fn finish(mut self) {
        println!("{:16} {:>6} {:>6} {:>13} {:>6}", "", "passed", "known", "out of scope", "failed");
        for (kind, row) in &self.rows {
            let Row { passed, known, out_of_scope, failed } = row;
            println!("{kind:16} {passed:6} {known:6} {out_of_scope:13} {failed:6}");
        }
        for (reason, count) in &self.reasons {
            println!("out of scope: {count:4} {reason}");
        }
        self.failures
            .extend(self.known.keys().map(|name| format!("{name}: there is no such case")));
        assert!(self.failures.is_empty(), "{}", self.failures.join("\n"));
    }
}
