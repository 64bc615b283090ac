//! VirtualServices that those of a rollout leave routing to.

use crate::diagnostic::Collector;
use crate::diagnostic::codes::UNKNOWN_DELEGATE;
use crate::manifest::{Manifest, Resource};
use crate::model::valid_name::{check_hosts, check_object};
use crate::model::virtual_service::{
    Action, DelegateName, Rule, VirtualService, read_virtual_service,
};
use crate::rollout::{Wanted, find};

/// Returns what the rules of `routes` leave routing to and the rollout does not name itself.
///
/// One level: Istio lets no delegate leave routing to another. Nothing where one cannot be read.
pub(super) fn follow_delegates<'a>(
    routes: &[VirtualService<'a>],
    manifest: &Manifest<'a>,
    problems: &mut Collector<'a>,
) -> Option<Vec<VirtualService<'a>>> {
    let mut found: Vec<VirtualService<'a>> = Vec::new();
    let mut complete = true;
    for (root, rule, name) in routes.iter().flat_map(leaving) {
        let Some(resource) = find_delegate(manifest, root, name) else {
            problems.push(unknown(root, rule, name));
            continue;
        };
        let known = routes.iter().chain(&found).any(|route| route.resource.id == resource.id);
        let delegate = (!known).then(|| read_virtual_service(resource, problems)).flatten();
        let Some(mut delegate) = delegate else { continue };
        if let Some(invalid) = delegate.invalid.take() {
            problems.push(*invalid);
            complete = false;
        }
        let namespace = &root.resource.identity.namespace;
        let valid = check_object(&delegate.resource, namespace, problems);
        if valid.is_none() || check_hosts(&delegate, problems).is_none() {
            complete = false;
        }
        found.push(VirtualService { delegated_by: Some(root.resource.id), ..delegate });
    }
    complete.then_some(found)
}

/// Returns the rules that leave routing to another VirtualService, and its name.
fn leaving<'r, 'a>(
    root: &'r VirtualService<'a>,
) -> impl Iterator<Item = (&'r VirtualService<'a>, &'r Rule, &'r DelegateName)> {
    root.rules.iter().filter_map(move |rule| match &rule.action {
        Action::Delegate(name) => Some((root, rule, name)),
        Action::Route(_) | Action::Other => None,
    })
}

fn find_delegate<'a>(
    manifest: &Manifest<'a>,
    root: &VirtualService<'_>,
    name: &DelegateName,
) -> Option<Resource<'a>> {
    let (namespace, name) = name.resolve(&root.resource.identity);
    let identity = &root.resource.identity;
    find(manifest, Wanted { group: &identity.group, kind: &identity.kind, namespace, name })
}

fn unknown<'a>(
    root: &VirtualService<'a>,
    rule: &Rule,
    name: &DelegateName,
) -> crate::diagnostic::Problem<'a> {
    let (namespace, name) = name.resolve(&root.resource.identity);
    let message = format!(
        "the rule leaves routing to virtualservice `{namespace}/{name}`, which is not in the input"
    );
    let problem = root.problem(&rule.path().key("delegate"), &UNKNOWN_DELEGATE, message);
    problem.help("add it if it sends to the stable Service: what it sends there is not split")
}
