//! Rust source, taken apart into code, comments and string literals.
//!
//! Knows as much of the grammar as is needed to find where a comment or a literal ends. Code keeps its
//! place: what is not code is blank in it, so that an offset means the same in both.

/// What a piece of source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A block of `//!` lines.
    ModuleDoc,
    /// A block of `///` lines.
    ItemDoc,
    /// A block of `//` lines, or one `/* … */`.
    Comment,
    /// The inside of a string literal.
    Literal,
}

/// A comment or literal.
#[derive(Debug)]
pub(super) struct Piece {
    /// What it is.
    pub(super) kind: Kind,
    /// Where it begins, in bytes.
    pub(super) start: usize,
    /// Where it ends, in bytes.
    pub(super) end: usize,
    /// What it says: lines of a comment without their slashes.
    pub(super) text: String,
}

/// A file of Rust.
#[derive(Debug)]
pub(super) struct Rust {
    /// The code, with blanks for comments and for the insides of literals.
    pub(super) code: String,
    /// Comments and literals, in their order.
    pub(super) pieces: Vec<Piece>,
}

/// Takes `text` apart.
pub(super) fn take_apart(text: &str) -> Rust {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut blanked = text.as_bytes().to_vec();
    let mut at = 0;
    while at < text.len() {
        let Some(token) = token_at(text, at) else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        for byte in &mut blanked[token.start..token.end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = token.after;
        let Some(kind) = token.kind else { continue };
        let inside = &text[token.start..token.end];
        match pieces.last_mut() {
            Some(last) if continues(text, last, kind, token.start) => {
                last.text.push('\n');
                last.text.push_str(without_slashes(inside));
                last.end = token.end;
            }
            _ => {
                let said = if kind == Kind::Literal { inside } else { without_slashes(inside) };
                let (start, end) = (token.start, token.end);
                pieces.push(Piece { kind, start, end, text: said.to_owned() });
            }
        }
    }
    Rust { code: String::from_utf8(blanked).unwrap(), pieces }
}

/// Returns the number of the line that `offset` is on, from 1.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// A comment or a literal where it was found; one of characters has no kind, and is not kept.
struct Token {
    kind: Option<Kind>,
    start: usize,
    end: usize,
    /// The first byte behind it, quotes included.
    after: usize,
}

fn token_at(text: &str, at: usize) -> Option<Token> {
    let rest = &text[at..];
    if rest.starts_with("//") {
        let end = rest.find('\n').map_or(text.len(), |length| at + length);
        return Some(Token { kind: Some(comment(rest)), start: at, end, after: end });
    }
    if rest.starts_with("/*") {
        let end = at + block_comment(rest);
        return Some(Token { kind: Some(Kind::Comment), start: at, end, after: end });
    }
    if rest.starts_with('\'') {
        return character(rest).map(|length| Token {
            kind: None,
            start: at + 1,
            end: at + length - 1,
            after: at + length,
        });
    }
    if let Some(inside) = rest.strip_prefix('"') {
        return Some(literal(at + 1, at + 1 + string(inside), 1));
    }
    let in_word = text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
    if in_word { None } else { raw_string(rest, at) }
}

fn literal(start: usize, end: usize, quote: usize) -> Token {
    Token { kind: Some(Kind::Literal), start, end, after: end + quote }
}

fn comment(rest: &str) -> Kind {
    if rest.starts_with("//!") {
        Kind::ModuleDoc
    } else if rest.starts_with("///") && !rest.starts_with("////") {
        Kind::ItemDoc
    } else {
        Kind::Comment
    }
}

/// Returns the length of a comment, which may hold others.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// Returns the length of a character with its quotes; a lifetime has none.
fn character(rest: &str) -> Option<usize> {
    let inside = &rest[1..];
    if inside.starts_with('\\') {
        let end = inside[2..].find('\'')?;
        return Some(1 + 2 + end + 1);
    }
    let length = inside.chars().next()?.len_utf8();
    inside[length..].starts_with('\'').then_some(1 + length + 1)
}

/// Returns the length of the inside of a string.
fn string(inside: &str) -> usize {
    let mut escaped = false;
    for (at, character) in inside.char_indices() {
        match character {
            '"' if !escaped => return at,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    inside.len()
}

/// Returns `r"…"`, `r#"…"#` and those of bytes.
fn raw_string(rest: &str, at: usize) -> Option<Token> {
    let prefix = ["r", "br", "cr"].into_iter().find(|prefix| {
        let behind = rest.strip_prefix(prefix);
        behind.is_some_and(|behind| behind.trim_start_matches('#').starts_with('"'))
    })?;
    let hashes = rest[prefix.len()..].bytes().take_while(|byte| *byte == b'#').count();
    let start = prefix.len() + hashes + 1;
    let close = format!("\"{}", "#".repeat(hashes));
    let length = rest[start..].find(&close)?;
    Some(literal(at + start, at + start + length, close.len()))
}

fn continues(text: &str, last: &Piece, kind: Kind, start: usize) -> bool {
    let between = &text[last.end..start];
    let next_line = between.trim().is_empty() && between.matches('\n').count() == 1;
    // A comment behind code is not continued by one on the next line, which may be of other code.
    let line = text[..last.start].rsplit('\n').next().unwrap_or_default();
    last.kind == kind && kind != Kind::Literal && next_line && line.trim().is_empty()
}

fn without_slashes(line: &str) -> &str {
    let line = line.trim_start_matches('/');
    line.strip_prefix('!').unwrap_or(line).trim()
}

#[test]
fn source_is_taken_apart() {
    let source = "//! Doc.\n//! More.\n\nfn f<'a>(x: &'a str) { // one\n    // two\n    let _ = \
                  ('\"', '\\'', \"a \\\" b\", r#\"c \" d\"#, b\"e\"); /* f /* g */ */ }\n";
    let Rust { code, pieces } = take_apart(source);
    let said: Vec<_> = pieces.iter().map(|piece| (piece.kind, piece.text.as_str())).collect();
    let expected = [
        (Kind::ModuleDoc, "Doc.\nMore."),
        (Kind::Comment, "one"),
        (Kind::Comment, "two"),
        (Kind::Literal, "a \\\" b"),
        (Kind::Literal, "c \" d"),
        (Kind::Literal, "e"),
        (Kind::Comment, "* f /* g */ */"),
    ];
    assert_eq!(expected.as_slice(), said);
    assert_eq!(source.len(), code.len());
    assert!(!code.contains('f') || code.contains("fn f<'a>(x: &'a str) {"), "{code}");
    assert!(!code.contains("one") && !code.contains('g'), "{code}");
    assert_eq!(5, line_of(source, source.find("two").unwrap()));
}
