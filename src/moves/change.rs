//! Changes of files, as texts.
//!
//! Only the document that holds a RollStep changes, and of it only what a move says; every other byte
//! of the file stays.

use std::borrow::Cow;

use similar::TextDiff;

use crate::diagnostic::Problem;
use crate::diagnostic::codes::STEP_NOT_EDITABLE;
use crate::emit;
use crate::escape;
use crate::manifest::{Resource, comments_on_secret, may_be_secret};
use crate::pipeline::Input;
use crate::render::{Edit, apply};
use crate::source::Source;

/// How many lines around a change are shown.
const CONTEXT: usize = 3;

/// A file that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The name of its source, which is its path.
    pub name: String,
    /// The text before; none, where there is no such file.
    pub before: Option<String>,
    /// The text to write.
    pub after: String,
}

impl FileChange {
    /// Returns the change as a unified diff.
    ///
    /// Lines around are left out where the file may hold a Secret, and what comments say where one may
    /// be commented out.
    pub fn to_diff(&self) -> String {
        let before = shown(self.before.as_deref().unwrap_or_default());
        let after = shown(&self.after);
        let name = escape::line(&self.name);
        let old = if self.before.is_some() { &name } else { "/dev/null" };
        let context = if may_be_secret(&before) { 0 } else { CONTEXT };
        let diff = TextDiff::from_lines(&*before, &*after);
        escape::patch(&diff.unified_diff().context_radius(context).header(old, &name).to_string())
    }
}

/// Returns the text without what comments say, where a Secret may be in them.
fn shown(text: &str) -> Cow<'_, str> {
    if !comments_on_secret(text) {
        return Cow::Borrowed(text);
    }
    let hide = |line: &str| match line.split_once('#') {
        Some((before, comment)) => {
            let ending = comment.trim_start_matches(|character| character != '\n');
            format!("{before}# ***{ending}")
        }
        None => line.to_owned(),
    };
    text.split_inclusive('\n').map(hide).collect()
}

/// Returns what differs, in the order of the sources after.
pub(super) fn changes(before: &[Source], after: &[Source]) -> Vec<FileChange> {
    let change = |source: &Source| {
        let old = before.iter().find(|old| old.name() == source.name()).map(Source::text);
        let name = source.name().to_owned();
        let change =
            FileChange { name, before: old.map(str::to_owned), after: source.text().to_owned() };
        (old != Some(source.text())).then_some(change)
    };
    after.iter().filter_map(change).collect()
}

/// Returns the input with another text in one of its files, or with one more.
pub(super) fn with_file(input: &Input, file: &str, text: String) -> Input {
    let mut sources = input.sources().to_vec();
    let changed = Source::new(file, text);
    match sources.iter_mut().find(|source| source.name() == file) {
        Some(source) => *source = changed,
        None => sources.push(changed),
    }
    Input::new(sources, input.stable().map(<[Source]>::to_vec))
}

/// Returns the text of the file that holds the object, with the edits made; nothing for JSON and for an
/// item of a list.
pub(super) fn edited(resource: &Resource<'_>, edits: &[Edit]) -> Option<String> {
    let text = resource.text()?;
    let after = apply(&resource.to_value(), edits);
    let document = emit::splice_whole((text, &resource.node), edits, &after);
    Some(resource.document.replaced(&document))
}

/// Returns the text with one more document, in its own line endings; nothing for JSON.
pub(super) fn appended(there: &str, document: &str) -> Option<String> {
    if there.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let newline = if there.contains("\r\n") { "\r\n" } else { "\n" };
    let document = document.replace('\n', newline);
    let comments = there.lines().all(|line| line.trim().is_empty() || line.starts_with('#'));
    let separator = if comments { String::new() } else { format!("---{newline}") };
    Some([there, &separator, &document].concat())
}

pub(super) fn not_editable<'a>(resource: &Resource<'a>) -> Problem<'a> {
    let message =
        format!("{} is not a YAML document of a file, which can be edited", resource.called());
    resource
        .root()
        .problem(&STEP_NOT_EDITABLE, message)
        .help("give the file with `-f`, and write it as a YAML document of its own")
}

#[cfg(test)]
mod tests {
    use super::FileChange;

    #[test]
    fn a_diff_hides_what_may_be_a_commented_out_secret() {
        let after = "a: 1 # why\n# kind: Secret\n# data: {a: hunter2}\nb: 2\n".to_owned();
        let change = FileChange { name: "a.yaml".to_owned(), before: None, after };
        assert!(change.to_diff().ends_with("+a: 1 # ***\n+# ***\n+# ***\n+b: 2\n"));
        let plain = FileChange { after: "a: 1 # why\n".to_owned(), ..change };
        assert!(plain.to_diff().ends_with("+a: 1 # why\n"));
    }
}
