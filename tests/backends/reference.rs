//! Whose pods a destination reaches, looked up object by object.
//!
//! Shares no code with the library. Every question is answered from the tree as it was written.

use std::collections::BTreeMap;

use serde_json::Value;

use super::tree::Tree;

/// Labels whose values only the cluster knows.
const OF_THE_CLUSTER: &str = "pod-template-hash";

/// Whose a destination is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Stable,
    Canary,
    Other,
}

/// The pods behind the Service, or behind one of its subsets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Behind {
    /// Whether the old version is there; unknown without `--stable`.
    pub(crate) old: Option<bool>,
    pub(crate) new: bool,
    /// The pods of each other workload by its kind and name.
    pub(crate) others: BTreeMap<String, u64>,
}

impl Behind {
    /// Returns whether a share of the requests is larger than the workload's part of the pods, of
    /// which it has `total` where its old version is there.
    pub(crate) fn is_exceeded_by(&self, share: u64, total: u64) -> bool {
        let own = if self.old == Some(false) { 0 } else { total };
        share * (own + self.count_of_others()) > own * 100
    }

    pub(crate) fn count_of_others(&self) -> u64 {
        self.others.values().sum()
    }

    fn is_foreign(&self) -> bool {
        !self.new && self.old != Some(true) && !self.others.is_empty()
    }
}

/// What stands behind the names that a tree has for its Service.
#[derive(Debug)]
pub(crate) struct Reference {
    service: Behind,
    subsets: BTreeMap<String, Behind>,
    /// How many pods the workload has.
    pub(crate) total: u64,
}

impl Reference {
    pub(crate) fn of(tree: &Tree) -> Self {
        let find = |kind: &str| tree.objects.iter().find(move |object| object["kind"] == kind);
        let is_ours =
            |object: &&Value| object["kind"] == "Deployment" && object["metadata"]["name"] == "web";
        let new = tree.objects.iter().find(is_ours).unwrap();
        let counted = tree.stable.as_ref().unwrap_or(new);
        assert!(find("Service").is_some_and(|one| one["spec"]["selector"]["app"] == "web"));
        let service = behind(tree, new, &Value::Null);
        let mut subsets: BTreeMap<String, Behind> = BTreeMap::new();
        for subset in subsets_of(tree) {
            let name = subset["name"].as_str().unwrap().to_owned();
            let found = behind(tree, new, &subset["labels"]);
            let known = subsets.entry(name).or_default();
            known.new |= found.new;
            known.old = found.old.map(|old| old || known.old == Some(true));
            known.others.extend(found.others);
        }
        Self { service, subsets, total: counted["spec"]["replicas"].as_u64().unwrap_or(1) }
    }

    /// Returns the pods behind an entry of a route, where they are known.
    pub(crate) fn behind(&self, entry: &Value) -> Option<&Behind> {
        match entry["destination"]["subset"].as_str() {
            None => Some(&self.service),
            Some(subset) => self.subsets.get(subset),
        }
    }

    /// Returns whose an entry of a route is.
    pub(crate) fn side(&self, entry: &Value) -> Side {
        match entry["destination"]["host"].as_str().unwrap() {
            "web" | "web.default.svc.cluster.local" => match self.behind(entry) {
                Some(behind) if behind.is_foreign() => Side::Other,
                _ => Side::Stable,
            },
            "web-canary" | "web-canary.default.svc.cluster.local" => Side::Canary,
            _ => Side::Other,
        }
    }

    /// Returns whether any request of a rule reaches stable.
    pub(crate) fn is_bound(&self, rule: &Value) -> bool {
        let entries = rule["route"].as_array().unwrap();
        let is_stable = |entry: &&Value| self.side(entry) == Side::Stable;
        entries.iter().filter(is_stable).any(|entry| receives(entry, entries.len()))
    }
}

/// Returns whether any request goes to an entry: a sole one has all of them.
pub(crate) fn receives(entry: &Value, count: usize) -> bool {
    count == 1 || entry["weight"].as_u64().unwrap_or(0) > 0
}

/// Returns the pods of the Service that have all labels of a subset.
fn behind(tree: &Tree, new: &Value, subset: &Value) -> Behind {
    let hash = subset.get(OF_THE_CLUSTER);
    // No template says it, an object of the cluster may.
    let is_certain =
        |object: &Value| hash.is_none() || pod_labels(object).get(OF_THE_CLUSTER) == hash;
    let ours = |object: &Value| has_all(pod_labels(object), subset);
    let others = tree.objects.iter().filter(|object| is_other(tree, object));
    let others = others.filter(|object| is_certain(object) && has_all(pod_labels(object), subset));
    Behind {
        old: tree.stable.as_ref().map(ours),
        new: ours(new),
        others: others.map(|object| (name_of(object), count_of(object))).collect(),
    }
}

/// Returns whether an object runs pods behind the Service that are not those of the workload.
fn is_other(tree: &Tree, object: &Value) -> bool {
    if !object["metadata"]["name"].as_str().unwrap().starts_with("other-")
        || object["metadata"]["namespace"] != "default"
        || pod_labels(object)["app"] != "web"
    {
        return false;
    }
    let Some(owner) = object["metadata"]["ownerReferences"][0]["name"].as_str() else {
        return true;
    };
    let is_there = tree.objects.iter().any(|other| {
        other["kind"] == "Deployment"
            && other["metadata"]["name"] == owner
            && other["metadata"]["namespace"].as_str().unwrap_or("default") == "default"
    });
    let web = tree
        .objects
        .iter()
        .find(|object| object["metadata"]["name"] == "web" && object["kind"] == "Deployment");
    let versions = web.into_iter().chain(&tree.stable);
    let bare = |object: &Value| {
        let mut labels = pod_labels(object).clone();
        labels.as_object_mut().unwrap().shift_remove(OF_THE_CLUSTER);
        labels
    };
    let own: Vec<_> = versions.map(bare).collect();
    !is_there && !own.contains(&bare(object))
}

fn name_of(object: &Value) -> String {
    format!("{} {}", object["kind"], object["metadata"]["name"])
}

/// Returns how many pods an object runs: one where it does not say.
fn count_of(object: &Value) -> u64 {
    let key = if object["kind"] == "Job" { "parallelism" } else { "replicas" };
    object["spec"][key].as_u64().unwrap_or(1)
}

fn pod_labels(object: &Value) -> &Value {
    match object["kind"].as_str().unwrap() {
        "Pod" => &object["metadata"]["labels"],
        "CronJob" => &object["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"],
        _ => &object["spec"]["template"]["metadata"]["labels"],
    }
}

/// Returns whether labels have what a subset asks for, as far as a manifest can say.
fn has_all(labels: &Value, subset: &Value) -> bool {
    let wanted = subset.as_object().into_iter().flatten();
    let mut wanted = wanted.filter(|(key, _)| *key != OF_THE_CLUSTER);
    wanted.all(|(key, value)| labels.get(key) == Some(value))
}

/// Returns the subsets of the Service's host, as clients in its namespace and then others have them.
///
/// In each namespace the rules with the most specific host count, all of them. Another namespace adds
/// the names that the Service's own does not know.
fn subsets_of(tree: &Tree) -> Vec<Value> {
    let here = subsets_in(tree, "default");
    let mut elsewhere = subsets_in(tree, "routes");
    elsewhere.retain(|subset| here.iter().all(|known| known["name"] != subset["name"]));
    [here, elsewhere].concat()
}

fn subsets_in(tree: &Tree, namespace: &str) -> Vec<Value> {
    let specificity = |rule: &Value| match (rule["spec"]["host"].as_str().unwrap(), namespace) {
        ("web", "default") | ("web.default.svc.cluster.local", _) => 4,
        ("*.default.svc.cluster.local", _) => 3,
        ("*.local", _) => 2,
        ("*", _) => 1,
        _ => 0,
    };
    let rules = tree.objects.iter().filter(|object| object["kind"] == "DestinationRule");
    let rules: Vec<_> = rules.filter(|rule| rule["metadata"]["namespace"] == namespace).collect();
    let most = rules.iter().map(|rule| specificity(rule)).max().unwrap_or(0);
    let rules = rules.into_iter().filter(|rule| most > 0 && specificity(rule) == most);
    let subsets = rules.filter_map(|rule| rule["spec"]["subsets"].as_array());
    subsets.flatten().cloned().collect()
}
