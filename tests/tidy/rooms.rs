//! The rooms of the library: which of them use which.
//!
//! A room is a file of `src` and the folder beside it. A use is a path to something of another room, in
//! a `use` line or anywhere else in the code, tests included.

use std::collections::BTreeSet;

use super::rust::{line_of, take_apart};
use super::{LAYERS, library};

/// A path from one room to another.
#[derive(Debug, PartialEq, Eq)]
struct Use {
    room: String,
    used: String,
    /// The file and line of the path.
    place: String,
}

#[test]
fn uses_point_one_way() {
    let place_of = |room: &str| LAYERS.iter().position(|known| *known == room);
    let mut wrong = Vec::new();
    for Use { room, used, place } in uses() {
        let (own, other) = (place_of(&room), place_of(&used));
        if own.is_none() {
            wrong.push(format!("{place}: {room} is not in LAYERS"));
        } else if other.is_none() {
            wrong.push(format!("{place}: {used} is not a room; name the room that it comes from"));
        } else if other > own {
            wrong.push(format!("{place}: {room} uses {used}, which is above it"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_rooms_use_each_other_in_a_circle() {
    let uses = uses();
    let circle = in_circles(&uses);
    assert!(circle.is_empty(), "in a circle, or between two: {circle:?}");
}

/// Returns the rooms that are left when those are taken away, one after the other, that no room uses or
/// that use none.
fn in_circles(uses: &[Use]) -> BTreeSet<&str> {
    let mut left: BTreeSet<(&str, &str)> =
        uses.iter().map(|one| (one.room.as_str(), one.used.as_str())).collect();
    loop {
        let rooms: BTreeSet<_> = left.iter().map(|(room, _)| *room).collect();
        let used: BTreeSet<_> = left.iter().map(|(_, used)| *used).collect();
        let before = left.len();
        left.retain(|(room, other)| used.contains(room) && rooms.contains(other));
        if left.len() == before {
            return rooms;
        }
    }
}

/// Returns every use of another room.
fn uses() -> Vec<Use> {
    let mut found = Vec::new();
    for (name, text) in library() {
        let module: Vec<_> = name.trim_end_matches(".rs").split('/').collect();
        if module != ["lib"] {
            found.extend(uses_of(&name, &module, &text));
        }
    }
    found
}

fn uses_of(name: &str, module: &[&str], text: &str) -> Vec<Use> {
    let code = take_apart(text).code;
    let mut found = Vec::new();
    for path in paths(&code) {
        let Some(used) = resolve(module, &path) else { continue };
        if used != module[0] {
            let place = format!("src/{name}:{}", line_of(text, path.at));
            found.push(Use { room: module[0].to_owned(), used, place });
        }
    }
    found
}

/// A path that begins with `crate`, `super` or `self`.
#[derive(Debug)]
struct Path<'t> {
    at: usize,
    /// The modules inside of the file that it stands in.
    within: Vec<&'t str>,
    segments: Vec<&'t str>,
}

/// Returns the room that a path leads to: the first module below the root of the crate.
fn resolve(module: &[&str], path: &Path<'_>) -> Option<String> {
    let mut absolute = [module, &path.within].concat();
    for segment in &path.segments {
        match *segment {
            "crate" => absolute.clear(),
            "super" => drop(absolute.pop()),
            "self" => {}
            name => absolute.push(name),
        }
    }
    // `crate` alone is a visibility.
    let is_visibility = path.segments == ["crate"];
    (!is_visibility).then(|| absolute.first().map_or("the root", |room| *room).to_owned())
}

/// Returns the paths of code, those of a group one by one.
fn paths(code: &str) -> Vec<Path<'_>> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut within: Vec<(&str, usize)> = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some((offset, token)) = tokens.get(at).copied() {
        let before = at.checked_sub(1).map_or("", |before| tokens[before].1);
        match token {
            "mod" if word(&tokens, at + 2) == "{" => within.push((word(&tokens, at + 1), depth)),
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                within.pop_if(|(_, outside)| *outside == depth);
            }
            "crate" | "super" | "self" if before != "::" && before != "$" => {
                let mut trees = Vec::new();
                at = read_tree(&tokens, at, &[], &mut trees);
                let names: Vec<_> = within.iter().map(|(name, _)| *name).collect();
                let paths = trees.into_iter().map(|segments| Path {
                    at: offset,
                    within: names.clone(),
                    segments,
                });
                // `self` alone is a value, and `super` alone a visibility.
                found.extend(paths.filter(|path| path.segments.len() > 1));
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Reads the path at `at`, and what its groups hold; returns the first token behind it.
fn read_tree<'t>(
    tokens: &[(usize, &'t str)],
    mut at: usize,
    prefix: &[&'t str],
    found: &mut Vec<Vec<&'t str>>,
) -> usize {
    let mut path = prefix.to_vec();
    loop {
        match word(tokens, at) {
            "{" => return read_group(tokens, at + 1, &path, found),
            name if is_path_word(name) => path.push(name),
            _ => break,
        }
        at += 1;
        if word(tokens, at) != "::" {
            break;
        }
        at += 1;
    }
    found.push(path);
    if word(tokens, at) == "as" { at + 2 } else { at }
}

/// Reads the paths of a group from behind its brace; returns the first token behind the group.
fn read_group<'t>(
    tokens: &[(usize, &'t str)],
    mut at: usize,
    prefix: &[&'t str],
    found: &mut Vec<Vec<&'t str>>,
) -> usize {
    while !["}", ""].contains(&word(tokens, at)) {
        let next = read_tree(tokens, at, prefix, found);
        let is_separator = next == at || word(tokens, next) == ",";
        at = next + usize::from(is_separator);
    }
    at + 1
}

fn word<'t>(tokens: &[(usize, &'t str)], at: usize) -> &'t str {
    tokens.get(at).map_or("", |token| token.1)
}

fn is_path_word(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Splits code into words, `::` and single characters, each with its offset.
fn tokens(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = code[at..].chars().next() {
        let rest = &code[at..];
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        let length = if is_word(first) {
            rest.find(|character| !is_word(character)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        if !first.is_whitespace() {
            found.push((at, &rest[..length]));
        }
        at += length;
    }
    found
}

#[test]
fn paths_are_seen_wherever_they_stand() {
    let source = "use crate::{emit, model::{a as b, C}, render::*};\npub(super) fn f(&self) { \
                  crate::plan::Stage::X; super::super::super::lint::g::<crate::krm::K>(); self.x }\n\
                  pub(in crate::plan::routing) use super::{super::super::tree::T, split};\n\
                  mod inner { use super::super::super::super::check::C; use super::super::names; }\n\
                  // crate::moves::M\nuse super::super::super::Root;";
    let found = uses_of("plan/routing/x.rs", &["plan", "routing", "x"], source);
    let found: Vec<_> = found.iter().map(|one| (one.used.as_str(), one.place.as_str())).collect();
    let expected = [
        ("emit", "src/plan/routing/x.rs:1"),
        ("model", "src/plan/routing/x.rs:1"),
        ("model", "src/plan/routing/x.rs:1"),
        ("render", "src/plan/routing/x.rs:1"),
        ("lint", "src/plan/routing/x.rs:2"),
        ("krm", "src/plan/routing/x.rs:2"),
        ("tree", "src/plan/routing/x.rs:3"),
        ("check", "src/plan/routing/x.rs:4"),
        ("Root", "src/plan/routing/x.rs:6"),
    ];
    assert_eq!(expected.as_slice(), found);
}

#[test]
fn circles_are_found() {
    let uses_of = |pairs: &[(&str, &str)]| -> Vec<Use> {
        let uses = pairs.iter().map(|(room, used)| Use {
            room: (*room).to_owned(),
            used: (*used).to_owned(),
            place: String::new(),
        });
        uses.collect()
    };
    assert!(in_circles(&uses_of(&[("c", "a"), ("c", "b"), ("b", "a")])).is_empty());
    let uses = uses_of(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"), ("c", "e")]);
    assert_eq!(BTreeSet::from(["a", "b", "c"]), in_circles(&uses));
}
