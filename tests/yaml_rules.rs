//! Each rule of `kubectl`'s YAML on texts of its own, and the same texts wrapped and changed.
//!
//! `yaml_rules/rules.jsonl` holds the rules: a text that follows a head, and what `kubectl` 1.32 reads,
//! or that it refuses the text. Where `kubectl` is installed, it is asked again.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

#[path = "fixture/same.rs"]
mod same;
#[path = "fixture/skipped.rs"]
mod skipped;

use std::fs;
use std::path::Path;
use std::process::Command;

use rollstep::Source;
use same::is_same;
use serde_json::Value;
use skipped::has;

/// A text behind the head, and what it is read as; nothing where it is refused.
struct Rule {
    text: String,
    reads: Option<Value>,
}

fn rules() -> Vec<Rule> {
    let lines = include_str!("yaml_rules/rules.jsonl").lines();
    let rules = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    rules
        .map(|rule| Rule {
            text: rule["text"].as_str().unwrap().to_owned(),
            reads: rule.get("reads").cloned(),
        })
        .collect()
}

/// Returns what we read behind the head, or why we refuse it.
fn read(text: &str) -> Result<Value, String> {
    let text = [head("t"), text.to_owned()].concat();
    match rollstep::read(&[Source::new("rule.yaml", text)]) {
        Ok(objects) if objects.len() == 1 => Ok(without_head(objects[0].clone())),
        Ok(objects) => Err(format!("{} objects", objects.len())),
        Err(diagnostics) => Err(diagnostics[0].message.clone()),
    }
}

/// Returns whether a value is refused that JSON cannot hold. `kubectl` does not look at such a value where
/// its key is given once more, and the last counts.
fn may_be_overridden(refused: &str) -> bool {
    refused.contains("cannot be a key") || refused.contains("cannot be written as JSON")
}

fn head(name: &str) -> String {
    format!("apiVersion: v1\nkind: T\nmetadata:\n  name: '{name}'\n")
}

fn without_head(mut object: Value) -> Value {
    let map = object.as_object_mut().unwrap();
    map.retain(|key, _| !["apiVersion", "kind", "metadata"].contains(&key.as_str()));
    object
}

/// Returns what `kubectl` reads behind the head, for each of the texts.
fn ask_kubectl(folder: &str, texts: &[String]) -> Vec<Option<Value>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for (index, text) in texts.iter().enumerate() {
        let text = [head(&format!("t-{index}")), text.clone()].concat();
        fs::write(folder.join(format!("{index}.yaml")), text).unwrap();
    }
    let output = Command::new("kubectl")
        .args(["label", "--local", "--output=json", "asked=yes", "--filename"])
        .arg(&folder)
        .env("KUBECONFIG", "/dev/null")
        .output()
        .unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let mut answers = vec![None; texts.len()];
    for object in serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>() {
        let object = object.unwrap();
        let name = object["metadata"]["name"].as_str().unwrap();
        let index: usize = name.strip_prefix("t-").unwrap().parse().unwrap();
        answers[index] = Some(without_head(object));
    }
    answers
}

/// Compares what is read of each text with what is expected.
#[track_caller]
fn check(texts: &[String], expected: &[Option<Value>]) {
    let mut differences = Vec::new();
    for (text, expected) in texts.iter().zip(expected) {
        let found = read(text);
        let same = match (&found, expected) {
            (Ok(found), Some(expected)) => is_same(found, expected),
            (Err(_), None) => true,
            (Ok(_), None) => false,
            (Err(refused), Some(_)) => may_be_overridden(refused),
        };
        if !same {
            differences.push(format!("{text:?}: {found:?} and not {expected:?}"));
        }
    }
    let read = expected.iter().flatten().count();
    println!("{} texts, {read} of them read by kubectl", texts.len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(read > texts.len() / 20, "hardly anything is read");
}

#[test]
fn rules_are_read_as_recorded() {
    let (texts, reads): (Vec<_>, Vec<_>) =
        rules().into_iter().map(|rule| (rule.text, rule.reads)).unzip();
    check(&texts, &reads);
}

#[test]
fn kubectl_reads_the_rules_as_recorded() {
    if !has("kubectl") {
        return;
    }
    let (texts, reads): (Vec<_>, Vec<_>) =
        rules().into_iter().map(|rule| (rule.text, rule.reads)).unzip();
    let answers = ask_kubectl("yaml-rules", &texts);
    for ((text, recorded), answer) in texts.iter().zip(&reads).zip(&answers) {
        assert_eq!(recorded, answer, "{text:?}");
    }
}

#[test]
fn wrapped_rules_are_read_as_kubectl_reads_them() {
    if !has("kubectl") {
        return;
    }
    let rules = rules();
    let values = rules.iter().filter_map(|rule| rule.text.strip_prefix("v: "));
    let texts: Vec<_> = values.flat_map(wrappings).collect();
    check(&texts, &ask_kubectl("yaml-wrapped", &texts));
}

/// Returns a value in other places: between brackets and braces, as an item, behind a key in an item,
/// behind an anchor, below its key.
fn wrappings(value: &str) -> Vec<String> {
    let line = value.trim_end_matches('\n');
    let deeper = value.replace('\n', "\n  ");
    vec![
        format!("v: [{line}]\n"),
        format!("v: [a, {line} , b]\n"),
        format!("v: {{k: {line}}}\n"),
        format!("v: {{{line}: b}}\n"),
        format!("v:\n- {deeper}\n- b\n"),
        format!("v:\n- k: {deeper}\n  l: b\n"),
        format!("v: &x {deeper}\nw: *x\n"),
        format!("v:\n  {deeper}\nw: b\n"),
        format!("v:\n  - - {deeper}\n"),
    ]
}

/// Changes are taken from the rules themselves: a text gets a piece of another.
#[test]
fn changed_rules_are_read_as_kubectl_reads_them() {
    if !has("kubectl") {
        return;
    }
    let texts = changed_rules(1, 1500);
    check(&texts, &ask_kubectl("yaml-changed", &texts));
}

#[test]
#[ignore = "for changes of the reader: takes an hour"]
fn many_changed_rules_are_read_as_kubectl_reads_them() {
    for seed in 2..200 {
        let texts = changed_rules(seed, 1500);
        check(&texts, &ask_kubectl("yaml-changed-often", &texts));
    }
}

fn changed_rules(seed: u64, count: usize) -> Vec<String> {
    let rules = rules();
    let mut random = seed;
    let mut below = |bound: usize| {
        // splitmix64
        random = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = random;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % bound as u64) as usize
    };
    let changed = (0..count).map(|_| {
        let mut text = rules[below(rules.len())].text.clone();
        for _ in 0..=below(2) {
            let other = &rules[below(rules.len())].text;
            let from = other.floor_char_boundary(below(other.len() + 1));
            let to = other.floor_char_boundary((from + below(8)).min(other.len()));
            let start = text.floor_char_boundary(below(text.len() + 1));
            let end = text.floor_char_boundary((start + below(4)).min(text.len()));
            text.replace_range(start..end.max(start), &other[from..to.max(from)]);
        }
        text
    });
    // A separator would make two documents of one text.
    changed.filter(|text| !text.contains("---") && !text.contains('\u{feff}')).collect()
}
