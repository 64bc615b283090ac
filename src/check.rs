//! Every problem of the input and of every stage's render, each reported once.
//!
//! What a render reports is reported of all stages. Beside it stand checks of the rendered
//! VirtualServices, as Istio would take them, and of the pods that answer; each has a file of its own,
//! and a place in the file of the user. Nothing here changes a result.

mod merge;
mod report;
mod untouched;

use crate::diagnostic::{Code, Collector, Diagnostic, Severity};
use crate::lint::{self, Claim, Found, Registry, Route};
use crate::manifest::{Manifest, ObjectKey};
use crate::model::StageName;
use crate::pipeline::{
    Input, Options, Planned, Purpose, Reading, Rendering, Rollouts, Selection, StageOutcome,
};
use crate::plan::check_versions;
use merge::Findings;
pub use report::{Format, report};
use untouched::Untouched;

/// A problem, and the stages that have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong, where, and how to mend it.
    pub diagnostic: Diagnostic,
    /// The stages that have it, where not all do.
    pub stages: Vec<StageName>,
    /// Whether it is an error that was acknowledged, and so a warning.
    pub acknowledged: bool,
}

/// What a warning must be to count as an error.
#[derive(Debug, Clone, Default)]
pub struct Denied {
    /// Every warning that is not an acknowledged error.
    pub warnings: bool,
    /// What has one of these codes.
    pub codes: Vec<&'static Code>,
}

/// Checks the input at every stage, or at the one that the options ask for.
///
/// ```
/// use rollstep::check::check;
/// use rollstep::{Input, Options, Source};
///
/// let input = Input::new(vec![Source::new("empty.yaml", "# nothing yet\n")], None);
/// let findings = check(&input, &Options::default());
/// assert_eq!(findings[0].diagnostic.code.name, "nothing-to-render");
/// ```
pub fn check(input: &Input, options: &Options) -> Vec<Finding> {
    let reading = Reading::of(input, options.namespace());
    let rollouts = Rollouts::of(&reading, options);
    let planned = Planned::of(&rollouts, Purpose::View);
    let untouched = Untouched::of(&planned);
    let mut findings = Findings::default();
    let asked = options.step.is_some() || !options.steps.is_empty();
    let stages = if asked { Vec::new() } else { planned.each_stage() };
    let mut names = Vec::new();
    for (name, selection) in &stages {
        let checked = check_stage(&planned, &untouched, selection);
        if checked.rendered {
            names.push(*name);
        }
        findings.add(*name, checked.problems);
    }
    let mut rendered = !names.is_empty();
    if asked {
        let checked = check_stage(&planned, &untouched, &planned.by_options());
        rendered |= checked.rendered;
        findings.add_besides(checked.problems, &[]);
    } else {
        findings.add_besides(check_git(&planned), &[]);
    }
    let found = if rendered { untouched.found } else { check_input(&reading.manifest) };
    let mut problems = Collector::new(options.allow.clone());
    lint::push_all(found, &mut problems);
    findings.add_besides(problems, &[]);
    findings.into_sorted(stages.len(), &names)
}

/// Makes errors of what is denied.
pub fn deny(findings: &mut [Finding], denied: &Denied) {
    for finding in findings.iter_mut() {
        let diagnostic = &mut finding.diagnostic;
        let is_warning = diagnostic.severity == Severity::Warning && !finding.acknowledged;
        if denied.codes.contains(&diagnostic.code) || (denied.warnings && is_warning) {
            diagnostic.severity = Severity::Error;
        }
    }
    findings.sort_by_key(|finding| finding.diagnostic.severity);
}

/// What is wrong at a stage, and whether it could be rendered.
struct Checked<'a> {
    problems: Collector<'a>,
    rendered: bool,
}

fn check_stage<'a>(
    planned: &Planned<'_, 'a>,
    untouched: &Untouched<'a>,
    selection: &Selection,
) -> Checked<'a> {
    let StageOutcome { result, mut problems } = planned.render(selection, |stage| {
        stage.ensure_objects(planned.options())?;
        let mut found = check_objects(planned, untouched, stage);
        found.extend(lint::check_capacity(stage.plans()));
        Ok(found)
    });
    let rendered = result.is_some();
    lint::push_all(result.unwrap_or_default(), &mut problems);
    Checked { problems, rendered }
}

/// Checks the steps that Git says, and the releases that they stand for.
fn check_git<'a>(planned: &Planned<'_, 'a>) -> Collector<'a> {
    // A rollout without a step is checked at every stage all the same.
    let outcome = planned.render(&planned.by_options_or_done(), |stage| {
        let mut found = Vec::new();
        for at in stage.plans() {
            let rollout = at.plan.rollout;
            let said = rollout.roll_step.as_ref().and_then(|roll_step| roll_step.step);
            if said.is_some() {
                let problems = check_versions(at.plan, at.stage).into_iter();
                found.extend(
                    problems.map(|problem| Found { allowed: rollout.allowed().to_vec(), problem }),
                );
            }
        }
        Ok(found)
    });
    let StageOutcome { result, mut problems } = outcome;
    lint::push_all(result.unwrap_or_default(), &mut problems);
    problems
}

/// Checks the objects of a rendered stage.
fn check_objects<'a>(
    planned: &Planned<'_, 'a>,
    untouched: &Untouched<'a>,
    stage: &Rendering<'_, 'a>,
) -> Vec<Found<'a>> {
    let manifest = planned.manifest();
    let namespace = planned.options().namespace();
    let mut registry = Registry::beside(&untouched.registry);
    let mut routes = Vec::new();
    for value in stage.touched_values(lint::is_known) {
        let key = ObjectKey::of(&value, namespace);
        registry.add(&value, &key.namespace);
        routes.extend(Route::of_rendered(&value, manifest, stage.leading(), namespace));
    }
    let mut found: Vec<_> = routes.iter().flat_map(lint::check_route).collect();
    for route in routes.iter().chain(&untouched.doubtful) {
        found.extend(lint::check_destinations(route, &registry));
    }
    let touched: Vec<_> = routes.iter().map(Claim::of).collect();
    let mut claims: Vec<_> = touched.iter().chain(&untouched.claims).collect();
    claims.sort_by_key(|claim| claim.id);
    found.extend(lint::check_hosts(manifest, &claims));
    found
}

/// Checks the objects of the input, where nothing could be rendered.
fn check_input<'a>(manifest: &Manifest<'a>) -> Vec<Found<'a>> {
    let mut registry = Registry::default();
    let mut routes = Vec::new();
    for (id, object) in manifest.objects() {
        if lint::is_route(&object.identity) {
            routes.push(id);
        } else if lint::is_known(&object.identity)
            && let Some(resource) = manifest.resource(id)
        {
            registry.add(&resource.to_value(), &resource.identity.namespace);
        }
    }
    let (mut found, mut claims) = (Vec::new(), Vec::new());
    for id in routes {
        let Some(route) = manifest.resource(id).and_then(Route::of_input) else { continue };
        found.extend(lint::check_route(&route));
        found.extend(lint::check_destinations(&route, &registry));
        claims.push(Claim::of(&route));
    }
    found.extend(lint::check_hosts(manifest, &claims.iter().collect::<Vec<_>>()));
    found
}
