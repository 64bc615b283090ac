//! Which rollout is meant, and what the render of it needs.

use clap::{Args, ValueEnum};
use rollstep::diagnostic::Code;
use rollstep::{Compat, Isolate, ObjectName, Options};

use super::input::InputArgs;
use super::rollout::{parse_code, parse_name, parse_replicas, parse_revision};

/// The rollout, and what decides about its stages.
#[derive(Debug, Clone, Args)]
pub(crate) struct ChosenArgs {
    /// The one rollout that is meant, where the input has several
    #[arg(long, value_name = "[NAMESPACE/]NAME", value_parser = parse_name, help_heading = "Rollout")]
    rollout: Option<ObjectName>,

    /// How many pods a workload has, where an autoscaler decides; may be repeated
    #[arg(long, value_name = "[NAMESPACE/]NAME=N", value_parser = parse_replicas, help_heading = "Rollout")]
    replicas: Vec<(ObjectName, u32)>,

    /// Label that tells stable and canary pods apart
    #[arg(long, value_name = "KEY", conflicts_with_all = ["isolation", "compat"], help_heading = "Rollout")]
    isolation_key: Option<String>,

    /// How stable and canary pods are told apart, where not by a label of their own
    #[arg(long, value_name = "MEANS", help_heading = "Rollout")]
    isolation: Option<Means>,

    /// Revision of the stable pods, which `--isolation pin` selects by; may be repeated
    #[arg(long, value_name = "[[NAMESPACE/]NAME=]REVISION", value_parser = parse_revision, help_heading = "Rollout")]
    stable_revision: Vec<(Option<ObjectName>, String)>,

    /// Revision of the canary pods; may be repeated
    #[arg(long, value_name = "[[NAMESPACE/]NAME=]REVISION", value_parser = parse_revision, help_heading = "Rollout")]
    canary_revision: Vec<(Option<ObjectName>, String)>,

    /// Write exactly what a controller would, faults included
    #[arg(long, value_name = "CONTROLLER", help_heading = "Rollout")]
    compat: Option<Controller>,

    /// Acknowledge a problem by its code; may be repeated
    #[arg(long, value_name = "CODE", value_parser = parse_code, help_heading = "Rollout")]
    allow: Vec<&'static Code>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Means {
    /// Both Services select by the revision, as the controller's do
    Pin,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Controller {
    /// OpenKruise Rollouts
    Kruise,
}

impl ChosenArgs {
    /// Returns what the library is asked for, of an input that was read.
    pub(crate) fn into_options(self, input: InputArgs) -> Options {
        Options {
            rollout: self.rollout,
            filter: input.filter,
            namespace: input.namespace,
            replicas: self.replicas,
            isolate: match (self.isolation_key, self.isolation) {
                (Some(key), _) => Some(Isolate::ByKey(key)),
                (None, Some(Means::Pin)) => Some(Isolate::ByRevision),
                (None, None) => None,
            },
            stable_revisions: self.stable_revision,
            canary_revisions: self.canary_revision,
            compat: self.compat.map(|Controller::Kruise| Compat::Kruise),
            allow: self.allow,
            ..Options::default()
        }
    }
}
