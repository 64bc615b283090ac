//! What is written where.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Write as _};

use rollstep::diagnostic::Diagnostic;

/// The exit code of an answer that is no.
pub(crate) const ANSWER_IS_NO: u8 = 1;

/// The exit code of what could not be done.
pub(crate) const FAILED: u8 = 2;

/// Shows diagnostics to a person, a blank line between two.
pub(crate) fn show(diagnostics: &[Diagnostic]) {
    let texts: Vec<_> = diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect();
    let text = texts.join("\n");
    crate::log::note(&text);
    // Nobody may be listening; that is no reason to fail.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Returns what was read; shows why, where there is nothing.
pub(crate) fn told<T>(read: Result<T, Vec<Diagnostic>>) -> Option<T> {
    read.map_err(|diagnostics| show(&diagnostics)).ok()
}

/// The most that is held back before it is written, in bytes.
const BUFFER: usize = 1 << 16;

/// Writes the result; a reader that has seen enough is no error.
pub(crate) fn write_all(parts: &[Cow<'_, str>]) -> io::Result<()> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut stdout = io::BufWriter::with_capacity(length.min(BUFFER), io::stdout().lock());
    let written = parts.iter().try_for_each(|part| stdout.write_all(part.as_bytes()));
    match written.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
