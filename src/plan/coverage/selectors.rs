//! Where the kinds that we know select pods, as their target or as a peer.

use crate::diagnostic::Problem;
use crate::diagnostic::codes::INVALID_FIELD;
use crate::manifest::{Field, FieldPath, Identity, Resource};
use crate::model::{LabelSelector, Labels};

/// A selector of pods in some object.
#[derive(Debug)]
pub(super) struct PodSelector {
    pub(super) path: FieldPath,
    pub(super) selector: LabelSelector,
    pub(super) namespaces: Namespaces,
    pub(super) protects: Protects,
}

/// Whose pods are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Namespaces {
    /// Those of the object's own namespace.
    Own,
    /// Those of any namespace.
    Any,
    /// Those of namespaces with these labels.
    Labelled(LabelSelector),
}

impl Namespaces {
    /// Returns whether pods of `namespace` may be meant by an object of `own`.
    ///
    /// Of a namespace's labels only the one that the API server sets is known.
    pub(super) fn include(&self, namespace: &str, own: &str) -> bool {
        match self {
            Self::Own => namespace == own,
            Self::Any => true,
            Self::Labelled(selector) => {
                let labels = Labels::from([(NAME_LABEL.to_owned(), namespace.to_owned())]);
                selector.of_key(NAME_LABEL).selects(&labels)
            }
        }
    }
}

/// The label that every namespace has, from kubernetes/api:core/v1/well_known_labels.go
/// `LabelMetadataName`.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The labels by which Cilium selects namespaces begin so.
const CILIUM_NAMESPACE: [&str; 2] =
    ["io.kubernetes.pod.namespace", "io.cilium.k8s.namespace.labels."];

/// Whether traffic is let through that should not be, or kept out, where a pod is passed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protects {
    Yes,
    No,
}

/// A kind, and where it selects pods; `*` stands for each item of a list.
struct Kind {
    group: &'static str,
    name: &'static str,
    protects: Protects,
    paths: &'static [&'static str],
}

const KINDS: &[Kind] = &[
    policy(
        "networking.k8s.io",
        "NetworkPolicy",
        &[
            "spec.podSelector",
            "spec.ingress.*.from.*.podSelector",
            "spec.egress.*.to.*.podSelector",
        ],
    ),
    policy("cilium.io", "CiliumNetworkPolicy", CILIUM),
    policy("cilium.io", "CiliumClusterwideNetworkPolicy", CILIUM),
    policy("cilium.io", "CiliumEgressGatewayPolicy", &["spec.selectors.*.podSelector"]),
    policy("policy.networking.k8s.io", "AdminNetworkPolicy", ADMIN),
    policy("policy.networking.k8s.io", "BaselineAdminNetworkPolicy", ADMIN),
    policy("policy.linkerd.io", "Server", &["spec.podSelector"]),
    policy("vpcresources.k8s.aws", "SecurityGroupPolicy", &["spec.podSelector"]),
    policy("security.istio.io", "AuthorizationPolicy", &["spec.selector"]),
    policy("security.istio.io", "PeerAuthentication", &["spec.selector"]),
    policy("security.istio.io", "RequestAuthentication", &["spec.selector"]),
    policy("networking.istio.io", "Sidecar", &["spec.workloadSelector"]),
    other("networking.istio.io", "DestinationRule", &["spec.workloadSelector"]),
    other("networking.istio.io", "ProxyConfig", &["spec.selector"]),
    other("networking.istio.io", "EnvoyFilter", &["spec.workloadSelector"]),
    other("networking.istio.io", "ServiceEntry", &["spec.workloadSelector"]),
    other("telemetry.istio.io", "Telemetry", &["spec.selector"]),
    other("extensions.istio.io", "WasmPlugin", &["spec.selector"]),
    other("policy", "PodDisruptionBudget", &["spec.selector"]),
    other("monitoring.coreos.com", "PodMonitor", &["spec.selector"]),
];

const ADMIN: &[&str] = &[
    "spec.subject.pods.podSelector",
    "spec.ingress.*.from.*.pods.podSelector",
    "spec.egress.*.to.*.pods.podSelector",
];

const CILIUM: &[&str] = &[
    "spec.endpointSelector",
    "spec.ingress.*.fromEndpoints.*",
    "spec.ingressDeny.*.fromEndpoints.*",
    "spec.egress.*.toEndpoints.*",
    "spec.egressDeny.*.toEndpoints.*",
    "specs.*.endpointSelector",
    "specs.*.ingress.*.fromEndpoints.*",
    "specs.*.ingressDeny.*.fromEndpoints.*",
    "specs.*.egress.*.toEndpoints.*",
    "specs.*.egressDeny.*.toEndpoints.*",
];

const fn policy(group: &'static str, name: &'static str, paths: &'static [&'static str]) -> Kind {
    Kind { group, name, protects: Protects::Yes, paths }
}

const fn other(group: &'static str, name: &'static str, paths: &'static [&'static str]) -> Kind {
    Kind { group, name, protects: Protects::No, paths }
}

/// The namespace whose policies hold for all of them.
const MESH_ROOT: &str = "istio-system";

fn kind_of(identity: &Identity) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| identity.is(kind.group, kind.name))
}

/// Returns whether we know where the kind selects pods.
pub(super) fn is_known(identity: &Identity) -> bool {
    kind_of(identity).is_some()
}

/// Returns the selectors of the object that are there.
pub(super) fn find_selectors(resource: &Resource<'_>) -> Vec<PodSelector> {
    let Some(kind) = kind_of(&resource.identity) else { return Vec::new() };
    let mut found = Vec::new();
    for path in kind.paths {
        let names: Vec<&str> = path.split('.').collect();
        collect(&resource.root(), &names, &mut |field, namespaces| {
            let Some(selector) = parse(field) else { return };
            let wide = is_wide(&resource.identity, &selector);
            found.push(PodSelector {
                path: field.path().clone(),
                selector,
                namespaces: if wide { Namespaces::Any } else { namespaces },
                protects: kind.protects,
            });
        });
    }
    found
}

/// Reports selectors that nothing could read: the API server refuses them, so nothing would be protected.
pub(super) fn check_types<'a>(resource: &Resource<'a>) -> Vec<Problem<'a>> {
    let Some(kind) = kind_of(&resource.identity) else { return Vec::new() };
    let mut found = Vec::new();
    for path in kind.paths {
        let names: Vec<&str> = path.split('.').collect();
        collect(&resource.root(), &names, &mut |field, _| {
            if parse(field).is_none() && !field.to_value().is_null() {
                let message = format!("{} has a selector of another type", resource.called());
                let problem = field.problem(&INVALID_FIELD, message);
                found.push(problem.help(
                    "write a map: `matchLabels` with strings, or `matchExpressions` with a list",
                ));
            }
        });
    }
    found
}

/// Walks to each field that the names lead to, and to the namespaceSelector beside it.
fn collect<'a>(
    field: &Field<'_, 'a>,
    names: &[&str],
    found: &mut impl FnMut(&Field<'_, 'a>, Namespaces),
) {
    match names {
        [] => found(field, Namespaces::Own),
        [last] if *last != "*" => {
            let beside = field.child("namespaceSelector");
            field.child(last).iter().for_each(|child| found(child, namespaces(beside.as_ref())));
        }
        ["*", rest @ ..] => field.items().iter().for_each(|item| collect(item, rest, found)),
        [name, rest @ ..] => {
            field.child(name).iter().for_each(|child| collect(child, rest, found));
        }
    }
}

fn namespaces(selector: Option<&Field<'_, '_>>) -> Namespaces {
    let Some(selector) = selector else { return Namespaces::Own };
    LabelSelector::parse(&selector.to_value()).map_or(Namespaces::Any, Namespaces::Labelled)
}

/// A policy of the mesh's root holds everywhere, and Cilium's selectors may name a namespace.
fn is_wide(identity: &Identity, selector: &LabelSelector) -> bool {
    let istio = identity.group.ends_with("istio.io") && identity.namespace == MESH_ROOT;
    let of_namespace = |key: &str| CILIUM_NAMESPACE.iter().any(|prefix| key.starts_with(prefix));
    let keys = selector.match_labels.keys().map(String::as_str);
    let mut keys = keys.chain(selector.expressions.iter().map(|one| one.key.as_str()));
    let cilium = identity.group == "cilium.io" && keys.any(of_namespace);
    istio || cilium || identity.kind == "CiliumClusterwideNetworkPolicy"
}

/// Istio writes `labels` for `matchLabels` in workload selectors, Cilium puts `k8s:` before keys.
fn parse(field: &Field<'_, '_>) -> Option<LabelSelector> {
    let mut value = field.to_value();
    if let Some(fields) = value.as_object_mut()
        && let Some(labels) = fields.get("labels").cloned()
    {
        fields.insert("matchLabels".to_owned(), labels);
    }
    let mut selector = LabelSelector::parse(&value)?;
    selector.match_labels =
        selector.match_labels.into_iter().map(|(key, value)| (bare(&key), value)).collect();
    selector.expressions.iter_mut().for_each(|expression| expression.key = bare(&expression.key));
    Some(selector)
}

fn bare(key: &str) -> String {
    let prefixes = ["k8s:", "any:"];
    prefixes.iter().find_map(|prefix| key.strip_prefix(prefix)).unwrap_or(key).to_owned()
}
