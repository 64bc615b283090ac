//! A line that says what takes so long, while a person waits at a terminal.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How long nothing is said.
const PATIENCE: Duration = Duration::from_millis(500);

/// Does the work, and says so where it takes long; the line is gone when it is done.
pub(crate) fn during<T>(what: &str, work: impl FnOnce() -> T) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    let (working, done) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || tell(what, &done));
        let result = work();
        drop(working);
        result
    })
}

/// Waits until the other end is dropped.
fn tell(what: &str, done: &Receiver<()>) {
    if let Err(RecvTimeoutError::Timeout) = done.recv_timeout(PATIENCE) {
        say(&format!("\r{what} …"));
        let _ = done.recv();
        say("\r\x1b[K");
    }
}

fn say(text: &str) {
    // A terminal that is gone is no reason to fail.
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}
