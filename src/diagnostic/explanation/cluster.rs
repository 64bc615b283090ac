//! Pods of two versions beside each other, and what else is in the cluster.

use super::Explanation;
use crate::diagnostic::codes::{
    ALSO_SELECTS_CANARY, CANARY_LABEL_TAKEN, CONFIG_SHARED, CONTROLLER_ACTIVE, HOOK_AT_EACH_STEP,
    HOST_PORT, ISOLATED_BY, LABEL_READ_BY_PODS, NOT_COVERED, RECREATE_STRATEGY, SELECTOR_BREAKS,
    SELECTOR_FOLLOWS_VERSION, SERVICE_MISSES_WORKLOAD, VOLUME_NOT_SHAREABLE,
};

pub(super) const ALL: &[Explanation] = &[
    Explanation {
        code: &ISOLATED_BY,
        why: "The stable Service must not select the canary's pods: they would get requests that no step \
              sends to them. The note says which label keeps them apart.",
        example: "",
        repair: "Nothing is to be done. `--isolation-key` or a RollStep chooses another label.",
    },
    Explanation {
        code: &SERVICE_MISSES_WORKLOAD,
        why: "The Service that the rollout names selects other pods, so that a split of its requests \
              would not be a split between the two versions.",
        example: "",
        repair: "Correct the selector, or name the Service that selects the workload's pods.",
    },
    Explanation {
        code: &SELECTOR_FOLLOWS_VERSION,
        why: "The new template changes a label that the stable Service selects by. The stable pods would \
              leave the Service when they are restarted, or the Service would follow the new version at \
              once.",
        example: "",
        repair: "Keep the labels that Services select by; put what changes into another label.",
    },
    Explanation {
        code: &SELECTOR_BREAKS,
        why: "The canary's pods get another value for one label. A selector of the Deployment, or a \
              topology rule, asks for the old one.",
        example: "",
        repair: "Choose another label with `--isolation-key`, or add one that both selectors may have.",
    },
    Explanation {
        code: &NOT_COVERED,
        why: "A policy selects the stable pods by a label that the canary's do not have, or names the \
              stable Service. For a NetworkPolicy or AuthorizationPolicy this means that the canary is \
              open, or cut off; for a budget or monitor, that it is not counted.",
        example: "kind: NetworkPolicy\nspec:\n  podSelector:\n    matchLabels: {app: web}     # the canary \
                  has app: web-canary",
        repair: "Select by a label that both versions have, or add a copy for the canary.",
    },
    Explanation {
        code: &ALSO_SELECTS_CANARY,
        why: "Another Service selects pods of both versions. Who uses it reaches the canary by the number \
              of pods, whatever the step says.",
        example: "",
        repair: "Leave it where that is right, as for a headless Service of all pods; otherwise narrow \
                 its selector.",
    },
    Explanation {
        code: &CANARY_LABEL_TAKEN,
        why: "Pods of another workload carry the label that the canary Service selects by: they would get \
              the canary's requests.",
        example: "",
        repair: "Choose another label with `--isolation-key`, or relabel the other pods.",
    },
    Explanation {
        code: &VOLUME_NOT_SHAREABLE,
        why: "For the time of the rollout two Deployments mount the claim. With ReadWriteOnce the \
              canary's pods may wait forever on another node.",
        example: "",
        repair: "Use a claim with ReadWriteMany, or roll out without a canary.",
    },
    Explanation {
        code: &HOST_PORT,
        why: "A node has each port once: a pod of the canary does not start where a stable one runs.",
        example: "",
        repair: "Use a Service in place of the host's port, or see that there are enough nodes.",
    },
    Explanation {
        code: &HOOK_AT_EACH_STEP,
        why: "Each step is a commit, and Argo CD runs the hooks of a tree at every sync, as Helm does at \
              every upgrade. A job that was written to run once for a release, such as a migration of a \
              database, runs as often as there are steps, and again on the way back.",
        example: "",
        repair: "See that the hook may run again, or keep it out of the tree while the rollout runs.",
    },
    Explanation {
        code: &LABEL_READ_BY_PODS,
        why: "The canary's pods have another value of the label that keeps the two versions apart. A pod \
              that reads this label of itself, as the name of a consumer group or of a metric, behaves \
              otherwise than it will once the rollout is done.",
        example: "",
        repair: "Read a label that both versions have, or write the value itself; or choose another label \
                 with `--isolation-key`.",
    },
    Explanation {
        code: &RECREATE_STRATEGY,
        why: "`Recreate` says that two versions must not run at once. With a canary they do.",
        example: "",
        repair: "See that the two can run beside each other, or roll out without a canary.",
    },
    Explanation {
        code: &CONFIG_SHARED,
        why: "A ConfigMap or Secret of one name has changed with the release. Old pods that restart, or \
              that mount it, get the new content with the old program.",
        example: "",
        repair: "Give the new content a name of its own, as kustomize does with generators.",
    },
    Explanation {
        code: &CONTROLLER_ACTIVE,
        why: "The object carries the marks of a controller at work. It would undo what is applied, and \
              the two would fight.",
        example: "",
        repair: "Finish or stop the controller's rollout first; docs/moving-from-the-controller.md says how.",
    },
];
