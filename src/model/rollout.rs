//! A rollout and everything it names, found and checked.

use super::backends::Backends;
use super::destination_rule::DestinationRule;
use super::roll_step::RollStep;
use super::service::Service;
use super::virtual_service::VirtualService;
use super::wishes::{Compat, Isolate};
use super::workload::Workload;
use crate::diagnostic::{Code, Problem};
use crate::manifest::{Identity, ObjectId, Resource, SharedName};
use crate::rollout::{CanaryAddress, Part, Places, PodMetadata, Revisions, Step};

/// A rollout with what it names.
#[derive(Debug)]
pub(crate) struct Rollout<'a> {
    pub(crate) resource: Resource<'a>,
    /// The workload with the new template.
    pub(crate) workload: Workload<'a>,
    /// The workload as it was, where `--stable` or the RollStep gives it.
    pub(crate) old_workload: Option<Workload<'a>>,
    /// Whether the old version is the one that the RollStep holds, and not one that is given.
    pub(crate) old_is_captured: bool,
    /// Absent where the rollout leaves traffic to the number of pods.
    pub(crate) traffic: Option<Traffic<'a>>,
    pub(crate) steps: Vec<Step>,
    pub(crate) pod_metadata: PodMetadata,
    /// Whether it is switched off, which is the same as done.
    pub(crate) disabled: bool,
    /// Whether the definition asks a controller to wait, which says nothing here.
    pub(crate) paused: bool,
    /// The revisions that a controller has noted in the status.
    pub(crate) revisions: Revisions,
    /// The controller whose results are written exactly, if one's are.
    pub(crate) compat: Option<Compat>,
    /// How the pods are distinguished, where the user says that.
    pub(crate) isolate: Option<Isolate>,
    /// The step as Git has it.
    pub(crate) roll_step: Option<RollStep<'a>>,
    /// Our own objects of an earlier render, which are dropped and made anew.
    pub(crate) own: Vec<ObjectId>,
    /// Whether the input holds the old version alone.
    pub(crate) nothing_new: bool,
    /// Whether only its part of objects counts that it shares with a rollout which is rendered.
    pub(crate) companion: bool,
    /// Where the definition says its parts, and its words for them.
    pub(crate) places: &'static Places,
}

/// The objects that lead traffic to the workload.
#[derive(Debug)]
pub(crate) struct Traffic<'a> {
    pub(crate) service: Service<'a>,
    pub(crate) routes: Vec<VirtualService<'a>>,
    pub(crate) destination_rules: Vec<DestinationRule<'a>>,
    pub(crate) canary: CanaryAddress,
    /// Whose pods the destinations of the routes reach.
    pub(crate) backends: Backends,
}

impl<'a> Rollout<'a> {
    /// Returns what its RollStep acknowledges.
    pub(crate) fn allowed(&self) -> &[&'static Code] {
        self.roll_step.as_ref().map_or(&[], |step| &step.allow)
    }

    /// Returns the workload in its new version, and in its old one where that is known.
    pub(crate) fn versions(&self) -> impl Iterator<Item = &Workload<'a>> {
        [Some(&self.workload), self.old_workload.as_ref()].into_iter().flatten()
    }

    /// Returns the VirtualServices that lead traffic to the workload.
    pub(crate) fn routes(&self) -> impl Iterator<Item = &VirtualService<'a>> {
        self.traffic.iter().flat_map(|traffic| &traffic.routes)
    }

    /// Returns the objects of the input that the rollout may change or copy.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &Resource<'a>> {
        let traffic = self.traffic.iter();
        let routes = traffic.clone().flat_map(|traffic| &traffic.routes);
        let rules = traffic.clone().flat_map(|traffic| &traffic.destination_rules);
        let services = traffic.map(|traffic| &traffic.service.resource);
        [&self.workload.resource]
            .into_iter()
            .chain(services)
            .chain(routes.map(|route| &route.resource))
            .chain(rules.map(|rule| &rule.resource))
    }

    /// Returns what rollouts are ordered by that change one object one after the other.
    pub(crate) fn order(&self) -> (&SharedName, &str) {
        let Identity { namespace, name, .. } = &self.resource.identity;
        (namespace, name)
    }

    /// Returns a problem with a part of the definition, placed at the deepest field of it that is there.
    pub(crate) fn problem(
        &self,
        part: Part,
        code: &'static Code,
        message: impl Into<String>,
    ) -> Problem<'a> {
        self.resource.problem_at(&self.places.path_in(&self.resource, part), code, message)
    }

    /// Returns what the users of the definition call a part of it.
    pub(crate) fn word(&self, part: Part) -> &'static str {
        self.places.word(part)
    }

    /// Returns the name in backticks, as messages say it.
    pub(crate) fn called(&self) -> String {
        self.resource.called()
    }

    /// Returns the name as a flag says it.
    pub(crate) fn name_of_flag(&self) -> String {
        self.resource.identity.name_of_flag()
    }
}
