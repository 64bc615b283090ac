//! Plain Rust: control flow as Rust has it, and parameters that say what they are.

use super::offenders::Offence;
use super::rust::{Rust, line_of, take_apart};

/// Text of code without white space, and the rule that it offends against.
const SHAPES: &[(&str, &str)] = &[
    (".filter(|_|", "filter-condition"),
    (".into_iter().for_each(", "for-each"),
    (".iter().for_each(", "for-each"),
];

/// Returns what is not plain in the code of one file.
pub(super) fn offences(text: &str, rust: &Rust) -> Vec<Offence> {
    let mut found = Vec::new();
    let (dense, offsets) = without_space(&rust.code);
    for &(shape, rule) in SHAPES {
        for (at, _) in dense.match_indices(shape) {
            found.push(Offence::new(rule, line_of(text, offsets[at]), shape));
        }
    }
    for (at, _) in rust.code.match_indices("fn ") {
        let in_word = rust.code[..at].ends_with(|before: char| before.is_alphanumeric());
        if in_word {
            continue;
        }
        for parameter in parameters(&rust.code[at..]) {
            if is_tuple(parameter) {
                found.push(Offence::new("tuple-parameter", line_of(text, at), parameter.trim()));
            }
        }
    }
    found
}

/// Returns code without white space, and the offset that each of its bytes had.
fn without_space(code: &str) -> (String, Vec<usize>) {
    let kept = code.char_indices().filter(|(_, character)| !character.is_whitespace());
    let mut dense = String::new();
    let mut offsets = Vec::new();
    for (at, character) in kept {
        dense.push(character);
        offsets.resize(dense.len(), at);
    }
    (dense, offsets)
}

/// Returns the parameters of the function that `code` begins with.
fn parameters(code: &str) -> Vec<&str> {
    let header = code.split(['{', ';']).next().unwrap_or_default();
    let Some(open) = opening(header) else { return Vec::new() };
    let mut found = Vec::new();
    let mut depth = 0_i32;
    let mut start = open + 1;
    let mut before = ' ';
    for (at, character) in header.char_indices().skip_while(|(at, _)| *at < open) {
        match character {
            '(' | '[' | '<' => depth += 1,
            ')' | ']' => depth -= 1,
            '>' if before != '-' => depth -= 1,
            _ => {}
        }
        before = character;
        if depth == 0 || depth == 1 && character == ',' {
            found.push(&header[start..at]);
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// Returns where the parameters begin: behind the generics, which may have brackets of their own.
fn opening(header: &str) -> Option<usize> {
    let mut depth = 0_i32;
    let mut before = ' ';
    header.find(|character| {
        depth += i32::from(character == '<') - i32::from(character == '>' && before != '-');
        before = character;
        character == '(' && depth == 0
    })
}

/// Reports whether a parameter is a tuple of several things, other than an entry of a map.
fn is_tuple(parameter: &str) -> bool {
    let Some((name, kind)) = parameter.split_once(": ") else { return false };
    if ["(key, value)", "(name, value)", "entry"].contains(&name.trim()) {
        return false;
    }
    let kind = kind.trim().trim_start_matches('&');
    let without_lifetime = match kind.strip_prefix('\'') {
        Some(named) => named.split_once(' ').map_or("", |(_, kind)| kind),
        None => kind,
    };
    without_lifetime.starts_with('(') && without_lifetime.contains(',')
}

#[test]
fn shapes_that_are_not_plain_are_found() {
    let source = "fn f<F: Fn(u8, u8) -> u8>((a, b): (u8, u8), c: &'a (u8,\n u8), d: &[(u8, u8)], (key, value): (u8, u8)) {\n    \
                  x\n        .into_iter()\n        .for_each(|y| z(y));\n    \
                  y.filter(|_| a); // .filter(|_| b)\n}\n";
    let rust = take_apart(source);
    let found = offences(source, &rust);
    let found: Vec<_> = found.iter().map(|offence| (offence.rule, offence.line)).collect();
    let expected =
        [("filter-condition", 6), ("for-each", 4), ("tuple-parameter", 1), ("tuple-parameter", 1)];
    assert_eq!(expected.as_slice(), found);
}

#[test]
fn functions_have_up_to_seven_parameters() {
    let clippy = std::fs::read_to_string(super::root().join("clippy.toml")).unwrap();
    assert!(clippy.contains("\ntoo-many-arguments-threshold = 7\n"));
    for (name, text) in super::library() {
        assert!(!text.contains("clippy::too_many_arguments"), "{name} lifts the limit");
    }
}
