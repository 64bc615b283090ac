//! The rules of docs/style.md that a machine can see: words, first lines and names of files.

use super::offenders::Offence;
use super::rust::{Kind, Piece, Rust, line_of, take_apart};

/// Words and phrases that have a plainer form. A space at the end stands for "and another word".
const STILTED: &[&str] =
    &["told", "tells", "tell ", "is no ", "is none", "nobody", "none of our business"];

/// First words of a module's doc that ask a question or begin half a sentence.
const NOT_A_NOUN: &[&str] = &[
    "what", "who", "how", "which", "where", "why", "whose", "whom", "when", "whether", "if",
    "that", "as", "by", "from", "for", "in", "of", "on", "to", "with", "without", "behind",
    "between", "it", "there", "this", "these",
];

/// Words that end the noun phrase at the beginning of a line: what follows may have a verb of its own.
const SUBORDINATE: &[&str] = &[
    "that", "which", "who", "whose", "whom", "what", "where", "when", "how", "why", "as",
    "whether", "while", "if", "than", "there", "until", "because", "so", "after", "before", "once",
    "since",
];

/// Verbs that make a sentence of a line.
const FINITE: &[&str] = &[
    "is", "are", "was", "were", "has", "have", "must", "may", "can", "cannot", "does", "do",
    "goes", "stays", "comes", "should", "will",
];

/// Words behind a verb and not behind a plural: "Moves a rollout" is a sentence without its subject.
const DETERMINERS: &[&str] =
    &["a", "an", "the", "one", "all", "every", "each", "what", "whether", "its", "it", "them"];

/// Verbs that are not plurals of anything.
const VERBS: &[&str] = &["reads", "writes", "renders", "decides", "finds", "makes", "says"];

/// Returns what offends against the voice in one file, named by its path below the repository.
pub(super) fn offences(path: &str, text: &str, rust: &Rust) -> Vec<Offence> {
    let mut found = Vec::new();
    if let Some(stem) = ["told.rs", "words.rs"].into_iter().find(|stem| is_file(path, stem)) {
        found.push(Offence::new("file-name", 1, stem));
    }
    let module = rust.pieces.iter().find(|piece| piece.kind == Kind::ModuleDoc);
    if let Some(module) = module.filter(|module| !is_noun_phrase(&module.text)) {
        found.push(Offence::new("module-line", line_of(text, module.start), first_line(module)));
    }
    for piece in &rust.pieces {
        for phrase in stilted(piece) {
            found.push(Offence::new("words", line_of(text, piece.start), &phrase));
        }
        let is_function = piece.kind == Kind::ItemDoc && is_function(&rust.code[piece.end..]);
        if is_function && !begins_with_verb(&piece.text) {
            found.push(Offence::new("function-doc", line_of(text, piece.start), first_line(piece)));
        }
    }
    found
}

fn is_file(path: &str, name: &str) -> bool {
    path.rsplit('/').next() == Some(name)
}

fn first_line(piece: &Piece) -> &str {
    piece.text.lines().next().unwrap_or_default()
}

/// Returns each stilted phrase of a piece with the words around it.
fn stilted(piece: &Piece) -> Vec<String> {
    let prose = prose(piece);
    let mut found = Vec::new();
    for phrase in STILTED {
        for (at, _) in prose.match_indices(phrase) {
            let (before, after) = (&prose[..at], &prose[at + phrase.len()..]);
            let begins = !before.ends_with(is_word);
            let ends = phrase.ends_with(' ') || !after.starts_with(is_word);
            // "There is no Service" and "it is no longer there" are plain.
            let is_plain = phrase.starts_with("is ") && before.ends_with("there ")
                || *phrase == "is no " && after.starts_with("longer ");
            if begins && ends && !is_plain {
                found.push(excerpt(before, phrase, after));
            }
        }
    }
    found
}

/// Returns a phrase with a few words on both sides.
fn excerpt(before: &str, phrase: &str, after: &str) -> String {
    let mut words: Vec<_> = before.split(' ').rev().take(5).collect();
    words.reverse();
    let behind: Vec<_> = after.split(' ').take(5).collect();
    format!("{}{phrase}{}", words.join(" "), behind.join(" "))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || "-_".contains(character)
}

/// Returns what a piece says on one line, in small letters, without names of code.
fn prose(piece: &Piece) -> String {
    let mut text = piece.text.to_lowercase();
    if piece.kind == Kind::Literal {
        text = text.replace("\\\n", "").replace("\\n", " ");
        text = without(&text, '{', '}');
    }
    let text = without(&text, '`', '`');
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns `text` with an ellipsis in place of what stands from `open` to `close`.
fn without(text: &str, open: char, close: char) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        let Some((_, behind)) = after.split_once(close) else { break };
        kept.push_str(before);
        kept.push('…');
        rest = behind;
    }
    kept + rest
}

/// Reports whether the first sentence names a thing, as far as that shows.
fn is_noun_phrase(doc: &str) -> bool {
    let paragraph = doc.split("\n\n").next().unwrap_or_default().to_lowercase();
    let sentence = paragraph.split(['.', ':', ';']).next().unwrap_or_default();
    let words: Vec<_> = sentence.split_whitespace().map(|word| word.trim_matches(',')).collect();
    let first = words.first().copied().unwrap_or_default();
    let second = words.get(1).copied().unwrap_or_default();
    let is_verb = VERBS.contains(&first) || first.ends_with('s') && DETERMINERS.contains(&second);
    let mut main = words.iter().take_while(|word| !SUBORDINATE.contains(word));
    !NOT_A_NOUN.contains(&first) && !is_verb && !main.any(|word| FINITE.contains(word))
}

/// Reports whether code begins with a function, behind its attributes.
fn is_function(code: &str) -> bool {
    let mut code = code.trim_start();
    while code.starts_with("#[") {
        let mut depth = 0_i32;
        let end = code.find(|character| {
            depth += i32::from(character == '[') - i32::from(character == ']');
            character == ']' && depth == 0
        });
        code = end.map_or("", |end| &code[end + 1..]).trim_start();
    }
    let signature = code.split(['(', '{', ';', '=']).next().unwrap_or_default();
    let restricted = code.strip_prefix("pub(").and_then(|code| code.split_once(')'));
    let signature = restricted.map_or(signature, |(_, behind)| behind.trim_start());
    let mut words = signature.split_whitespace();
    words.find(|word| !["pub", "const", "async", "unsafe", "extern"].contains(word)) == Some("fn")
}

/// Reports whether a doc begins with a verb in the third person, as far as that shows.
fn begins_with_verb(doc: &str) -> bool {
    let mut words = doc.split_whitespace();
    let first = words.next().unwrap_or_default();
    let second = words.next().unwrap_or_default();
    let is_plural = second == "of" && first != "Returns";
    let letters = first.trim_end_matches(',');
    letters.ends_with('s')
        && letters.chars().all(char::is_alphabetic)
        && !["As", "This", "Its", "Tells", "Whose", "Always"].contains(&letters)
        && !is_plural
}

#[test]
fn noun_phrases_are_recognised() {
    for line in [
        "Exact weights of one rule.",
        "The rules of a route after a rollout has changed them.",
        "A Service, as far as a rollout looks into it.",
        "Objects that are there twice.",
        "Every code there is, in the order of the work.",
        "`rollstep diff`: what a step changes.",
    ] {
        assert!(is_noun_phrase(line), "{line}");
    }
    for line in [
        "What is written where.",
        "Who else selects the pods.",
        "Moves a rollout from one stage to the next.",
        "Writes changed files: all of a file or nothing.",
        "Faults are found: rendered specs, changed by hand.",
        "In which style the controller rolls out.",
    ] {
        assert!(!is_noun_phrase(line), "{line}");
    }
}

#[test]
fn stilted_words_are_found_in_prose_alone() {
    let source = "/// Tells the rest, which is\n/// no name; it is no longer told.\nfn tell_it() {\n    \
                  // `told` is an untold name: the answer is no; there is none.\n    \
                  say(\"{told} is \\\n    none\");\n}\n";
    let rust = take_apart(source);
    let found = offences("src/plan/told.rs", source, &rust);
    let found: Vec<_> = found.iter().map(|offence| (offence.rule, offence.line)).collect();
    let expected = [
        ("file-name", 1),
        ("words", 1),
        ("words", 1),
        ("words", 1),
        ("function-doc", 1),
        ("words", 5),
    ];
    assert_eq!(expected.as_slice(), found);
}

#[test]
fn docs_of_functions_are_recognised() {
    assert!(is_function("\n#[must_use = \"x[y]\"]\n    pub(super) const fn f() {}"));
    assert!(is_function("pub fn f() {}"));
    assert!(!is_function("\nstruct S { call: fn() }"));
    assert!(!is_function("pub(crate) type F = fn(u32);"));
    assert!(begins_with_verb("Returns the split."));
    assert!(begins_with_verb("Returns which rollouts change it."));
    assert!(begins_with_verb("Checks that a split is whole."));
    assert!(!begins_with_verb("Tells the split."));
    assert!(!begins_with_verb("Names of rules."));
    assert!(!begins_with_verb("The split of a rule."));
}
