//! What `check` finds: all that a render tells, each once, in four forms.
//!
//! Whether a log is SARIF is judged by npm's ajv with the schema that `@microsoft/jest-sarif` carries;
//! both are fetched below `target/`.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]
#![allow(dead_code, reason = "the fixtures are read for more than this test")]

#[path = "fixture/case.rs"]
mod case;
#[path = "fixture/node.rs"]
mod node;
#[path = "fixture/skipped.rs"]
mod skipped;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use case::{Case, crate_root, read_all};
use rollstep::check::{Finding, Format, check, report};
use rollstep::diagnostic::{Diagnostic, Severity, codes};
use rollstep::{Purpose, StageName, render_stages};
use serde_json::{Value, json};

/// Packages that judge a log: the schema is of draft 4.
const PACKAGES: [&str; 4] =
    ["ajv@8", "ajv-draft-04@1", "ajv-formats@3", "@microsoft/jest-sarif@1.0.0-beta.0"];

/// Judges each log on standard input.
const JUDGE: &str = r#"
const path = require("path");
const logs = JSON.parse(require("fs").readFileSync(0));
const Ajv = require("ajv-draft-04");
const main = require.resolve("@microsoft/jest-sarif/package.json");
const schema = require(path.join(path.dirname(main), "lib/schemas/sarif-2.1.0-rtm.5.json"));
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
require("ajv-formats")(ajv);
const validate = ajv.compile(schema);
console.log(JSON.stringify(logs.map((log) => (validate(log) ? [] : validate.errors))));
"#;

/// Returns what is found in each fixture that can be read.
fn all_findings() -> &'static [(Case, Vec<Finding>)] {
    static FOUND: OnceLock<Vec<(Case, Vec<Finding>)>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let found = read_all().into_iter().filter_map(|mut case| {
            (case.options.step, case.options.steps) = (None, BTreeMap::new());
            let findings = check(case.input.as_ref().ok()?, &case.options);
            Some((case, findings))
        });
        found.collect()
    })
}

#[test]
fn what_any_stage_tells_is_found_with_the_stage() {
    for (case, findings) in all_findings() {
        let stages = render_stages(case.input.as_ref().unwrap(), &case.options, Purpose::View);
        let has_errors = findings.iter().any(|one| one.diagnostic.severity == Severity::Error);
        for (stage, rendered) in &stages {
            for told in &rendered.diagnostics {
                let is_hidden = has_errors && told.severity == Severity::Note;
                let found = holds(findings, told, *stage);
                assert!(is_hidden || found, "{} at {stage} tells\n{told}", case.name);
            }
        }
    }
}

fn holds(findings: &[Finding], told: &Diagnostic, stage: StageName) -> bool {
    let of_stage = |one: &Finding| one.stages.is_empty() || one.stages.contains(&stage);
    findings.iter().any(|one| one.diagnostic == *told && of_stage(one))
}

#[test]
fn nothing_is_found_twice_and_errors_come_first() {
    for (case, findings) in all_findings() {
        let told: Vec<_> = findings.iter().map(|one| one.diagnostic.to_string()).collect();
        for (index, one) in told.iter().enumerate() {
            assert!(!told[..index].contains(one), "{} tells twice\n{one}", case.name);
        }
        let severities: Vec<_> = findings.iter().map(|one| one.diagnostic.severity).collect();
        assert!(severities.is_sorted(), "{}", case.name);
    }
}

#[test]
fn reports_name_every_finding() {
    for (case, findings) in all_findings() {
        let json: Value = serde_json::from_str(&report(findings, Format::Json, "-")).unwrap();
        assert_eq!(json["findings"].as_array().unwrap().len(), findings.len(), "{}", case.name);
        let github = report(findings, Format::Github, "-");
        assert_eq!(github.lines().count(), findings.len(), "{}", case.name);
        assert!(github.lines().all(|line| line.starts_with("::")), "{github}");
        let sarif: Value = serde_json::from_str(&report(findings, Format::Sarif, "-")).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), findings.len(), "{}", case.name);
        assert!(results.iter().all(|result| result["locations"][0].is_object()), "{}", case.name);
    }
}

#[test]
fn logs_pass_the_schema_of_sarif() {
    let Some(modules) = node::fetch("sarif", &PACKAGES) else { return };
    let log = |(_, findings): &(Case, Vec<Finding>)| -> Value {
        serde_json::from_str(&report(findings, Format::Sarif, "shop/web.yaml")).unwrap()
    };
    let mut logs: Vec<_> = all_findings().iter().map(log).collect();
    logs.push(json!({"version": "2.1.0", "runs": [{"results": []}]}));
    let judged = node::ask(&modules, JUDGE, &Value::Array(logs));
    let mut judged = judged.as_array().unwrap().clone();
    let refused = judged.pop().unwrap();
    assert!(!refused.as_array().unwrap().is_empty(), "a log without a tool is taken");
    let wrong: Vec<_> = judged.iter().filter(|errors| **errors != json!([])).take(3).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_exit_code_is_the_answer() {
    let shortage = ["-f", "fixtures/steps-with-too-few-pods"];
    for (arguments, code) in [
        (&["-f", "fixtures/istio-guide"][..], 0),
        (&["-R", "-f", "examples/shop/manifests"], 0),
        (&shortage, 0),
        (&[&shortage[..], &["--deny", "warnings"]].concat(), 1),
        (&[&shortage[..], &["--deny", "too-few-pods"]].concat(), 1),
        (&[&shortage[..], &["--deny", "unknown-host"]].concat(), 0),
        (&[&shortage[..], &["--deny", "warnings", "--allow", "too-few-pods"]].concat(), 0),
        (&["-f", "fixtures/unknown-field", "--deny", "warnings"], 1),
        (&["-f", "fixtures/fields-that-are-dropped"], 1),
        (&["-f", "fixtures/document-is-latin-1"], 2),
        (&["-f", "fixtures/no-such-folder"], 2),
        (&["-f", "fixtures/istio-guide", "--deny", "no-such-code"], 2),
        (&[], 2),
    ] {
        assert_eq!(Some(code), run(arguments).0, "{arguments:?}");
    }
}

#[test]
fn an_acknowledged_error_is_no_warning_to_be_denied() {
    let dropped = ["-f", "fixtures/fields-that-are-dropped", "--allow", "unknown-route-field"];
    assert_eq!(Some(0), run(&[&dropped[..], &["--deny", "warnings"]].concat()).0);
    assert_eq!(Some(1), run(&[&dropped[..], &["--deny", "unknown-route-field"]].concat()).0);
}

#[test]
fn one_stage_is_checked_where_it_is_asked_for() {
    let at = |step: &str| {
        run(&["-f", "fixtures/steps-with-too-few-pods", "--step", step, "-o", "json"]).1
    };
    assert!(!at("1").contains("too-few-pods"), "{}", at("1"));
    assert!(at("2").contains("step 2 sends 50 %"), "{}", at("2"));
}

#[test]
fn every_code_has_a_page() {
    for code in codes::all() {
        let page = code.page();
        assert!(page.starts_with(&format!("# {}\n\n", code.name)), "{page}");
        assert!(page.contains(code.meaning) && page.ends_with('\n'), "{page}");
    }
    let (code, page) = run(&["--explain", "too-few-pods"]);
    assert_eq!((Some(0), page), (code, codes::TOO_FEW_PODS.page()));
}

fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollstep"));
    let command = command.arg("check").args(arguments).current_dir(crate_root());
    let output = command.stdin(Stdio::null()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}
