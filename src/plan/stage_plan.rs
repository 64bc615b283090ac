//! One rollout at one stage: what stands there, and what becomes of each VirtualService.

use std::borrow::Cow;

use serde_json::Value;

use super::replicas::replicas_of_old;
use super::routing::{Before, RoutePlan};
use super::{Plan, StepPlan};
use crate::diagnostic::Problem;
use crate::model::{Replicas, Rules, StepTraffic, VirtualService};
use crate::rollout::Stage;
use crate::strategy::Standing;

/// One rollout at one stage.
#[derive(Debug)]
pub(crate) struct StagePlan<'p, 'a> {
    pub(crate) plan: &'p Plan<'p, 'a>,
    pub(crate) stage: Stage,
    pub(crate) standing: Standing,
    /// Whether only its part of objects counts that it shares with a rollout which is rendered.
    pub(crate) companion: bool,
    /// The VirtualServices, in the order of the rollout's.
    pub(crate) routes: Vec<StageRoute<'p>>,
    /// What stands in the way of the step, or should be seen.
    problems: Cow<'p, [Problem<'a>]>,
}

/// A VirtualService at a stage of one rollout.
#[derive(Debug, Clone)]
pub(crate) struct StageRoute<'p> {
    /// The rules before the rollout changes them.
    pub(crate) rules: Cow<'p, Rules>,
    /// The spec before the rollout changes it.
    pub(crate) spec: Cow<'p, Value>,
    /// What the rollout changes. None at a stage that directs no traffic.
    pub(crate) change: Option<Cow<'p, RoutePlan>>,
    /// Whether a rollout that comes later writes the object.
    pub(crate) superseded: bool,
}

impl<'p, 'a> Plan<'p, 'a> {
    /// Returns the plan at `stage`, where no other rollout changes the same VirtualServices.
    pub(crate) fn at(&'p self, stage: Stage) -> StagePlan<'p, 'a> {
        let standing = Standing::at(self.rollout, stage);
        let step = standing.canary.and_then(|index| self.steps.get(index));
        let directing = if standing.directs { step } else { None };
        let route = |(number, route): (usize, &'p VirtualService<'a>)| StageRoute {
            rules: Cow::Borrowed(&route.rules),
            spec: Cow::Borrowed(&route.original.spec),
            change: directing.and_then(|step| step.routes.get(number)).map(Cow::Borrowed),
            superseded: false,
        };
        StagePlan {
            plan: self,
            stage,
            standing,
            companion: self.rollout.companion,
            routes: self.rollout.routes().enumerate().map(route).collect(),
            problems: Cow::Borrowed(step.map_or(&[], |step| step.problems.as_slice())),
        }
    }
}

impl<'p, 'a> StagePlan<'p, 'a> {
    /// Returns the plan of a rollout that is rendered itself, or only counts for what it shares.
    pub(crate) fn with_role(self, companion: bool) -> Self {
        Self { companion, ..self }
    }

    /// Returns the step whose canary runs.
    pub(crate) fn step(&self) -> Option<&'p StepPlan<'a>> {
        self.plan.steps.get(self.standing.canary?)
    }

    /// Returns `spec.replicas` of the stable Deployment where it is the old version; none where the manifest
    /// has none.
    pub(crate) fn replicas_of_old(&self) -> Option<Replicas> {
        replicas_of_old(self.plan.rollout, self.standing.canary.is_some())
    }

    /// Returns what the step asks for, at a stage that directs traffic.
    pub(crate) fn traffic(&self) -> Option<&'p StepTraffic> {
        let step = self.plan.rollout.steps.get(self.standing.canary?)?;
        if self.standing.directs { Some(&step.traffic) } else { None }
    }

    /// Returns what stands in the way of the step, or should be seen.
    pub(crate) fn problems(&self) -> &[Problem<'a>] {
        &self.problems
    }

    /// Returns each VirtualService of the rollout, and what becomes of it.
    pub(crate) fn led(&self) -> impl Iterator<Item = (&'p VirtualService<'a>, &StageRoute<'p>)> {
        self.plan.rollout.routes().zip(&self.routes)
    }

    /// Returns the VirtualServices as they are before the rollout changes them.
    fn before(&self) -> Vec<Before<'_, 'a>> {
        self.led().map(|(route, at)| Before { route, rules: &at.rules }).collect()
    }

    /// Plans the routes anew, on the rules that other rollouts have left.
    pub(crate) fn plan_routes_anew(&mut self) {
        let Some(index) = self.standing.canary else { return };
        let step = self.plan.plan_step(index, &self.before());
        if self.standing.directs {
            for (route, planned) in self.routes.iter_mut().zip(step.routes) {
                route.change = Some(Cow::Owned(planned));
            }
        }
        self.problems = Cow::Owned(step.problems);
    }
}
