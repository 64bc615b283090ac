//! The words of a setting, such as `2`, `web=2 checkout=done` or the name of a code.
//!
//! Which setting they are of, and what it decides, is left to the configuration.

use crate::diagnostic::{Code, codes};
use crate::model::ObjectName;

/// What is wrong with a value, and the repair.
pub(super) type Wrong = (String, String);

/// Without a value the new version would be passed through, as if nobody had asked for a step.
pub(super) fn empty(key: &str) -> Wrong {
    (format!("`{key}` is empty"), "give it a value, or leave it out".to_owned())
}

/// Refuses what is said twice of one rollout or workload, of which the last would win in silence.
pub(super) fn once<'n>(
    names: impl Iterator<Item = Option<&'n ObjectName>>,
    key: &str,
) -> Result<(), Wrong> {
    let mut known = Vec::new();
    for name in names {
        if known.contains(&name) {
            let of = name.map(|name| format!(" of `{name}`")).unwrap_or_default();
            let help = "say it once, or of each by its name".to_owned();
            return Err((format!("`{key}`{of} is given twice"), help));
        }
        known.push(name);
    }
    Ok(())
}

pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\n']).filter(|word| !word.is_empty())
}

/// Reads `[[NAMESPACE/]NAME=]WHAT`.
pub(super) fn named(word: &str) -> (Option<ObjectName>, &str) {
    match word.split_once('=') {
        Some((rollout, what)) => (Some(ObjectName::from(rollout)), what),
        None => (None, word),
    }
}

pub(super) fn revision(word: &str) -> (Option<ObjectName>, String) {
    let (rollout, revision) = named(word);
    (rollout, revision.to_owned())
}

pub(super) fn replicas(word: &str) -> Result<(ObjectName, u32), Wrong> {
    let (workload, count) = named(word);
    let count = count.parse::<u32>().ok().filter(|count| i32::try_from(*count).is_ok());
    workload.zip(count).ok_or_else(|| {
        let message = format!("`{word}` is not the name of a workload and a whole number");
        (message, "write for example `replicas: web=10`".to_owned())
    })
}

pub(super) fn code(word: &str) -> Result<&'static Code, Wrong> {
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

pub(super) fn one_word(text: &str, word: &str) -> Wrong {
    (format!("`{text}` is not known"), format!("write `{word}`, or leave it out"))
}
