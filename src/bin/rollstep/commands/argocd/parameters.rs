//! The parameters of an application, out of the environment: texts in, options out.
//!
//! Argo CD gives them as JSON in ARGOCD_APP_PARAMETERS, and once more in variables of their own, whose
//! names have lost their case; `plugin.env` comes with the prefix ARGOCD_ENV_. The JSON wins, since it
//! alone has everything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use rollstep::{GitOps, Isolate, Options};
use serde_json::Value;

use super::announcement::{Form, PARAMETERS, Parameter};
use crate::args::{parse_code, parse_name, parse_replicas, parse_step};

/// The variables of the environment.
pub(super) type Variables = BTreeMap<String, String>;

/// What is asked for.
#[derive(Debug)]
pub(super) struct Parameters {
    pub(super) options: Options,
    pub(super) stable: Option<String>,
    pub(super) recurse: bool,
}

/// The values of each parameter that is given; those of a map as `KEY=VALUE`.
type Given = BTreeMap<&'static str, Vec<String>>;

/// Reads the parameters; what is wrong is told with what may be.
pub(super) fn read_parameters(variables: &Variables) -> Result<Parameters, Vec<String>> {
    let mut problems = Vec::new();
    let mut given = from_variables(variables, &mut problems);
    // The page of an application leaves empty texts behind, which say nothing against a variable.
    let said = |(name, values): &(&str, Vec<String>)| {
        !values.is_empty() || form_of(name) != Some(Form::String)
    };
    given.extend(from_json(variables, &mut problems).into_iter().filter(said));
    let mut options = Options {
        filter: true,
        gitops: Some(GitOps::ArgoCd),
        namespace: variables.get("ARGOCD_APP_NAMESPACE").filter(|name| !name.is_empty()).cloned(),
        ..Options::default()
    };
    let (mut stable, mut recurse) = (None, false);
    problems.extend(twice(&given));
    for (name, value) in
        given.iter().flat_map(|(name, all)| all.iter().map(move |one| (*name, one)))
    {
        let done = match name {
            "stable" => inside(value, variables).map(|path| stable = Some(path)),
            "recurse" => parse_bool(value).map(|on| recurse = on),
            _ => apply(&mut options, (name, value)),
        };
        problems
            .extend(done.err().map(|error| format!("parameter `{name}` is `{value}`: {error}")));
    }
    if problems.is_empty() { Ok(Parameters { options, stable, recurse }) } else { Err(problems) }
}

fn apply(options: &mut Options, (name, value): (&str, &str)) -> Result<(), String> {
    match name {
        "step" | "steps" => match parse_step(value)? {
            (Some(rollout), step) => {
                options.steps.insert(rollout, step);
            }
            (None, step) if name == "step" => options.step = Some(step),
            (None, _) => {
                return Err("expected the name of a rollout and its step, such as web=2".to_owned());
            }
        },
        "rollout" => options.rollout = Some(parse_name(value)?),
        "replicas" => options.replicas.push(parse_replicas(value)?),
        "isolation-key" => options.isolate = Some(Isolate::ByKey(value.to_owned())),
        "allow" => options.allow.push(parse_code(value)?),
        "sync-waves" => {
            options.gitops = parse_bool(value)?.then_some(GitOps::ArgoCd);
        }
        _ => {}
    }
    Ok(())
}

fn parse_bool(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "expected true or false".to_owned())
}

/// Reads ARGOCD_APP_PARAMETERS, which is not there without a plugin, and `null` without parameters.
fn from_json(variables: &Variables, problems: &mut Vec<String>) -> Given {
    const NAME: &str = "ARGOCD_APP_PARAMETERS";
    let text = variables.get(NAME).map_or("", |text| text.trim());
    if text.is_empty() {
        return Given::new();
    }
    let entries = match serde_json::from_str(text) {
        Ok(Value::Null) => Vec::new(),
        Ok(Value::Array(entries)) => entries,
        Ok(_) => {
            problems.push(format!("{NAME} is no list of parameters"));
            Vec::new()
        }
        Err(error) => {
            problems.push(format!("{NAME} is no JSON: {error}"));
            Vec::new()
        }
    };
    let mut given = Given::new();
    for entry in &entries {
        match read_entry(entry) {
            Ok((name, _)) if given.contains_key(name) => {
                problems.push(format!("parameter `{name}` is given twice in {NAME}"));
            }
            Ok((name, values)) => drop(given.insert(name, values)),
            Err(problem) => problems.push(problem),
        }
    }
    given
}

fn read_entry(entry: &Value) -> Result<(&'static str, Vec<String>), String> {
    let Some(name) = entry.get("name").and_then(Value::as_str) else {
        return Err("a parameter in ARGOCD_APP_PARAMETERS has no name".to_owned());
    };
    let Some(parameter) = PARAMETERS.iter().find(|parameter| parameter.name == name) else {
        let all: Vec<_> = PARAMETERS.iter().map(|parameter| parameter.name).collect();
        return Err(format!("there is no parameter `{name}`; there are {}", all.join(", ")));
    };
    let of_form = |form: Form| entry.get(form.as_str()).filter(|value| !value.is_null());
    let others = [Form::String, Form::Array, Form::Map].into_iter();
    let other = others.filter(|form| *form != parameter.form).find_map(of_form);
    let values = match (of_form(parameter.form), other) {
        (Some(value), None) => texts(value),
        // Argo CD drops a key that it does not know, such as `value`.
        (None, None) => {
            let form = parameter.form.as_str();
            return Err(format!("parameter `{name}` has no value; write it under `{form}`"));
        }
        (_, Some(_)) => None,
    };
    let values = values.ok_or_else(|| {
        format!("parameter `{name}` is no {}; write it under `{0}`", parameter.form.as_str())
    })?;
    Ok((parameter.name, given_ones(values)))
}

/// Returns the texts of a value, whatever its form; nothing where one is none.
fn texts(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match value {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(all) => all.iter().map(text).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, value)| Some(format!("{key}={}", text(value)?))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Returns the values that are not empty, since the page of an application leaves empty texts behind.
fn given_ones(values: Vec<String>) -> Vec<String> {
    values.into_iter().filter(|value| !value.is_empty()).collect()
}

/// Reads the variables of single parameters. Lists have commas between their items there, since a key
/// of a map would not survive in the name of a variable.
fn from_variables(variables: &Variables, problems: &mut Vec<String>) -> Given {
    const OWN: &str = "ARGOCD_ENV_ROLLSTEP_";
    let structured = ["", "null"]
        .contains(&variables.get("ARGOCD_APP_PARAMETERS").map_or("", |text| text.trim()));
    // Beside the JSON these say the same with less.
    let prefixes =
        if structured { &["ARGOCD_ENV_", OWN, "PARAM_"][..] } else { &["ARGOCD_ENV_", OWN] };
    let mut given = Given::new();
    for Parameter { name, form, .. } in &PARAMETERS {
        let variable = name.to_uppercase().replace('-', "_");
        let names = prefixes.iter().map(|prefix| format!("{prefix}{variable}"));
        for text in names.filter_map(|name| variables.get(&name)) {
            let values = match form {
                Form::String => vec![text.trim().to_owned()],
                Form::Array | Form::Map => {
                    text.split(',').map(|value| value.trim().to_owned()).collect()
                }
            };
            drop(given.insert(*name, given_ones(values)));
        }
        if structured && *form == Form::Array {
            let numbered =
                (0..).map_while(|index| variables.get(&format!("PARAM_{variable}_{index}")));
            given.entry(*name).or_default().extend(numbered.cloned());
        }
    }
    let known = |variable: &str| {
        let wanted = variable.to_lowercase().replace('_', "-");
        PARAMETERS.iter().any(|parameter| parameter.name == wanted)
    };
    let own = variables.keys().filter_map(|name| Some((name, name.strip_prefix(OWN)?)));
    for (variable, _) in own.filter(|(_, name)| !known(name)) {
        let all: Vec<_> = PARAMETERS.iter().map(|parameter| parameter.name).collect();
        problems.push(format!("{variable} is no parameter; there are {}", all.join(", ")));
    }
    given
}

fn form_of(name: &str) -> Option<Form> {
    PARAMETERS.iter().find(|parameter| parameter.name == name).map(|parameter| parameter.form)
}

/// Reports what is said twice of one rollout or workload, of which the last would win in silence.
fn twice(given: &Given) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, values) in given.iter().filter(|(name, _)| form_of(name) == Some(Form::Map)) {
        let mut known = BTreeSet::new();
        let keys = values.iter().filter_map(|value| value.split_once('=')).map(|(key, _)| key);
        let again = keys.filter(|key| !known.insert(*key));
        problems.extend(again.map(|key| format!("parameter `{name}` names `{key}` twice")));
    }
    problems
}

/// Returns how many folders lie between the repository and that of the application.
pub(super) fn depth(variables: &Variables) -> usize {
    let folder = variables.get("ARGOCD_APP_SOURCE_PATH").map_or("", String::as_str);
    let parts = Path::new(folder).components();
    parts.filter(|component| matches!(component, Component::Normal(_))).count()
}

/// Returns the path if it stays in the repository: the server's own files are nobody's manifests.
fn inside(path: &str, variables: &Variables) -> Result<String, String> {
    let mut depth = depth(variables);
    for component in Path::new(path).components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err("expected a path inside the repository".to_owned());
            }
        }
    }
    Ok(path.to_owned())
}
