//! An Istio VirtualService, as far as a rollout looks into it.
//!
//! What is split is the original: the object itself, or what a render or the controller stored in
//! its annotation. Only what decides about traffic is typed; everything else is carried through by
//! `render`.

mod requests;
mod rules;

use serde_json::Value;

use super::original::Original;
use crate::diagnostic::codes::INVALID_ROUTE;
use crate::diagnostic::{Code, Collector, Problem};
use crate::manifest::{FieldPath, Identity, ObjectId, Resource};
use crate::rollout::{HeaderChange, ValueMatch};
pub(crate) use requests::CanaryRequests;

/// The API group of Istio's routing objects.
pub(crate) const ISTIO: &str = "networking.istio.io";

/// A VirtualService.
#[derive(Debug, Clone)]
pub(crate) struct VirtualService<'a> {
    pub(crate) resource: Resource<'a>,
    pub(crate) original: Original,
    /// The rules of the original.
    pub(crate) rules: Rules,
    /// The VirtualService that leaves routing to this one, where the rollout names only that.
    pub(crate) delegated_by: Option<ObjectId>,
    /// Why the rules cannot be read, where they cannot.
    pub(crate) invalid: Option<Box<Problem<'a>>>,
}

/// The rules of a VirtualService, list by list, each in its order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rules(Vec<Rule>);

impl Rules {
    /// Returns the rules of that spec; none where they cannot be read.
    pub(crate) fn of_spec(spec: &Value) -> Self {
        rules::read_rules(spec).unwrap_or_default()
    }

    /// Returns the rules in order.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Rule> {
        self.0.iter()
    }
}

impl FromIterator<Rule> for Rules {
    fn from_iter<T: IntoIterator<Item = Rule>>(rules: T) -> Self {
        Self(rules.into_iter().collect())
    }
}

impl<'r> IntoIterator for &'r Rules {
    type Item = &'r Rule;
    type IntoIter = std::slice::Iter<'r, Rule>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The list that a rule is an item of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http,
    Tls,
    Tcp,
}

/// A rule of a VirtualService.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule {
    pub(crate) protocol: Protocol,
    /// The index in the list of its protocol.
    pub(crate) index: usize,
    pub(crate) name: Option<String>,
    pub(crate) matches: Vec<RuleMatch>,
    pub(crate) action: Action,
    /// What the rule itself does to the headers of a request.
    pub(crate) request_headers: HeaderChange,
}

/// What a rule does with a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    Route(Vec<Destination>),
    /// Another VirtualService decides.
    Delegate(DelegateName),
    /// A redirect or a fixed answer.
    Other,
}

/// The name of a VirtualService that decides for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DelegateName {
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
}

impl DelegateName {
    /// Returns namespace and name; without a namespace it is that of the VirtualService that says so.
    pub(crate) fn resolve<'n>(&'n self, root: &'n Identity) -> (&'n str, &'n str) {
        (self.namespace.as_deref().unwrap_or(&root.namespace), &self.name)
    }
}

/// Where a rule sends a share of its requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    pub(crate) host: String,
    pub(crate) subset: Option<String>,
    pub(crate) weight: Option<u32>,
    /// The whole entry but weight and subset: what a canary's entry keeps of it.
    pub(crate) rest: Value,
}

/// The conditions of a rule that a step's match may meet.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RuleMatch {
    pub(crate) uri: Option<StringMatch>,
    pub(crate) ignores_uri_case: bool,
    pub(crate) source_namespace: Option<String>,
    pub(crate) headers: Vec<(String, StringMatch)>,
    /// Conditions that the headers of a request must not meet.
    pub(crate) without_headers: Vec<(String, StringMatch)>,
    pub(crate) query_params: Vec<(String, StringMatch)>,
}

/// Istio's `StringMatch`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StringMatch {
    /// `{}`: the value is there.
    Present,
    Exact(String),
    Prefix(String),
    Regex(String),
}

impl From<&ValueMatch> for StringMatch {
    fn from(value: &ValueMatch) -> Self {
        match value {
            ValueMatch::Exact(text) => Self::Exact(text.clone()),
            ValueMatch::Regex(text) => Self::Regex(text.clone()),
        }
    }
}

impl Protocol {
    /// Returns the name of the list.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Tls => "tls",
            Self::Tcp => "tcp",
        }
    }
}

impl Rule {
    /// Returns the path of the rule in its object.
    pub(crate) fn path(&self) -> FieldPath {
        FieldPath::of_keys(&["spec", self.protocol.field()]).index(self.index)
    }
}

/// Returns whether `host`, written in an Istio object of `namespace`, is the Service.
///
/// A host without a dot is a name in the object's namespace; with a dot it is complete, and `web.shop`
/// is not a Service: istio/istio:pilot/pkg/model/config.go `ResolveShortnameToFQDN`.
pub(crate) fn is_host_of(host: &str, namespace: &str, (service, of): (&str, &str)) -> bool {
    if !host.contains('.') {
        return host == service && namespace == of;
    }
    let prefix = format!("{service}.{of}.svc.");
    host.strip_prefix(&prefix).is_some_and(|domain| !domain.is_empty())
}

impl<'a> VirtualService<'a> {
    /// Returns a problem with the field at `path` of the original.
    pub(crate) fn problem(
        &self,
        path: &FieldPath,
        code: &'static Code,
        message: impl Into<String>,
    ) -> Problem<'a> {
        self.original.problem(&self.resource, path, (code, message.into()))
    }
}

/// Reads a VirtualService; whether its rules matter is for the caller to say.
pub(crate) fn read_virtual_service<'a>(
    resource: Resource<'a>,
    problems: &mut Collector<'a>,
) -> Option<VirtualService<'a>> {
    let original = Original::read(&resource, problems)?;
    let (rules, invalid) = match rules::read_rules(&original.spec) {
        Ok(rules) => (rules, None),
        Err((path, message)) => {
            let problem = original.problem(&resource, &path, (&INVALID_ROUTE, message));
            let help = "correct the field; Istio refuses the VirtualService as well";
            (Rules::default(), Some(Box::new(problem.help(help))))
        }
    };
    Some(VirtualService { resource, original, rules, delegated_by: None, invalid })
}
