//! Where manifests are read from.

use clap::Args;
use rollstep::Input;

use crate::files::{self, Decoded, Outside, Walk};
use crate::git;
use crate::tree::Inputs;

/// The manifests.
#[derive(Debug, Clone, Args)]
pub(crate) struct InputArgs {
    /// File or directory with manifests, or `-` for standard input; may be repeated
    #[arg(
        short = 'f',
        long,
        value_name = "PATH",
        required_unless_present = "filter",
        help_heading = "Input"
    )]
    filename: Vec<String>,

    /// Read standard input, and pass everything through where there is nothing to render
    #[arg(long, conflicts_with = "filename", help_heading = "Input")]
    pub(crate) filter: bool,

    /// Read the directories below as well
    #[arg(short = 'R', long, help_heading = "Input")]
    recursive: bool,

    /// Namespace of objects that name none
    #[arg(short, long, value_name = "NAMESPACE", help_heading = "Input")]
    pub(crate) namespace: Option<String>,

    /// File or directory with the old version of the workload, or `git:REV` for the paths of `-f` at that
    /// revision
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    stable: Option<String>,
}

/// The input, or every reason why there is none.
pub(crate) type Read = Result<Input, Vec<rollstep::diagnostic::Diagnostic>>;

impl InputArgs {
    /// Reads all that is named, for a command that writes or judges the whole of it.
    pub(crate) fn read(&self) -> anyhow::Result<Read> {
        self.read_with(Outside::Refuse)
    }

    /// Reads all that is named, for a view; what a link leads to elsewhere is left out with a warning.
    pub(crate) fn read_for_view(&self) -> anyhow::Result<Read> {
        self.read_with(Outside::Warn)
    }

    fn read_with(&self, outside: Outside) -> anyhow::Result<Read> {
        self.check()?;
        let walk = Walk::new(self.recursive, outside);
        self.read_beside(files::read_all(&self.paths(), walk)?, walk)
    }

    /// Reads another tree in the place of this one, after this one was read: a path, or a revision of the
    /// same paths.
    pub(crate) fn read_base(&self, base: &str) -> anyhow::Result<Read> {
        let again = base == "-" || self.stable.as_deref() == Some("-");
        anyhow::ensure!(!again, "with `--base`, only `-f` can be standard input");
        let walk = Walk::new(self.recursive, Outside::Warn);
        let sources = match git::revision(base) {
            Some(revision) => git::read_all(revision, &self.paths(), self.recursive)?,
            None => files::read_all(&[base.to_owned()], walk)?,
        };
        self.read_beside(sources, walk)
    }

    /// Reads the old version, and puts it beside what was read.
    fn read_beside(&self, sources: Decoded, walk: Walk<'_>) -> anyhow::Result<Read> {
        let stable = self.stable.as_deref().map(|path| match git::revision(path) {
            Some(revision) => git::read_all(revision, &self.paths(), self.recursive),
            None => files::read_all(&[path.to_owned()], walk),
        });
        Ok(match (sources, stable.transpose()?) {
            (Ok(sources), None) => Ok(Input::new(sources, None)),
            (Ok(sources), Some(Ok(stable))) => Ok(Input::new(sources, Some(stable))),
            (sources, stable) => {
                let failed: [Option<Decoded>; 2] = [Some(sources), stable];
                Err(failed.into_iter().flatten().filter_map(Result::err).flatten().collect())
            }
        })
    }

    /// Returns whether any of it is standard input.
    pub(crate) fn reads_stdin(&self) -> bool {
        self.paths().iter().chain(&self.stable).any(|path| path == "-")
    }

    /// Standard input can be read once only.
    fn check(&self) -> anyhow::Result<()> {
        let stdin = |path: &str| path == "-";
        let asked = self.paths().iter().filter(|path| stdin(path)).count()
            + usize::from(self.stable.as_deref().is_some_and(stdin));
        anyhow::ensure!(asked < 2, "standard input can be read once only");
        Ok(())
    }

    /// Returns what is read, which nothing may be written to.
    pub(crate) fn places(&self) -> Inputs {
        let stable = self.stable.clone().filter(|path| git::revision(path).is_none());
        let paths = self.paths().into_iter().chain(stable).collect();
        Inputs { paths, recursive: self.recursive }
    }

    /// Returns the paths that are read, as they were named.
    pub(crate) fn paths(&self) -> Vec<String> {
        if self.filter { vec!["-".to_owned()] } else { self.filename.clone() }
    }
}
