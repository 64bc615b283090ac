//! What can be wrong with a result as files.

use super::{code, error};
use crate::diagnostic::{Code, Severity};

/// The name of an object cannot be part of a file's name.
pub const NO_FILE_NAME: Code =
    error("no-file-name", "The name of an object cannot be part of a file's name.");
/// A tree of all stages lacks one, since the old version is not known.
pub const STAGE_LEFT_OUT: Code = code(
    "stage-left-out",
    Severity::Note,
    false,
    "A tree of all stages lacks one, since the old version is not known.",
);

/// The codes of this file.
pub(super) const ALL: &[&Code] = &[&NO_FILE_NAME, &STAGE_LEFT_OUT];
