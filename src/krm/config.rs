//! What the `functionConfig` asks for.
//!
//! A RollStep says what it says in Git. A ConfigMap, which `kpt fn eval -- step=1` makes, says what
//! the flags of `render` say, each under the name of its flag, and wins over RollSteps as they do.

use serde_json::Value;

use super::item::Item;
use super::previous::Names;
use super::references::resolved;
use crate::diagnostic::codes::{self, INVALID_FIELD, UNKNOWN_FIELD};
use crate::diagnostic::{Code, Diagnostic, Location, Severity, nearest};
use crate::manifest::DEFAULT_NAMESPACE;
use crate::model::{Compat, Isolate, NoStageName, ObjectName};
use crate::pipeline::{ObjectKey, Options};

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
    let api_version = config.text_at("/apiVersion").unwrap_or_default();
    match config.text_at("/kind") {
        _ if api_version.starts_with("rollstep.dev/") => {
            asked.roll_step = Some(at_home(config, names));
            Ok(asked)
        }
        // kpt sends what `-- step=1` says without a kind.
        Some("ConfigMap") | None => {
            let data = config.value.get("data").and_then(Value::as_object);
            let mut wrong = Vec::new();
            for (key, value) in data.into_iter().flatten() {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                if let Err((message, help)) = asked.take(key, &text) {
                    wrong.push(problem(key, message, help));
                }
            }
            if wrong.is_empty() { Ok(asked) } else { Err(wrong) }
        }
        Some(kind) => Err(vec![
            Diagnostic::new(&INVALID_FIELD, format!("a {kind} cannot configure rollstep"))
                .with_location(Location::of_file(CONFIG))
                .with_help("give a RollStep, or a ConfigMap with `data.step`"),
        ]),
    }
}

/// What is wrong with a value, and the repair.
type Wrong = (String, String);

impl Asked {
    fn take(&mut self, key: &str, text: &str) -> Result<(), Wrong> {
        let options = &mut self.options;
        match key {
            "step" => self.take_steps(text)?,
            "rollout" => options.rollout = Some(ObjectName::from(text)),
            "stable" => self.stable = Some(text.to_owned()),
            "namespace" => options.namespace = Some(text.to_owned()),
            "replicas" => options.replicas = words(text).map(replicas).collect::<Result<_, _>>()?,
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
        for word in words(text) {
            let (rollout, step) = named(word);
            let step = step.parse().map_err(|error: NoStageName| {
                (error.to_string(), "write for example `step: \"2\"` or `step: done`".to_owned())
            })?;
            match rollout {
                Some(rollout) => self.options.steps.push((rollout, step)),
                None => self.options.step = Some(step),
            }
        }
        Ok(())
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\n']).filter(|word| !word.is_empty())
}

/// Reads `[[NAMESPACE/]NAME=]WHAT`.
fn named(word: &str) -> (Option<ObjectName>, &str) {
    match word.split_once('=') {
        Some((rollout, what)) => (Some(ObjectName::from(rollout)), what),
        None => (None, word),
    }
}

fn revision(word: &str) -> (Option<ObjectName>, String) {
    let (rollout, revision) = named(word);
    (rollout, revision.to_owned())
}

fn replicas(word: &str) -> Result<(ObjectName, u32), Wrong> {
    let (workload, count) = named(word);
    let count = count.parse::<u32>().ok().filter(|count| i32::try_from(*count).is_ok());
    workload.zip(count).ok_or_else(|| {
        let message = format!("`{word}` is not the name of a workload and a whole number");
        (message, "write for example `replicas: web=10`".to_owned())
    })
}

fn code(word: &str) -> Result<&'static Code, Wrong> {
    match codes::find(word) {
        Some(code) if code.allowable => Ok(code),
        Some(_) => {
            Err((format!("`{word}` cannot be acknowledged"), "mend what it tells of".to_owned()))
        }
        None => Err((
            format!("there is no code `{word}`"),
            "name a code as diagnostics show it in brackets".to_owned(),
        )),
    }
}

fn one_word(text: &str, word: &str) -> Wrong {
    (format!("`{text}` is not known"), format!("write `{word}`, or leave it out"))
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

/// A RollStep that is configuration has no namespace of its own in kustomize: it is in that of the
/// one Rollout of its name.
fn at_home(config: &Item, names: &Names) -> Item {
    let here = resolved(config, names, DEFAULT_NAMESPACE);
    let namespaced = here.text_at("/metadata/namespace").is_some();
    let Some(name) = here.text_at("/spec/rollout").filter(|name| !name.contains('/')) else {
        return here;
    };
    let (group, kind) = ("rollouts.kruise.io".to_owned(), "Rollout".to_owned());
    let own =
        ObjectKey { group, kind, namespace: DEFAULT_NAMESPACE.to_owned(), name: name.to_owned() };
    if namespaced || names.has(&own) {
        return here;
    }
    let Some(rollout) = names.anywhere(&own.group, &own.kind, name) else { return here };
    let mut value = here.value.clone();
    if let Some(field) = value.pointer_mut("/spec/rollout") {
        *field = Value::from(format!("{}/{}", rollout.namespace, rollout.name));
    }
    here.with_value(value)
}
