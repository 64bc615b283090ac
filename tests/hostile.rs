//! Trees of somebody who would like to speak for rollstep, and every view of them.
//!
//! One value at a time of a tree that has each kind is replaced: each field by each value, and each key by
//! each text. The views must neither panic nor report a fault of rollstep itself, show the same twice, and
//! show nothing hidden and no line that the input began. The test takes a part of the combinations, a
//! different one for each field; `ROLLSTEP_HOSTILE=all cargo test --release --test hostile` takes all.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

#[path = "hostile/command.rs"]
mod command;
#[path = "hostile/views.rs"]
mod views;

use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rollstep::{Input, Source, escape, to_yaml};
use serde_json::{Value, json};
use views::Shown;

/// What a line of the input would say, if one began.
const INJECTED: &str = "INJECTED";

/// One of how many combinations is tried, where not all are.
const PART: usize = 61;

/// The values that each field has in turn.
fn values() -> Vec<Value> {
    let long = "x".repeat(10_000);
    vec![
        json!("\nINJECTED"),
        json!("\r\n::error file=a::INJECTED"),
        json!("::stop-commands::INJECTED"),
        json!("  ::error::x"),
        json!("##[error]INJECTED ##vso[task.complete] ##teamcity[x]"),
        json!("a\n##[group]INJECTED\n##vso[a]\n  ##teamcity[b]\n  ::warning::INJECTED\n"),
        json!("\u{1b}[2J\u{1b}]0;INJECTED\u{7}"),
        json!("\u{202e}abc\u{2066}\u{2069}"),
        json!("a\u{200b}\u{feff}\u{ad}b"),
        json!("\u{e0041}\u{e0042}"),
        json!("a\u{2028}INJECTED\u{2029}INJECTED\u{85}INJECTED"),
        json!("\u{0}\u{1}\u{7f}\u{9b}31m"),
        json!("\t\u{b}\u{c}INJECTED"),
        json!("`\n```\nINJECTED"),
        json!("</pre>\nINJECTED<script>"),
        json!("$(INJECTED) ${{ INJECTED }}"),
        json!(long),
        json!(""),
        json!(null),
        json!(true),
        json!(-1),
        json!(18_446_744_073_709_551_615_u64),
        json!(1.5e300),
        json!([]),
        json!({"\nINJECTED": "::error::x"}),
        json!([["\nINJECTED"]]),
    ]
}

/// The tree, object by object.
fn tree() -> Vec<Value> {
    let text = include_str!("hostile/tree.yaml");
    rollstep::read(&[Source::new("tree.yaml", text)]).unwrap()
}

/// Returns the JSON pointers of every value below.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let escaped = |key: &String| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                pointers(field, &format!("{at}/{}", escaped(key)), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Returns the tree with another value, or with a key renamed where the value is a text.
fn variants(object: usize, pointer: &str, value: &Value) -> Vec<Vec<Value>> {
    let mut replaced = tree();
    *replaced[object].pointer_mut(pointer).unwrap() = value.clone();
    let (above, key) = pointer.rsplit_once('/').unwrap_or_default();
    let mut renamed = tree();
    let parent = renamed[object].pointer_mut(above).and_then(Value::as_object_mut);
    match (parent, value.as_str()) {
        (Some(fields), Some(text)) if !pointer.is_empty() => {
            let key = key.replace("~1", "/").replace("~0", "~");
            let field = fields.remove(&key).unwrap();
            fields.insert(text.to_owned(), field);
            vec![replaced, renamed]
        }
        _ => vec![replaced],
    }
}

fn input(objects: &[Value], file: &str) -> Input {
    let texts: Vec<_> = objects.iter().map(to_yaml).collect();
    Input::new(vec![Source::new(file, texts.join("---\n"))], None)
}

/// Returns what is wrong with a text.
fn fault(Shown { view, text }: &Shown) -> Option<String> {
    let hidden = |one: &char| !matches!(one, '\n' | '\t') && escape::is_hidden(*one);
    if let Some(hidden) = text.chars().find(hidden) {
        return Some(format!("shows {hidden:?}"));
    }
    if text.contains("internal]") || text.contains("please report") {
        return Some("is a fault of rollstep".to_owned());
    }
    for line in text.lines() {
        let begun = line.trim_start();
        let command = begun.starts_with("::") && *view != "check github";
        let begins_command = command || begun.starts_with("::stop") || begun.starts_with("::add");
        let holds_command = ["##[", "##vso[", "##teamcity["].iter().any(|one| line.contains(one));
        let injected = begun.starts_with(INJECTED) && !views::shows_manifests(view);
        if begins_command || holds_command || injected {
            return Some(format!("has the line {line:?}"));
        }
    }
    None
}

fn faults(objects: &[Value], file: &str) -> Vec<String> {
    let input = input(objects, file);
    let Ok((once, again)) = catch_unwind(|| (views::all(&input), views::all(&input))) else {
        return vec!["panics".to_owned()];
    };
    let texts = |shown: &[Shown]| shown.iter().map(|one| one.text.clone()).collect::<Vec<_>>();
    let mut found: Vec<_> =
        once.iter().filter_map(|shown| Some(format!("{} {}", shown.view, fault(shown)?))).collect();
    if texts(&once) != texts(&again) {
        found.push("is not the same twice".to_owned());
    }
    found
}

#[test]
fn the_tree_itself_is_shown_by_every_view() {
    let shown = views::all(&input(&tree(), "tree.yaml"));
    for view in ["plan text", "diff unified", "check text", "explain text", "move sentence"] {
        assert!(shown.iter().any(|one| one.view == view), "{view} shows nothing");
    }
    assert_eq!(faults(&tree(), "tree.yaml"), Vec::<String>::new());
}

#[test]
fn no_value_speaks_for_rollstep() {
    let part = if std::env::var_os("ROLLSTEP_HOSTILE").is_some() { 1 } else { PART };
    let mut places = Vec::new();
    for (index, object) in tree().iter().enumerate() {
        let mut found = Vec::new();
        pointers(object, "", &mut found);
        places.extend(found.into_iter().map(|pointer| (index, pointer)));
    }
    let values = values();
    let combinations: Vec<_> = (0..places.len() * values.len()).step_by(part).collect();
    let (next, runs) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong = Mutex::new(Vec::new());
    let work = || {
        while let Some(&at) = combinations.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (object, pointer) = &places[at / values.len()];
            let (trees, found) = judged(*object, pointer, &values[at % values.len()]);
            runs.fetch_add(trees, Ordering::Relaxed);
            wrong.lock().unwrap().extend(found);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().unwrap();
    println!("{} trees", runs.into_inner());
    assert!(
        wrong.is_empty(),
        "{} faults:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
}

/// Returns how many trees were tried, and what is wrong with them.
fn judged(object: usize, pointer: &str, value: &Value) -> (usize, Vec<String>) {
    let variants = variants(object, pointer, value);
    let kind = &tree()[object]["kind"];
    let value: String = value.to_string().chars().take(60).collect();
    let found = variants.iter().flat_map(|objects| faults(objects, "tree.yaml"));
    let found = found.map(|fault| format!("{kind}{pointer} {value}: {fault}")).collect();
    (variants.len(), found)
}

/// Words of a value that come to stand at the beginning of a line where a text is broken into lines.
#[test]
fn no_value_of_several_words_begins_a_line() {
    for word in [INJECTED, "::error::x", "a` INJECTED"] {
        let value = json!([word; 30].join(" "));
        for (object, pointer) in [
            ("Rollout", "/spec/strategy/canary/steps/0/matches/0/headers/0/value"),
            ("Rollout", "/spec/strategy/canary/steps/0/matches/0/queryParams/0/value"),
            ("VirtualService", "/spec/http/0/name"),
            ("VirtualService", "/spec/http/0/match/0/uri/prefix"),
            ("VirtualService", "/spec/http/0/match/0/headers/x-user/regex"),
        ] {
            let is_wanted = |one: &Value| one["kind"] == object && one.pointer(pointer).is_some();
            let index = tree().iter().position(is_wanted).expect(pointer);
            let value = json!(format!("/{}", value.as_str().unwrap()));
            assert_eq!(judged(index, pointer, &value).1, Vec::<String>::new());
        }
    }
}

#[test]
fn no_file_name_speaks_for_rollstep() {
    for name in values().iter().filter_map(Value::as_str) {
        let mut objects = tree();
        // Something to be reported at a line of the file.
        objects[4]["spec"]["time_out"] = json!("3s");
        assert_eq!(faults(&objects, name), Vec::<String>::new(), "{name:.40?}");
    }
}
