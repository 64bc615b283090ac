//! Steps, stages and releases.

use super::Explanation;
use crate::diagnostic::codes::{
    ADDS_NO_CAPACITY, DISABLED_IN_MID_ROLLOUT, HEADER_MODIFIER_IGNORED, IDLE_ROLLOUT,
    MATCHES_EVERYTHING, MISSING_STEP, NO_CANARY_PODS, NOT_RELEASED, NOTHING_TO_ROLL_OUT,
    REPLICAS_AUTOSCALED, REPLICAS_DIFFER, REVISION_CHANGED, STABLE_PAUSED, STEP_WITHOUT_TRAFFIC,
    TOO_FEW_PODS, TRAFFIC_IGNORED, UNSTARTED_RELEASE,
};

pub(super) const ALL: &[Explanation] = &[
    Explanation {
        code: &STEP_WITHOUT_TRAFFIC,
        why: "Such a step starts pods of the new version and sends nothing to them. The controller would \
              give them requests by the number of pods, without saying so.",
        example: "steps:\n- replicas: 20%     # add `traffic` or `matches`",
        repair: "Add `traffic` or `matches`; leave it where the pods should only warm up.",
    },
    Explanation {
        code: &TRAFFIC_IGNORED,
        why: "A step is for a share of all requests or for the requests that it describes. With both, the \
              matches win, as in the controller, and the share means nothing.",
        example: "",
        repair: "Remove one of the two, or make two steps of it.",
    },
    Explanation {
        code: &HEADER_MODIFIER_IGNORED,
        why: "Headers are changed in the rule that a step with matches adds. A step with a share of \
              traffic adds none.",
        example: "",
        repair: "Add `matches`, or remove `requestHeaderModifier`.",
    },
    Explanation {
        code: &MATCHES_EVERYTHING,
        why: "A match without a condition, or with path prefix `/` alone, describes every request: all \
              of them would reach the canary at once.",
        example: "matches:\n- path: {type: PathPrefix, value: /}",
        repair: "Name a header, a query parameter or a path; where all is meant, write `traffic: 100%`.",
    },
    Explanation {
        code: &TOO_FEW_PODS,
        why: "Each pod of the canary would get more requests than a pod gets today. Pods that have just \
              started are the least able to bear that, and what fails then says little of the version.",
        example: "steps:\n- traffic: 80%\n  replicas: 1      # of 10 pods",
        repair: "Raise `replicas` of the step to at least its traffic, as a share.",
    },
    Explanation {
        code: &NO_CANARY_PODS,
        why: "The step sends requests to the canary, and its share of the replicas is none: they would be \
              answered with 503.",
        example: "",
        repair: "Give the workload replicas, or say with `--replicas` how many it has where an autoscaler \
                 decides.",
    },
    Explanation {
        code: &MISSING_STEP,
        why: "Nothing says where the rollout is. Rendered as done, its new version would reach everybody, with a \
              warning that Argo CD, Helm and passing CI do not show.",
        example: "",
        repair: "Start the rollout with `rollstep start`, say `--step done` where the template runs already, or \
                 leave it to its controller with the annotation `rollstep.dev/ignore: \"true\"`.",
    },
    Explanation {
        code: &IDLE_ROLLOUT,
        why: "The rollout has no step. What `--stable` or the RollStep gives has the same template, so nothing \
              would be rolled out.",
        example: "",
        repair: "Nothing needs to be mended.",
    },
    Explanation {
        code: &DISABLED_IN_MID_ROLLOUT,
        why: "A disabled Rollout is done to its controller and to rollstep. A RollStep in the middle of a release \
              says something else, and following the Rollout would ship the new version to everybody.",
        example: "spec:\n  disabled: true     # of the Rollout\n---\nspec:\n  step: 2            # of the RollStep",
        repair: "Remove `spec.disabled` of the Rollout; where the new version is meant for everybody, write \
                 `step: done`.",
    },
    Explanation {
        code: &NOTHING_TO_ROLL_OUT,
        why: "The workload has the template of the old version, so that a canary would be a copy of stable.",
        example: "",
        repair: "Change the pod template, or give the right old manifest with `--stable`.",
    },
    Explanation {
        code: &UNSTARTED_RELEASE,
        why: "The RollStep records for which template its release was started. Another one has been \
              merged since, and at `done` it would reach every pod at once.",
        example: "spec:\n  rollout: web\n  step: done\n  revision: 414db423045eea0b",
        repair: "Start a release for the new template with `rollstep start --stable PATH`, where PATH holds the \
                 version that runs, or restore the template.",
    },
    Explanation {
        code: &NOT_RELEASED,
        why: "The RollStep records which version was released last. The old version is another one: the stable \
              pods would go back further than to the version before this release.",
        example: "spec:\n  step: 1\n  revision: 51ccdb2055fc0e45\n  released: 414db423045eea0b\n  stable: |          # of another revision",
        repair: "Give the version that runs with `rollstep start --stable PATH`. Where it was released by other \
                 means, as a hotfix may be, add `--allow not-released`, which records it.",
    },
    Explanation {
        code: &REVISION_CHANGED,
        why: "The template has changed in the middle of a rollout, mostly by an image automation. The steps so \
              far have tested another one, and this one would begin with their share.",
        example: "",
        repair: "Take it in, from step 1 on, with `rollstep start --restart`; or restore the template, and let the \
                 automation wait until the rollout is done.",
    },
    Explanation {
        code: &STABLE_PAUSED,
        why: "Without `--stable` the old template is not known. The stable Deployment keeps the new one, \
              paused: its old pods go on, and a cluster without them would start none.",
        example: "",
        repair: "Give the old manifest with `--stable PATH`, or record it in the RollStep.",
    },
    Explanation {
        code: &ADDS_NO_CAPACITY,
        why: "At `promote` the stable pods restart while the canary carries its share. Where the last \
              step sends nothing to the canary, it takes no load off them.",
        example: "",
        repair: "Add `traffic` to the last step.",
    },
    Explanation {
        code: &REPLICAS_AUTOSCALED,
        why: "Shares of pods are counted of the workload's replicas, and an autoscaler changes these \
              without changing the manifest.",
        example: "",
        repair: "Say how many pods there are with `--replicas NAME=N` or in the RollStep; acknowledge the \
                 code to count what the manifest says.",
    },
    Explanation {
        code: &REPLICAS_DIFFER,
        why: "`spec.replicas` is not a part of the version. While both versions run, the stable \
              Deployment has the larger of the two numbers, and shares of pods are counted of it: to \
              scale up works at once, and to scale down takes effect at `promote`.",
        example: "",
        repair: "Nothing needs to be done.",
    },
];
