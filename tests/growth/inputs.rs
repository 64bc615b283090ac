//! Inputs that a size makes larger, each in the way in which one was slow.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A way to be large.
pub(crate) struct Large {
    pub(crate) name: &'static str,
    /// How many of what grows where each instruction is counted, which is slow.
    pub(crate) size: usize,
    /// How many of what grows where nothing is slow but rollstep.
    pub(crate) full: usize,
    pub(crate) commands: &'static [&'static str],
    /// Which of the commands have each instruction counted.
    pub(crate) counted: &'static [&'static str],
    pub(crate) text: fn(usize) -> String,
}

const RENDER: &str = "render --step 1";
/// Renders one rollout, which is applied beside those that share an object with it.
const RENDER_ONE: &str = "render --rollout web --step 1";
const CHECK: &str = "check";

pub(crate) const INPUTS: [Large; 13] = [
    Large {
        name: "matches-of-a-rule",
        size: 40,
        full: 1_000,
        commands: &[RENDER, CHECK],
        counted: &[RENDER],
        text: matches_of_a_rule,
    },
    Large {
        name: "rules-of-many-steps",
        size: 4,
        full: 100,
        commands: &[RENDER],
        counted: &[RENDER],
        text: rules_of_many_steps,
    },
    Large {
        name: "duplicate-keys",
        size: 200,
        full: 100_000,
        commands: &[RENDER, CHECK],
        counted: &[RENDER, CHECK],
        text: duplicate_keys,
    },
    Large {
        name: "equal-documents",
        size: 100,
        full: 20_000,
        commands: &[RENDER, CHECK],
        counted: &[RENDER, CHECK],
        text: equal_documents,
    },
    Large {
        name: "rollouts-beside-the-chosen-one",
        size: 50,
        full: 4_000,
        commands: &[RENDER_ONE],
        counted: &[RENDER_ONE],
        text: rollouts_beside,
    },
    Large {
        name: "rollouts-of-one-namespace",
        size: 20,
        full: 150,
        commands: &[RENDER, CHECK],
        counted: &[RENDER],
        text: |count| many_rollouts(count, count),
    },
    Large {
        name: "rollouts-of-many-namespaces",
        size: 20,
        full: 150,
        commands: &[RENDER, CHECK],
        counted: &[RENDER],
        text: |count| many_rollouts(count, 5),
    },
    Large {
        name: "broken-documents",
        size: 100,
        full: 20_000,
        commands: &[RENDER, CHECK],
        counted: &[RENDER, CHECK],
        text: broken_documents,
    },
    Large {
        name: "unknown-codes",
        // Without any the input is rendered, which costs more than to report a few.
        size: 40,
        full: 3_500,
        commands: &[RENDER],
        counted: &[RENDER],
        text: unknown_codes,
    },
    Large {
        name: "acknowledged-codes",
        size: 100,
        full: 5_000,
        commands: &[RENDER],
        counted: &[RENDER],
        text: acknowledged_codes,
    },
    Large {
        name: "one-long-code",
        size: 4_000,
        full: 70_000,
        commands: &[RENDER, CHECK],
        counted: &[RENDER, CHECK],
        text: one_long_code,
    },
    Large {
        name: "services-of-long-names",
        size: 20,
        full: 100,
        commands: &[RENDER, CHECK],
        counted: &[RENDER, CHECK],
        text: services,
    },
    Large {
        name: "names-that-get-longer",
        size: 1_000,
        full: 10_000,
        commands: &[RENDER],
        counted: &[RENDER],
        text: long_names,
    },
];

/// The most that twice the input may cost, in tenths.
const MOST: u64 = 23;

/// Returns whether twice the input costs no more than it may, beside what an empty one costs.
fn is_linear([none, once, twice]: [u64; 3]) -> bool {
    twice.saturating_sub(none) * 10 <= once.saturating_sub(none) * MOST
}

/// Measures every command with every input at no size, at one and at twice that, and returns what is not
/// linear.
pub(crate) fn not_linear(
    chosen: impl Fn(&Large) -> (usize, &'static [&'static str]),
    cost: impl Fn(&Large, &str, usize) -> u64 + Sync,
) -> Vec<String> {
    let mut runs = Vec::new();
    for input in &INPUTS {
        let (size, commands) = chosen(input);
        runs.extend(commands.iter().map(|command| (input, size, command)));
    }
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((input, size, command)) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let costs = [0, *size, size * 2].map(|size| cost(input, command, size));
            println!("{} {command}: {costs:?}", input.name);
            if !is_linear(costs) {
                wrong.lock().unwrap().push(format!("{} {command}: {costs:?}", input.name));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    wrong.into_inner().unwrap()
}

/// Returns a rollout with its steps, the name of its Service, and the rules of its VirtualService.
fn base(steps: &str, service: &str, rules: &str) -> String {
    format!(
        "apiVersion: rollouts.kruise.io/v1beta1
kind: Rollout
metadata: {{name: web, namespace: shop}}
spec:
  workloadRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
  strategy:
    canary:
      enableExtraWorkloadForCanary: true
      steps:
{steps}      trafficRoutings:
      - service: {service}
        customNetworkRefs:
        - {{apiVersion: networking.istio.io/v1, kind: VirtualService, name: web}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:
  replicas: 10
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: web, image: web}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: web, namespace: shop}}
spec: {{ports: [{{name: http, port: 80}}], selector: {{app: web}}}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: web, namespace: shop}}
spec:
  hosts: [web]
  http:
{rules}"
    )
}

const STEPS: &str = "      - {traffic: 20%, replicas: 2}\n      - {traffic: 50%, replicas: 5}\n";
const RULE: &str = "  - route: [{destination: {host: web}}]\n";

fn with_documents(count: usize, document: &str) -> String {
    base(STEPS, "web", RULE) + &format!("---\n{document}").repeat(count)
}

fn matches_of_a_rule(count: usize) -> String {
    let headers = |of: usize| {
        let headers = (0..20).map(|one| format!("x-{one}: {{exact: \"v{of}-{one}\"}}"));
        format!("    - headers: {{{}}}\n", headers.collect::<Vec<_>>().join(", "))
    };
    let matches: String = (0..count).map(headers).collect();
    base(
        STEPS,
        "web",
        &format!("  - match:\n{matches}    route: [{{destination: {{host: web}}}}]\n{RULE}"),
    )
}

fn rules_of_many_steps(count: usize) -> String {
    let one_match = |of: usize, step: usize| {
        format!("        - headers: [{{name: x-{of}, value: \"v{step}\"}}]\n")
    };
    let step = |step: usize| {
        let matches: String = (0..16).map(|of| one_match(of, step)).collect();
        format!("      - replicas: {}%\n        matches:\n{matches}", 2 * step + 2)
    };
    let rule = |path: usize| {
        format!(
            "  - match: [{{uri: {{prefix: /p{path}}}}}]\n    route: [{{destination: {{host: web}}}}]\n"
        )
    };
    let (steps, rules): (String, String) =
        ((0..50).map(step).collect(), (0..count).map(rule).collect());
    base(&steps, "web", &(rules + RULE))
}

fn duplicate_keys(count: usize) -> String {
    let keys: String = (0..count).map(|value| format!("  key: v{value}\n")).collect();
    with_documents(
        1,
        &format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n{keys}"),
    )
}

fn equal_documents(count: usize) -> String {
    with_documents(count, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n")
}

/// Returns rollouts that are not chosen, each with a RollStep.
fn rollouts_beside(count: usize) -> String {
    let rollout = |number: usize| {
        format!(
            "---\napiVersion: rollouts.kruise.io/v1beta1\nkind: Rollout\n\
             metadata: {{name: other-{number}, namespace: shop}}\n\
             spec:\n  workloadRef: {{apiVersion: apps/v1, kind: Deployment, name: other-{number}}}\n\
             ---\napiVersion: rollstep.dev/v1alpha1\nkind: RollStep\n\
             metadata: {{name: other-{number}, namespace: shop}}\n\
             spec: {{rollout: other-{number}, step: 1}}\n"
        )
    };
    base(STEPS, "web", RULE) + &(0..count).map(rollout).collect::<String>()
}

/// Returns rollouts that are all chosen, of which a namespace holds so many; each has a DestinationRule with
/// a subset that its route names.
fn many_rollouts(count: usize, of_namespace: usize) -> String {
    let rule = "  - route: [{destination: {host: web, subset: v1}}]\n";
    let rollout = base(STEPS, "web", rule)
        + "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\n\
           metadata: {name: web, namespace: shop}\n\
           spec: {host: web, subsets: [{name: v1, labels: {app: web}}]}\n";
    let numbered = |number: usize| {
        let namespace = format!("shop-{}", number / of_namespace.max(1));
        let name = format!("web-{number}");
        rollout.replace("shop", &namespace).replace("web", &name)
    };
    (0..count).map(numbered).collect::<Vec<_>>().join("---\n")
}

fn broken_documents(count: usize) -> String {
    with_documents(count, "kind: ConfigMap\nmetadata: {name: a\n")
}

fn roll_step(allow: &str) -> String {
    with_documents(
        1,
        &format!(
            "apiVersion: rollstep.dev/v1alpha1\nkind: RollStep\nmetadata: {{name: web, namespace: shop}}\n\
             spec: {{rollout: web, step: 1, allow: [{allow}]}}\n"
        ),
    )
}

fn acknowledged_codes(count: usize) -> String {
    roll_step(&vec!["not-covered"; count].join(", "))
}

fn unknown_codes(count: usize) -> String {
    let codes: Vec<_> = (0..count).map(|code| format!("no-such-code-{code:05}")).collect();
    roll_step(&codes.join(", "))
}

fn one_long_code(length: usize) -> String {
    roll_step(&"x".repeat(length + 1))
}

fn services_of(count: usize, length: usize) -> String {
    let name = "x".repeat(length);
    let service = |number: usize| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}{number}, namespace: shop}}\n\
             spec: {{ports: [{{port: 80}}], selector: {{app: other}}}}\n"
        )
    };
    let services: String = (0..count).map(service).collect();
    base(STEPS, &"y".repeat(length), RULE) + &services
}

fn services(count: usize) -> String {
    services_of(count, 10_000)
}

fn long_names(length: usize) -> String {
    services_of(10, length)
}
