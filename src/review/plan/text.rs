//! A plan for a terminal: one table per rollout, a bar for each share.
//!
//! The column of the traffic takes what the others leave of the width; where that is too little, each
//! stage is a block of its own. What is written is decided here, how it is broken in [`lines`].

mod bar;
mod lines;

use std::borrow::Cow;

use super::quoted::quoted;
use super::words::{pause_in_words, percent, pods_in_words};
use super::{Change, RolloutPlan, RuleView, StagePlan, StageView};
use crate::escape;
use bar::{bar, legend, paint_signs};
use lines::{Paint, beside, hanging, painted, width_of};

/// How many characters a bar has.
const BAR: usize = 10;

/// Where the words of a rule begin: behind the bar and its percents.
const WORDS: usize = BAR + 9;

/// The least width of the column of the traffic.
const LEAST: usize = WORDS + 20;

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// How many columns a line may have.
    pub width: usize,
    /// Whether colours are written, as a terminal takes them.
    pub color: bool,
    /// Whether bars are drawn with blocks; with letters of ASCII otherwise.
    pub blocks: bool,
}

/// What goes into a file or a pipe: no colour, and ASCII but for names.
impl Default for Look {
    fn default() -> Self {
        Self { width: 100, color: false, blocks: false }
    }
}

/// Returns the plans as text, a blank line between two, and what the signs mean below them.
pub fn to_text(rollouts: &[RolloutPlan], look: Look) -> String {
    let texts = rollouts.iter().map(|rollout| rollout_text(rollout, look));
    let key: String = key(rollouts, look).iter().map(|line| format!("{line}\n")).collect();
    let texts: Vec<_> = texts.chain([key]).filter(|text| !text.is_empty()).collect();
    texts.join("\n")
}

/// Says what the signs mean that the plans use.
fn key(rollouts: &[RolloutPlan], look: Look) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(signs) = legend(rollouts, look) {
        let signs = hanging("", &signs, look.width).into_iter();
        lines.extend(signs.map(|line| paint_signs(&line, look)));
    }
    if rollouts.iter().flat_map(|rollout| &rollout.stages).any(|stage| stage.asked) {
        lines.extend(hanging("", "> the stage that is asked for", look.width));
    }
    lines
}

fn rollout_text(rollout: &RolloutPlan, look: Look) -> String {
    let mut lines = title(rollout, look);
    lines.push(String::new());
    let rows: Vec<_> = rollout.stages.iter().map(|stage| row(rollout, stage, look)).collect();
    lines.extend(table(rollout, &rows, look));
    let objects: Vec<_> = rollout.stages.iter().flat_map(|stage| objects(stage, look)).collect();
    let notes = shortages(rollout, look);
    for (heading, part) in [("objects, against the stage before", objects), ("", notes)] {
        if !part.is_empty() {
            lines.push(String::new());
            lines.extend((!heading.is_empty()).then(|| heading.to_owned()));
            lines.extend(part);
        }
    }
    let lines = lines.iter().map(|line| format!("{}\n", escape::colored_line(line).trim_end()));
    lines.collect()
}

fn title(rollout: &RolloutPlan, look: Look) -> Vec<String> {
    let RolloutPlan { namespace, name, workload, service, virtual_services, pods, .. } = rollout;
    let called =
        painted(&escape::line(&format!("rollout {namespace}/{name}")), Paint::Strong, look);
    let mut parts = vec![format!("deployment {workload}, {}", pods_in_words(*pods))];
    parts.extend(service.iter().map(|service| format!("service {service}")));
    parts.extend(virtual_services.iter().map(|one| format!("virtualservice {one}")));
    let mut lines = vec![called];
    lines.extend(hanging("  ", &escape::line(&parts.join("; ")), look.width));
    if let Some(text) = rollout.written_elsewhere() {
        lines.extend(hanging("  ", &escape::line(&format!("the {text}")), look.width));
    }
    if rollout.nothing_new {
        let text = "the input holds the old version alone: there is nothing to roll out";
        lines.extend(hanging("  ", text, look.width));
    }
    lines
}

/// A row: the cells that have a line each, and what the column of the traffic holds.
struct Row<'p> {
    cells: [String; 4],
    stage: &'p StagePlan,
}

/// Returns the heads of the columns. The last is the pause, so that the traffic takes the rest of the line.
fn heading(rollout: &RolloutPlan) -> [String; 4] {
    let canary = format!("canary (of {})", rollout.pods);
    ["  stage".to_owned(), "stable".to_owned(), canary, "pause".to_owned()]
}

fn row<'p>(rollout: &RolloutPlan, stage: &'p StagePlan, look: Look) -> Row<'p> {
    let name = format!("{} {}", if stage.asked { ">" } else { " " }, stage.stage);
    let name = if stage.asked { painted(&name, Paint::Strong, look) } else { name };
    let cells = match &stage.view {
        Ok(view) => {
            let stable = format!("{} {}", view.stable_pods, view.stable_version.word());
            let pause = view.pause.map(pause_in_words).unwrap_or_default();
            [name, stable, canary(rollout, view, look), pause]
        }
        Err(_) => [name, String::new(), String::new(), String::new()],
    };
    Row { cells, stage }
}

fn canary(rollout: &RolloutPlan, view: &StageView, look: Look) -> String {
    let Some(capacity) = view.capacity else { return String::new() };
    if rollout.pods == 0 {
        return String::new();
    }
    let text = format!("{} ({})", view.canary_pods, percent(capacity.pods));
    if capacity.is_short() {
        return painted(&format!("{text} short"), Paint::Alarm, look);
    }
    text
}

fn table(rollout: &RolloutPlan, rows: &[Row<'_>], look: Look) -> Vec<String> {
    let heading = heading(rollout);
    let widths: [usize; 4] = std::array::from_fn(|column| {
        let of = |cells: &[String; 4]| cells.get(column).map_or(0, |cell| width_of(cell));
        rows.iter().map(|row| of(&row.cells)).chain([of(&heading)]).max().unwrap_or(0)
    });
    let before: usize = widths.iter().map(|width| width + 2).sum();
    if before + LEAST > look.width {
        return rows.iter().flat_map(|row| block(&heading, row, look)).collect();
    }
    let first = |cells: &[String; 4]| -> String {
        let cells = cells.iter().zip(widths);
        cells.map(|(cell, width)| format!("{}  ", lines::padded(cell, width))).collect()
    };
    let head = painted(&format!("{}traffic", first(&heading)), Paint::Faint, look);
    let mut lines = vec![head];
    for row in rows {
        lines.extend(beside(&first(&row.cells), &traffic(row.stage, look.width - before, look)));
    }
    lines
}

/// Returns a stage of a narrow table.
fn block(heading: &[String; 4], row: &Row<'_>, look: Look) -> Vec<String> {
    let [name, cells @ ..] = &row.cells;
    let [_, headings @ ..] = heading;
    let mut lines = vec![name.clone()];
    let filled = headings.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
    lines.extend(filled.map(|(heading, cell)| format!("    {heading}: {cell}")));
    let room = look.width.saturating_sub(4);
    lines.extend(traffic(row.stage, room, look).iter().map(|line| format!("    {line}")));
    lines
}

fn traffic(stage: &StagePlan, width: usize, look: Look) -> Vec<String> {
    let view = match &stage.view {
        Ok(view) => view,
        Err(codes) => {
            let text = format!("cannot be rendered: {}", codes.join(", "));
            let lines = hanging("", &text, width);
            return lines.iter().map(|line| painted(line, Paint::Alarm, look)).collect();
        }
    };
    let mut lines: Vec<String> = view
        .unsaid_matches()
        .flat_map(|wanted| hanging("", &escape::line(&format!("matches: {wanted}")), width))
        .collect();
    let several = view.rules.iter().any(|rule| {
        view.rules.first().is_some_and(|first| first.virtual_service != rule.virtual_service)
    });
    lines.extend(view.rules.iter().flat_map(|rule| rule_lines(rule, several, (view, width), look)));
    if lines.is_empty() {
        lines.push("by the number of pods".to_owned());
    }
    if !view.refused.is_empty() {
        let text = format!("refused: {}", view.refused.join(", "));
        let broken = hanging("", &text, width);
        lines.extend(broken.iter().map(|line| painted(line, Paint::Alarm, look)));
    }
    lines
}

fn rule_lines(
    rule: &RuleView,
    several: bool,
    (view, width): (&StageView, usize),
    look: Look,
) -> Vec<String> {
    let share = format!("{} {:>6}  ", bar(rule, view.stable_version, look), percent(rule.canary));
    let mut words = String::new();
    if several {
        words = format!("{}: ", rule.virtual_service);
    }
    if let Some(name) = &rule.name {
        // A name of one word needs no quotes.
        let one_word = !name.contains([' ', '`']);
        let name = if one_word { Cow::Borrowed(name.as_str()) } else { Cow::Owned(quoted(name)) };
        words = format!("{words}{name}: ");
    }
    let words = format!("{words}{}", rule.requests);
    let words = escape::line(&words);
    if width < LEAST {
        let below = hanging("  ", &words, width);
        return [share].into_iter().chain(below).collect();
    }
    beside(&share, &hanging("", &words, width - WORDS))
}

/// Returns what a stage does to objects, a line for each kind of change.
fn objects(stage: &StagePlan, look: Look) -> Vec<String> {
    let Ok(view) = &stage.view else { return Vec::new() };
    let mut lines = Vec::new();
    for change in Change::ALL {
        let called: Vec<_> =
            view.objects_that_are(change).map(super::AffectedObject::called).collect();
        if called.is_empty() {
            continue;
        }
        let name = if lines.is_empty() { stage.stage.to_string() } else { String::new() };
        let before = format!("  {name:<7}  {} ", change.sign());
        let listed =
            hanging("", &escape::line(&called.join(", ")), look.width.saturating_sub(before.len()));
        let paint = match change {
            Change::Created => Paint::New,
            Change::Changed => Paint::Canary,
            Change::Removed => Paint::Alarm,
        };
        lines.extend(beside(&painted(&before, paint, look), &listed));
    }
    lines
}

/// Says which stages have fewer pods than requests.
fn shortages(rollout: &RolloutPlan, look: Look) -> Vec<String> {
    let mut lines = Vec::new();
    for StagePlan { stage, view, .. } in &rollout.stages {
        let capacity = view.as_ref().ok().and_then(|view| view.capacity);
        let short = capacity.filter(|capacity| capacity.is_short());
        if let Some((pods, traffic)) = short.and_then(|short| Some((short.pods, short.traffic?))) {
            let (pods, traffic) = (percent(pods), percent(traffic));
            let text = format!("{stage} is short: {pods} of the pods for {traffic} of the traffic");
            let broken = hanging("  ", &text, look.width);
            lines.extend(broken.iter().map(|line| painted(line, Paint::Alarm, look)));
        }
    }
    lines
}
