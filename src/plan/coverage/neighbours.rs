//! Objects that know the stable Service by name, and pods that look like the canary's.
//!
//! What names the stable Service says nothing of the canary's; a route that the rollout does not name
//! sends nothing to the canary; and pods of others that carry the canary's label would get its
//! requests.

use std::collections::BTreeSet;

use crate::diagnostic::codes::{CANARY_LABEL_TAKEN, NOT_COVERED, UNLISTED_ROUTE};
use crate::diagnostic::{Collector, Problem};
use crate::manifest::{FieldPath, Identity, ObjectId, Resource};
use crate::model::{
    Action, CanaryAddress, Destination, ISTIO, Labels, Part, Rollout, SECURITY, Side, Sources,
    Traffic, is_host_of, pod_labels_path, read_labels, read_virtual_service, runs_pods, selects,
};

/// Reports what of the input does not know of the canary, or would be taken for it.
pub(super) fn find_neighbours<'a>(
    rollout: &Rollout<'a>,
    canary_selector: Option<&Labels>,
    sources: Sources<'_, 'a>,
) -> Vec<Problem<'a>> {
    let Some(traffic) = &rollout.traffic else { return Vec::new() };
    let Sources { manifest, index, .. } = sources;
    let neighbours = Neighbours { rollout, traffic, canary_selector };
    let service = neighbours.service();
    let mut ids = index.knowing_service(manifest, service);
    if let Some(selector) = canary_selector {
        ids.extend(index.running_pods(manifest, &service.namespace, selector));
    }
    let ours = neighbours.ours();
    let others = ids.into_iter().filter(|id| !ours.contains(id));
    let mut others: Vec<_> =
        others.filter_map(|id| Some((&manifest.object(id)?.identity, id))).collect();
    others.sort_unstable_by_key(|(identity, id)| (&identity.kind, &identity.group, *id));
    let found = others.into_iter().filter_map(|(identity, id)| {
        let Check { check, words } = neighbours.check_of(identity)?;
        check(&neighbours, &manifest.resource_mentioning(id, &words)?)
    });
    found.collect()
}

/// How an object is looked at.
struct Check<'n, 'a> {
    check: fn(&Neighbours<'n, 'a>, &Resource<'a>) -> Option<Problem<'a>>,
    /// Words that the text of a concerned object holds.
    words: Vec<&'n str>,
}

struct Neighbours<'n, 'a> {
    rollout: &'n Rollout<'a>,
    traffic: &'n Traffic<'a>,
    /// What the canary Service selects, where that is known.
    canary_selector: Option<&'n Labels>,
}

impl<'n, 'a> Neighbours<'n, 'a> {
    /// Returns the objects that the rollout names, which are not looked at, and those of an earlier render.
    ///
    /// A DestinationRule is looked at where the canary's host is another: its policies do not hold there,
    /// named or not.
    fn ours(&self) -> BTreeSet<ObjectId> {
        let objects = self.rollout.objects().map(|object| object.id);
        let mut ours: BTreeSet<_> = objects.chain(self.rollout.own.iter().copied()).collect();
        if !self.by_subset() {
            for rule in &self.traffic.destination_rules {
                ours.remove(&rule.resource.id);
            }
        }
        ours
    }

    /// Returns whether the canary has the stable Service's host, name and policies.
    fn by_subset(&self) -> bool {
        self.traffic.canary == CanaryAddress::Subset
    }

    fn check_of(&self, identity: &Identity) -> Option<Check<'n, 'a>> {
        let of_stable_alone = !self.by_subset();
        let service = self.service();
        let words = vec![service.name.as_str()];
        match identity.group.as_str() {
            ISTIO if identity.kind == "VirtualService" => {
                Some(Check { check: Self::check_route, words })
            }
            ISTIO if identity.kind == "DestinationRule" && of_stable_alone => {
                Some(Check { check: Self::check_rule, words })
            }
            SECURITY if of_stable_alone && identity.namespace == service.namespace => {
                Some(Check { check: Self::check_policy, words })
            }
            group if runs_pods(group, &identity.kind) => {
                let words = self.canary_selector?.values().map(String::as_str).collect();
                Some(Check { check: Self::check_workload, words })
            }
            _ => None,
        }
    }

    fn service(&self) -> &'n Identity {
        &self.traffic.service.resource.identity
    }

    fn is_stable_host(&self, host: &str, namespace: &str) -> bool {
        is_host_of(host, namespace, (&self.service().name, &self.service().namespace))
    }

    fn check_route(&self, resource: &Resource<'a>) -> Option<Problem<'a>> {
        let namespace = resource.identity.namespace.clone();
        let route = read_virtual_service(resource.clone(), &mut Collector::default())?;
        let rule = route.rules.iter().find(|rule| match &rule.action {
            Action::Route(destinations) => {
                let backends = &self.traffic.backends;
                let side =
                    |one: &Destination| backends.side(&one.host, &namespace, one.subset.as_deref());
                destinations.iter().any(|one| side(one) == Side::Stable)
            }
            Action::Delegate(_) | Action::Other => false,
        })?;
        let (called, service) = (resource.called(), &self.service().name);
        let reached = if self.by_subset() {
            "to pods of both versions where it names no subset"
        } else {
            "all of it to stable"
        };
        let message = format!(
            "{called} sends to service `{service}` as well, and {reached}: the rollout does not name it"
        );
        let problem = route.problem(&rule.path(), &UNLISTED_ROUTE, message);
        let repair = self.listing_of(&resource.identity);
        Some(problem.help(format!("{repair}, if its requests should be split too")))
    }

    /// Returns how the rollout can list a route; a Rollout names those of its own namespace alone.
    fn listing_of(&self, route: &Identity) -> String {
        let Identity { version, kind, namespace, name, .. } = route;
        if *namespace == self.rollout.resource.identity.namespace {
            return format!(
                "add `- {{apiVersion: {ISTIO}/{version}, kind: {kind}, name: {name}}}` to the rollout's `{}`",
                self.rollout.word(Part::Routes)
            );
        }
        if self.rollout.compat.is_some() {
            return "move it to the namespace of the rollout, where alone the controller looks, and name it there".to_owned();
        }
        let entry = format!("{{kind: {kind}, namespace: {namespace}, name: {name}}}");
        match &self.rollout.roll_step {
            Some(step) if step.routes.is_empty() => {
                format!("add `routes: [{entry}]` to `spec` of {}", step.resource.called())
            }
            Some(step) => format!("add `- {entry}` to `spec.routes` of {}", step.resource.called()),
            None => format!("add `routes: [{entry}]` to `spec` of a RollStep of the rollout"),
        }
    }

    fn check_rule(&self, resource: &Resource<'a>) -> Option<Problem<'a>> {
        let host = resource.field(&["spec", "host"])?;
        if !self.is_stable_host(host.node().as_str()?, &resource.identity.namespace) {
            return None;
        }
        let called = resource.called();
        let message = format!(
            "{called} is for the stable Service's host only: its policies do not hold for the canary"
        );
        let problem = host.problem(&NOT_COVERED, message).into_warning();
        Some(problem.help("add a DestinationRule for the canary's host, if the policies matter"))
    }

    fn check_policy(&self, resource: &Resource<'a>) -> Option<Problem<'a>> {
        let spec = resource.field(&["spec"])?;
        let mut targets = spec.list("targetRefs");
        targets.extend(spec.child("targetRef"));
        let is_service = |name: &Option<&str>| *name == Some(self.service().name.as_str());
        let target = targets.into_iter().find(|target| {
            target.text("kind") == Some("Service") && is_service(&target.text("name"))
        })?;
        let message = format!(
            "{} is for the stable Service only: it does not hold for the canary's",
            resource.called()
        );
        let problem = target.problem(&NOT_COVERED, message);
        Some(problem.help(
            "select the pods by a label that both have, or add a copy for the canary's Service",
        ))
    }

    fn check_workload(&self, resource: &Resource<'a>) -> Option<Problem<'a>> {
        let path = pod_labels_path(&resource.identity)?;
        let labels = read_labels(resource.field(path).as_ref());
        selects(self.canary_selector?, &labels).then(|| {
            let message = format!(
                "pods of {} carry the label of the canary's pods and would get its requests",
                resource.called()
            );
            let problem =
                resource.problem_at(&FieldPath::of_keys(path), &CANARY_LABEL_TAKEN, message);
            problem.help(if self.by_subset() {
                let labels = self.rollout.word(Part::PodLabels);
                format!("write other labels into `{labels}`, or relabel the other pods")
            } else {
                "choose another label with `--isolation-key`, or relabel the other pods".to_owned()
            })
        })
    }
}
