//! A Rollout of v1alpha1 renders to what its twin in v1beta1 renders to.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

use std::fs;
use std::path::Path;

use rollstep::{Input, Options, Source, render};

/// What the fixture `v1alpha1` says, in v1beta1.
const TWIN: &str = "apiVersion: rollouts.kruise.io/v1beta1
kind: Rollout
metadata:
  name: web
spec:
  workloadRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web
  strategy:
    canary:
      enableExtraWorkloadForCanary: true
      steps:
      - traffic: 20%
        replicas: 20%
      - traffic: 50%
        replicas: 3
      - matches:
        - headers:
          - name: x-user
            value: beta
        replicas: 5
      trafficRoutings:
      - service: web
        customNetworkRefs:
        - apiVersion: networking.istio.io/v1
          kind: VirtualService
          name: web
";

#[test]
fn both_versions_render_the_same() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/v1alpha1/web.yaml");
    let text = fs::read_to_string(path).unwrap();
    let (objects, rollout) = text.rsplit_once("---\n").unwrap();
    assert!(rollout.starts_with("apiVersion: rollouts.kruise.io/v1alpha1\n"));
    let twin = format!("{objects}---\n{TWIN}");
    for step in ["1", "2", "3", "promote", "done"] {
        let options = Options { step: Some(step.parse().unwrap()), ..Options::default() };
        let rendered = |text: &str| {
            let input = Input::new(vec![Source::new("web.yaml", text)], None);
            render(&input, &options).text().unwrap()
        };
        assert_eq!(rendered(&twin), rendered(&text), "step {step}");
    }
}
