//! A plan as one page for a browser, without scripts and without anything from elsewhere.
//!
//! It can be kept as an artefact of a build and opened from a disk. Everything in it that comes from
//! manifests is escaped, and its policy forbids scripts besides. Colours follow the reader's choice of
//! light or dark, and the page is as wide as the screen.

mod share;

use super::quoted::marked_up;
use super::words::{pause_in_words, percent, pods_in_words};
use super::{AffectedObject, RolloutPlan, RuleView, StagePlan, StageView};
use crate::escape;
use crate::model::StageName;

const STYLE: &str = include_str!("html/plan.css");

/// Returns the plans as a page.
pub fn to_html(rollouts: &[RolloutPlan]) -> String {
    let title = match rollouts {
        [one] => format!("Rollout {}/{}", one.namespace, one.name),
        all => format!("{} rollouts", all.len()),
    };
    let title = escaped(&title);
    let body: String =
        rollouts.iter().enumerate().map(|(index, one)| section(index, one)).collect();
    escape::lines(&format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>Plan</h1>\n{}{body}</main>\n</body>\n</html>\n",
        share::legend()
    ))
}

fn section(index: usize, rollout: &RolloutPlan) -> String {
    let RolloutPlan { namespace, name, workload, service, virtual_services, pods, .. } = rollout;
    let mut named = vec![format!("deployment {}, {}", code(workload), pods_in_words(*pods))];
    named.extend(service.iter().map(|service| format!("service {}", code(service))));
    named.extend(virtual_services.iter().map(|one| format!("virtualservice {}", code(one))));
    let nothing = match rollout.nothing_new {
        true => "<p>The input holds the old version alone: there is nothing to roll out.</p>\n",
        false => "",
    };
    let elsewhere =
        rollout.written_elsewhere().map(|text| format!("<p>The {}.</p>\n", words(&text)));
    let elsewhere = elsewhere.unwrap_or_default();
    let called = escaped(&format!("{namespace}/{name}"));
    let stages = rollout.stages.iter().enumerate();
    let timeline: String =
        stages.clone().map(|(number, stage)| chip(index, number, stage)).collect();
    let stages: String = stages.map(|(number, one)| stage(rollout, (index, number), one)).collect();
    format!(
        "<section>\n<h2>{called}</h2>\n<p class=\"named\">{}</p>\n{elsewhere}{nothing}\
         <nav aria-label=\"Stages of {called}\"><ol class=\"timeline\">\n{timeline}</ol></nav>\n{stages}</section>\n",
        named.iter().map(|one| format!("<span>{one}</span>")).collect::<Vec<_>>().join(" · ")
    )
}

/// A stage on the timeline, which leads to its part of the page.
fn chip(index: usize, number: usize, stage: &StagePlan) -> String {
    let class = if stage.asked { " class=\"asked\" aria-current=\"step\"" } else { "" };
    let most = stage.view.as_ref().map_or_else(
        |_| "cannot be rendered".to_owned(),
        |view| {
            let most = view.rules.iter().map(|rule| rule.canary).max();
            most.filter(|share| !share.is_none()).map(percent).unwrap_or_default()
        },
    );
    let heading = heading(stage.stage);
    format!("<li{class}><a href=\"#r{index}s{number}\"><b>{heading}</b> {most}</a></li>\n")
}

fn stage(rollout: &RolloutPlan, (index, number): (usize, usize), plan: &StagePlan) -> String {
    let asked = if plan.asked { " <span class=\"mark\">asked for</span>" } else { "" };
    let class = if plan.asked { " asked" } else { "" };
    let body = match &plan.view {
        Ok(view) => self::view(rollout, view),
        Err(codes) => format!("<p class=\"short\">Cannot be rendered: {}</p>\n", codes.join(", ")),
    };
    let heading = heading(plan.stage);
    format!(
        "<article class=\"stage{class}\" id=\"r{index}s{number}\">\n<h3>{heading}{asked}</h3>\n{body}</article>\n"
    )
}

fn heading(stage: StageName) -> String {
    match stage {
        StageName::Step(number) => format!("step {number}"),
        other => other.to_string(),
    }
}

fn view(rollout: &RolloutPlan, view: &StageView) -> String {
    let mut facts = format!(
        "<div><dt>stable</dt><dd>{}, {} version</dd></div>\n",
        pods_in_words(view.stable_pods),
        view.stable_version.word()
    );
    if let Some(capacity) = view.capacity {
        let share = percent(capacity.pods);
        let short = capacity.traffic.filter(|_| capacity.is_short());
        let short = short
            .map(|traffic| format!(" <span class=\"short\">short of {}</span>", percent(traffic)));
        facts += &format!(
            "<div><dt>canary</dt><dd>{} of {} ({share}){}</dd></div>\n",
            view.canary_pods,
            pods_in_words(rollout.pods),
            short.unwrap_or_default()
        );
    }
    if let Some(pause) = view.pause {
        facts += &format!("<div><dt>pause</dt><dd>{}</dd></div>\n", pause_in_words(pause));
    }
    for wanted in &view.matches {
        facts += &format!("<div><dt>matches</dt><dd>{}</dd></div>\n", words(wanted));
    }
    let refused = match view.refused.as_slice() {
        [] => String::new(),
        codes => format!("<p class=\"short\">Refused: {}</p>\n", codes.join(", ")),
    };
    format!("<dl>\n{facts}</dl>\n{refused}{}{}", rules(view), objects(&view.objects))
}

fn rules(view: &StageView) -> String {
    let rule = |rule: &RuleView| {
        let name = rule.name.as_ref().map(|name| format!("{}: ", code(name))).unwrap_or_default();
        format!(
            "<li>{}<span class=\"percent\">{}</span> <span>{name}{} <small>{} {}</small></span></li>\n",
            share::svg(rule, view.stable_version),
            percent(rule.canary),
            words(&rule.requests),
            escaped(&rule.virtual_service),
            escaped(&rule.path),
        )
    };
    if view.rules.is_empty() {
        return "<p>Traffic goes by the number of pods.</p>\n".to_owned();
    }
    let rules: String = view.rules.iter().map(rule).collect();
    format!("<ul class=\"rules\">\n{rules}</ul>\n")
}

fn objects(objects: &[AffectedObject]) -> String {
    objects.iter().map(object).collect()
}

fn object(object: &AffectedObject) -> String {
    let lines: String = object.diff().lines().map(diff_line).collect();
    format!(
        "<details><summary><span class=\"{0}\">{0}</span> {1}</summary>\n<pre>{lines}</pre></details>\n",
        object.change.word(),
        escaped(&object.called())
    )
}

fn diff_line(line: &str) -> String {
    let text = escaped(line);
    match line.chars().next() {
        Some('+') => format!("<ins>{text}</ins>\n"),
        Some('-') => format!("<del>{text}</del>\n"),
        Some('@') => format!("<i>{text}</i>\n"),
        Some(_) | None => format!("{text}\n"),
    }
}

/// Returns what is said, in which what is from a manifest looks so.
fn words(said: &str) -> String {
    marked_up(said, escaped, code)
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// Returns the text without markup, in an attribute as well.
fn escaped(text: &str) -> String {
    let mut written = String::new();
    for c in escape::line(text).chars() {
        match c {
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '&' => written.push_str("&amp;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            c => written.push(c),
        }
    }
    written
}
