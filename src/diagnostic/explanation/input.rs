//! What is read.

use super::Explanation;
use crate::diagnostic::codes::{
    AMBIGUOUS_YAML, CANARY_NAME_TAKEN, DUPLICATE_KEY, DUPLICATE_OBJECT, KUSTOMIZE_DIFFERS,
    LOST_IN_CONVERSION, NO_ROUTING, REFUSED_BY_WEBHOOK, STYLE_ASSUMED, UNKNOWN_FIELD,
    UNKNOWN_SERVICE, UNKNOWN_WORKLOAD,
};

pub(super) const ALL: &[Explanation] = &[
    Explanation {
        code: &AMBIGUOUS_YAML,
        why: "`kubectl` reads YAML 1.1 with exceptions of its own, and what it reads is what is rendered. \
              A tool that reads YAML 1.2 finds another value in a few places.",
        example: "command: [echo, hello:]     # a word to kubectl, a map in YAML 1.2",
        repair: "Write the value in a plainer way, mostly in quotes.",
    },
    Explanation {
        code: &DUPLICATE_OBJECT,
        why: "Two documents are one object to the cluster, and the last one applied would win.",
        example: "",
        repair: "Remove one. The old version of a workload is given with `--stable`, not with `-f`.",
    },
    Explanation {
        code: &DUPLICATE_KEY,
        why: "Of a key that a map has twice, `kubectl` takes the last one and says nothing.",
        example: "metadata:\n  name: web\n  name: shop     # this one counts",
        repair: "Remove one of the two.",
    },
    Explanation {
        code: &KUSTOMIZE_DIFFERS,
        why: "`kubectl` reads YAML 1.1 and kustomize mostly 1.2: `yes` is true to the one and a word to \
              the other. A tree that passes through both may change on the way.",
        example: "value: yes     # write \"yes\" or true",
        repair: "Put the value in quotes, or write it as true, false or a number.",
    },
    Explanation {
        code: &UNKNOWN_FIELD,
        why: "A field that the schema does not know is dropped by the API server: a slip of the pen then \
              means that a step says less than it seems to.",
        example: "steps:\n- trafic: 20%     # the field is `traffic`",
        repair: "Correct the name; the message names the nearest one.",
    },
    Explanation {
        code: &UNKNOWN_WORKLOAD,
        why: "The rollout names a workload that no document of the input is, in its namespace.",
        example: "",
        repair: "Give its manifest with `-f`, or correct the name. Objects without a namespace are in that \
                 of `-n`.",
    },
    Explanation {
        code: &UNKNOWN_SERVICE,
        why: "The rollout names a Service that no document of the input is, in its namespace. Its \
              selector decides how the pods are told apart.",
        example: "",
        repair: "Give its manifest with `-f`, or correct the name.",
    },
    Explanation {
        code: &NO_ROUTING,
        why: "Without `trafficRoutings` requests follow the number of pods: with 1 canary among 10 pods a \
              tenth of them, and none of the steps' shares is exact.",
        example: "",
        repair: "Add `trafficRoutings` with the Service and the VirtualService; or acknowledge the code.",
    },
    Explanation {
        code: &REFUSED_BY_WEBHOOK,
        why: "The controller's webhook would refuse the Rollout when it is created, so that what is \
              rendered from it could never have come from a cluster.",
        example: "",
        repair: "Correct what the message names.",
    },
    Explanation {
        code: &LOST_IN_CONVERSION,
        why: "The API server stores Rollouts as v1beta1. A field of v1alpha1 that has no place there is \
              gone as soon as it is stored.",
        example: "",
        repair: "Write the Rollout as v1beta1, and say there what you mean.",
    },
    Explanation {
        code: &STYLE_ASSUMED,
        why: "Without `enableExtraWorkloadForCanary` the controller changes the pods of one Deployment in \
              place. That cannot be said in manifests; what is rendered is the style with a canary \
              Deployment.",
        example: "canary:\n  enableExtraWorkloadForCanary: true",
        repair: "Write the field, so that both mean the same.",
    },
    Explanation {
        code: &CANARY_NAME_TAKEN,
        why: "The canary's objects have names that are made of the stable ones. An object of such a name \
              that no render has made would be overwritten.",
        example: "",
        repair: "Rename the object, or remove it where it is left over.",
    },
];
