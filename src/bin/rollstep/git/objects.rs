//! The objects of a repository, by `git cat-file --batch`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anyhow::{Context as _, bail, ensure};
use rollstep::MAX_BYTES;

use super::command;

/// A process that answers which object is meant and what it holds.
pub(super) struct Objects {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// What git answers.
pub(super) enum Answer {
    Object {
        id: String,
        kind: String,
        bytes: Vec<u8>,
    },
    /// There is no such object.
    Missing,
    /// The name leads out of the tree, or to nothing in it.
    Elsewhere,
}

impl Objects {
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        let mut child = command(folder)?
            .args(["cat-file", "--batch", "--follow-symlinks"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start git")?;
        let questions = child.stdin.take();
        let answers = child.stdout.take().context("git has no standard output")?;
        Ok(Self { child, questions, answers: BufReader::new(answers) })
    }

    /// Asks for an object by its name, which is one line.
    pub(super) fn ask(&mut self, name: &str) -> anyhow::Result<Answer> {
        ensure!(!name.contains('\n'), "a name with a line break cannot be read from Git");
        let questions = self.questions.as_mut().context("git is not running")?;
        questions.write_all(format!("{name}\n").as_bytes()).context("git does not listen")?;
        questions.flush().context("git does not listen")?;
        let mut head = String::new();
        self.answers.read_line(&mut head).context("git has answered nothing")?;
        let head = head.trim_end_matches('\n');
        let words: Vec<_> = head.split(' ').collect();
        match words.as_slice() {
            [.., "missing" | "ambiguous"] => Ok(Answer::Missing),
            ["symlink" | "dangling" | "loop" | "notdir", size] => {
                self.read(size)?;
                Ok(Answer::Elsewhere)
            }
            [id, kind, size] => {
                let (id, kind) = ((*id).to_owned(), (*kind).to_owned());
                Ok(Answer::Object { id, kind, bytes: self.read(size)? })
            }
            _ => bail!("git has answered something else than an object"),
        }
    }

    /// Reads that many bytes, and the end of the line behind them.
    fn read(&mut self, size: &str) -> anyhow::Result<Vec<u8>> {
        let size: usize = size.parse().context("git has answered something else than an object")?;
        ensure!(size <= MAX_BYTES, "it has {size} bytes, and at most {MAX_BYTES} are read");
        let mut bytes = vec![0; size];
        self.answers
            .read_exact(&mut bytes)
            .context("git has stopped in the middle of an object")?;
        self.answers.read_exact(&mut [0]).context("git has stopped in the middle of an object")?;
        Ok(bytes)
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // Git ends with its questions; a result that is not wanted any more must not keep it.
        self.questions.take();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
