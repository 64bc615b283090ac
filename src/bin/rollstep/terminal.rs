//! What standard output is: a terminal of some width and colours, or a file.

use std::env;
use std::io::{IsTerminal as _, stdout};

/// Returns whether standard output is a terminal that takes colours, and nobody has said no.
pub(crate) fn takes_color() -> bool {
    stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb()
}

/// Returns how many columns a line may have, where that is known.
pub(crate) fn width() -> Option<usize> {
    let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let columns = columns.filter(|columns| *columns > 0);
    columns.or_else(terminal_width)
}

#[cfg(unix)]
fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

#[cfg(not(unix))]
fn terminal_width() -> Option<usize> {
    None
}

/// Returns whether standard output is a terminal that draws more than ASCII.
pub(crate) fn draws_blocks() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find(|name| is_set(name));
    let locale = locale.and_then(|name| env::var(name).ok()).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    stdout().is_terminal() && !is_dumb() && (locale.contains("utf-8") || locale.contains("utf8"))
}

/// The convention of no-color.org: an empty value counts as none.
fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

fn is_dumb() -> bool {
    env::var("TERM").is_ok_and(|terminal| terminal == "dumb")
}
