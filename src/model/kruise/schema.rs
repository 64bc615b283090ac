//! The fields of a Rollout of `rollouts.kruise.io/v1beta1`.
//!
//! From openkruise/rollouts:api/v1beta1/rollout_types.go and trafficrouting.go.

use crate::model::schema::{Property, Schema, optional, required};

/// The whole object.
pub(super) const ROLLOUT: Schema = Schema::Object(&[
    required("apiVersion", Schema::Text),
    required("kind", Schema::Text),
    required("metadata", Schema::Any),
    required("spec", Schema::Object(SPEC)),
    optional("status", Schema::Any),
]);

const SPEC: &[Property] = &[
    required("workloadRef", REFERENCE),
    required("strategy", Schema::Object(STRATEGY)),
    optional("disabled", Schema::Boolean),
];

const REFERENCE: Schema = Schema::Object(&[
    required("apiVersion", Schema::Text),
    required("kind", Schema::Text),
    required("name", Schema::Text),
]);

const STRATEGY: &[Property] = &[
    optional("paused", Schema::Boolean),
    optional("canary", Schema::Object(CANARY)),
    // Told as unsupported, not looked into.
    optional("blueGreen", Schema::Any),
];

const CANARY: &[Property] = &[
    required("steps", Schema::List(&Schema::Object(STEP))),
    optional("trafficRoutings", Schema::List(&Schema::Object(TRAFFIC_ROUTING))),
    optional("failureThreshold", Schema::IntegerOrText),
    optional("patchPodTemplateMetadata", Schema::Object(POD_METADATA)),
    optional("enableExtraWorkloadForCanary", Schema::Boolean),
    optional("trafficRoutingRef", Schema::Text),
    optional("disableGenerateCanaryService", Schema::Boolean),
];

const POD_METADATA: &[Property] =
    &[optional("labels", Schema::LabelValues), optional("annotations", Schema::Labels)];

const STEP: &[Property] = &[
    optional("traffic", Schema::Text),
    optional("replicas", Schema::IntegerOrText),
    optional("pause", Schema::Object(&[optional("duration", Schema::Integer)])),
    optional("matches", Schema::List(&Schema::Object(MATCH))),
    optional("requestHeaderModifier", Schema::Object(HEADER_MODIFIER)),
];

const HEADER_MODIFIER: &[Property] = &[
    optional("set", Schema::List(&HEADER)),
    optional("add", Schema::List(&HEADER)),
    optional("remove", Schema::List(&Schema::Text)),
];

const HEADER: Schema =
    Schema::Object(&[required("name", Schema::Text), required("value", Schema::Text)]);

const MATCH: &[Property] = &[
    optional("path", Schema::Object(PATH)),
    optional("headers", Schema::List(&NAMED)),
    optional("queryParams", Schema::List(&NAMED)),
];

const PATH: &[Property] = &[
    optional("type", Schema::OneOf(&["Exact", "PathPrefix", "RegularExpression"])),
    optional("value", Schema::Text),
];

const NAMED: Schema = Schema::Object(&[
    optional("type", Schema::OneOf(&["Exact", "RegularExpression"])),
    required("name", Schema::Text),
    required("value", Schema::Text),
]);

const TRAFFIC_ROUTING: &[Property] = &[
    required("service", Schema::Text),
    optional("gracePeriodSeconds", Schema::Integer),
    // Told as unsupported, not looked into.
    optional("ingress", Schema::Any),
    optional("gateway", Schema::Any),
    optional("customNetworkRefs", Schema::List(&REFERENCE)),
];
