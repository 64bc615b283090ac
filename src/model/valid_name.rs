//! Names that Kubernetes takes, and what an invalid one probably is.
//!
//! The forms are those of kubernetes/apimachinery:pkg/util/validation/validation.go. An object of
//! another name can never be created, so that nothing that is rendered of it would be of use.

use super::virtual_service::{Action, VirtualService};
use crate::diagnostic::codes::INVALID_NAME;
use crate::diagnostic::{Collector, Problem};
use crate::manifest::{FieldPath, Identity, Resource};

/// How names of a kind are formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `IsDNS1123Subdomain`: most kinds.
    Subdomain,
    /// `IsDNS1123Label`: namespaces.
    Label,
    /// `IsDNS1035Label`: Services.
    Service,
}

impl Form {
    pub(super) fn of_kind(kind: &str) -> Self {
        if kind == "Service" { Self::Service } else { Self::Subdomain }
    }

    pub(super) fn takes(self, name: &str) -> bool {
        match self {
            Self::Subdomain => name.len() <= 253 && name.split('.').all(is_label),
            Self::Label => name.len() <= 63 && is_label(name),
            Self::Service => {
                let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
                name.len() <= 63 && begins && is_label(name)
            }
        }
    }

    /// Returns what names consist of, as messages say it.
    fn description(self) -> &'static str {
        match self {
            Self::Subdomain => {
                "at most 253 lower-case letters, digits, `-` and `.`, with a letter or digit at both ends and beside each `.`"
            }
            Self::Label => {
                "at most 63 lower-case letters, digits and `-`, with a letter or digit at both ends"
            }
            Self::Service => {
                "at most 63 lower-case letters, digits and `-`, with a letter first and a letter or digit last"
            }
        }
    }

    /// Returns the help to a name that is not of the form.
    fn help(self, name: &str) -> String {
        if is_placeholder(name) {
            return format!(
                "fill `{name}` in: it looks like a placeholder that no tool has replaced yet"
            );
        }
        format!("write a name of {}", self.description())
    }
}

fn is_label(label: &str) -> bool {
    let is_end = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let bytes = label.as_bytes();
    let within = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    is_end(bytes.first()) && is_end(bytes.last()) && bytes.iter().all(within)
}

/// Returns whether the name looks like one that a tool was to replace: `DEX_SERVICE`, `${NAME}`.
fn is_placeholder(name: &str) -> bool {
    let is_upper = name.split('.').any(|label| {
        label.contains(|c: char| c.is_ascii_uppercase())
            && !label.contains(|c: char| c.is_ascii_lowercase())
    });
    is_upper || name.contains(['{', '}', '$', '<', '>', '%', '@', '#']) || name.contains("__")
}

/// Returns the problem with a name at a field of `resource`, unless Kubernetes takes the name.
pub(super) fn find_invalid<'a>(
    resource: &Resource<'a>,
    path: &FieldPath,
    (what, name, form): (&str, &str, Form),
) -> Option<Problem<'a>> {
    if name.is_empty() || form.takes(name) {
        return None;
    }
    let message = format!("Kubernetes refuses the name of {what} `{name}`");
    Some(resource.problem_at(path, &INVALID_NAME, message).help(form.help(name)))
}

/// Reports an object whose name Kubernetes refuses, or whose namespace, where that is not `known`.
pub(super) fn check_object<'a>(
    resource: &Resource<'a>,
    known: &str,
    problems: &mut Collector<'a>,
) -> Option<()> {
    let Identity { kind, namespace, name, .. } = &resource.identity;
    let named = (kind.to_lowercase(), Form::of_kind(kind));
    let named = (named.0.as_str(), name.as_str(), named.1);
    let path = FieldPath::of_keys(&["metadata", "name"]);
    let invalid = find_invalid(resource, &path, named);
    let valid = invalid.is_none();
    problems.extend(invalid.into_iter().collect());
    if namespace != known {
        check_namespace(resource, problems)?;
    }
    valid.then_some(())
}

/// Reports an object in a namespace whose name Kubernetes refuses.
pub(super) fn check_namespace<'a>(
    resource: &Resource<'a>,
    problems: &mut Collector<'a>,
) -> Option<()> {
    let path = FieldPath::of_keys(&["metadata", "namespace"]);
    let named = ("namespace", resource.identity.namespace.as_str(), Form::Label);
    let invalid = find_invalid(resource, &path, named);
    let valid = invalid.is_none();
    problems.extend(invalid.into_iter().collect());
    valid.then_some(())
}

/// Reports destinations of a VirtualService whose host no Service can have.
///
/// Istio compares hosts as they are written and Kubernetes takes lower case alone. Hosts outside the
/// cluster may have capitals.
pub(super) fn check_hosts<'a>(
    route: &VirtualService<'a>,
    problems: &mut Collector<'a>,
) -> Option<()> {
    let mut found = Vec::new();
    for rule in &route.rules {
        let Action::Route(destinations) = &rule.action else { continue };
        for (index, destination) in destinations.iter().enumerate() {
            let host = &destination.host;
            if is_host(host) {
                continue;
            }
            let path = rule.path().key("route").index(index).key("destination").key("host");
            let message = format!("Kubernetes refuses the name in host `{host}`");
            let problem = route.problem(&path, &INVALID_NAME, message);
            found.push(problem.help(Form::Service.help(host)));
        }
    }
    let valid = found.is_empty();
    problems.extend(found);
    valid.then_some(())
}

/// Returns the problem with the host of a DestinationRule that no Service can have.
pub(super) fn find_invalid_host<'a>(resource: &Resource<'a>, host: &str) -> Option<Problem<'a>> {
    if is_host(host) {
        return None;
    }
    let path = FieldPath::of_keys(&["spec", "host"]);
    let message = format!("Kubernetes refuses the name in host `{host}`");
    Some(resource.problem_at(&path, &INVALID_NAME, message).help(Form::Service.help(host)))
}

fn is_host(host: &str) -> bool {
    let mut labels = host.split('.');
    let (_, namespace, svc) = (labels.next(), labels.next(), labels.next());
    let of_service = namespace.is_none() || svc.is_some_and(|svc| svc.eq_ignore_ascii_case("svc"));
    host.chars().all(|c| {
        let lower = c.is_ascii_lowercase() || c.is_ascii_digit() || "-.*:".contains(c);
        lower || (!of_service && c.is_ascii_uppercase())
    })
}

#[cfg(test)]
mod tests {
    use super::{Form, is_host, is_placeholder};

    #[test]
    fn each_kind_has_its_form() {
        let long = "a".repeat(64);
        for (name, taken) in [
            ("web", [true, true, true]),
            ("2web", [true, true, false]),
            ("web.v1", [true, false, false]),
            ("web..v1", [false, false, false]),
            ("web-", [false, false, false]),
            ("-web", [false, false, false]),
            ("Web", [false, false, false]),
            ("web_1", [false, false, false]),
            ("wéb", [false, false, false]),
            (long.as_str(), [true, false, false]),
        ] {
            let forms = [Form::Subdomain, Form::Label, Form::Service];
            assert_eq!(forms.map(|form| form.takes(name)), taken, "{name}");
        }
    }

    #[test]
    fn placeholders_are_known() {
        for name in ["DEX_SERVICE.DEX_NAMESPACE", "WEB", "${NAME}", "{{ name }}", "<name>"] {
            assert!(is_placeholder(name), "{name}");
        }
        for name in ["Web", "web_1", "webShop", "web."] {
            assert!(!is_placeholder(name), "{name}");
        }
    }

    #[test]
    fn hosts_of_services_are_in_lower_case() {
        for host in ["web", "web.shop.svc.cluster.local", "API.example.com", "*.shop", ""] {
            assert!(is_host(host), "{host}");
        }
        for host in ["Web", "web.shop.SVC.local", "WEB.shop.svc.cluster.local", "A_B.C_D", "${a}"] {
            assert!(!is_host(host), "{host}");
        }
    }
}
