//! Lookup of the objects that a definition names, in its own namespace.

mod delegates;
mod listed_routes;
mod silent_steps;

use delegates::follow_delegates;
use listed_routes::{find_listed, without_service};

use super::Sources;
use super::backends::{self, Backends};
use super::destination_rule::{DestinationRule, read_destination_rule};
use super::own::Own;
use super::roll_step::RollStep;
use super::rollout::{Rollout, Traffic};
use super::service::{Service, read_service};
use super::valid_name::{
    Form, check_hosts, check_namespace, check_object, find_invalid, find_invalid_host,
};
use super::version::find_new;
use super::virtual_service::{VirtualService, read_virtual_service};
use super::wishes::{Compat, Wishes};
use super::workload::{Workload, read_workload};
use crate::diagnostic::codes::{
    INVALID_FIELD, STABLE_MISSING_WORKLOAD, STABLE_SELECTOR_DIFFERS, UNKNOWN_ROUTE,
    UNKNOWN_SERVICE, UNKNOWN_WORKLOAD, UNSUPPORTED_ROUTING,
};
use crate::diagnostic::{Code, Collector, Problem};
use crate::manifest::{FieldPath, Manifest, Resource};
use crate::rollout::{
    CanaryAddress, Definition, Labels, Part, Reference, TrafficReference, Wanted, find, suggest,
};
use crate::schema::{Schema, check};

/// Looks up what the definition names. What is not there is reported with the name probably meant.
pub(super) fn resolve<'a>(
    definition: Definition<'a>,
    sources: Sources<'_, 'a>,
    wishes: Wishes<'_>,
    roll_step: Option<RollStep<'a>>,
    problems: &mut Collector<'a>,
) -> Option<Rollout<'a>> {
    let Sources { manifest, index, old } = sources;
    let compat = wishes.compat.or(roll_step.as_ref().and_then(|step| step.compat));
    let lookup = Lookup { definition: &definition, manifest, compat, pods: None };
    let valid = check_namespace(&definition.resource, problems);
    problems.extend(silent_steps::find(&definition, compat));
    let workload = lookup.find(&definition.workload, &UNKNOWN_WORKLOAD, problems);
    let workload = workload.and_then(|resource| read_workload(resource, problems));
    let old_workload = workload.as_ref().and_then(|workload| {
        let stable = old.of(&definition.resource.identity, &workload.resource.identity)?;
        Some(find_old(&definition, workload, stable, problems))
    });
    let pods = workload.as_ref().map(|workload| &workload.pod_labels);
    let lookup = Lookup { pods, ..lookup };
    let traffic = definition.traffic.as_ref().map(|traffic| {
        find_traffic_if_named(&lookup, traffic.as_ref(), roll_step.as_ref(), problems)
    });
    // Only now, so that everything that is not there has been reported.
    valid?;
    let workload = workload?;
    let old_workload = required(old_workload)?;
    let traffic = required(traffic?)?;
    let steps = definition.steps?;
    let service = traffic
        .as_ref()
        .map(|it| (&it.service.resource.identity, it.canary == CanaryAddress::Service));
    let own = Own::find(manifest, &workload.resource.identity, service, problems);
    let canary = (own.deployment.as_ref(), &definition.pod_metadata);
    let old_is_captured =
        old.is_captured(&definition.resource.identity, &workload.resource.identity);
    let new = find_new(workload, old_workload.as_ref(), canary, problems)?;
    let versions =
        backends::Sources { manifest, index, new: &new.workload, old: old_workload.as_ref() };
    let traffic = traffic.map(|named| named.with_backends(&versions));
    let own_isolation = roll_step.as_ref().and_then(|step| step.isolate.as_ref());
    Some(Rollout {
        resource: definition.resource,
        workload: new.workload,
        old_workload,
        old_is_captured,
        traffic,
        steps,
        pod_metadata: definition.pod_metadata,
        disabled: definition.disabled,
        paused: definition.paused,
        revisions: definition.revisions,
        compat,
        isolate: wishes.isolate.or(own_isolation).cloned(),
        roll_step,
        own: own.ids(),
        nothing_new: new.nothing_new,
        companion: false,
        places: definition.places,
    })
}

/// Returns what was looked for; `None` where it was looked for in vain.
fn required<T>(found: Option<Option<T>>) -> Option<Option<T>> {
    match found {
        Some(found) => found.map(Some),
        None => Some(None),
    }
}

/// Where names of one definition are looked up.
struct Lookup<'l, 'a> {
    definition: &'l Definition<'a>,
    manifest: &'l Manifest<'a>,
    compat: Option<Compat>,
    /// The labels of the workload's pods, once they are known.
    pods: Option<&'l Labels>,
}

impl<'a> Lookup<'_, 'a> {
    fn find(
        &self,
        reference: &Reference,
        code: &'static Code,
        problems: &mut Collector<'a>,
    ) -> Option<Resource<'a>> {
        let wanted = Wanted {
            group: &reference.group,
            kind: &reference.kind,
            namespace: &self.definition.resource.identity.namespace,
            name: &reference.name,
        };
        let found = find(self.manifest, wanted);
        if let Some(object) = &found {
            check_metadata(object, problems);
            check_object(object, wanted.namespace, problems)?;
        }
        if found.is_none() && !self.manifest.incomplete {
            let named = (reference.kind.to_lowercase(), Form::of_kind(&reference.kind));
            let named = (named.0.as_str(), reference.name.as_str(), named.1);
            let invalid = find_invalid(&self.definition.resource, &reference.path, named);
            if let Some(invalid) = invalid {
                problems.push(invalid);
                return None;
            }
            let (rollout, kind) =
                (self.definition.resource.called(), reference.kind.to_lowercase());
            let message = format!(
                "{rollout} refers to {kind} `{}`, which is not in the input",
                reference.name
            );
            let pods = if reference.kind == "Service" { self.pods } else { None };
            let problem = self.definition.resource.problem_at(&reference.path, code, message);
            problems.push(problem.help(suggest(self.manifest, wanted, pods)));
        }
        found
    }

    fn find_route(
        &self,
        reference: &Reference,
        problems: &mut Collector<'a>,
    ) -> Option<VirtualService<'a>> {
        let resource = self.find(reference, &UNKNOWN_ROUTE, problems)?;
        self.read_route(resource, problems)
    }

    fn read_route(
        &self,
        resource: Resource<'a>,
        problems: &mut Collector<'a>,
    ) -> Option<VirtualService<'a>> {
        let mut route = read_virtual_service(resource, problems)?;
        self.admit(route.invalid.take(), problems)?;
        if self.compat.is_none() {
            check_hosts(&route, problems)?;
        }
        Some(route)
    }

    fn find_rule(
        &self,
        reference: &Reference,
        problems: &mut Collector<'a>,
    ) -> Option<DestinationRule<'a>> {
        let resource = self.find(reference, &UNKNOWN_ROUTE, problems)?;
        let mut rule = read_destination_rule(resource, problems)?;
        self.admit(rule.invalid.take(), problems)?;
        if self.compat.is_none()
            && let Some(host) = &rule.host
            && let Some(invalid) = find_invalid_host(&rule.resource, host)
        {
            problems.push(invalid);
            return None;
        }
        Some(rule)
    }

    /// Reports what is wrong with a route or rule, which the scripts of a controller take as it is.
    fn admit(&self, invalid: Option<Box<Problem<'a>>>, problems: &mut Collector<'a>) -> Option<()> {
        match invalid {
            Some(invalid) if self.compat.is_none() => {
                problems.push(*invalid);
                None
            }
            _ => Some(()),
        }
    }
}

/// Labels and annotations are strings; a number or boolean among them is refused by `kubectl`.
fn check_metadata<'a>(object: &Resource<'a>, problems: &mut Collector<'a>) {
    for key in ["labels", "annotations"] {
        let field = object.field(&["metadata", key]);
        if let Some(field) = field {
            check(&field, Schema::Labels, problems);
        }
    }
}

/// The objects that lead traffic to the workload, before it is known whose pods they reach.
struct NamedTraffic<'a> {
    service: Service<'a>,
    routes: Vec<VirtualService<'a>>,
    destination_rules: Vec<DestinationRule<'a>>,
    canary: CanaryAddress,
}

impl<'a> NamedTraffic<'a> {
    fn with_backends(self, versions: &backends::Sources<'_, 'a>) -> Traffic<'a> {
        let NamedTraffic { service, routes, destination_rules, canary } = self;
        let backends = Backends::find(&service, canary, versions);
        Traffic { service, routes, destination_rules, canary, backends }
    }
}

/// Looks up the traffic, where the definition names any. Routes that a RollStep lists need some.
fn find_traffic_if_named<'a>(
    lookup: &Lookup<'_, 'a>,
    reference: Option<&TrafficReference>,
    roll_step: Option<&RollStep<'a>>,
    problems: &mut Collector<'a>,
) -> Option<Option<NamedTraffic<'a>>> {
    let Some(reference) = reference else {
        let places = lookup.definition.places;
        problems
            .extend(roll_step.and_then(|step| without_service(step, places)).into_iter().collect());
        return None;
    };
    Some(find_traffic(lookup, reference, roll_step, problems))
}

fn find_traffic<'a>(
    lookup: &Lookup<'_, 'a>,
    reference: &TrafficReference,
    roll_step: Option<&RollStep<'a>>,
    problems: &mut Collector<'a>,
) -> Option<NamedTraffic<'a>> {
    let service = lookup.find(&reference.service, &UNKNOWN_SERVICE, problems);
    let service = service.and_then(|resource| {
        read_service(resource, lookup.compat, lookup.definition.places, problems)
    });
    let routes: Vec<_> =
        reference.routes.iter().map(|route| lookup.find_route(route, problems)).collect();
    let rules = reference.destination_rules.iter();
    let rules: Vec<_> = rules.map(|rule| lookup.find_rule(rule, problems)).collect();
    let routes = routes.into_iter().collect::<Option<Vec<_>>>();
    let listed = find_listed(lookup, roll_step, routes.as_deref().unwrap_or(&[]), problems);
    let mut routes = routes?;
    routes.extend(listed?);
    if lookup.compat.is_none() {
        routes.extend(follow_delegates(&routes, lookup.manifest, problems)?);
    }
    match (routes.as_slice(), reference.destination_rules.as_slice()) {
        ([], []) => {
            problems.push(no_routing_object(lookup.definition));
            return None;
        }
        ([], [rule, ..]) if lookup.compat.is_none() => {
            problems.push(no_virtual_service(lookup.definition, rule));
            return None;
        }
        _ => {}
    }
    Some(NamedTraffic {
        service: service?,
        routes,
        destination_rules: rules.into_iter().collect::<Option<_>>()?,
        canary: reference.canary,
    })
}

/// Returns the problem with a rollout that names DestinationRules alone, which direct no traffic.
fn no_virtual_service<'a>(definition: &Definition<'a>, rule: &Reference) -> Problem<'a> {
    let message = "the rollout names DestinationRules alone, which direct no traffic";
    let problem = definition.resource.problem_at(&rule.path, &UNSUPPORTED_ROUTING, message);
    problem.help(format!(
        "name a VirtualService as well, in `{}`, or in `routes` of a RollStep if it is in another namespace",
        definition.places.word(Part::Routes)
    ))
}

fn no_routing_object<'a>(definition: &Definition<'a>) -> Problem<'a> {
    let places = definition.places;
    let message = format!("the entry of {} names no routing object", places.word(Part::Traffic));
    definition.problem(Part::Traffic, &INVALID_FIELD, message).help(format!(
        "name a VirtualService in `{}`, or in `routes` of a RollStep if it is in another namespace",
        places.word(Part::Routes)
    ))
}

/// Finds the workload as it was; the selector of a Deployment cannot be changed.
fn find_old<'a>(
    definition: &Definition<'a>,
    workload: &Workload<'a>,
    stable: &Manifest<'a>,
    problems: &mut Collector<'a>,
) -> Option<Workload<'a>> {
    let identity = &workload.resource.identity;
    let wanted = Wanted {
        group: &identity.group,
        kind: &identity.kind,
        namespace: &identity.namespace,
        name: &identity.name,
    };
    let Some(old) = find(stable, wanted) else {
        let path = &definition.workload.path;
        let message = format!(
            "{} is not in what `--stable` or its RollStep gives",
            workload.resource.called()
        );
        let problem = definition.resource.problem_at(path, &STABLE_MISSING_WORKLOAD, message);
        if !stable.incomplete {
            problems.push(problem.help(match definition.resource.document.source().name() {
                "-" => {
                    "add it there, or correct the path; where standard input is a build of kustomize, give a \
                     build of the old version too: `kubectl kustomize OLD > old.yaml`, then `--stable old.yaml`"
                }
                _ => "add it there, or correct the path",
            }));
        }
        return None;
    };
    let old = read_workload(old, problems)?;
    if old.selector != workload.selector {
        problems.push(selector_differs(workload));
        return None;
    }
    Some(old)
}

fn selector_differs<'a>(workload: &Workload<'a>) -> Problem<'a> {
    let message = format!(
        "the selector of {} is not that of the old version, and a selector cannot be changed",
        workload.resource.called()
    );
    let path = FieldPath::of_keys(&["spec", "selector"]);
    workload
        .resource
        .problem_at(&path, &STABLE_SELECTOR_DIFFERS, message)
        .help("restore the selector, or roll out under a new name")
}
