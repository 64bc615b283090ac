//! SARIF 2.1.0: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.
//!
//! Code hosts follow a result from commit to commit by its fingerprint, which therefore knows no line.
//! They refuse results without a place: those that have none are put at the input as a whole.

use serde_json::{Value, json};

use super::full_message;
use crate::check::Finding;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::escape;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Writes a log with one run.
pub(super) fn report(findings: &[Finding], input: &str) -> String {
    let mut codes: Vec<&'static Code> = Vec::new();
    for finding in findings {
        if !codes.contains(&finding.diagnostic.code) {
            codes.push(finding.diagnostic.code);
        }
    }
    let rules: Vec<_> = codes.iter().map(|code| rule(code)).collect();
    let results: Vec<_> = findings.iter().map(|finding| result(finding, (&codes, input))).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "rollstep",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    escape::json(&log)
}

fn rule(code: &Code) -> Value {
    let page = code.page();
    json!({
        "id": code.name,
        "shortDescription": {"text": code.meaning},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": level(code.severity)},
    })
}

fn result(finding: &Finding, (codes, input): (&[&'static Code], &str)) -> Value {
    let diagnostic = &finding.diagnostic;
    let index = codes.iter().position(|code| *code == diagnostic.code);
    json!({
        "ruleId": diagnostic.code.name,
        "ruleIndex": index,
        "level": level(diagnostic.severity),
        "message": {"text": full_message(finding)},
        "locations": [location(diagnostic, input)],
        "partialFingerprints": {"rollstepProblem/v1": fingerprint(diagnostic)},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn location(diagnostic: &Diagnostic, input: &str) -> Value {
    let Some(place) = &diagnostic.location else {
        return json!({"physicalLocation": {"artifactLocation": {"uri": uri(input)}}});
    };
    let mut physical = json!({"artifactLocation": {"uri": uri(&place.file)}});
    if let (Some(physical), true) = (physical.as_object_mut(), place.line > 0) {
        let region = json!({"startLine": place.line, "startColumn": place.column.max(1)});
        physical.insert("region".to_owned(), region);
    }
    let mut location = json!({"physicalLocation": physical});
    if let (Some(location), Some(field)) = (location.as_object_mut(), &place.field) {
        let logical = json!([{"fullyQualifiedName": escape::line(field), "kind": "member"}]);
        location.insert("logicalLocations".to_owned(), logical);
    }
    location
}

/// Returns a path as a relative reference; standard input has none, and is named.
fn uri(path: &str) -> String {
    if path == "-" {
        return "stdin".to_owned();
    }
    let path = path.strip_prefix("./").unwrap_or(path).replace('\\', "/");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let written = path.bytes().map(|byte| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    });
    let written: String = written.collect();
    if written.starts_with('/') { format!("file://{written}") } else { written }
}

/// Returns what stays the same while lines move: a 64-bit FNV-1a, as 16 hex digits.
fn fingerprint(diagnostic: &Diagnostic) -> String {
    let place = diagnostic.location.as_ref();
    let file = place.map_or("", |place| place.file.as_str());
    let field = place.and_then(|place| place.field.as_deref()).unwrap_or_default();
    let parts = [diagnostic.code.name, file, field, &diagnostic.message];
    let bytes = parts.into_iter().flat_map(|part| part.bytes().chain([0]));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Location;
    use crate::diagnostic::codes::UNKNOWN_HOST;

    #[test]
    fn paths_are_written_as_references() {
        assert_eq!(uri("./shop/a b.yaml"), "shop/a%20b.yaml");
        assert_eq!(uri("/tmp/é.yaml"), "file:///tmp/%C3%A9.yaml");
        assert_eq!(uri("-"), "stdin");
    }

    #[test]
    fn a_fingerprint_knows_no_line() {
        let at = |line| {
            let location = Location { line, column: 1, ..Location::of_file("a.yaml") };
            fingerprint(&Diagnostic::new(&UNKNOWN_HOST, "gone").with_location(location))
        };
        assert_eq!(at(1), at(2));
    }
}
