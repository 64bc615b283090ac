//! Where manifests are read from.

use clap::Args;
use rollstep::Input;

use crate::files::{self, Decoded, Outside, Walk};
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

    /// File or directory with the old version of the workload
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
        let sources = files::read_all(&self.paths(), walk)?;
        let stable = self.stable.clone().map(|path| files::read_all(&[path], walk));
        Ok(match (sources, stable.transpose()?) {
            (Ok(sources), None) => Ok(Input::new(sources, None)),
            (Ok(sources), Some(Ok(stable))) => Ok(Input::new(sources, Some(stable))),
            (sources, stable) => {
                let failed: [Option<Decoded>; 2] = [Some(sources), stable];
                Err(failed.into_iter().flatten().filter_map(Result::err).flatten().collect())
            }
        })
    }

    /// Returns the same with another path to read, after this one was read.
    pub(crate) fn with_filename(&self, path: &str) -> anyhow::Result<Self> {
        let again = path == "-" || self.stable.as_deref() == Some("-");
        anyhow::ensure!(!again, "with `--base`, only `-f` can be standard input");
        Ok(Self { filename: vec![path.to_owned()], filter: false, ..self.clone() })
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
        let paths = self.paths().into_iter().chain(self.stable.clone()).collect();
        Inputs { paths, recursive: self.recursive }
    }

    fn paths(&self) -> Vec<String> {
        if self.filter { vec!["-".to_owned()] } else { self.filename.clone() }
    }
}
