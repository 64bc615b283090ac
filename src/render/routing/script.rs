//! Results of the controller's scripts for routing objects, faults included.
//!
//! openkruise/rollouts ships a Lua script per kind (lua_configuration/networking.istio.io/
//! {VirtualService,DestinationRule}/trafficRouting.lua), runs it on the stored original and writes what
//! comes back (pkg/trafficrouting/network/customNetworkProvider/custom_network_provider.go
//! `executeLuaForCanary`). Here each script is a function of its own; what a result does to traffic
//! that no step asked for is found by [`faults`].

mod destination_rule;
mod empty;
mod faults;
mod shares;
mod split;
mod twins;

use std::borrow::Cow;

use serde_json::Value;

pub(super) use destination_rule::add_subset;
pub(super) use faults::{find_route_faults, find_rule_faults};

use crate::diagnostic::Code;
use crate::manifest::FieldPath;
use crate::model::{Backends, CanaryRequests, HeaderChange, Percent, RequestMatch, StepTraffic};

/// Why the controller's script gives no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// Where in the original.
    pub(super) path: FieldPath,
    /// What the script stumbles over.
    pub(super) message: String,
}

/// Something that the result does to traffic and that the step does not ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: &'static Code,
    /// Where in the original.
    pub(super) path: FieldPath,
    pub(super) message: String,
    pub(super) help: Cow<'static, str>,
}

/// The lists of rules that the script looks through, in its order.
const PROTOCOLS: [&str; 3] = ["http", "tcp", "tls"];

/// Who the script takes for stable and for canary: by the name of the Service alone.
#[derive(Debug, Clone, Copy)]
struct Names<'s> {
    stable: &'s str,
    /// Equal to `stable` where the canary is a subset.
    canary: &'s str,
}

impl<'s> Names<'s> {
    fn of(backends: &'s Backends) -> Self {
        let stable = backends.stable.name.as_str();
        Self { stable, canary: backends.canary_name.as_deref().unwrap_or(stable) }
    }

    /// Returns whether the script takes `host` for stable: only what stands before the first dot counts.
    fn is_stable(self, host: &str) -> bool {
        host.split('.').next() == Some(self.stable)
    }

    /// Returns the canary's destination, without anything that the stable one has beside its host.
    fn canary_destination(self) -> Value {
        if self.canary == self.stable {
            return serde_json::json!({"host": self.stable, "subset": crate::model::CANARY_SUBSET});
        }
        serde_json::json!({"host": self.canary})
    }
}

/// Returns the spec of a VirtualService as the script makes it at a step.
pub(super) fn route(
    original: &Value,
    traffic: &StepTraffic,
    backends: &Backends,
) -> Result<Value, Failure> {
    let names = Names::of(backends);
    let mut spec = without_nulls(original);
    match CanaryRequests::of(traffic) {
        CanaryRequests::None => return Ok(original.clone()),
        CanaryRequests::Share(share) => split::split(&mut spec, share, names)?,
        CanaryRequests::Matches { matches, headers } => {
            twins::insert(&mut spec, (matches, headers), names)?;
        }
    }
    encode(&spec, &FieldPath::of_keys(&["spec"]))
}

/// Returns the value as Lua reads it, where a key without a value is not there.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let entries = map.iter().filter(|(_, value)| !value.is_null());
            Value::Object(entries.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        scalar => scalar.clone(),
    }
}

/// Returns the value as it comes back from Lua and as the API server keeps it.
///
/// An empty table is encoded as null, whatever it was (pkg/util/luamanager/json.go), and the API server
/// drops keys whose value is null. A null in a list is refused by one of the two.
fn encode(value: &Value, path: &FieldPath) -> Result<Value, Failure> {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(_, value)| !is_empty(value));
            let encoded =
                kept.map(|(key, value)| Ok((key.clone(), encode(value, &path.key(key))?)));
            encoded.collect::<Result<_, Failure>>().map(Value::Object)
        }
        Value::Array(items) => {
            let encoded = items.iter().enumerate().map(|(index, item)| {
                let path = path.index(index);
                if item.is_null() || is_empty(item) {
                    return Err(Failure::new(
                        path,
                        "an empty item of a list becomes null, which the API server refuses",
                    ));
                }
                encode(item, &path)
            });
            encoded.collect::<Result<_, Failure>>().map(Value::Array)
        }
        scalar => Ok(scalar.clone()),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

impl Failure {
    fn new(path: FieldPath, message: impl Into<String>) -> Self {
        Self { path, message: message.into() }
    }
}

/// Returns what Lua takes for true: everything but null and false.
fn truthy(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !matches!(value, Value::Null | Value::Bool(false)))
}

/// The matches of a step and what it does to headers.
type Described<'d> = (&'d [RequestMatch], Option<&'d HeaderChange>);

/// Returns what is left to stable, in hundredths.
fn stable_share(share: Percent) -> f64 {
    100.0 - f64::from(share.hundredths())
}
