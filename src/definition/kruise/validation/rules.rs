//! Rules of the webhook, with the message where one is broken.
//!
//! Each has the webhook's own words, by which its answer is found again, and ours.

use crate::diagnostic::codes::{
    DECREASING_REPLICAS, INVALID_FIELD, MISSING_FIELD, REFUSED_BY_WEBHOOK, UNSUPPORTED_WORKLOAD,
};
use crate::diagnostic::{Code, Problem};
use crate::manifest::Field;

/// A rule of the webhook.
pub(super) struct Rule {
    code: &'static Code,
    message: &'static str,
    /// What the webhook says.
    detail: &'static str,
    help: &'static str,
}

impl Rule {
    /// Returns the problem with a field that breaks the rule.
    pub(super) fn at<'a>(&self, field: &Field<'_, 'a>) -> Problem<'a> {
        field.problem(self.code, self.message()).help(self.help)
    }

    /// Returns the problem with the key below a field.
    pub(super) fn at_key<'a>(&self, field: &Field<'_, 'a>, key: &str) -> Problem<'a> {
        field.key_problem(key, self.code, self.message()).help(self.help)
    }

    /// Returns the problem with the value below a field, or with the field where it has no such value.
    pub(super) fn at_value<'a>(&self, field: &Field<'_, 'a>, key: &str) -> Problem<'a> {
        self.at(field.child(key).as_ref().unwrap_or(field))
    }

    fn message(&self) -> String {
        format!("{} (webhook: {})", self.message, self.detail)
    }
}

pub(super) const KIND_NOT_SUPPORTED: Rule = Rule {
    code: &UNSUPPORTED_WORKLOAD,
    message: "the controller does not roll out workloads of this kind",
    detail: "WorkloadRef kind is not supported",
    help: "name a Deployment of apps/v1",
};
pub(super) const KIND_NOT_FOR_BLUE_GREEN: Rule = Rule {
    code: &UNSUPPORTED_WORKLOAD,
    message: "blueGreen is for Deployments and CloneSets",
    detail: "WorkloadRef kind is not supported for bluegreen style",
    help: "name a Deployment of apps/v1",
};
pub(super) const NO_WORKLOAD: Rule = Rule {
    code: &MISSING_FIELD,
    message: "the rollout names no workload",
    detail: "WorkloadRef is required",
    help: "add `spec.objectRef.workloadRef` with `apiVersion`, `kind` and `name`",
};
pub(super) const NO_STRATEGY: Rule = Rule {
    code: &MISSING_FIELD,
    message: "the rollout has no canary strategy",
    detail: "Canary and BlueGreen cannot both be empty",
    help: "add `spec.strategy.canary` with its steps",
};
pub(super) const NO_CANARY: Rule = Rule {
    code: &MISSING_FIELD,
    message: "the rollout has no canary strategy",
    detail: "Canary cannot be empty",
    help: "add `spec.strategy.canary` with its steps",
};
pub(super) const BOTH_STRATEGIES: Rule = Rule {
    code: &REFUSED_BY_WEBHOOK,
    message: "the rollout has two strategies",
    detail: "Canary and BlueGreen cannot both be set",
    help: "remove `blueGreen`",
};
pub(super) const ROLLING_STYLE: Rule = Rule {
    code: &REFUSED_BY_WEBHOOK,
    message: "there is no such rolling style",
    detail: "Rolling style must be 'Canary', 'Partition' or empty",
    help: "write `canary`, or remove the annotation",
};
pub(super) const NO_STEPS: Rule = Rule {
    code: &MISSING_FIELD,
    message: "a rollout needs at least one step",
    detail: "The number of Canary.Steps cannot be empty",
    help: "add `steps`: a list",
};
pub(super) const EMPTY_STEPS: Rule = Rule {
    code: &INVALID_FIELD,
    message: "a rollout needs at least one step",
    detail: "The number of Canary.Steps cannot be empty",
    help: "add a step",
};
pub(super) const NO_REPLICAS: Rule = Rule {
    code: &MISSING_FIELD,
    message: "the step has no `replicas`",
    detail: "replicas cannot be empty",
    help: "say how many pods run the new version: a number, or a share such as `20%`",
};
pub(super) const NEITHER_WEIGHT_NOR_REPLICAS: Rule = Rule {
    code: &MISSING_FIELD,
    message: "the step has neither `weight` nor `replicas`",
    detail: "weight and replicas cannot be empty at the same time",
    help: "say how many pods run the new version, such as `replicas: 20%`",
};
pub(super) const REPLICAS: Rule = Rule {
    code: &INVALID_FIELD,
    message: "a step has a number of pods over 0, or a share over 0% and of at most 100%",
    detail: "replicas must be positive number, or a percentage with \"0%\" < canaryReplicas <= \"100%\"",
    help: "write `replicas: 2` or `replicas: 20%`",
};
pub(super) const WEIGHT: Rule = Rule {
    code: &REFUSED_BY_WEBHOOK,
    message: "a weight without `replicas` lies between 1 and 100",
    detail: "weight must be positive number, and less than or equal to replicasLimitWithTraffic (defaults to 30)",
    help: "write a weight such as `weight: 20`",
};
pub(super) const OVER_THE_LIMIT: Rule = Rule {
    code: &REFUSED_BY_WEBHOOK,
    message: "partition style has at most 50% of the pods in a step that directs traffic",
    detail: "For partition style rollout: step[x].replicas must not greater than partition-percent-limit if traffic specified",
    help: "write `50%` or less, or leave the traffic to the number of pods",
};
pub(super) const REPLICAS_OVER_THE_LIMIT: Rule = Rule {
    code: &REFUSED_BY_WEBHOOK,
    message: "partition style has at most 50% of the pods in a step that directs traffic",
    detail: "For patition style rollout: step[x].replicas must not greater than replicasLimitWithTraffic if traffic or matches specified",
    help: "write `50%` or less, or leave the traffic to the number of pods",
};
pub(super) const WEIGHT_OVER_THE_LIMIT: Rule = Rule {
    code: &REFUSED_BY_WEBHOOK,
    message: "partition style has at most 50% of the pods in a step that directs traffic",
    detail: "For patition style rollout: step[x].weight must not greater than replicasLimitWithTraffic if replicas is not specified",
    help: "write 50 or less, or leave the traffic to the number of pods: `replicas` alone",
};
pub(super) const TRAFFIC: Rule = Rule {
    code: &INVALID_FIELD,
    message: "a step sends a share over 0% and of at most 100%, in whole percent",
    detail: "traffic must be percentage with \"0%\" < traffic <= \"100%\" in canary strategy",
    help: "write `traffic: 20%`, or remove `traffic`",
};
pub(super) const TRAFFIC_BLUE_GREEN: Rule = Rule {
    code: &INVALID_FIELD,
    message: "a step sends a share of 0% to 100%, in whole percent",
    detail: "traffic must be percentage with \"0%\" <= traffic <= \"100%\" in blueGreen strategy",
    help: "write `traffic: 20%`, or remove `traffic`",
};
pub(super) const DECREASING: Rule = Rule {
    code: &DECREASING_REPLICAS,
    message: "the step has fewer replicas than the one before it",
    detail: "Steps.CanaryReplicas must be a non decreasing sequence",
    help: "give as many or more; pods are never taken away between steps",
};
pub(super) const DECREASING_WEIGHT: Rule = Rule {
    code: &REFUSED_BY_WEBHOOK,
    message: "the step has less weight than the one before it",
    detail: "Steps.Weight must be a non decreasing sequence",
    help: "give as much or more, or write the Rollout as rollouts.kruise.io/v1beta1",
};
pub(super) const SECOND_ROUTING: Rule = Rule {
    code: &INVALID_FIELD,
    message: "a rollout supports a single entry of trafficRoutings",
    detail: "Rollout currently only support single TrafficRouting.",
    help: "remove all entries but one",
};
pub(super) const NEGATIVE_GRACE: Rule = Rule {
    code: &REFUSED_BY_WEBHOOK,
    message: "a grace period is not negative",
    detail: "TrafficRouting.GracePeriodSeconds cannot be negative",
    help: "write 0 or more, or remove the field",
};
pub(super) const EMPTY_SERVICE: Rule = Rule {
    code: &REFUSED_BY_WEBHOOK,
    message: "the entry of trafficRoutings names no Service",
    detail: "TrafficRouting.Service cannot be empty",
    help: "name the Service that selects the workload's pods",
};
pub(super) const NO_PROVIDER: Rule = Rule {
    code: &INVALID_FIELD,
    message: "the entry of trafficRoutings names no routing object",
    detail: "TrafficRoutings are not set",
    help: "name a VirtualService in `customNetworkRefs`",
};
pub(super) const NO_INGRESS_NAME: Rule = Rule {
    code: &REFUSED_BY_WEBHOOK,
    message: "the ingress has no name",
    detail: "TrafficRouting.Ingress.Ingress cannot be empty",
    help: "name the Ingress",
};
pub(super) const NO_GATEWAY_ROUTE: Rule = Rule {
    code: &REFUSED_BY_WEBHOOK,
    message: "the gateway names no route",
    detail: "TrafficRouting.Gateway must set the name of HTTPRoute or HTTPsRoute",
    help: "name the HTTPRoute in `httpRouteName`",
};
