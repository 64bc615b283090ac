//! The split of a rule as a drawing: the canary's part, that of stable, and what goes elsewhere.

use crate::review::plan::words::percent;
use crate::review::plan::{RuleView, Version};
use crate::simulate::Share;

/// How wide a drawing is in its own units.
const WIDTH: f64 = 100.0;

/// Returns the drawing, with its numbers as a text for those who do not see it.
pub(super) fn svg(rule: &RuleView, version: Version) -> String {
    let stable = match version {
        Version::Old => "old",
        Version::New => "new",
    };
    let parts = [("canary", rule.canary), (stable, rule.stable), ("others", rule.others)];
    let mut start = 0.0;
    let mut drawn = String::new();
    for (class, share) in parts.into_iter().filter(|(_, share)| !share.is_none()) {
        let width = part_of(share);
        drawn += &format!(
            "<rect class=\"{class}\" x=\"{start:.3}\" width=\"{width:.3}\" height=\"10\"/>"
        );
        start += width;
    }
    let label = format!(
        "canary {}, stable {} {}, others {}",
        percent(rule.canary),
        version.word(),
        percent(rule.stable),
        percent(rule.others)
    );
    format!(
        "<svg role=\"img\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\"><title>{label}</title>{drawn}</svg>"
    )
}

fn part_of(share: Share) -> f64 {
    share.numerator() as f64 / share.denominator() as f64 * WIDTH
}

/// Says what the colours mean.
pub(super) fn legend() -> String {
    let entry = |class: &str, words: &str| {
        let square = format!(
            "<svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"{class}\" width=\"10\" height=\"10\"/></svg>"
        );
        format!("<li>{square} {words}</li>\n")
    };
    let entries = [
        entry("canary", "canary"),
        entry("new", "stable, new version"),
        entry("old", "stable, old version"),
        entry("others", "other destinations"),
        "<li>beside each bar: what the canary gets of these requests</li>\n".to_owned(),
    ];
    format!("<ul class=\"legend\">\n{}</ul>\n", entries.concat())
}
