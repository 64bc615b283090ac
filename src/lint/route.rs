//! A VirtualService as a stage has it, and the rule of the user's file that each of its rules is.
//!
//! A render puts rules before those that it was given, and splits others. A problem with any of them
//! is reported at the rule that it came from.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::Found;
use super::registry::is_route;
use super::spot::Spot;
use crate::diagnostic::{Code, Collector, Problem};
use crate::manifest::{FieldPath, Identity, Manifest, ObjectId, ObjectKey, Resource, Segment};
use crate::model::{VirtualService, read_virtual_service};
use crate::plan::{Changing, Leading, RuleOrigin, find_origin};
use crate::simulate::Protocol;

/// The lists of rules.
pub(super) const PROTOCOLS: [&str; 3] = ["http", "tls", "tcp"];

/// A VirtualService.
pub(crate) struct Route<'a> {
    pub(super) identity: Identity,
    spec: Value,
    resource: Resource<'a>,
    /// As the input has it, where that can be read; read once something is wrong with it.
    source: OnceCell<Option<VirtualService<'a>>>,
    /// The rules of each list, by their index.
    origins: BTreeMap<&'static str, Vec<RuleOrigin>>,
    /// What the rollouts acknowledge that change it.
    pub(super) allowed: Vec<&'static Code>,
    /// The stable Services of the rollouts that send traffic through it, at a stage with a canary.
    pub(super) stable: Vec<(String, String)>,
    /// Whether a rollout changes it.
    pub(super) is_led: bool,
    /// Whether a rollout rewrites it at this stage, by the right routing.
    pub(super) is_directed: bool,
    /// Whether the rules that a rollout adds are copies of those behind them.
    pub(super) copies_rules: bool,
    /// The canary Services of these rollouts, which have the ports of the stable ones.
    pub(super) canary: Vec<(String, String)>,
}

impl<'a> Route<'a> {
    /// Returns the VirtualService that `value` is, if it is one, as a stage has it.
    pub(crate) fn of_rendered(
        value: &Value,
        manifest: &Manifest<'a>,
        leading: &Leading<'_, 'a>,
        namespace: &str,
    ) -> Option<Self> {
        let key = ObjectKey::of(value, namespace);
        if key.group != super::registry::ISTIO || key.kind != "VirtualService" {
            return None;
        }
        let id = manifest.find([&key.group, &key.kind, &key.namespace, &key.name])?;
        let resource = manifest.resource(id)?;
        let changing = leading.changing(resource.id);
        let spec = value.get("spec").cloned().unwrap_or_default();
        let mut route = Self::new(resource, spec);
        route.origins = origins_by_plans(&route.spec, changing);
        for one in changing {
            let (at, plan) = (one.at, one.at.plan);
            route.is_led = true;
            route.copies_rules &= plan.rollout.compat.is_none();
            route.allowed.extend_from_slice(plan.rollout.allowed());
            let traffic = plan.rollout.traffic.as_ref();
            let service = traffic.map(|traffic| &traffic.service.resource.identity);
            let directed = at.standing.directs;
            route.is_directed |= directed && plan.rollout.compat.is_none();
            let stable = if directed { service } else { None };
            let canary = stable.zip(plan.service_name.as_ref());
            let canary = canary.map(|(one, name)| (one.namespace.to_string(), name.clone()));
            route.canary.extend(canary);
            route.stable.extend(stable.map(|one| (one.name.clone(), one.namespace.to_string())));
        }
        Some(route)
    }

    /// Returns the VirtualService that an object of the input is, if it is one.
    pub(crate) fn of_input(resource: Resource<'a>) -> Option<Self> {
        let is_route = is_route(&resource.identity);
        let spec = resource.to_value().get("spec").cloned().unwrap_or_default();
        if !is_route {
            return None;
        }
        let mut route = Self::new(resource, spec);
        route.origins = route.align_rules();
        Some(route)
    }

    /// Returns the VirtualService that an object is which no rollout changes, if it is one.
    pub(crate) fn untouched(resource: Resource<'a>) -> Option<Self> {
        if !is_route(&resource.identity) {
            return None;
        }
        let spec = resource.field(&["spec"]).map(|spec| spec.to_value()).unwrap_or_default();
        let mut route = Self::new(resource, spec);
        route.origins = origins_by_plans(&route.spec, &[]);
        Some(route)
    }

    fn new(resource: Resource<'a>, spec: Value) -> Self {
        let identity = resource.identity.clone();
        Self {
            identity,
            spec,
            resource,
            source: OnceCell::new(),
            origins: BTreeMap::new(),
            allowed: Vec::new(),
            stable: Vec::new(),
            is_led: false,
            is_directed: false,
            copies_rules: true,
            canary: Vec::new(),
        }
    }

    /// Returns the VirtualService as the input has it, where that can be read.
    fn source(&self) -> Option<&VirtualService<'a>> {
        let read = || read_virtual_service(self.resource.clone(), &mut Collector::default());
        self.source.get_or_init(read).as_ref()
    }

    /// Returns the spec as the input has it.
    fn spec_before(&self) -> &Value {
        self.source().map_or(&self.spec, |source| &source.original.spec)
    }

    /// Returns which rule of the input each rule is, by their contents.
    fn align_rules(&self) -> BTreeMap<&'static str, Vec<RuleOrigin>> {
        let before = self.spec_before();
        let origins_of = |key| (key, align(rules_of(before, key), rules_of(&self.spec, key)));
        PROTOCOLS.into_iter().map(origins_of).collect()
    }

    /// Returns the object of the input that it is.
    pub(crate) fn id(&self) -> ObjectId {
        self.resource.id
    }

    pub(super) fn spec(&self) -> Spot<'_> {
        Spot::of_spec(&self.spec)
    }

    /// Returns the rules of a list.
    pub(super) fn rules(&self, protocol: &str) -> Vec<Spot<'_>> {
        self.spec().list(protocol)
    }

    /// Returns a problem with it, acknowledged as the rollouts say that change it.
    pub(super) fn found(&self, problem: Problem<'a>) -> Found<'a> {
        Found { allowed: self.allowed.clone(), problem }
    }

    /// Returns the name in backticks, as messages say it.
    pub(super) fn called(&self) -> String {
        self.identity.called()
    }

    /// Returns which rule of the input the rule is that a path leads through.
    pub(super) fn origin(&self, path: &FieldPath) -> Option<RuleOrigin> {
        let [_, Segment::Key(protocol), Segment::Index(index), ..] = path.segments() else {
            return None;
        };
        self.origins.get(protocol.as_str())?.get(*index).copied()
    }

    /// Returns a problem with a field, placed where it is in the input.
    pub(super) fn problem(
        &self,
        spot: &Spot<'_>,
        code: &'static Code,
        message: impl Into<String>,
    ) -> Problem<'a> {
        let path = self.source_path(&spot.path);
        let mut message = message.into();
        if self.is_of_a_step(&spot.path, &path) {
            message = format!("what the step adds to the copy of this rule: {message}");
        }
        match self.source() {
            Some(source) => source.problem(&path, code, message),
            None => self.resource.problem_at(&path, code, message),
        }
    }

    /// Returns whether a field of a copy is nowhere in the rule that it is a copy of.
    fn is_of_a_step(&self, path: &FieldPath, source: &FieldPath) -> bool {
        let is_added = self.origin(path).is_some_and(|origin| origin.added);
        is_added && self.copies_rules && source.segments().len() < path.segments().len()
    }

    /// Returns the path in the input of a field.
    pub(super) fn source_path(&self, path: &FieldPath) -> FieldPath {
        let Some(origin) = self.origin(path) else { return path.clone() };
        let [list, Segment::Key(protocol), Segment::Index(index), rest @ ..] = path.segments()
        else {
            return path.clone();
        };
        let source = rules_of(self.spec_before(), protocol).get(origin.index);
        let rule = rules_of(&self.spec, protocol).get(*index);
        let below = match source.zip(rule) {
            Some((source, rule)) => place_below(rest, (source, rule), origin.added),
            None => rest.to_vec(),
        };
        let steps = [list.clone(), Segment::Key(protocol.clone()), Segment::Index(origin.index)];
        of_segments(steps.into_iter().chain(below))
    }
}

/// Returns where a field of a rule is in the rule that it came from.
///
/// What a render copies (a destination for the canary, the conditions of a twin) lies where the same is
/// in the input; what it adds is nowhere, and the rule stands for it.
fn place_below(rest: &[Segment], (source, rule): (&Value, &Value), added: bool) -> Vec<Segment> {
    let value = value_at(rule, rest);
    let is_there = |path: &[Segment]| value_at(source, path).is_some();
    let [list @ Segment::Key(key), Segment::Index(_), below @ ..] = rest else {
        return if is_there(rest) || !added { rest.to_vec() } else { Vec::new() };
    };
    if !added && rest.get(..2).is_some_and(is_there) {
        return rest.to_vec();
    }
    let count = source.get(key).and_then(Value::as_array).map_or(0, Vec::len);
    let item = |index| [&[list.clone(), Segment::Index(index)], below].concat();
    let same = (0..count).map(item).find(|path| value_at(source, path) == value);
    match same {
        Some(path) => path,
        None if added && (key == "match" || !is_there(rest)) => Vec::new(),
        None => rest.to_vec(),
    }
}

fn value_at<'v>(value: &'v Value, path: &[Segment]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get(key),
        Segment::Index(index) => value.get(index),
    })
}

fn of_segments(segments: impl Iterator<Item = Segment>) -> FieldPath {
    segments.fold(FieldPath::default(), |path, segment| match segment {
        Segment::Key(key) => path.key(&key),
        Segment::Index(index) => path.index(index),
    })
}

fn rules_of<'v>(spec: &'v Value, protocol: &str) -> &'v [Value] {
    spec.get(protocol).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns which rule of the input each rule is, as the plans of a stage say it.
fn origins_by_plans(
    spec: &Value,
    changing: &[Changing<'_, '_>],
) -> BTreeMap<&'static str, Vec<RuleOrigin>> {
    let unknown = RuleOrigin { index: 0, added: true };
    let mut origins = BTreeMap::new();
    for protocol in [Protocol::Http, Protocol::Tls, Protocol::Tcp] {
        let count = rules_of(spec, protocol.key()).len();
        let found = (0..count).map(|index| find_origin(changing, protocol, index));
        origins.insert(protocol.key(), found.map(|one| one.unwrap_or(unknown)).collect());
    }
    origins
}

/// Returns for each rule which one of the input it is.
///
/// From the end: what is added stands before the rule that it was made for.
fn align(before: &[Value], after: &[Value]) -> Vec<RuleOrigin> {
    let mut left = before.len();
    let mut origins = Vec::with_capacity(after.len());
    for (position, rule) in after.iter().enumerate().rev() {
        // As many rules as are left must be those of the input.
        let same = left.checked_sub(1).and_then(|index| before.get(index));
        let is_same = same.is_some_and(|same| left > position || same_but_route(same, rule));
        if is_same {
            left -= 1;
        }
        origins
            .push(RuleOrigin { index: left.min(before.len().saturating_sub(1)), added: !is_same });
    }
    origins.reverse();
    origins
}

/// Returns whether nothing differs but where the requests go.
fn same_but_route(one: &Value, other: &Value) -> bool {
    let (Some(one), Some(other)) = (one.as_object(), other.as_object()) else { return false };
    let rest = |key: &&String| key.as_str() != "route";
    one.keys().filter(rest).count() == other.keys().filter(rest).count()
        && one.iter().filter(|(key, _)| rest(key)).all(|(key, value)| other.get(key) == Some(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{RuleOrigin, align};

    fn origins(before: &serde_json::Value, after: &serde_json::Value) -> Vec<(usize, bool)> {
        let (before, after) = (before.as_array().unwrap(), after.as_array().unwrap());
        align(before, after).into_iter().map(|RuleOrigin { index, added }| (index, added)).collect()
    }

    #[test]
    fn twins_belong_to_the_rule_behind_them() {
        let before = json!([{"name": "a", "route": [1]}, {"route": [2]}]);
        let split = json!([{"name": "a", "route": [1]}, {"route": [2, 3]}]);
        assert_eq!(origins(&before, &split), [(0, false), (1, false)]);
        let twins =
            json!([{"name": "a", "route": [1]}, {"match": [1], "route": [3]}, {"route": [2]}]);
        assert_eq!(origins(&before, &twins), [(0, false), (1, true), (1, false)]);
        let both = json!([
            {"name": "a-canary", "route": [9]}, {"name": "a", "route": [1]},
            {"route": [3]}, {"route": [2]}
        ]);
        assert_eq!(origins(&before, &both), [(0, true), (0, false), (1, true), (1, false)]);
    }
}
