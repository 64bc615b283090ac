//! Which rollouts at which step; what else decides about them is left to [`ChosenArgs`].

use clap::Args;
use rollstep::diagnostic::{Code, codes};
use rollstep::{NoStageName, ObjectName, Options, StageName};

use super::chosen::ChosenArgs;
use super::input::InputArgs;

/// The rollouts, and what decides about them.
#[derive(Debug, Args)]
pub(crate) struct RolloutArgs {
    /// Stage to render: stable (or 0), a step from 1, last, promote, done; of one rollout where it is
    /// named, and then repeatable
    #[arg(long, value_name = "[[NAMESPACE/]NAME=]STEP", value_parser = parse_step, help_heading = "Rollout")]
    step: Vec<(Option<ObjectName>, StageName)>,

    #[command(flatten)]
    chosen: ChosenArgs,
}

impl RolloutArgs {
    /// Refuses what contradicts itself.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let same = |(index, (name, _)): (usize, &(Option<ObjectName>, StageName))| {
            self.step.iter().skip(index + 1).any(|(other, _)| other == name)
        };
        anyhow::ensure!(
            !self.step.iter().enumerate().any(same),
            "`--step` is given twice; name the rollouts that differ, as in `--step web=2`"
        );
        Ok(())
    }

    /// Returns what the library is asked for, of an input that was read.
    pub(crate) fn into_options(self, input: InputArgs) -> Options {
        let (general, own): (Vec<_>, Vec<_>) =
            self.step.into_iter().partition(|(rollout, _)| rollout.is_none());
        Options {
            step: general.last().map(|(_, step)| *step),
            steps: own.into_iter().filter_map(|(rollout, step)| Some((rollout?, step))).collect(),
            ..self.chosen.into_options(input)
        }
    }
}

pub(crate) fn parse_step(text: &str) -> Result<(Option<ObjectName>, StageName), String> {
    let stage = |text: &str| text.parse().map_err(|error: NoStageName| error.to_string());
    match text.split_once('=') {
        Some((rollout, step)) => Ok((Some(parse_name(rollout)?), stage(step)?)),
        None => Ok((None, stage(text)?)),
    }
}

pub(crate) fn parse_name(text: &str) -> Result<ObjectName, String> {
    let parts: Vec<&str> = text.split('/').collect();
    if parts.len() > 2 || parts.iter().any(|part| part.is_empty()) {
        return Err("expected a name, or a namespace and a name such as shop/web".to_owned());
    }
    Ok(ObjectName::from(text))
}

pub(crate) fn parse_replicas(text: &str) -> Result<(ObjectName, u32), String> {
    let parsed = text.split_once('=').and_then(|(name, count)| Some((name, count.parse().ok()?)));
    match parsed {
        Some((name, count)) if i32::try_from(count).is_ok() => Ok((parse_name(name)?, count)),
        _ => Err("expected the name of a workload and a whole number, such as web=10".to_owned()),
    }
}

/// Reads a revision; an equals sign cannot be part of one.
pub(super) fn parse_revision(text: &str) -> Result<(Option<ObjectName>, String), String> {
    let (rollout, revision) = match text.split_once('=') {
        Some((rollout, revision)) => (Some(parse_name(rollout)?), revision),
        None => (None, text),
    };
    if revision.is_empty() {
        return Err("expected a revision, such as 5f7c9d8b6d".to_owned());
    }
    Ok((rollout, revision.to_owned()))
}

pub(crate) fn parse_code(text: &str) -> Result<&'static Code, String> {
    let code = find_code(text)?;
    if !code.allowable {
        return Err("this problem cannot be acknowledged; it must be mended".to_owned());
    }
    Ok(code)
}

/// Reads the name of a code.
pub(crate) fn find_code(text: &str) -> Result<&'static Code, String> {
    codes::find(text).ok_or_else(|| match codes::nearest_name(text) {
        Some(name) => format!("there is no such code; did you mean {name}?"),
        None => "there is no such code".to_owned(),
    })
}
