//! The stable Service as it is meanwhile, and the canary Service.

use serde_json::{Map, Value};

use super::deployment::in_order_of;
use super::metadata::{add_entry, clone_metadata};
use crate::model::{CANARY_OF_ANNOTATION, Compat, Service, is_bookkeeping};
use crate::plan::Plan;

/// Annotations that ask for an address outside the cluster, and Helm's claim to the object.
const EXPOSING: [&str; 10] = [
    "service.beta.kubernetes.io/",
    "cloud.google.com/",
    "networking.gke.io/",
    "alb.ingress.kubernetes.io/",
    "metallb.io/",
    "metallb.universe.tf/",
    "io.cilium/lb-ipam",
    "kube-vip.io/",
    "external-dns.alpha.kubernetes.io/",
    "meta.helm.sh/",
];

/// Fields that belong to one Service's address, inside or outside the cluster.
const ADDRESS_FIELDS: [&str; 10] = [
    "clusterIPs",
    "externalIPs",
    "externalName",
    "externalTrafficPolicy",
    "healthCheckNodePort",
    "loadBalancerIP",
    "loadBalancerSourceRanges",
    "loadBalancerClass",
    "allocateLoadBalancerNodePorts",
    "loadBalancer",
];

/// Fields that the controller clears in its copy of a Service.
///
/// From openkruise/rollouts:pkg/trafficrouting/manager.go `createCanaryService`.
const CLEARED_FIELDS: [&str; 6] =
    ["clusterIP", "clusterIPs", "externalIPs", "ipFamilyPolicy", "ipFamilies", "loadBalancerIP"];

/// Returns the stable Service, where it selects by the revision of the old version at some stage.
///
/// ```yaml
/// selector:                           # steps
///   app: web
///   pod-template-hash: 5d4f8c7b9      # stable revision
/// ```
///
/// From `promote` on stable pods are of another revision, and at `stable` they are alone: the label is
/// gone then, whatever its value was, as the controller does (`RestoreStableService` of the same file).
///
/// Returns nothing where the Services do not select by revision: then it is as it was.
pub(super) fn render_stable(
    plan: &Plan<'_, '_>,
    service: &Service<'_>,
    is_pinned: bool,
) -> Option<Value> {
    let pins = plan.isolation.pins()?;
    let mut after = service.resource.to_value();
    let selector = after.pointer_mut("/spec/selector").and_then(Value::as_object_mut)?;
    if is_pinned {
        // A revision that is not known is an error, and nothing is written.
        let revision = Value::from(pins.stable.clone().unwrap_or_default());
        selector.insert(pins.key.to_owned(), revision);
    } else {
        selector.shift_remove(pins.key);
    }
    Some(after)
}

/// Returns the Service that selects the canary's pods, inside the cluster only.
///
/// ```yaml
/// kind: Service                       # before       after
/// metadata: { name: web }             #              web-canary, annotation rollstep.dev/canary-of: web
/// spec:
///   type: LoadBalancer                #              ClusterIP
///   ports: [{ port: 80, nodePort: … }]#              without nodePort
///   selector: { app: web }            #              app: web-canary
/// ```
///
/// The controller keeps the type and the load balancer's fields; a canary reached from outside the
/// cluster is nobody's wish. Where it is asked for, the controller's copy is written all the same.
pub(super) fn render_canary(plan: &Plan<'_, '_>) -> Option<Value> {
    let service = &plan.rollout.traffic.as_ref()?.service.resource;
    let source = service.to_value();
    let name = plan.service_name.as_ref()?;
    let (mut metadata, spec) = match plan.rollout.compat {
        None => {
            let keeps = |key: &str, value: &Value| !is_bookkeeping(key) && !exposes(key, value);
            (clone_metadata(&source, name, keeps), canary_spec(plan, &source))
        }
        Some(Compat::Kruise) => {
            (clone_metadata(&source, name, |_, _| true), copied_spec(plan, &source))
        }
    };
    let stable = Value::from(service.identity.name.clone());
    add_entry(&mut metadata, "annotations", (CANARY_OF_ANNOTATION, stable));
    let mut object = Map::new();
    for key in ["apiVersion", "kind"] {
        object.insert(key.to_owned(), source.get(key)?.clone());
    }
    object.insert("metadata".to_owned(), Value::Object(metadata));
    object.insert("spec".to_owned(), Value::Object(spec));
    Some(Value::Object(object))
}

fn exposes(key: &str, value: &Value) -> bool {
    let load_balancer = key.starts_with("service.kubernetes.io/") && key.contains("load-balancer");
    let helm = key == "app.kubernetes.io/managed-by" && value.as_str() == Some("Helm");
    load_balancer || helm || EXPOSING.iter().any(|prefix| key.starts_with(prefix))
}

fn canary_spec(plan: &Plan<'_, '_>, source: &Value) -> Map<String, Value> {
    let mut spec = Map::new();
    let fields = source.get("spec").and_then(Value::as_object);
    for (key, value) in fields.into_iter().flatten() {
        let value = match key.as_str() {
            field if ADDRESS_FIELDS.contains(&field) => continue,
            // A headless Service stays headless; an address is given anew.
            "clusterIP" if value.as_str() == Some("None") => value.clone(),
            "clusterIP" => continue,
            "type" => Value::from("ClusterIP"),
            "ports" => without_node_ports(value),
            "selector" => in_order_of(value.as_object(), &plan.isolation.service_selector),
            _ => value.clone(),
        };
        spec.insert(key.clone(), value);
    }
    spec
}

/// Returns the spec as the controller copies it.
fn copied_spec(plan: &Plan<'_, '_>, source: &Value) -> Map<String, Value> {
    let mut spec = Map::new();
    let fields = source.get("spec").and_then(Value::as_object);
    for (key, value) in fields.into_iter().flatten() {
        let value = match key.as_str() {
            field if CLEARED_FIELDS.contains(&field) => continue,
            "ports" => without_node_ports(value),
            "selector" => in_order_of(value.as_object(), &plan.isolation.service_selector),
            _ => value.clone(),
        };
        spec.insert(key.clone(), value);
    }
    spec
}

fn without_node_ports(ports: &Value) -> Value {
    let mut ports = ports.clone();
    for port in ports.as_array_mut().into_iter().flatten() {
        if let Some(port) = port.as_object_mut() {
            port.shift_remove("nodePort");
        }
    }
    ports
}
