//! Where a text may hold a Secret, before or instead of reading it.
//!
//! A kind can be written in many ways, and a Secret can stand in a comment or in a text that nobody can
//! read; better too much is hidden than too little. What is done about it is left to those who show,
//! write or compare the text.

/// Returns whether the text holds the word Secret anywhere.
pub(crate) fn mentions_secret(text: &str) -> bool {
    text.match_indices("Secret").any(|(at, _)| is_word(text, at))
}

/// Returns whether the text may hold a Secret whose kind is spelled with escapes.
pub(crate) fn may_be_secret(text: &str) -> bool {
    text.contains('\\') || mentions_secret(text) || has_kind_secret(text)
}

/// Returns whether a comment may hold a Secret that somebody has commented out.
///
/// What comes behind `...` is not read, and so as good as a comment. A comment that merely speaks of a
/// Secret does not count: it has no kind.
///
/// ```
/// use rollstep::review::comments_on_secret;
///
/// assert!(comments_on_secret("a: b\n# {apiVersion: v1, kind: Secret, data: {password: aHVudGVyMg==}}\n"));
/// assert!(!comments_on_secret("# The password comes from the Secret `web`.\na: b\n"));
/// ```
pub fn comments_on_secret(text: &str) -> bool {
    let comments = text.lines().filter_map(|line| line.split_once('#'));
    let commented = comments.map(|(_, comment)| comment).any(|comment| {
        comment.split_once("kind").is_some_and(|(_, behind)| mentions_secret(behind))
    });
    commented || unread(text).is_some_and(has_kind_secret)
}

/// Returns what comes behind the first end of a document, the documents after it included.
fn unread(text: &str) -> Option<&str> {
    let end = text.match_indices("...").map(|(at, _)| at);
    let mut end =
        end.filter(|at| *at == 0 || text.get(..*at).is_some_and(|all| all.ends_with('\n')));
    end.next().and_then(|at| text.get(at..))
}

/// Returns whether a field `kind` of the text is Secret in any case, whatever else the text is.
pub(crate) fn has_kind_secret(text: &str) -> bool {
    text.match_indices("kind").any(|(at, word)| {
        let (before, behind) = text.split_at(at);
        let before = before.trim_end_matches([' ', '\t', '"', '\'', '\\']);
        let starts = before.is_empty() || before.ends_with(['\n', '{', ',', '#', '-', '?']);
        let value = behind.get(word.len()..).unwrap_or_default();
        let value = value.trim_start_matches([' ', '\t', '"', '\'', '\\']).strip_prefix(':');
        let blank = |character: char| character.is_whitespace() || "\"'\\#".contains(character);
        let value = value.map(|value| value.trim_start_matches(blank));
        let value = value.map(without_properties).unwrap_or_default();
        let word = value.get(.."Secret".len());
        starts && word.is_some_and(|word| word.eq_ignore_ascii_case("Secret")) && is_word(value, 0)
    })
}

/// Returns a value without the anchor and the tag before it.
fn without_properties(mut value: &str) -> &str {
    while value.starts_with(['&', '!']) {
        let end = value.find(char::is_whitespace).unwrap_or(value.len());
        value = value.get(end..).unwrap_or_default().trim_start_matches([' ', '\t', '"', '\'']);
    }
    value
}

/// Returns whether what begins at `at` with Secret is that word, or names a list of Secrets.
fn is_word(text: &str, at: usize) -> bool {
    let part_of_word = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    let behind = text.get(at + "Secret".len()..).unwrap_or_default();
    let list = behind.get(.."List".len()).filter(|word| word.eq_ignore_ascii_case("List"));
    let behind = behind.get(list.map_or(0, str::len)..).unwrap_or_default().chars().next();
    !part_of_word(before) && !part_of_word(behind)
}

#[cfg(test)]
mod tests {
    use super::{comments_on_secret, has_kind_secret, mentions_secret};

    #[test]
    fn the_word_is_found_and_not_its_parts() {
        for text in ["kind: Secret", "{\"kind\":\"Secret\"}", "kind: SecretList\n", "Secret"] {
            assert!(mentions_secret(text), "{text}");
        }
        for text in ["kind: SealedSecret", "SecretStore", "secretName: a", "MySecret's"] {
            assert!(!mentions_secret(text), "{text}");
        }
    }

    #[test]
    fn commented_out_secrets_are_found() {
        for text in [
            "# kind: Secret",
            "a: b # {\"kind\" : \"Secret\"}",
            "#- kind: !!str Secret\r\n",
            "a: \"#\" # kind: SecretList",
            "a: b\n...\nkind: Secret\n",
        ] {
            assert!(comments_on_secret(text), "{text}");
        }
        for text in [
            "kind: Secret # hidden",
            "# made by a Secret",
            "# kind: SealedSecret\na: b",
            "a...\nkind: Secret",
        ] {
            assert!(!comments_on_secret(text), "{text}");
        }
    }

    #[test]
    fn a_field_of_that_kind_is_found_in_what_nobody_can_read() {
        for text in [
            "{{ if .x }}\nkind: Secret\n",
            "  - \"kind\" : 'Secret'",
            "{a: b, kind: Secret}",
            "cat <<END\n{\\\"kind\\\":\\\"Secret\\\"}\nEND",
            "kind:\n  Secret",
            "#kind: Secret",
        ] {
            assert!(has_kind_secret(text), "{text}");
        }
        for text in ["whose kind: Secret", "kinds: Secret", "kind: SealedSecret", "kind Secret"] {
            assert!(!has_kind_secret(text), "{text}");
        }
    }
}
