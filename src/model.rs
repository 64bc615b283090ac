//! The rollouts of the input and everything they name: typed, defaulted and checked.
//!
//! Reading a definition is the business of one module per kind of definition (today
//! [`kruise`]); what comes out of it names no controller, so that nothing after this layer changes
//! when another kind is read.

mod autoscaler;
mod kruise;
pub(crate) mod quantity;
mod reference;
mod resolve;
mod rollout;
mod schema;
mod selector;
mod service;
mod step;
mod virtual_service;
mod workload;

pub(crate) use autoscaler::{Autoscalers, read_autoscalers};
pub(crate) use kruise::is_rollout;
pub(crate) use quantity::{Amount, Percent, Replicas};
pub(crate) use rollout::Rollout;
pub(crate) use selector::{LabelSelector, Labels, selects};
pub(crate) use service::Service;
pub(crate) use step::{HeaderChange, NamedMatch, PathMatch, RequestMatch, Step, StepTraffic};
pub(crate) use virtual_service::{
    Action, Destination, ORIGINAL_ANNOTATION, Protocol, Rule, RuleMatch, StringMatch,
    VirtualService,
};
pub(crate) use workload::Workload;

use crate::diagnostic::codes::{NO_ROLLOUT, UNKNOWN_ROLLOUT};
use crate::diagnostic::{Collector, Problem, nearest};
use crate::manifest::{Identity, Manifest};

/// The name of an object, with its namespace where that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectName {
    /// The namespace; any, where none is said.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

/// Reads `[NAMESPACE/]NAME`.
impl From<&str> for ObjectName {
    fn from(text: &str) -> Self {
        match text.split_once('/') {
            Some((namespace, name)) => {
                Self { namespace: Some(namespace.to_owned()), name: name.to_owned() }
            }
            None => Self { namespace: None, name: text.to_owned() },
        }
    }
}

impl ObjectName {
    /// Returns whether this is the name of the object.
    pub(crate) fn names(&self, identity: &Identity) -> bool {
        self.name == identity.name
            && self.namespace.as_ref().is_none_or(|namespace| *namespace == identity.namespace)
    }
}

impl std::fmt::Display for ObjectName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{namespace}/{}", self.name),
            None => write!(f, "{}", self.name),
        }
    }
}

/// Reads the rollouts of the input, or the one that is chosen.
pub(crate) fn read_rollouts<'a>(
    manifest: &Manifest<'a>,
    stable: Option<&Manifest<'a>>,
    chosen: Option<&ObjectName>,
    problems: &mut Collector<'a>,
) -> Vec<Rollout<'a>> {
    let all: Vec<_> =
        manifest.objects().filter(|(_, object)| is_rollout(&object.identity)).collect();
    // A document that could not be read may be the one.
    if all.is_empty() && !problems.has_errors() {
        problems.push(no_rollout());
    }
    let wanted = |identity: &Identity| chosen.is_none_or(|name| name.names(identity));
    let ids: Vec<_> =
        all.iter().filter(|(_, object)| wanted(&object.identity)).map(|(id, _)| *id).collect();
    if let (Some(name), true, false) = (chosen, ids.is_empty(), all.is_empty()) {
        let called = |identity: &Identity| match name.namespace {
            Some(_) => format!("{}/{}", identity.namespace, identity.name),
            None => identity.name.clone(),
        };
        let names: Vec<_> = all.iter().map(|(_, object)| called(&object.identity)).collect();
        problems.push(unknown_rollout(name, &names));
    }
    let resources = ids.into_iter().filter_map(|id| manifest.resource(id));
    resources
        .filter_map(|resource| {
            let definition = kruise::read_definition(resource, problems)?;
            resolve::resolve(definition, manifest, stable, problems)
        })
        .collect()
}

fn no_rollout<'a>() -> Problem<'a> {
    Problem::new(&NO_ROLLOUT, "the input holds no Rollout").help(
        "add the Rollout with `-f`; it says which workload, Service and VirtualService to render",
    )
}

fn unknown_rollout<'a>(wanted: &ObjectName, names: &[String]) -> Problem<'a> {
    let help = match nearest(&wanted.to_string(), names.iter().map(String::as_str)) {
        Some(name) => format!("correct the name; did you mean `{name}`?"),
        None => {
            let listed: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("the input has {}", listed.join(", "))
        }
    };
    Problem::new(&UNKNOWN_ROLLOUT, format!("there is no rollout `{wanted}` in the input"))
        .help(help)
}
