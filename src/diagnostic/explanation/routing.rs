//! Rules, their conditions, and where they lead.

use super::Explanation;
use crate::diagnostic::codes::{
    AMBIGUOUS_PORT, DEPRECATED_FIELD, DUPLICATE_RULE_NAME, EDITED_SINCE_RENDER, FILTER_MISSES_TWIN,
    FOREIGN_SUBSET, HASH_BEFORE_SPLIT, HOST_CLAIMED_TWICE, MATCH_CONFLICT, MIRROR_OF_STABLE,
    NO_STABLE_DESTINATION, REFUSED_BY_ISTIO, REGEX_DIFFERS, SHARED_SERVICE, STABLE_REACHES_CANARY,
    STEP_WITHOUT_EFFECT, SUBSET_WITHOUT_PODS, UNKNOWN_HOST, UNKNOWN_PORT, UNKNOWN_ROUTE_FIELD,
    UNKNOWN_SUBSET, UNLISTED_ROUTE, UNREACHABLE_MATCH, UNREACHABLE_RULE, WARNED_BY_ISTIO,
};

pub(super) const ALL: &[Explanation] = &[
    Explanation {
        code: &NO_STABLE_DESTINATION,
        why: "A step moves requests from stable to the canary. Where no rule sends to the stable \
              Service, nothing moves, and the release would go from 0 % to 100 % in one step.",
        example: "",
        repair: "Correct the name of the Service or of the VirtualService. A host with a dot is taken as \
                 complete: `web.shop` is not the Service `web` of namespace `shop`, and \
                 `web.shop.svc.cluster.local` is.",
    },
    Explanation {
        code: &MATCH_CONFLICT,
        why: "The canary's copy of a rule takes the requests that meet both the rule and the step. \
              Istio cannot say that one header, parameter or path meets two expressions at once.",
        example: "# The rule:\n- match:\n  - headers: {x-user: {regex: \"a.*\"}}\n# The step:\nmatches:\n- \
                  headers: [{type: RegularExpression, name: x-user, value: \".*z\"}]",
        repair: "Use another header in the step, an exact value, or split the rule in two.",
    },
    Explanation {
        code: &STEP_WITHOUT_EFFECT,
        why: "Either no request can meet the conditions of the step together with those of a rule for \
              stable, or rules before it take all these requests. The next step would move everything \
              that this one was meant to try first.",
        example: "# A header that the step asks for, and that the rule must not find:\n- match:\n  - \
                  withoutHeaders: {x-canary: {}}\n  route:\n  - destination: {host: cart}",
        repair: "Correct the conditions of the step, or put the rule for stable before the wider one.",
    },
    Explanation {
        code: &STABLE_REACHES_CANARY,
        why: "With one Service for both versions, a destination without a subset is any of its pods. \
              Requests that the step leaves to stable reach the canary as well, by the number of pods.",
        example: "",
        repair: "Name a subset of the stable pods in the destination, or use a canary Service.",
    },
    Explanation {
        code: &SUBSET_WITHOUT_PODS,
        why: "A subset is those pods of its Service that carry its labels. Where the pods of the version \
              that runs carry others, no pod is in it, and Envoy answers 503. A release that changes \
              such a label empties the subset as it goes on. It is an error at the stages where all that \
              a rule leaves to stable goes to such a subset, and a warning where a part of it does.",
        example: "# The old pods carry `version: v1`:\nspec:\n  host: web\n  subsets:\n  - {name: v2, labels: {version: v2}}",
        repair: "Correct the labels of the subset or of the pod template; where a label is to change, \
                 name both subsets in the DestinationRule, and route to the new one with the release.",
    },
    Explanation {
        code: &SHARED_SERVICE,
        why: "A step takes its share from all requests of a destination, whoever answers them today. \
              Where another workload has pods behind the same Service or subset, its requests go to the \
              canary too. It is an error where the share is larger than the part of these pods that the \
              rollout's workload has, and a warning below that and for steps that describe requests.",
        example: "# Selects the pods of `web-v1` and of `web-v2`:\nkind: Service\nmetadata: {name: web}\nspec: \
                  {selector: {app: web}}",
        repair: "Send the rule to a subset that holds the pods of the workload alone, or give the \
                 workload a Service of its own.",
    },
    Explanation {
        code: &FOREIGN_SUBSET,
        why: "Subsets of the stable Service that hold pods of other workloads alone are destinations like \
              any other: a step leaves their requests where they are.",
        example: "",
        repair: "If the subset is meant to be stable, correct its labels in the DestinationRule.",
    },
    Explanation {
        code: &EDITED_SINCE_RENDER,
        why: "A rendered VirtualService keeps its original in an annotation, and every stage starts from \
              that. What was changed in the rendered rules since then would be lost without a word.",
        example: "",
        repair: "Make the change in the original, which is the file in Git that was rendered. To discard \
                 it, acknowledge the code.",
    },
    Explanation {
        code: &UNLISTED_ROUTE,
        why: "A second VirtualService sends to the stable Service. The rollout does not name it, so its \
              requests stay with stable at every step.",
        example: "",
        repair: "Name it in `customNetworkRefs` of the rollout, unless that is what you want.",
    },
    Explanation {
        code: &REFUSED_BY_ISTIO,
        why: "The webhook of Istio looks at a VirtualService when it is applied. One that it refuses \
              stays as it was: pods of the step run, and their traffic does not come.",
        example: "http:\n- redirect: {uri: /new}\n  route:          # refused: a rule has one action\n  - \
                  destination: {host: web}",
        repair: "Correct the field; the message says which rule it breaks.",
    },
    Explanation {
        code: &WARNED_BY_ISTIO,
        why: "The webhook of Istio takes the VirtualService and says a word to whoever applies it, which \
              a GitOps tool shows to nobody.",
        example: "gateways:\n- public.gateways     # better: gateways/public",
        repair: "Do as the message says, or acknowledge the code.",
    },
    Explanation {
        code: &UNKNOWN_ROUTE_FIELD,
        why: "A field that is not in the schema is dropped when the object is stored, and `kubectl apply` \
              refuses it. Where it is dropped, a rule lacks the timeout or the condition that it seems \
              to have, and a match may take more requests than it should.",
        example: "http:\n- time_out: 3s     # dropped: the field is `timeout`\n  route:\n  - destination: \
                  {host: web}",
        repair: "Write the name as the reference of Istio has it, in camel case. Acknowledge the code \
                 where your Istio is newer than the schema here.",
    },
    Explanation {
        code: &DEPRECATED_FIELD,
        why: "Istio still takes the field and may stop to. Some have other units than what replaces them.",
        example: "mirrorPercent: 10          # before\nmirrorPercentage: {value: 10}",
        repair: "Write the field that replaces it.",
    },
    Explanation {
        code: &REGEX_DIFFERS,
        why: "The webhook compiles an expression with Go, Envoy runs it with RE2 on bytes, and rollstep \
              simulates it in Rust. Where the three read it differently, nobody can tell from the file \
              which requests it takes, and rollstep does not prove what it cannot read.",
        example: "regex: \"[a&&b]\"     # a list of three characters, or an intersection",
        repair: "Write the expression without the construct that the message names.",
    },
    Explanation {
        code: &UNREACHABLE_RULE,
        why: "Rules are tried in order, and the first that fits takes the request. All requests of this \
              rule go to one before it, so that whatever it says never happens. At a step this may be \
              the copy of a rule for the canary: then nobody sees the canary there.",
        example: "http:\n- match: [{uri: {prefix: /}}]\n  route: [{destination: {host: web}}]\n- match: \
                  [{uri: {prefix: /api}}]     # never reached\n  route: [{destination: {host: api}}]",
        repair: "Put the narrower rule first, or remove it.",
    },
    Explanation {
        code: &UNREACHABLE_MATCH,
        why: "Another match takes all requests of this one, so that it adds nothing. It is often a slip: \
              a wrong prefix, or a condition that was forgotten.",
        example: "match:\n- uri: {prefix: /api}\n- uri: {exact: /api/users}     # taken by the one before",
        repair: "Remove the match, or correct it.",
    },
    Explanation {
        code: &DUPLICATE_RULE_NAME,
        why: "Istio takes two rules of one name. Access logs and metrics name the rule, and cannot tell \
              the two apart.",
        example: "",
        repair: "Give each rule a name of its own.",
    },
    Explanation {
        code: &UNKNOWN_HOST,
        why: "Istio takes a destination that is not there, and answers its share with 503. It is told \
              where the input has Services of that namespace and not this one. A host with a dot is \
              taken as complete, so that `web.shop` is no Service.",
        example: "destination: {host: web.shop}     # write web.shop.svc.cluster.local",
        repair: "Correct the host, or give the missing manifest with `-f`. A ServiceEntry for the host \
                 counts as well. Acknowledge the code where the Service is kept elsewhere.",
    },
    Explanation {
        code: &UNKNOWN_SUBSET,
        why: "A subset is known by a DestinationRule for the host. Without it the destination is not \
              there, and its share is answered with 503.",
        example: "",
        repair: "Add the subset to a DestinationRule for that host, or correct its name.",
    },
    Explanation {
        code: &UNKNOWN_PORT,
        why: "A destination with a port that its Service does not have is not there, and its share is \
              answered with 503. The port is that of the Service, not of the container.",
        example: "",
        repair: "Name a port of the Service.",
    },
    Explanation {
        code: &AMBIGUOUS_PORT,
        why: "Without a port, the destination has that of the listener which took the request. In the \
              mesh this often works by luck; behind a gateway that listens on 443 there is no such port, \
              and the share is answered with 503.",
        example: "destination: {host: web, port: {number: 8080}}",
        repair: "Add `port.number`.",
    },
    Explanation {
        code: &HOST_CLAIMED_TWICE,
        why: "Of two VirtualServices with one host, sidecars know only the older. At a gateway the rules \
              of the older one come first, and may take the requests that a step is about. Files have \
              no age: which of the two wins cannot be told from them.",
        example: "",
        repair: "Put the rules of both into one VirtualService, or delegate to the second.",
    },
    Explanation {
        code: &MIRROR_OF_STABLE,
        why: "A render leaves mirrors alone, so that copies of requests go to the stable Service at every \
              step. Whoever compares two versions by mirrored requests compares stable with itself.",
        example: "",
        repair: "Leave it where that is what you want; otherwise point the mirror at another Service \
                 while the rollout runs.",
    },
    Explanation {
        code: &HASH_BEFORE_SPLIT,
        why: "Envoy chooses a version by weight for each request, and then hashes among the pods of that \
              version alone. A client whose session, cache or cart is at one pod changes to another and \
              back while the step lasts.",
        example: "",
        repair: "Use steps with `matches` on what the hash is taken of, such as a cookie, or keep sessions \
                 where both versions find them.",
    },
    Explanation {
        code: &FILTER_MISSES_TWIN,
        why: "At a step with matches a copy of the rule stands before it and leads to the canary. Envoy \
              knows it by a name of its own, so that a patch for the name of the rule (a rate limit, \
              authorization, a timeout) does not hold for the canary's requests.",
        example: "",
        repair: "Add a patch for the name of the twin, which is that of the rule with `-canary`, or select \
                 the route by its virtual host alone.",
    },
];
