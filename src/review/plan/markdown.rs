//! A plan for a pull request: a table per rollout, and what each stage does to objects folded below.
//!
//! Names come from manifests that anybody may have written, so nothing in them is markup.

use super::quoted::marked_up;
use super::words::{pause_in_words, percent};
use super::{Capacity, Change, RolloutPlan, RuleView, StagePlan, StageView, Version};
use crate::escape;
use crate::review::markdown::code;
use crate::simulate::Share;

/// How many characters a bar has.
const BAR: u128 = 10;

/// Returns the plans as Markdown.
pub fn to_markdown(rollouts: &[RolloutPlan]) -> String {
    let parts: Vec<_> = rollouts.iter().map(rollout).collect();
    escape::lines(&parts.join("\n"))
}

fn rollout(rollout: &RolloutPlan) -> String {
    let RolloutPlan { namespace, name, workload, service, virtual_services, pods, .. } = rollout;
    let mut named = vec![format!("Deployment {}", code(workload))];
    named.extend(service.iter().map(|service| format!("Service {}", code(service))));
    named.extend(virtual_services.iter().map(|one| format!("VirtualService {}", code(one))));
    let mut text = format!("### Rollout {}\n\n", code(&format!("{namespace}/{name}")));
    text += &format!("{}\n\n", named.join(" · "));
    if let Some(elsewhere) = rollout.written_elsewhere() {
        text += &format!("The {}.\n\n", words(&elsewhere));
    }
    if rollout.nothing_new {
        text += "The input holds the old version alone: there is nothing to roll out.\n\n";
    }
    text += &format!(
        "| | stage | stable pods | canary pods (of {pods}) | traffic to the canary | pause | objects |\n"
    );
    text += "|---|---|---|---|---|---|---|\n";
    let rows = rollout.stages.iter().map(row);
    text.extend(rows);
    text + &objects(rollout)
}

fn row(stage: &StagePlan) -> String {
    let mark = if stage.asked { "➤" } else { "" };
    let name = if stage.asked { format!("**{}**", stage.stage) } else { stage.stage.to_string() };
    match &stage.view {
        Ok(view) => {
            let pause = view.pause.map(pause_in_words).unwrap_or_default();
            let version = view.stable_version.word();
            let cells = [
                format!("{} {version}", view.stable_pods),
                view.capacity.map_or_else(String::new, |capacity| canary(view, capacity)),
                traffic(view),
                pause,
                counts(view),
            ];
            format!("| {mark} | {name} | {} |\n", cells.join(" | "))
        }
        Err(codes) => {
            let codes: Vec<_> = codes.iter().map(|one| code(one)).collect();
            format!("| {mark} | {name} | | | cannot be rendered: {} | | |\n", codes.join(", "))
        }
    }
}

fn canary(view: &StageView, capacity: Capacity) -> String {
    let text = format!("{} ({})", view.canary_pods, percent(capacity.pods));
    match capacity.traffic.filter(|_| capacity.is_short()) {
        Some(traffic) => format!("{text} ⚠️ short of {}", percent(traffic)),
        None => text,
    }
}

fn traffic(view: &StageView) -> String {
    if view.rules.is_empty() {
        return "by the number of pods".to_owned();
    }
    let several = view.rules.iter().any(|rule| {
        view.rules.first().is_some_and(|first| first.virtual_service != rule.virtual_service)
    });
    let unsaid = view.unsaid_matches().map(|wanted| format!("matches: {}", words(wanted)));
    let rules = view.rules.iter().map(|rule| rule_line(rule, several, view.stable_version));
    let codes: Vec<_> = view.refused.iter().map(|one| code(one)).collect();
    let refused = (!codes.is_empty()).then(|| format!("refused: {}", codes.join(", ")));
    unsaid.chain(rules).chain(refused).collect::<Vec<_>>().join("<br>")
}

fn rule_line(rule: &RuleView, several: bool, version: Version) -> String {
    let route = several.then(|| format!("{}: ", code(&rule.virtual_service)));
    let name = rule.name.as_ref().map(|name| format!("{}: ", code(name)));
    format!(
        "`{}` {} {}{}{}",
        bar(rule, version),
        percent(rule.canary),
        route.unwrap_or_default(),
        name.unwrap_or_default(),
        words(&rule.requests)
    )
}

/// The canary's part is full, that of stable in the new version half, and the rest light.
fn bar(rule: &RuleView, version: Version) -> String {
    if !rule.reached {
        // A code span of blanks alone keeps them.
        return " ".repeat(10);
    }
    let count = |share: Share| {
        let scaled = u128::from(share.numerator()) * BAR;
        usize::try_from(scaled.div_ceil(u128::from(share.denominator()))).unwrap_or(0)
    };
    let full = count(rule.canary);
    let half = match version {
        Version::New => count(rule.stable).min(10 - full.min(10)),
        Version::Old => 0,
    };
    let light = 10_usize.saturating_sub(full + half);
    format!("{}{}{}", "█".repeat(full), "▓".repeat(half), "░".repeat(light))
}

fn counts(view: &StageView) -> String {
    let counts = Change::ALL.map(|change| (change.sign(), view.objects_that_are(change).count()));
    let some = counts.iter().filter(|(_, count)| *count > 0);
    // A minus alone would begin a list, and a tilde a deletion: a code span holds them.
    let parts: Vec<_> = some.map(|(sign, count)| format!("`{sign}{count}`")).collect();
    parts.join(" ")
}

fn objects(rollout: &RolloutPlan) -> String {
    let mut lines = String::new();
    for StagePlan { stage, view, .. } in &rollout.stages {
        let Ok(view) = view else { continue };
        let parts: Vec<_> =
            Change::ALL.iter().filter_map(|change| changed(view, *change)).collect();
        if !parts.is_empty() {
            lines += &format!("- **{stage}**: {}\n", parts.join("; "));
        }
    }
    if lines.is_empty() {
        return lines;
    }
    format!(
        "\n<details><summary>Objects, against the stage before</summary>\n\n{lines}\n</details>\n"
    )
}

fn changed(view: &StageView, change: Change) -> Option<String> {
    let called = view.objects_that_are(change);
    let called = called.map(|object| format!("{} {}", object.key.kind, code(&object.name())));
    let called: Vec<_> = called.collect();
    (!called.is_empty()).then(|| format!("{} {}", change.word(), called.join(", ")))
}

/// Returns what is said, in which what is from a manifest is code.
fn words(said: &str) -> String {
    marked_up(said, escaped, code)
}

fn escaped(text: &str) -> String {
    let mut written = String::new();
    for c in escape::line(text).chars() {
        match c {
            '<' => written.push_str("&lt;"),
            '&' => written.push_str("&amp;"),
            '@' => written.push_str("&#64;"),
            '|' | '*' | '_' | '[' | ']' | '\\' | '~' | '#' => written.extend(['\\', c]),
            c => written.push(c),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn what_comes_from_manifests_is_no_markup() {
        let said = words("header `x` is `<b>` or `a``|b`");
        let expected =
            "header <code>x</code> is <code>&#60;b&#62;</code> or <code>a&#96;&#124;b</code>";
        assert_eq!(said, expected);
        assert_eq!(words("<b> @me"), "&lt;b> &#64;me");
    }
}
