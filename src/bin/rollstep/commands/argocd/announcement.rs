//! Which parameters there are, for the reader of the environment and for Argo CD's page of an
//! application.
//!
//! The form is that of argoproj/argo-cd:reposerver/repository/repository.proto `ParameterAnnouncement`.

use serde_json::{Value, json};

/// How a parameter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    String,
    Array,
    Map,
}

impl Form {
    /// Returns the word of Argo CD, which is also the key of the value.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Array => "array",
            Self::Map => "map",
        }
    }
}

/// A parameter: its name, its form, and what it is for.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) form: Form,
    pub(super) about: &'static str,
}

const fn parameter(name: &'static str, form: Form, about: &'static str) -> Parameter {
    Parameter { name, form, about }
}

/// Every parameter.
pub(super) const PARAMETERS: [Parameter; 9] = [
    parameter(
        "step",
        Form::String,
        "stable, a step from 1, last, promote or done, for all rollouts",
    ),
    parameter("steps", Form::Map, "steps of single rollouts, by [NAMESPACE/]NAME"),
    parameter(
        "stable",
        Form::String,
        "file or folder with the old version, from the application's folder",
    ),
    parameter("rollout", Form::String, "the one rollout to render, as [NAMESPACE/]NAME"),
    parameter("replicas", Form::Map, "pods of autoscaled workloads, by [NAMESPACE/]NAME"),
    parameter("isolation-key", Form::String, "label that tells stable and canary pods apart"),
    parameter("allow", Form::Array, "codes of problems that are acknowledged"),
    parameter("recurse", Form::String, "true to read the folders below as well"),
    parameter("sync-waves", Form::String, "false to stamp neither sync waves nor PruneLast"),
];

/// Returns the announcement of the parameters, as one line.
pub(super) fn announcement() -> String {
    let announce = |Parameter { name, form, about }: &Parameter| {
        // An announced value is only shown; it must have the form of the parameter all the same.
        let empty = match form {
            Form::String => Value::from(""),
            Form::Array => json!([]),
            Form::Map => json!({}),
        };
        let form = form.as_str();
        json!({"name": name, "title": name, "tooltip": about, "collectionType": form, form: empty})
    };
    format!("{}\n", PARAMETERS.iter().map(announce).collect::<Value>())
}
