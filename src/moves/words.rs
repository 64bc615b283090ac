//! Texts of a move: a line for the terminal, and a message for the commit.

use super::row::Row;
use crate::escape;
use crate::model::{ObjectName, StageName};
use crate::rollout::Stage;

/// The longest first line of a commit message that is shown whole everywhere, in characters.
const MAX_SUBJECT: usize = 72;

/// Returns the stage as `step 2 of 4` or `promote`.
pub(super) fn stage(row: &Row) -> String {
    match row.stage {
        Stage::Step(index) => format!("step {} of {}", index + 1, row.steps),
        stage => StageName::from(stage).to_string(),
    }
}

/// Returns what the stage means, as `2 canary pods, 20 % of requests`.
pub(super) fn meaning(row: &Row) -> String {
    let canary = row.canary.as_ref().map(|canary| {
        let pods = if canary.pods == 1 { "pod" } else { "pods" };
        format!("{} canary {pods}, {}", canary.pods, canary.requests)
    });
    match (row.stage, canary) {
        (Stage::Stable, _) if row.lacks_old => {
            "the old version alone, which `--stable PATH` must give".to_owned()
        }
        (Stage::Stable, _) => "the old version alone".to_owned(),
        (Stage::Done, _) => "the new version alone".to_owned(),
        (Stage::Promote, canary) => {
            let canary = canary.map_or_else(String::new, |canary| format!("; still {canary}"));
            format!("the new version in the stable pods{canary}")
        }
        (Stage::Step(_), canary) => canary.unwrap_or_default(),
    }
}

/// Returns a line that says where a rollout stands now.
pub(super) fn sentence(rollout: &ObjectName, row: &Row) -> String {
    escape::line(&format!("{rollout}: {}: {}", stage(row), meaning(row))).into_owned()
}

/// Returns a commit message.
pub(super) fn message(rollout: &ObjectName, from: Option<StageName>, row: &Row) -> String {
    let short = match (row.stage, &row.canary) {
        (Stage::Step(_), Some(canary)) => canary.requests.clone(),
        (Stage::Promote, _) => "new version in the stable pods".to_owned(),
        (Stage::Stable, _) => "the old version alone".to_owned(),
        _ => meaning(row),
    };
    let what = format!(": {}, {short}", stage(row));
    let room = MAX_SUBJECT.saturating_sub(what.chars().count());
    let mut facts = vec![
        format!("Rollout: {}", escape::line(&rollout.to_string())),
        format!(
            "Stage: {} (before: {})",
            stage(row),
            from.map_or_else(|| "none".to_owned(), |it| it.to_string())
        ),
    ];
    if let Some(canary) = &row.canary {
        facts.push(format!("Canary pods: {}", canary.pods));
        facts.push(format!("Canary traffic: {}", canary.requests));
    }
    if row.lacks_old {
        facts.push("Old version: not in the RollStep; rendering needs --stable PATH".to_owned());
    }
    if row.stage != Stage::Stable {
        facts.push(format!("Revision: {}", row.revision));
    }
    format!("{}{what}\n\n{}\n", cut(&escape::line(&rollout.name), room), facts.join("\n"))
}

/// Shortens a name that leaves no room for what is said of it.
fn cut(name: &str, room: usize) -> String {
    if name.chars().count() <= room {
        return name.to_owned();
    }
    let head: String = name.chars().take(room.saturating_sub(1)).collect();
    format!("{head}…")
}
