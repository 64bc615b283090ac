//! Links below a folder that is read, and where they may lead.
//!
//! Whoever can add a link to a repository could otherwise have any file of the machine quoted in a
//! diagnostic or a comment: `/proc/self/environ`, or the credentials in `.git/config`.

use std::fs;
use std::path::{Path, PathBuf};

use rollstep::diagnostic::{Diagnostic, Location, Severity, codes};

/// The folder of a repository that holds what is not part of its working tree.
const GIT: &str = ".git";

/// What becomes of a link that leads out of the bounds; nothing of the file is read in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outside {
    /// It is an error: what is written would lack the file.
    Refuse,
    /// It is a warning, and left out.
    Warn,
}

/// The folders that a link may lead into.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    folders: Vec<PathBuf>,
}

impl Bounds {
    /// Returns the folder itself, and the working tree of Git that it lies in, if it lies in one.
    pub(crate) fn of(folder: &Path) -> Self {
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let tree = folder.ancestors().find(|above| above.join(GIT).exists()).map(Path::to_owned);
        Self { folders: std::iter::once(folder).chain(tree).collect() }
    }

    /// Returns the bounds with one more folder, whose path is canonical.
    pub(crate) fn with(mut self, folder: &Path) -> Self {
        self.folders.push(folder.to_owned());
        self
    }

    /// Returns the regular file that a link leads to, where it lies inside.
    pub(crate) fn follow(&self, link: &Path) -> Option<PathBuf> {
        let place = fs::canonicalize(link).ok()?;
        let is_inside = |folder: &PathBuf| {
            let below = place.strip_prefix(folder);
            below.is_ok_and(|below| !below.components().any(|part| part.as_os_str() == GIT))
        };
        (self.folders.iter().any(is_inside) && place.is_file()).then_some(place)
    }
}

/// Returns the diagnostic of a link that is not followed.
pub(super) fn problem(link: &Path, outside: Outside) -> Diagnostic {
    let message = "the link does not lead to a regular file of this folder or its repository, and is not read";
    let mut diagnostic = Diagnostic::new(&codes::LINK_LEADS_OUTSIDE, message)
        .with_location(Location::of_file(&link.display().to_string()))
        .with_help("put the file itself there, or name it with `-f`");
    if outside == Outside::Warn {
        diagnostic.severity = Severity::Warning;
    }
    diagnostic
}
