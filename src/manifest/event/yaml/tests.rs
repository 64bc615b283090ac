//! The reader beside a second parser, on texts changed at random.
//!
//! Where the two differ, `kubectl` was asked, and was of our opinion: these kinds are listed in
//! [`known_difference`].

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde_json::Value;

use crate::manifest::event::{self, Event, EventKind, ReadError, ReadErrorKind};
use crate::manifest::split::split;

const SEEDS: &[&str] = &[
    include_str!("../../compose/tests/deployment.yaml"),
    include_str!("../../compose/tests/virtualservice.yaml"),
    include_str!("../../compose/tests/odd.yaml"),
    include_str!("tests/flow.yaml"),
    include_str!("tests/block.yaml"),
    include_str!("tests/quoted.yaml"),
];

/// What goes in place of a few bytes.
const FRAGMENTS: &[&str] = &[
    "",
    " ",
    "\n",
    "  ",
    "\n  ",
    "\n\n",
    "- ",
    "-",
    ": ",
    ":",
    ":\n",
    "#",
    " # c\n",
    "'",
    "''",
    "\"",
    "{",
    "}",
    "[",
    "]",
    "[]",
    "{}",
    ",",
    ", ",
    "|",
    "|-\n",
    "|+\n",
    "|2\n",
    ">",
    ">\n",
    "&a ",
    "&a\n",
    "*a",
    "*a ",
    "!!str ",
    "! ",
    "!x ",
    "!<y> ",
    "<<: ",
    "? ",
    "?",
    "yes",
    "0644",
    "~",
    "\\",
    "\\n",
    "\\x41",
    "\\\n",
    "\r\n",
    "\r",
    "\r\r",
    "\r\r\n",
    "\t",
    "%",
    "%YAML 1.1\n",
    "---\n",
    "\n---\n",
    "...\n",
    "\n...\n",
    "@",
    "`",
    "é",
    "\u{85}",
    "\u{2028}",
    "a",
    "a: b\n",
    "a:\n",
    "  a: b\n",
    "- a\n",
    "- - ",
    "[a: b]",
    "{a: b, c}",
];

/// The texts that `count` random changes make; the same ones every time.
struct Mutants {
    random: u64,
    count: usize,
}

impl Mutants {
    fn next_random(&mut self, bound: usize) -> usize {
        // splitmix64
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.random;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % bound.max(1) as u64) as usize
    }
}

impl Iterator for Mutants {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        self.count = self.count.checked_sub(1)?;
        let mut text = SEEDS[self.next_random(SEEDS.len())].to_owned();
        if self.next_random(2) == 0 {
            let start = text.floor_char_boundary(self.next_random(text.len()));
            let end = text.floor_char_boundary(start + self.next_random(120));
            text = text[start..end].to_owned();
        }
        for _ in 0..=self.next_random(4) {
            let start = text.floor_char_boundary(self.next_random(text.len() + 1));
            let end = text.floor_char_boundary(start + self.next_random(6));
            let fragment = FRAGMENTS[self.next_random(FRAGMENTS.len())];
            text.replace_range(start..end.max(start), fragment);
        }
        Some(text)
    }
}

/// Returns the events but the last, without what only one of the parsers knows.
fn collect<'t>(
    events: impl IntoIterator<Item = Result<Event<'t>, ReadError>>,
) -> Result<Vec<Event<'t>>, ReadError> {
    let without_places = |event: Event<'t>| {
        let mut event = Event { span: 0..0, ..event };
        event.properties.start = None;
        event
    };
    let is_end = |event: &Result<Event<'t>, ReadError>| {
        event.as_ref().is_ok_and(|event| event.kind == EventKind::DocumentEnd)
    };
    let events = events.into_iter().take_while(|event| !is_end(event));
    events.map(|event| event.map(without_places)).collect()
}

/// Returns the difference between the parsers that is not known, if there is one, or what is wrong with
/// our events.
fn difference(text: &str) -> Option<String> {
    if let Some(unsound) = event::unsound(text) {
        return Some(format!("{text:?}: {unsound}"));
    }
    let ours = collect(event::events(text));
    let theirs = catch_unwind(AssertUnwindSafe(|| collect(event::second_opinion(text)))).ok()?;
    let same = match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) => ours == theirs,
        (Err(_), Err(_)) => true,
        _ => false,
    };
    if same || known_difference(text, ours.as_ref().err(), theirs.as_ref().err()).is_some() {
        return None;
    }
    Some(format!("{text:?}\nours: {ours:?}\ntheirs: {theirs:?}"))
}

/// Returns why the second opinion is not that of `kubectl`.
fn known_difference(
    text: &str,
    ours: Option<&ReadError>,
    theirs: Option<&ReadError>,
) -> Option<&'static str> {
    let they_say = |words| theirs.is_some_and(|error| error.message.contains(words));
    if they_say("found unexpected ':'") {
        return Some("a colon before a bracket ends a word, as in `[a:]`");
    }
    if they_say("unknown escape character") && text.contains("\\'") {
        return Some("`\\'` is an escape");
    }
    if ours.is_some_and(|error| error.message.contains("valid in JSON only")) {
        return Some("`\\/` is not an escape");
    }
    if ours.is_some_and(|error| error.kind == ReadErrorKind::TooDeep) {
        return Some("255 levels are enough");
    }
    if text.contains("%YAML") {
        return Some("`%YAML 1.2` is not known, and `%YAML 1.1` is not refused");
    }
    if text.contains('\u{feff}') {
        return Some("a byte order mark is a character");
    }
    if they_say("mapping values are not allowed") && !text.is_ascii() && text.len() > 1024 {
        return Some("the length of a key is counted in characters");
    }
    let words = || text.split([' ', '\t', '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
    if words()
        .any(|word| word.split_once('!').is_some_and(|(_, tag)| tag.contains([',', '[', ']', '%'])))
    {
        return Some("a tag may hold commas and brackets, and `%` with the digits of bytes");
    }
    let ends_word = |(at, _): (usize, &str)| {
        let before = text[..at].trim_end();
        before.contains(['[', '{']) && !before.ends_with(['[', '{', ','])
    };
    if text.match_indices('?').any(ends_word) {
        return Some("`?` ends a word between brackets");
    }
    None
}

fn check(count: usize, seed: u64) {
    let mut differences = Mutants { random: seed, count }.filter_map(|text| difference(&text));
    let found: Vec<_> = differences.by_ref().take(20).collect();
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

/// Everything that a test reads from a file: fixtures, goldens, rules, and the recorded suites where they
/// lie beside the project.
#[test]
fn both_parsers_find_the_same_events_in_all_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["fixtures", "snapshots", "tests", "src", "examples", "../shared/conformance"];
    let mut texts = Vec::new();
    folders.iter().for_each(|folder| collect_texts(&root.join(folder), &mut texts));
    let documents =
        texts.iter().flat_map(|text| split(text).filter_map(|chunk| text.get(chunk.text)));
    let documents: Vec<_> = documents.collect();
    let found: Vec<_> = documents.iter().filter_map(|text| difference(text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n\n"));
    assert!(documents.len() > 5_000, "only {} documents were found", documents.len());
}

/// Adds the texts of the YAML files of a folder, and those in the lines of JSON.
#[allow(clippy::disallowed_methods, reason = "tests read files")]
fn collect_texts(folder: &Path, texts: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension {
            None if path.is_dir() => collect_texts(&path, texts),
            Some("yaml" | "yml") if path.is_file() => texts.extend(fs::read_to_string(&path).ok()),
            Some("jsonl") => {
                let lines = fs::read_to_string(&path).unwrap();
                let values = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
                let text = |value: Value| {
                    value
                        .get("input")
                        .or(value.get("text"))
                        .and_then(Value::as_str)
                        .map(str::to_owned)
                };
                texts.extend(values.filter_map(text));
            }
            _ => {}
        }
    }
}

#[test]
fn both_parsers_find_the_same_events() {
    for seed in SEEDS {
        assert_eq!(difference(seed), None);
        assert!(collect(event::events(seed)).is_ok(), "{seed}");
    }
    check(20_000, 1);
}

/// Takes a quarter of an hour with `cargo test --release`.
#[test]
#[ignore = "for changes of the reader"]
fn both_parsers_find_the_same_events_ten_million_times() {
    std::panic::set_hook(Box::new(|_| {}));
    check(10_000_000, 2);
}
