//! The rollouts of the input and everything they name: typed, defaulted and checked.
//!
//! Definitions come from [`crate::definition`], in neutral types ([`crate::rollout`]).

mod autoscaler;
mod backends;
mod bookkeeping;
mod companions;
mod cursor;
mod destination_rule;
mod ignored;
mod index;
mod name;
mod original;
mod own;
mod peers;
mod pod_sets;
mod probes;
mod recover;
mod resolve;
mod roll_step;
mod rollout;
mod service;
mod service_keys;
mod stamp;
mod subset_rules;
mod valid_name;
mod version;
mod virtual_service;
mod wishes;
mod workload;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use autoscaler::{Autoscalers, read_autoscalers};
pub(crate) use backends::{Backends, Pods, Side};
pub(crate) use bookkeeping::{is_bookkeeping, kept};
pub(crate) use destination_rule::{CANARY_SUBSET, DestinationRule, GRAY_LABEL};
pub(crate) use ignored::{
    IGNORE_ANNOTATION, ignored, is_chosen as is_ignored_and_chosen, is_ignored,
};
pub(crate) use index::{ObjectIndex, route_names_of};
pub(crate) use name::{CANARY_DEPLOYMENT_LABEL, CANARY_OF_ANNOTATION, CANARY_SUFFIX, with_suffix};
pub(crate) use original::{ORIGINAL_ANNOTATION, Original};
pub(crate) use peers::Peers;
pub(crate) use pod_sets::{pod_labels_path, runs_pods};
pub(crate) use recover::{REPLACED_ANNOTATION, Remains, replaced};
pub(crate) use roll_step::{
    LOCAL_CONFIG_ANNOTATION, PIN, Placement, RollStep, find_captured, is_roll_step, new_roll_step,
};
pub(crate) use rollout::{Rollout, Traffic};
pub(crate) use service::Service;
pub(crate) use service_keys::SECURITY;
pub(crate) use stamp::{is_stamped, stamp_prune_last, stamp_wave, sync_wave, unstamp};
pub(crate) use virtual_service::{
    Action, CanaryRequests, Destination, ISTIO, Protocol, Rule, RuleMatch, Rules, StringMatch,
    VirtualService, is_host_of, read_virtual_service,
};
pub(crate) use wishes::Wishes;
pub use wishes::{Compat, GitOps, Isolate};
pub(crate) use workload::Workload;

use crate::definition;
pub(crate) use crate::definition::{is_conflict, is_rollout};
use crate::diagnostic::codes::{NO_ROLLOUT, UNKNOWN_ROLLOUT};
use crate::diagnostic::{Code, Collector, Problem, listed, nearest};
use crate::manifest::{Identity, Manifest, Resource};
pub(crate) use crate::rollout::{
    Amount, CanaryAddress, HeaderChange, LabelSelector, Labels, NamedMatch, NoStageName,
    ObjectName, Part, PathMatch, Pause, Percent, Places, Replicas, RequestMatch, StageName, Step,
    StepTraffic, ValueMatch, labels_of, read_labels, selects,
};
use crate::rollout::{Wanted, find};
pub(crate) use crate::schema::is_label_value;

/// Returns what was said of the object: a name with its namespace wins, and then the last.
pub(crate) fn chosen<T: Copy>(said: &[(ObjectName, T)], identity: &Identity) -> Option<T> {
    let of_it = said.iter().filter(|(name, _)| name.names(identity));
    of_it.max_by_key(|(name, _)| name.namespace.is_some()).map(|(_, what)| *what)
}

/// The old versions of workloads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OldVersions<'o, 'a> {
    /// What `--stable` gives; it wins.
    pub(crate) given: Option<&'o Manifest<'a>>,
    /// What RollSteps hold, by the rollout that they name; none where it does not count.
    pub(crate) captured: Option<&'o BTreeMap<ObjectName, Manifest<'a>>>,
}

impl<'o, 'a> OldVersions<'o, 'a> {
    /// Returns what holds the old version of the rollout's workload.
    fn of(self, rollout: &Identity, workload: &Identity) -> Option<&'o Manifest<'a>> {
        let captured = self.captured.and_then(|all| all.get(&ObjectName::of(rollout)));
        match (self.given, captured) {
            (Some(given), Some(captured)) if !given.holds(workload) => Some(captured),
            (given, captured) => given.or(captured),
        }
    }
}

impl<'a> OldVersions<'_, 'a> {
    /// Returns whether the old version comes from the RollStep of the rollout.
    fn is_captured(self, rollout: &Identity, workload: &Identity) -> bool {
        let captured = Self { given: None, ..self }.of(rollout, workload);
        let used = self.of(rollout, workload);
        captured.zip(used).is_some_and(|(captured, used)| std::ptr::eq(captured, used))
    }

    /// Returns the workload as the RollStep of the rollout holds it, whatever is given beside.
    pub(crate) fn captured_workload(self, rollout: &Rollout<'a>) -> Option<Workload<'a>> {
        let Identity { group, kind, namespace, name, .. } = &rollout.workload.resource.identity;
        let captured = Self { given: None, ..self }
            .of(&rollout.resource.identity, &rollout.workload.resource.identity)?;
        let resource = find(captured, Wanted { group, kind, namespace, name });
        workload::read_workload(resource?, &mut Collector::default())
    }
}

/// Where the objects are that rollouts name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sources<'s, 'a> {
    pub(crate) manifest: &'s Manifest<'a>,
    pub(crate) index: &'s ObjectIndex,
    pub(crate) old: OldVersions<'s, 'a>,
}

/// The rollouts of the input that are chosen, and those that share an object with them.
pub(crate) struct ReadRollouts<'a> {
    rollouts: Vec<Rollout<'a>>,
    /// What is wrong with RollSteps, which matters for every rollout.
    pub(crate) problems: Collector<'a>,
    /// What is wrong with rollouts beside each other, and with the choice.
    pub(crate) together: Collector<'a>,
    pub(crate) each: Vec<ReadRollout<'a>>,
    /// The index in `each` of every rollout that could be read.
    positions: Vec<usize>,
}

/// What came of reading a rollout.
pub(crate) struct ReadRollout<'a> {
    /// The index among the rollouts that could be read.
    pub(crate) found: Option<usize>,
    /// Whether it only shares an object with one that is chosen.
    pub(crate) companion: bool,
    /// What its RollStep acknowledges.
    pub(crate) allowed: Vec<&'static Code>,
    pub(crate) problems: Collector<'a>,
}

impl<'a> ReadRollouts<'a> {
    /// Reads the rollouts.
    pub(crate) fn of(sources: Sources<'_, 'a>, wishes: Wishes<'_>) -> Self {
        let Sources { manifest, .. } = sources;
        let mut together = Collector::default();
        let resources = chosen_definitions(manifest, wishes.rollout, &mut together);
        let mut problems = Collector::default();
        let mut roll_steps = read_roll_steps(manifest, &mut problems);
        let listings = roll_steps.values().filter(|step| !step.routes.is_empty());
        let listings: Vec<_> =
            listings.map(|step| (step.rollout.clone(), step.routes.clone())).collect();
        let mut read = Self {
            rollouts: Vec::new(),
            problems,
            together,
            each: Vec::new(),
            positions: Vec::new(),
        };
        let mut read_one = |resource: Resource<'a>| {
            let roll_step = roll_steps.remove(&ObjectName::of(&resource.identity));
            let allowed = roll_step.as_ref().map_or_else(Vec::new, |step| step.allow.clone());
            let mut problems = Collector::default();
            let definition = definition::read(resource, manifest, &mut problems);
            let rollout = definition.and_then(|definition| {
                resolve::resolve(definition, sources, wishes, roll_step, &mut problems)
            });
            (rollout, ReadRollout { found: None, companion: false, allowed, problems })
        };
        for resource in resources {
            let invalid = ignored::check(&resource);
            let (rollout, mut one) = read_one(resource);
            one.problems.extend(invalid.into_iter().collect());
            read.add(rollout, one);
        }
        let contested = companions::find_contested(&read.rollouts, &listings, manifest);
        read.together.extend(contested);
        for companion in companions::find(&read.rollouts, &listings, manifest) {
            let (rollout, one) = read_one(companion.resource);
            if rollout.is_some() || companion.shares_rendered {
                let rollout = rollout.map(|rollout| Rollout { companion: true, ..rollout });
                read.add(rollout, ReadRollout { companion: true, ..one });
            }
        }
        read
    }

    fn add(&mut self, rollout: Option<Rollout<'a>>, mut one: ReadRollout<'a>) {
        if let Some(rollout) = rollout {
            one.found = Some(self.rollouts.len());
            self.positions.push(self.each.len());
            self.rollouts.push(rollout);
        }
        self.each.push(one);
    }

    /// Returns what came of reading a rollout that could be read.
    pub(crate) fn of_found(&self, index: usize) -> Option<&ReadRollout<'a>> {
        self.each.get(*self.positions.get(index)?)
    }

    /// Returns the rollouts that could be read.
    pub(crate) fn found(&self) -> std::slice::Iter<'_, Rollout<'a>> {
        self.rollouts.iter()
    }
}

/// Reads the rollouts of the input that are chosen, and reports everything that is wrong with them.
pub(crate) fn read_rollouts<'a>(
    sources: Sources<'_, 'a>,
    wishes: Wishes<'_>,
    problems: &mut Collector<'a>,
) -> Vec<Rollout<'a>> {
    let read = ReadRollouts::of(sources, wishes);
    problems.append(read.problems);
    problems.append(read.together);
    for one in read.each {
        problems.append_of_rollout(one.problems, &one.allowed, one.companion);
    }
    read.rollouts
}

/// Returns the definitions that are chosen and not left to their controller.
fn chosen_definitions<'a>(
    manifest: &Manifest<'a>,
    chosen: Option<&ObjectName>,
    problems: &mut Collector<'a>,
) -> Vec<Resource<'a>> {
    let all: Vec<_> =
        manifest.objects().filter(|(_, object)| is_rollout(&object.identity)).collect();
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
    let (left_alone, resources): (Vec<_>, Vec<_>) = resources.partition(ignored::is_ignored);
    for resource in &left_alone {
        ignored::report(resource, chosen, problems);
    }
    definition::check_conflicts(&resources, problems);
    resources
}

/// Admits the Rollouts of the input as the API server would, and returns them as it would store them.
pub(crate) fn admit_rollouts<'a>(
    manifest: &Manifest<'a>,
    problems: &mut Collector<'a>,
) -> Vec<Resource<'a>> {
    let ids = manifest.objects().filter(|(_, object)| is_rollout(&object.identity));
    let resources: Vec<_> = ids.filter_map(|(id, _)| manifest.resource(id)).collect();
    definition::check_conflicts(&resources, problems);
    resources.into_iter().filter_map(|resource| definition::admit(resource, problems)).collect()
}

/// Reads all RollSteps by the rollout that each names; one without a rollout, and a second one of a
/// rollout, are reported.
fn read_roll_steps<'a>(
    manifest: &Manifest<'a>,
    problems: &mut Collector<'a>,
) -> BTreeMap<ObjectName, RollStep<'a>> {
    let mut found = BTreeMap::new();
    let ids = manifest.objects().filter(|(_, object)| roll_step::is_of_our_group(&object.identity));
    let mut resources = ids.filter_map(|(id, _)| manifest.resource(id)).peekable();
    if resources.peek().is_none() {
        return found;
    }
    let rollouts = manifest.objects().filter(|(_, object)| is_rollout(&object.identity));
    let rollouts: BTreeSet<_> =
        rollouts.map(|(_, object)| ObjectName::of(&object.identity)).collect();
    let ignored: BTreeMap<_, _> =
        ignored(manifest).map(|one| (ObjectName::of(&one.identity), one)).collect();
    for resource in resources {
        if !is_roll_step(&resource.identity) {
            problems.push(roll_step::unknown_kind(&resource));
            continue;
        }
        let Some(step) = roll_step::read_roll_step(resource, problems) else { continue };
        let ignored = step.step.and_then(|_| ignored.get(&step.rollout));
        if !rollouts.contains(&step.rollout) {
            problems.push(step.names_no_rollout());
        } else if let Some(rollout) = ignored {
            problems.push(ignored::is_chosen(rollout, "its RollStep has a step"));
        } else if found.contains_key(&step.rollout) {
            problems.push(step.is_second());
        } else {
            found.insert(step.rollout.clone(), step);
        }
    }
    found
}

/// Returns the problem with an input that holds no rollout.
pub(crate) fn no_rollout<'a>() -> Problem<'a> {
    Problem::new(&NO_ROLLOUT, "the input holds no Rollout").help(
        "add the Rollout with `-f`; it says which workload, Service and VirtualService to render",
    )
}

fn unknown_rollout<'a>(wanted: &ObjectName, names: &[String]) -> Problem<'a> {
    let help = match nearest(&wanted.to_string(), names.iter().map(String::as_str)) {
        Some(name) => format!("correct the name; did you mean `{name}`?"),
        None => format!("the input has {}", listed(names)),
    };
    Problem::new(&UNKNOWN_ROLLOUT, format!("there is no rollout `{wanted}` in the input"))
        .help(help)
}
