//! An Istio VirtualService, as far as a rollout looks into it.
//!
//! What is split is the original: the object itself, or what a render or the controller stored in
//! its annotation. Only what decides about traffic is typed; everything else is carried through by
//! `render`.

mod rules;

use serde_json::{Map, Value};

use super::schema::{Schema, check};
use super::step::{HeaderChange, ValueMatch};
use crate::diagnostic::codes::{INVALID_ORIGINAL, INVALID_ROUTE};
use crate::diagnostic::{Code, Collector, Problem};
use crate::manifest::{FieldPath, Resource, write_go_json};

/// The annotation that holds the original while traffic is split.
///
/// From openkruise/rollouts:pkg/trafficrouting/network/customNetworkProvider/
/// custom_network_provider.go `OriginalSpecAnnotation`.
pub(crate) const ORIGINAL_ANNOTATION: &str = "rollouts.kruise.io/original-spec-configuration";

/// A VirtualService.
#[derive(Debug)]
pub(crate) struct VirtualService<'a> {
    pub(crate) resource: Resource<'a>,
    pub(crate) original: Original,
    pub(crate) rules: Vec<Rule>,
}

/// A VirtualService before anything was split.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Original {
    pub(crate) spec: Value,
    pub(crate) labels: Option<Value>,
    pub(crate) annotations: Option<Value>,
    /// Whether it comes from the annotation.
    pub(crate) stored: bool,
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
    Delegate,
    /// A redirect or a fixed answer.
    Other,
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
    pub(crate) headers: Vec<(String, StringMatch)>,
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

impl Rule {
    /// Returns the path of the rule in its object.
    pub(crate) fn path(&self) -> FieldPath {
        let list = match self.protocol {
            Protocol::Http => "http",
            Protocol::Tls => "tls",
            Protocol::Tcp => "tcp",
        };
        FieldPath::of_keys(&["spec", list]).index(self.index)
    }
}

/// Returns whether `host`, written in an Istio object of `namespace`, is the Service.
///
/// A host without a dot is a name in the object's namespace; with a dot it is complete, and `web.shop`
/// is no Service: istio/istio:pilot/pkg/model/config.go `ResolveShortnameToFQDN`.
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
        problem(&self.resource, &self.original, (path, code, message.into()))
    }
}

/// A stored original has no bytes of its own; its annotation stands for it.
fn problem<'a>(
    resource: &Resource<'a>,
    original: &Original,
    (path, code, message): (&FieldPath, &'static Code, String),
) -> Problem<'a> {
    if original.stored {
        return resource.problem_at(
            &annotation_path(),
            code,
            format!("{message} (in the stored original, {path})"),
        );
    }
    resource.problem_at(path, code, message)
}

fn annotation_path() -> FieldPath {
    FieldPath::of_keys(&["metadata", "annotations", ORIGINAL_ANNOTATION])
}

/// Reads a VirtualService; what is wrong with it is told.
pub(crate) fn read_virtual_service<'a>(
    resource: Resource<'a>,
    problems: &mut Collector<'a>,
) -> Option<VirtualService<'a>> {
    for map in ["labels", "annotations"] {
        let field = resource.field(&["metadata", map]);
        field.iter().for_each(|field| check(field, Schema::Labels, problems));
    }
    let original = match Original::read(&resource) {
        Ok(original) => original,
        Err(problem) => {
            problems.push(*problem);
            return None;
        }
    };
    match rules::read_rules(&original.spec) {
        Ok(rules) => Some(VirtualService { resource, original, rules }),
        Err((path, message)) => {
            let problem = problem(&resource, &original, (&path, &INVALID_ROUTE, message));
            problems
                .push(problem.help("correct the field; Istio refuses the VirtualService as well"));
            None
        }
    }
}

impl Original {
    fn read<'a>(resource: &Resource<'a>) -> Result<Self, Box<Problem<'a>>> {
        let object = resource.to_value();
        let metadata = object.get("metadata");
        let labels = metadata.and_then(|metadata| metadata.get("labels"));
        let annotations = metadata.and_then(|metadata| metadata.get("annotations"));
        match annotations.and_then(|annotations| annotations.get(ORIGINAL_ANNOTATION)) {
            Some(stored) => Self::parse(stored).ok_or_else(|| Box::new(unreadable(resource))),
            None => Ok(Self {
                spec: object.get("spec").cloned().unwrap_or_default(),
                labels: filled(labels),
                annotations: filled(annotations),
                stored: false,
            }),
        }
    }

    fn parse(stored: &Value) -> Option<Self> {
        let value: Value = serde_json::from_str(stored.as_str()?).ok()?;
        let spec = value.get("spec").filter(|spec| spec.is_object())?.clone();
        let part = |key: &str| filled(value.get(key));
        Some(Self { spec, labels: part("labels"), annotations: part("annotations"), stored: true })
    }

    /// Returns the text of the annotation that stores this original.
    ///
    /// Go's `json.Marshal` of spec, labels and annotations in that order, the last two left out where
    /// they are empty; the annotation itself is not part of it.
    pub(crate) fn to_annotation(&self) -> String {
        let mut text = String::from("{\"spec\":");
        write_go_json(&mut text, &self.spec);
        for (key, part) in [("labels", &self.labels), ("annotations", &self.annotations)] {
            if let Some(part) = part {
                text.push_str(&format!(",\"{key}\":"));
                write_go_json(&mut text, part);
            }
        }
        text.push('}');
        text
    }
}

fn filled(part: Option<&Value>) -> Option<Value> {
    part.filter(|part| part.as_object().is_some_and(|map: &Map<_, _>| !map.is_empty())).cloned()
}

fn unreadable<'a>(resource: &Resource<'a>) -> Problem<'a> {
    let message = format!("the stored original of {} is no JSON with a `spec`", resource.called());
    resource
        .problem_at(&annotation_path(), &INVALID_ORIGINAL, message)
        .help("remove the annotation if the object is the original, or take the original from Git")
}
