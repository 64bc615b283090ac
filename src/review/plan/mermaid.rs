//! A plan as a Mermaid flowchart, small enough for a comment on a pull request.
//!
//! GitLab draws what it is given only up to 2,000 characters a page. So a longer diagram says less of
//! each stage, then leaves whole rollouts out, from the end, and says so.

use super::words::{pause_in_words, percent};
use super::{RolloutPlan, StagePlan, StageView};
use crate::escape;

/// The most characters of a diagram, with its fences.
pub const MAX_CHARACTERS: usize = 2_000;

/// The most characters of a name or of words in a box.
const MAX_WORDS: usize = 60;

/// How much is said of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// Pods, the share of every rule, and which requests it is for.
    Requests,
    /// Pods, and the share of the rule that sends most.
    Shares,
    /// The share of the rule that sends most.
    Least,
}

/// Returns the plans as a fenced Mermaid diagram of at most [`MAX_CHARACTERS`] characters.
pub fn to_mermaid(rollouts: &[RolloutPlan]) -> String {
    let all = rollouts.len();
    let details = [Detail::Requests, Detail::Shares, Detail::Least];
    let whole = details.map(|detail| (all, detail));
    let parts = (0..all).rev().map(|count| (count, Detail::Least));
    let mut drafts = whole.into_iter().chain(parts).map(|(count, detail)| {
        diagram(rollouts.get(..count).unwrap_or(rollouts), all - count, detail)
    });
    let fits = |draft: &String| draft.chars().count() <= MAX_CHARACTERS;
    drafts.find(fits).unwrap_or_else(|| diagram(&[], all, Detail::Least))
}

fn diagram(rollouts: &[RolloutPlan], left_out: usize, detail: Detail) -> String {
    let mut text = String::from("```mermaid\nflowchart LR\n");
    for (index, rollout) in rollouts.iter().enumerate() {
        text += &subgraph(index, rollout, detail);
    }
    if left_out > 0 || rollouts.is_empty() {
        let note = match left_out {
            0 => "there is no rollout".to_owned(),
            1 => "1 more rollout is left out".to_owned(),
            count => format!("{count} more rollouts are left out"),
        };
        text += &format!("  note[\"{note}\"]\n");
    }
    text + "  classDef asked stroke-width:4px\n```\n"
}

fn title(rollout: &RolloutPlan) -> String {
    let RolloutPlan { namespace, name, other_namespaces, .. } = rollout;
    match other_namespaces.as_slice() {
        [] => format!("{namespace}/{name}"),
        others => format!("{namespace}/{name}, which writes to {} too", others.join(", ")),
    }
}

/// The stages of a rollout in a row, each after the pause that ends the one before.
fn subgraph(index: usize, rollout: &RolloutPlan, detail: Detail) -> String {
    let title = escaped(&title(rollout));
    let mut text = format!("  subgraph r{index}[\"{title}\"]\n");
    let mut before: Option<&StagePlan> = None;
    for (number, stage) in rollout.stages.iter().enumerate() {
        text += &before.map_or_else(|| "    ".to_owned(), |before| arrow(before, detail));
        let class = if stage.asked { ":::asked" } else { "" };
        text += &format!("r{index}s{number}[\"{}\"]{class}", label(stage, detail));
        before = Some(stage);
    }
    text + "\n  end\n"
}

fn arrow(before: &StagePlan, detail: Detail) -> String {
    let pause = before.view.as_ref().ok().and_then(|view| view.pause);
    match pause.filter(|_| detail != Detail::Least) {
        Some(pause) => format!("\n    -->|{}| ", pause_in_words(pause)),
        None => "\n    --> ".to_owned(),
    }
}

fn label(stage: &StagePlan, detail: Detail) -> String {
    let name = stage.stage.to_string();
    let mut lines = vec![name];
    match &stage.view {
        Ok(view) => {
            lines.extend(details(view, detail));
            lines.extend((!view.refused.is_empty()).then(|| "refused".to_owned()));
        }
        Err(_) => lines.push("cannot be rendered".to_owned()),
    }
    lines.join("<br/>")
}

fn details(view: &StageView, detail: Detail) -> Vec<String> {
    let most = view.rules.iter().map(|rule| rule.canary).max().filter(|share| !share.is_none());
    let most = most.map(|share| format!("canary {}", percent(share)));
    let stable = format!("{} {}", view.stable_pods, view.stable_version.word());
    let pods = match view.canary_pods {
        0 => stable,
        canary => format!("{stable} + {canary} canary"),
    };
    let short = view.capacity.is_some_and(super::Capacity::is_short);
    let pods = if short { format!("{pods}, short") } else { pods };
    match detail {
        Detail::Least => most.into_iter().collect(),
        Detail::Shares => [pods].into_iter().chain(most).collect(),
        Detail::Requests => {
            let led = view.rules.iter().filter(|rule| !rule.canary.is_none());
            let rules =
                led.map(|rule| escaped(&format!("{} {}", percent(rule.canary), rule.requests)));
            [pods].into_iter().chain(rules).collect()
        }
    }
}

/// Returns the text with everything that Mermaid or HTML could take for markup as a number.
fn escaped(text: &str) -> String {
    let text = escape::line(text);
    let long = text.chars().count() > MAX_WORDS;
    let cut: String = text.chars().take(if long { MAX_WORDS - 1 } else { MAX_WORDS }).collect();
    let mut written = String::new();
    for c in cut.chars() {
        match c {
            ' ' | '-' | '/' | '.' | ',' | '%' => written.push(c),
            // What quotes a value is clear without it.
            '`' => {}
            c if c.is_alphanumeric() => written.push(c),
            c => written.push_str(&format!("#{};", c as u32)),
        }
    }
    if long {
        written.push('…');
    }
    written
}

#[cfg(test)]
mod tests {
    use super::{MAX_WORDS, escaped};

    #[test]
    fn markup_becomes_numbers_and_long_words_are_cut() {
        assert_eq!(escaped("a\"b<br>#c;`d`"), "a#34;b#60;br#62;#35;c#59;d");
        assert_eq!(escaped(&"x".repeat(100)).chars().count(), MAX_WORDS);
    }
}
