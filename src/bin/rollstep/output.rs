//! What is written where.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Write as _};

use rollstep::diagnostic::Diagnostic;
use rollstep::escape;

/// The exit code of an answer that is no.
pub(crate) const ANSWER_IS_NO: u8 = 1;

/// The exit code of what could not be done.
pub(crate) const FAILED: u8 = 2;

/// Shows diagnostics to a person, a blank line between two.
pub(crate) fn show(diagnostics: &[Diagnostic]) {
    let texts: Vec<_> = diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect();
    write_error(&texts.join("\n"));
}

/// Shows lines to a person, each of which stays one.
pub(crate) fn show_lines(lines: impl IntoIterator<Item = String>) {
    let lines = lines.into_iter().map(|line| escape::line(&line).into_owned() + "\n");
    write_error(&lines.collect::<String>());
}

/// Writes to standard error and to the log.
pub(crate) fn write_error(text: &str) {
    let text = escape::colored_lines(text);
    crate::log::note(&text);
    // Nobody may be listening; that is not a reason to fail.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Returns what was read; shows why, where there is nothing.
pub(crate) fn told<T>(read: Result<T, Vec<Diagnostic>>) -> Option<T> {
    read.map_err(|diagnostics| show(&diagnostics)).ok()
}

/// The most that is held back before it is written, in bytes.
const BUFFER: usize = 1 << 16;

/// Writes a result that is not a manifest, in which no input speaks for us.
///
/// Whoever made the text has escaped the parts of it; this is the last guard over the whole.
pub(crate) fn write_text(text: &str) -> io::Result<()> {
    write_manifests(&[escape::colored_lines(text).into()])
}

/// Writes manifests with the bytes they have; a reader that has seen enough is not an error.
pub(crate) fn write_manifests(parts: &[Cow<'_, str>]) -> io::Result<()> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut stdout = io::BufWriter::with_capacity(length.min(BUFFER), io::stdout().lock());
    let written = parts.iter().try_for_each(|part| stdout.write_all(part.as_bytes()));
    match written.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
