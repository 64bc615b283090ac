//! The step of a rollout as a document: `RollStep` of `rollstep.dev/v1alpha1`.
//!
//! Says in Git what the flags of `render` say on a command line; flags win. The schema for editors is
//! docs/rollstep.schema.json.
//!
//! ```yaml
//! apiVersion: rollstep.dev/v1alpha1
//! kind: RollStep
//! metadata:
//!   name: web
//! spec:
//!   rollout: web
//!   step: 2
//! ```

mod routes;

use serde_json::{Map, Value, json};

use super::ObjectName;
use super::wishes::{Compat, Isolate};
use crate::diagnostic::codes::{
    self, DUPLICATE_ROLL_STEP, INVALID_FIELD, MISSING_FIELD, UNKNOWN_FIELD, UNKNOWN_ROLLOUT,
    UNSUPPORTED_VERSION,
};
use crate::diagnostic::{Code, Collector, Problem};
use crate::manifest::{DEFAULT_NAMESPACE, Field, FieldPath, Identity, Manifest, Resource};
use crate::rollout::{Replicas, StageName};
use crate::schema::{Property, Schema, check, optional, required};
use crate::source::Source;

/// The API group of our own documents.
const GROUP: &str = "rollstep.dev";
const VERSION: &str = "v1alpha1";
const KIND: &str = "RollStep";

/// Keeps `kustomize` and `kpt` from sending the document to a cluster.
///
/// From kubernetes-sigs/kustomize:cmd/config/docs/api-conventions/manifest-annotations.md.
pub(crate) const LOCAL_CONFIG_ANNOTATION: &str = "config.kubernetes.io/local-config";

/// A step, with everything that goes with it.
#[derive(Debug)]
pub(crate) struct RollStep<'a> {
    pub(crate) resource: Resource<'a>,
    /// The rollout that it is of, with its namespace.
    pub(crate) rollout: ObjectName,
    pub(crate) step: Option<StageName>,
    /// What the new pod template was when the rollout was started.
    pub(crate) revision: Option<String>,
    /// What the pod template of the version is that runs beside the new one, or runs alone.
    pub(crate) released: Option<String>,
    pub(crate) isolate: Option<Isolate>,
    pub(crate) compat: Option<Compat>,
    pub(crate) allow: Vec<&'static Code>,
    pub(crate) replicas: Option<Replicas>,
    /// Routes beside those that the Rollout names.
    pub(crate) routes: Vec<ListedRoute>,
}

/// A route that a RollStep lists, and where.
#[derive(Debug, Clone)]
pub(crate) struct ListedRoute {
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) path: FieldPath,
}

const ROLL_STEP: Schema = Schema::Object(&[
    required("apiVersion", Schema::Text),
    required("kind", Schema::Text),
    required("metadata", Schema::Map),
    required("spec", Schema::Object(SPEC)),
]);

const SPEC: &[Property] = &[
    required("rollout", Schema::Text),
    // What a step may be is said where it is read, in words of its own.
    optional("step", Schema::Any),
    optional("stable", Schema::Text),
    optional("revision", Schema::Text),
    optional("released", Schema::Text),
    optional("isolation", Schema::Any),
    optional("allow", Schema::List(&Schema::Text)),
    optional("replicas", Schema::Integer),
    optional("compat", Schema::OneOf(&["kruise"])),
    optional("routes", routes::ROUTES),
];

/// The isolation by pinned revisions.
pub(crate) const PIN: &str = "pin";

const ISOLATION: Schema = Schema::Object(&[required("key", Schema::Text)]);

/// Returns whether the object is a RollStep, in any version.
pub(crate) fn is_roll_step(identity: &Identity) -> bool {
    identity.is(GROUP, KIND)
}

/// Returns whether the object is of our group.
pub(super) fn is_of_our_group(identity: &Identity) -> bool {
    identity.group == GROUP
}

/// Returns the problem with a kind of our group that there is not: a slip of the pen.
pub(super) fn unknown_kind<'a>(resource: &Resource<'a>) -> Problem<'a> {
    let message = format!("there is no kind `{}` in {GROUP}", resource.identity.kind);
    let problem = resource.problem_at(&FieldPath::of_keys(&["kind"]), &INVALID_FIELD, message);
    problem.help(format!("write `kind: {KIND}`"))
}

/// Reads a RollStep; what is wrong with it is reported.
pub(crate) fn read_roll_step<'a>(
    resource: Resource<'a>,
    problems: &mut Collector<'a>,
) -> Option<RollStep<'a>> {
    let mut found = Collector::default();
    check_identity(&resource, &mut found);
    check(&resource.root(), ROLL_STEP, &mut found);
    let isolation = resource.field(&["spec", "isolation"]);
    let compat = resource.field(&["spec", "compat"]).is_some();
    if let Some(field) = &isolation {
        check_isolation(field, compat, &mut found);
    }
    let broken = found.has_any_besides(&UNKNOWN_FIELD);
    problems.append(found);
    if broken {
        return None;
    }
    let spec = resource.field(&["spec"])?;
    let rollout = read_rollout(&spec, &resource.identity, problems)?;
    let step = read_step(&spec, problems);
    let isolate = read_isolation(&spec);
    let compat = spec.text("compat").map(|_| Compat::Kruise);
    let allow = read_allow(&spec, problems);
    let replicas = read_replicas(&spec, problems);
    let [revision, released] =
        ["revision", "released"].map(|key| spec.text(key).map(str::to_owned));
    let routes = routes::read(&spec, &resource.identity, problems);
    Some(RollStep {
        resource,
        rollout,
        step,
        revision,
        released,
        isolate,
        compat,
        allow,
        replicas,
        routes,
    })
}

impl<'a> RollStep<'a> {
    pub(super) fn names_no_rollout(&self) -> Problem<'a> {
        let message = format!("there is no rollout `{}` in the input", self.rollout);
        self.problem(&UNKNOWN_ROLLOUT, message).help("correct the name, or add the Rollout")
    }

    pub(super) fn is_second(&self) -> Problem<'a> {
        let message = format!("rollout `{}` has another RollStep already", self.rollout);
        self.problem(&DUPLICATE_ROLL_STEP, message).help("remove one of the two")
    }

    fn problem(&self, code: &'static Code, message: String) -> Problem<'a> {
        self.resource.problem_at(&FieldPath::of_keys(&["spec", "rollout"]), code, message)
    }
}

/// Reports another version than the only one, and a RollStep without a name.
fn check_identity<'a>(resource: &Resource<'a>, problems: &mut Collector<'a>) {
    let Identity { version, name, .. } = &resource.identity;
    if version != VERSION {
        let path = FieldPath::of_keys(&["apiVersion"]);
        let message = format!("RollSteps of version {version} are not read");
        let problem = resource.problem_at(&path, &UNSUPPORTED_VERSION, message);
        problems.push(problem.help(format!("write `apiVersion: {GROUP}/{VERSION}`")));
    }
    if name.is_empty() {
        let problem = resource.root().problem(&MISSING_FIELD, "the RollStep has no name");
        problems.push(problem.help("add `metadata.name`"));
    }
}

/// Reads `[NAMESPACE/]NAME`; without a namespace it is that of the RollStep.
fn read_rollout<'a>(
    spec: &Field<'_, 'a>,
    own: &Identity,
    problems: &mut Collector<'a>,
) -> Option<ObjectName> {
    let field = spec.child("rollout")?;
    let text = field.node().as_str()?;
    if text.split('/').any(str::is_empty) || text.matches('/').count() > 1 {
        let problem = field.problem(&INVALID_FIELD, "a rollout is named as NAME or NAMESPACE/NAME");
        problems.push(problem.help("write for example `rollout: web`"));
        return None;
    }
    let ObjectName { namespace, name } = ObjectName::from(text);
    Some(ObjectName { namespace: namespace.or_else(|| Some(own.namespace.to_string())), name })
}

fn read_step<'a>(spec: &Field<'_, 'a>, problems: &mut Collector<'a>) -> Option<StageName> {
    let field = spec.child("step")?;
    let text = field.node().as_str().map_or_else(|| field.to_value().to_string(), str::to_owned);
    match text.parse() {
        Ok(step) => Some(step),
        Err(error) => {
            let problem = field.problem(&INVALID_FIELD, error.to_string());
            problems.push(problem.help("write for example `step: 2` or `step: done`"));
            None
        }
    }
}

/// Reports an `isolation` that is neither a map with the key nor the word for revisions, and a key
/// beside `compat`.
fn check_isolation<'a>(field: &Field<'_, 'a>, compat: bool, problems: &mut Collector<'a>) {
    let pinned = field.node().as_str() == Some(PIN);
    if compat && field.child("key").is_some() {
        let message =
            "with `compat` the pods are told apart as the controller does it, by revision";
        problems
            .push(field.problem(&INVALID_FIELD, message).help("remove `isolation` or `compat`"));
    } else if !pinned {
        check(field, ISOLATION, problems);
    }
}

/// Reads `isolation: {key: KEY}` or `isolation: pin`.
fn read_isolation(spec: &Field<'_, '_>) -> Option<Isolate> {
    let field = spec.child("isolation")?;
    match field.text("key") {
        Some(key) => Some(Isolate::ByKey(key.to_owned())),
        None => Some(Isolate::ByRevision),
    }
}

fn read_allow<'a>(spec: &Field<'_, 'a>, problems: &mut Collector<'a>) -> Vec<&'static Code> {
    let mut allowed = Vec::new();
    for field in spec.list("allow") {
        let name = field.node().as_str().unwrap_or_default();
        match codes::find(name) {
            // Each once: every problem looks for its code here.
            Some(code) if allowed.contains(&code) => {}
            Some(code) if code.allowable => allowed.push(code),
            Some(_) => {
                let message = format!("`{name}` cannot be acknowledged");
                problems.push(field.problem(&INVALID_FIELD, message).help("mend what it tells of"));
            }
            None => problems.push(unknown_code(&field, name)),
        }
    }
    allowed
}

fn read_replicas<'a>(spec: &Field<'_, 'a>, problems: &mut Collector<'a>) -> Option<Replicas> {
    let field = spec.child("replicas")?;
    match Replicas::try_from(&field.to_value()) {
        Ok(replicas) => Some(replicas),
        Err(error) => {
            let problem = field.problem(&INVALID_FIELD, error.to_string());
            problems.push(problem.help("write for example `replicas: 10`"));
            None
        }
    }
}

fn unknown_code<'a>(field: &Field<'_, 'a>, name: &str) -> Problem<'a> {
    let help = match codes::nearest_name(name) {
        Some(nearest) => format!("correct the code; did you mean `{nearest}`?"),
        None => "name a code as diagnostics show it in brackets".to_owned(),
    };
    field.problem(&INVALID_FIELD, format!("there is no code `{name}`")).help(help)
}

/// Returns the old versions that the RollSteps of a source hold, each by the rollout it is of.
///
/// The text of a literal block is not part of the bytes of the source: it becomes a source of its own.
pub(crate) fn find_captured(source: &Source) -> Vec<(ObjectName, Source)> {
    if !source.text().contains(GROUP) {
        return Vec::new();
    }
    let mut problems = Collector::default();
    let manifest = Manifest::read(std::slice::from_ref(source), DEFAULT_NAMESPACE, &mut problems);
    let ids = manifest.objects().filter(|(_, object)| is_roll_step(&object.identity));
    ids.filter_map(|(id, _)| captured(&manifest.resource(id)?, source)).collect()
}

fn captured(resource: &Resource<'_>, source: &Source) -> Option<(ObjectName, Source)> {
    let spec = resource.field(&["spec"])?;
    let own = resource.field(&["metadata", "namespace"]);
    let own = own.and_then(|field| field.node().as_str().map(str::to_owned));
    let rollout = ObjectName::from(spec.text("rollout")?);
    let rollout = ObjectName { namespace: rollout.namespace.or(own), name: rollout.name };
    let name = format!("{} (spec.stable of {})", source.name(), resource.called());
    Some((rollout, Source::new(name, spec.text("stable")?)))
}

/// Where a new RollStep lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placement {
    /// In a file that is read as it is.
    File,
    /// Among the resources of a kustomization.
    Kustomization,
}

/// Returns a RollStep of the rollout without any decision; of its namespace, where it names one.
///
/// One that is a resource of a kustomization carries no mark: kustomize would leave it out of what it
/// builds, before any other tool sees it.
pub(crate) fn new_roll_step(rollout: &Resource<'_>, place: Placement) -> Value {
    let name = &rollout.identity.name;
    let namespace = rollout.field(&["metadata", "namespace"]).map(|field| field.to_value());
    let mut metadata = Map::from_iter([("name".to_owned(), json!(name))]);
    metadata.extend(namespace.map(|namespace| ("namespace".to_owned(), namespace)));
    if place == Placement::File {
        let annotations = json!({ LOCAL_CONFIG_ANNOTATION: "true" });
        metadata.insert("annotations".to_owned(), annotations);
    }
    json!({
        "apiVersion": format!("{GROUP}/{VERSION}"),
        "kind": KIND,
        "metadata": metadata,
        "spec": { "rollout": name },
    })
}
