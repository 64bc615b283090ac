//! Where the result goes as files, and how these are named.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rollstep::{Layout, TreeShape};

/// The tree to be written.
#[derive(Debug, Args)]
pub(crate) struct TreeArgs {
    /// Write files to this folder, and remove those of an earlier run that are no more
    #[arg(long, value_name = "DIR", conflicts_with = "output", help_heading = "Files")]
    pub(crate) output_dir: Option<PathBuf>,

    /// Write every stage, each to a folder of its own
    #[arg(
        long,
        requires = "output_dir",
        conflicts_with_all = ["step", "filter"],
        help_heading = "Files"
    )]
    pub(crate) all_steps: bool,

    /// How files are named
    #[arg(
        long,
        value_name = "LAYOUT",
        requires = "output_dir",
        default_value = "kind-name",
        help_heading = "Files"
    )]
    layout: Naming,

    /// Write workloads and routing to folders of their own, for tools that wait between them
    #[arg(
        long,
        value_name = "PARTS",
        requires = "output_dir",
        conflicts_with = "only",
        help_heading = "Files"
    )]
    split: Option<Split>,

    /// Write a `kustomization.yaml` to each folder that is applied
    #[arg(long, requires = "output_dir", help_heading = "Files")]
    kustomization: bool,

    /// Leave what others wrote to the folder, instead of refusing it
    #[arg(long, requires = "output_dir", help_heading = "Files")]
    pub(crate) force: bool,

    /// Write nothing; show how the folder differs, and end with 1 if it does
    #[arg(long, requires = "output_dir", help_heading = "Files")]
    pub(crate) check: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Naming {
    /// [NAMESPACE-]KIND-NAME.yaml
    KindName,
    /// All in manifest.yaml
    Single,
    /// [NAMESPACE_]GROUP_VERSION_KIND_NAME.yaml
    Kustomize,
    /// [NAMESPACE/]KIND_NAME.yaml
    Kpt,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Split {
    #[value(name = "workloads,routing")]
    WorkloadsAndRouting,
}

impl TreeArgs {
    /// Returns what the library is asked for.
    pub(crate) fn shape(&self) -> TreeShape {
        TreeShape {
            layout: match self.layout {
                Naming::KindName => Layout::KindName,
                Naming::Single => Layout::Single,
                Naming::Kustomize => Layout::Kustomize,
                Naming::Kpt => Layout::Kpt,
            },
            split: matches!(self.split, Some(Split::WorkloadsAndRouting)),
            kustomization: self.kustomization,
        }
    }
}
