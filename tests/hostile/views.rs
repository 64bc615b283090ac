//! Every view of a tree, as texts that a terminal, a log or a review comment shows.

use rollstep::check::{Format, check, report};
use rollstep::diagnostic::Diagnostic;
use rollstep::explain::{Caller, Sent, explain};
use rollstep::review::diff::{
    Color, Comment, Labels, Unified, compare, to_json, to_json_patches, to_markdown,
    to_merge_patches, to_stat, to_unified,
};
use rollstep::review::plan::text::Look;
use rollstep::review::plan::{html, json, markdown, mermaid, text};
use rollstep::simulate::Request;
use rollstep::{
    Input, Move, Moving, Options, RenderedChange, StageName, escape, krm, move_steps, render,
    render_change, review, status,
};

/// A text that is shown, and what it is.
pub(crate) struct Shown {
    pub(crate) view: &'static str,
    pub(crate) text: String,
}

/// Whether a view shows lines of manifests as lines.
pub(crate) fn shows_manifests(view: &str) -> bool {
    view.starts_with("diff") || view.starts_with("move diff") || view == "plan html"
}

/// Returns what every view shows.
pub(crate) fn all(input: &Input) -> Vec<Shown> {
    let mut shown = Vec::new();
    for step in ["1", "2", "promote", "done"] {
        let options = Options { step: step.parse().ok(), ..Options::default() };
        let outcome = render(input, &options);
        push_diagnostics(&mut shown, "render", &outcome.diagnostics);
    }
    plans(input, &mut shown);
    diffs(input, &mut shown);
    checks(input, &mut shown);
    explanations(input, &mut shown);
    moves(input, &mut shown);
    let texts = input.sources().iter().map(|source| source.text().to_owned());
    let answer = krm::run(&format!(
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nx: {:?}\n",
        texts.collect::<String>()
    ));
    push_diagnostics(&mut shown, "krm", &answer.diagnostics);
    shown
}

fn push_diagnostics(shown: &mut Vec<Shown>, view: &'static str, diagnostics: &[Diagnostic]) {
    shown.extend(diagnostics.iter().map(|one| Shown { view, text: one.to_string() }));
}

fn plans(input: &Input, shown: &mut Vec<Shown>) {
    let outcome = review::plan(input, &Options::default());
    push_diagnostics(shown, "plan diagnostics", &outcome.diagnostics);
    let Some(rollouts) = outcome.rollouts else { return };
    let narrow = Look { width: 30, ..Look::default() };
    let texts = [
        ("plan text", text::to_text(&rollouts, Look::default())),
        ("plan narrow", text::to_text(&rollouts, narrow)),
        ("plan markdown", markdown::to_markdown(&rollouts)),
        ("plan json", json::to_json(&rollouts)),
        ("plan mermaid", mermaid::to_mermaid(&rollouts)),
        ("plan html", html::to_html(&rollouts)),
    ];
    shown.extend(texts.map(|(view, text)| Shown { view, text }));
    let colored = text::to_text(&rollouts, Look { color: true, ..Look::default() });
    shown.push(Shown { view: "plan coloured", text: without_colors(&colored) });
}

fn diffs(input: &Input, shown: &mut Vec<Shown>) {
    let options = Options { step: Some(StageName::Step(2)), ..Options::default() };
    let RenderedChange { movements, before, after } = render_change(input, &options, None);
    push_diagnostics(shown, "diff diagnostics", &before.diagnostics);
    let (Some(before), Some(after)) = (before.documents, after.documents) else { return };
    let comparison = compare(&before, &after);
    let labels = Labels::of(&movements);
    let unified =
        |color| to_unified(&comparison, &Unified { labels: labels.clone(), context: 300, color });
    let comment = Comment { movements: &movements, context: 300, max_length: 1_000_000 };
    let texts = [
        ("diff unified", unified(Color::Never)),
        ("diff coloured", without_colors(&unified(Color::Always))),
        ("diff stat", to_stat(&comparison)),
        ("diff markdown", to_markdown(&comparison, &comment).unwrap()),
        ("diff json", to_json(&comparison, &labels)),
        ("diff json-patch", to_json_patches(&comparison)),
        ("diff merge-patch", to_merge_patches(&comparison)),
    ];
    shown.extend(texts.map(|(view, text)| Shown { view, text }));
}

/// Returns a text without the colours that rollstep writes; other sequences stay.
fn without_colors(text: &str) -> String {
    let codes = ["0", "1", "2", "31", "32", "33", "36", "31;7", "32;7"];
    codes.iter().fold(text.to_owned(), |text, code| text.replace(&format!("\u{1b}[{code}m"), ""))
}

fn checks(input: &Input, shown: &mut Vec<Shown>) {
    let findings = check(input, &Options::default());
    let first = input.sources().first().map_or("-", |source| source.name());
    for (view, format) in [
        ("check text", Format::Text),
        ("check json", Format::Json),
        ("check sarif", Format::Sarif),
        ("check github", Format::Github),
    ] {
        shown.push(Shown { view, text: report(&findings, format, first) });
    }
}

fn explanations(input: &Input, shown: &mut Vec<Shown>) {
    for path in ["/", "/api"] {
        let options = Options { step: Some(StageName::Step(2)), ..Options::default() };
        let sent = Sent::Request(Request::new("shop.example.com", path));
        let explained = explain(input, &options, (&sent, &Caller::ByRoute));
        push_diagnostics(shown, "explain diagnostics", &explained.diagnostics);
        match explained.answer {
            Some(Ok(answer)) => {
                let text = answer.to_text() + &answer.why_text();
                shown.push(Shown { view: "explain text", text });
                shown.push(Shown { view: "explain table", text: answer.answer_text() });
                shown.push(Shown { view: "explain json", text: escape::json(&answer.to_json()) });
            }
            // The command shows an error as one line.
            Some(Err(error)) => {
                let text = escape::line(&error.to_string()).into_owned();
                shown.push(Shown { view: "explain error", text });
            }
            None => {}
        }
    }
}

fn moves(input: &Input, shown: &mut Vec<Shown>) {
    let statuses = status(input, &Options::default());
    shown.push(Shown { view: "status text", text: statuses.to_text() });
    shown.push(Shown { view: "status json", text: statuses.to_json() });
    for (to, restart) in [(Move::Start, true), (Move::Approve, false), (Move::Abort, false)] {
        let moving = Moving { to, all: false, file: None, restart, beside: Vec::new() };
        let moves = move_steps(input, &Options::default(), &moving);
        push_diagnostics(shown, "move diagnostics", &moves.diagnostics);
        for moved in moves.moved {
            shown.push(Shown { view: "move sentence", text: moved.sentence });
            shown.push(Shown { view: "move message", text: moved.message });
        }
        for file in moves.files.unwrap_or_default() {
            shown.push(Shown { view: "move diff", text: file.to_diff() });
        }
    }
}
