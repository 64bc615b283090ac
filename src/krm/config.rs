//! Settings of the `functionConfig`.
//!
//! A RollStep says what it says in Git. A ConfigMap, which `kpt fn eval -- step=1` makes, says what
//! the flags of `render` say, each under the name of its flag, and wins over RollSteps as they do.

mod words;

use serde_json::{Map, Value};
use words::{Wrong, code, empty, named, once, one_word, replicas, revision, words};

use super::item::Item;
use super::previous::Names;
use super::references::resolved;
use crate::definition;
use crate::diagnostic::codes::{INVALID_FIELD, UNKNOWN_FIELD};
use crate::diagnostic::{Diagnostic, Location, Severity, nearest};
use crate::manifest::DEFAULT_NAMESPACE;
use crate::manifest::ObjectKey;
use crate::model::{Compat, Isolate, NoStageName, ObjectName};
use crate::pipeline::Options;

/// The name of the configuration in diagnostics, where it comes from no file.
pub(super) const CONFIG: &str = "functionConfig";

/// The flags that a ConfigMap may hold.
const FLAGS: [&str; 11] = [
    "step",
    "rollout",
    "stable",
    "namespace",
    "replicas",
    "isolation",
    "isolation-key",
    "stable-revision",
    "canary-revision",
    "compat",
    "allow",
];

/// What is asked for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) options: Options,
    /// A RollStep to be read beside those of the items.
    pub(super) roll_step: Option<Item>,
    /// The old version of the workloads.
    pub(super) stable: Option<String>,
}

/// Reads the configuration, if there is one.
pub(super) fn read(config: Option<&Item>, names: &Names) -> Result<Asked, Vec<Diagnostic>> {
    let options = Options { filter: true, keep_rollout: true, ..Options::default() };
    let mut asked = Asked { options, ..Asked::default() };
    let Some(config) = config else { return Ok(asked) };
    if !config.value().is_object() {
        return Err(vec![no_configuration("the functionConfig is no object")]);
    }
    let api_version = config.text_at("/apiVersion").unwrap_or_default();
    match config.text_at("/kind") {
        _ if api_version.starts_with("rollstep.dev/") => {
            asked.roll_step = Some(at_home(config, names));
            Ok(asked)
        }
        // kpt sends what `-- step=1` says without a kind.
        Some("ConfigMap") | None => {
            let wrong = match data(config) {
                Ok(data) => asked.take_all(data),
                Err(message) => vec![no_configuration(&message)],
            };
            if wrong.is_empty() { Ok(asked) } else { Err(wrong) }
        }
        Some(kind) => Err(vec![no_configuration(&format!("a {kind} cannot configure rollstep"))]),
    }
}

/// Returns the settings of a ConfigMap. One that holds something else is not taken for one without any:
/// without a step the new version would be passed through.
fn data(config: &Item) -> Result<Option<&Map<String, Value>>, String> {
    match config.value().get("data") {
        Some(Value::Object(data)) => Ok(Some(data)),
        Some(Value::Null) | None => {
            let envelope = ["apiVersion", "kind", "metadata", "data"];
            let mut keys = config.value().as_object().into_iter().flatten().map(|(key, _)| key);
            match keys.find(|key| !envelope.contains(&key.as_str())) {
                None => Ok(None),
                Some(key) => Err(format!("the functionConfig has `{key}`, and no `data`")),
            }
        }
        Some(_) => Err("`data` of the functionConfig is no map".to_owned()),
    }
}

fn no_configuration(message: &str) -> Diagnostic {
    Diagnostic::new(&INVALID_FIELD, message)
        .with_location(Location::of_file(CONFIG))
        .with_help("give a RollStep, or a ConfigMap with `data.step`")
}

impl Asked {
    /// Takes every setting, and reports what is wrong with each.
    fn take_all(&mut self, data: Option<&Map<String, Value>>) -> Vec<Diagnostic> {
        let mut wrong = Vec::new();
        for (key, value) in data.into_iter().flatten() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let taken = match text.trim_matches([',', ' ', '\n']) {
                "" if FLAGS.contains(&key.as_str()) => Err(empty(key)),
                _ => self.take(key, &text),
            };
            wrong.extend(taken.err().map(|(message, help)| problem(key, message, help)));
        }
        let has = |key: &str| data.is_some_and(|data| data.contains_key(key));
        let others = ["isolation", "compat"].into_iter().filter(|other| has(other));
        let others = if has("isolation-key") { others.collect() } else { Vec::new() };
        for other in others {
            let message = format!("`isolation-key` and `{other}` contradict each other");
            wrong.push(problem("isolation-key", message, "leave one of the two out".to_owned()));
        }
        wrong
    }

    fn take(&mut self, key: &str, text: &str) -> Result<(), Wrong> {
        let options = &mut self.options;
        match key {
            "step" => self.take_steps(text)?,
            "rollout" => options.rollout = Some(ObjectName::from(text)),
            "stable" => self.stable = Some(text.to_owned()),
            "namespace" => options.namespace = Some(text.to_owned()),
            "replicas" => {
                options.replicas = words(text).map(replicas).collect::<Result<_, _>>()?;
                once(options.replicas.iter().map(|(name, _)| Some(name)), "replicas")?;
            }
            "isolation-key" => options.isolate = Some(Isolate::ByKey(text.to_owned())),
            "isolation" if text == "pin" => options.isolate = Some(Isolate::ByRevision),
            "stable-revision" => options.stable_revisions = words(text).map(revision).collect(),
            "canary-revision" => options.canary_revisions = words(text).map(revision).collect(),
            "compat" if text == "kruise" => options.compat = Some(Compat::Kruise),
            "allow" => options.allow = words(text).map(code).collect::<Result<_, _>>()?,
            "isolation" => return Err(one_word(text, "pin")),
            "compat" => return Err(one_word(text, "kruise")),
            _ => return Err((String::new(), String::new())),
        }
        Ok(())
    }

    /// Reads `2`, or `web=2 checkout=done`.
    fn take_steps(&mut self, text: &str) -> Result<(), Wrong> {
        let names: Vec<_> = words(text).map(|word| named(word).0).collect();
        once(names.iter().map(Option::as_ref), "step")?;
        for word in words(text) {
            let (rollout, step) = named(word);
            let step = step.parse().map_err(|error: NoStageName| {
                (error.to_string(), "write for example `step: \"2\"` or `step: done`".to_owned())
            })?;
            match rollout {
                Some(rollout) => {
                    self.options.steps.insert(rollout, step);
                }
                None => self.options.step = Some(step),
            }
        }
        Ok(())
    }
}

fn problem(key: &str, message: String, help: String) -> Diagnostic {
    let field = Some(format!("data.{key}"));
    let location = Location { field, ..Location::of_file(CONFIG) };
    let diagnostic = if message.is_empty() {
        let help = match nearest(key, FLAGS) {
            Some(name) => format!("correct the name; did you mean `{name}`?"),
            None => format!("name one of {}", FLAGS.join(", ")),
        };
        Diagnostic::new(&UNKNOWN_FIELD, format!("there is no setting `{key}`")).with_help(help)
    } else {
        Diagnostic::new(&INVALID_FIELD, message).with_help(help)
    };
    // Who passes a setting that is not known would get another result than meant.
    Diagnostic { severity: Severity::Error, ..diagnostic.with_location(location) }
}

/// Returns a RollStep that is configuration in the namespace of the one Rollout of its name, since it has
/// none of its own in kustomize.
fn at_home(config: &Item, names: &Names) -> Item {
    let here = resolved(config, names, DEFAULT_NAMESPACE).into_owned();
    let namespaced = here.text_at("/metadata/namespace").is_some();
    let Some(name) = here.text_at("/spec/rollout").filter(|name| !name.contains('/')) else {
        return here;
    };
    let is_here = |(group, kind): (&str, &str)| {
        let (group, kind) = (group.to_owned(), kind.to_owned());
        let namespace = DEFAULT_NAMESPACE.to_owned();
        names.has(&ObjectKey { group, kind, namespace, name: name.to_owned() })
    };
    if namespaced || definition::kinds().any(is_here) {
        return here;
    }
    let mut elsewhere =
        definition::kinds().filter_map(|(group, kind)| names.anywhere(group, kind, name));
    let Some(rollout) = elsewhere.next() else { return here };
    let mut value = here.value().clone();
    if let Some(field) = value.pointer_mut("/spec/rollout") {
        *field = Value::from(format!("{}/{}", rollout.namespace, rollout.name));
    }
    here.with_value(value)
}
