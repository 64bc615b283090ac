//! Steps of a canary strategy.

use super::invalid;
use crate::diagnostic::Collector;
use crate::diagnostic::codes::{
    DUPLICATE_HEADER, HEADER_MODIFIER_IGNORED, MATCHES_EVERYTHING, TRAFFIC_IGNORED,
};
use crate::manifest::Field;
use crate::rollout::{
    Amount, HeaderChange, NamedMatch, PathMatch, Pause, Percent, RequestMatch, Step, StepTraffic,
    ValueMatch,
};

/// Reads all steps; reports why one cannot be followed.
pub(super) fn read_steps<'a>(
    canary: &Field<'_, 'a>,
    problems: &mut Collector<'a>,
) -> Option<Vec<Step>> {
    let fields = canary.list("steps");
    // The webhook refuses a rollout without steps.
    if fields.is_empty() {
        return None;
    }
    let steps: Vec<_> = fields.iter().map(|field| read_step(field, problems)).collect();
    steps.into_iter().collect()
}

fn read_step<'a>(field: &Field<'_, 'a>, problems: &mut Collector<'a>) -> Option<Step> {
    let replicas = read_amount(field, problems);
    let traffic = read_step_traffic(field, problems);
    Some(Step { replicas: replicas?, traffic: traffic?, pause: read_pause(field) })
}

/// Reads `pause`: without a duration a person decides.
///
/// From openkruise/rollouts:pkg/controller/rollout/rollout_canary.go `doCanaryPaused`, which takes
/// what is below zero for a time that is over.
fn read_pause(step: &Field<'_, '_>) -> Pause {
    let duration = step.child("pause").and_then(|pause| pause.child("duration"));
    match duration.and_then(|duration| duration.to_value().as_i64()) {
        None => Pause::Manual,
        Some(seconds) => Pause::Seconds(u64::try_from(seconds).unwrap_or(0)),
    }
}

/// Reads `replicas`: a number of pods that a Deployment can have, or a share.
fn read_amount<'a>(step: &Field<'_, 'a>, problems: &mut Collector<'a>) -> Option<Amount> {
    let field = step.child("replicas").unwrap_or_else(|| step.clone());
    match Amount::try_from(&field.to_value()) {
        Ok(amount) => Some(amount),
        Err(error) => {
            let problem = invalid(&field, error.to_string());
            problems.push(problem.help("write `replicas: 2` or `replicas: 20%`"));
            None
        }
    }
}

/// Reads `traffic` or `matches`, which win, as in the controller's VirtualService script.
fn read_step_traffic<'a>(
    step: &Field<'_, 'a>,
    problems: &mut Collector<'a>,
) -> Option<StepTraffic> {
    let share = match step.child("traffic") {
        Some(field) => Some(read_share(&field, problems)?),
        None => None,
    };
    let matches = step.list("matches");
    if matches.is_empty() {
        report_ignored_headers(step, problems);
        return Some(StepTraffic { share, ..StepTraffic::default() });
    }
    if share.is_some() {
        let problem = step.key_problem(
            "traffic",
            &TRAFFIC_IGNORED,
            "the step has `matches` as well, which win",
        );
        problems.push(problem.help("remove one of the two"));
    }
    let matches: Vec<_> = matches.iter().map(|field| read_match(field, problems)).collect();
    let headers = step.child("requestHeaderModifier").map(|field| read_headers(&field));
    let matches = matches.into_iter().collect::<Option<_>>()?;
    Some(StepTraffic { share: None, matches, headers })
}

fn report_ignored_headers<'a>(step: &Field<'_, 'a>, problems: &mut Collector<'a>) {
    if step.child("requestHeaderModifier").is_some() {
        let message = "headers are changed only where a step has `matches`";
        let problem = step.key_problem("requestHeaderModifier", &HEADER_MODIFIER_IGNORED, message);
        problems.push(problem.help("add `matches`, or remove the field"));
    }
}

/// Reads a share over 0 %; a weight of v1alpha1 becomes one without being looked at.
fn read_share<'a>(field: &Field<'_, 'a>, problems: &mut Collector<'a>) -> Option<Percent> {
    let share = field.node().as_str().unwrap_or_default().parse::<Percent>();
    let share = share.ok().filter(|share| share.hundredths() > 0);
    if share.is_none() {
        let message = "a step sends a share over 0% and of at most 100%, in whole percent";
        problems.push(invalid(field, message).help("write a share from 1% to 100%, or none"));
    }
    share
}

fn read_match<'a>(field: &Field<'_, 'a>, problems: &mut Collector<'a>) -> Option<RequestMatch> {
    let path = field.child("path").map(|path| read_path(&path));
    let found = RequestMatch {
        path,
        headers: read_named(field, "headers", problems)?,
        query_params: read_named(field, "queryParams", problems)?,
    };
    if found == RequestMatch::default() {
        let problem = field.problem(&MATCHES_EVERYTHING, "the match describes every request");
        problems.push(
            problem.help("name a header, a query parameter or a path, or use `traffic: 100%`"),
        );
        return None;
    }
    Some(found)
}

/// Reads a path with the CRD's defaults: type `PathPrefix`, value `/`.
fn read_path(field: &Field<'_, '_>) -> PathMatch {
    let value = field.text("value").unwrap_or("/").to_owned();
    match field.text("type") {
        Some("RegularExpression") => PathMatch::Regex(value),
        Some("Exact") => PathMatch::Exact(value),
        _ => PathMatch::Prefix(value),
    }
}

/// Reads headers or query parameters; headers of one name are refused, in any case.
fn read_named<'a>(
    field: &Field<'_, 'a>,
    key: &str,
    problems: &mut Collector<'a>,
) -> Option<Vec<NamedMatch>> {
    let mut found: Vec<NamedMatch> = Vec::new();
    for item in field.list(key) {
        let (name, value) = (item.text("name")?.to_owned(), item.text("value")?.to_owned());
        let value = match item.text("type") {
            Some("RegularExpression") => ValueMatch::Regex(value),
            _ => ValueMatch::Exact(value),
        };
        let same = |other: &NamedMatch| other.name.eq_ignore_ascii_case(&name);
        if key == "headers" && found.iter().any(same) {
            let problem =
                item.problem(&DUPLICATE_HEADER, format!("`{name}` is named twice in one match"));
            problems.push(problem.help("put the second condition into a match of its own"));
            return None;
        }
        found.push(NamedMatch { name, value });
    }
    Some(found)
}

fn read_headers(field: &Field<'_, '_>) -> HeaderChange {
    let pairs = |key: &str| {
        let items = field.list(key);
        let pair = |item: &Field<'_, '_>| {
            Some((item.text("name")?.to_owned(), item.text("value")?.to_owned()))
        };
        items.iter().filter_map(pair).collect()
    };
    let remove = field.list("remove");
    HeaderChange {
        set: pairs("set"),
        add: pairs("add"),
        remove: remove.iter().filter_map(|item| item.node().as_str().map(str::to_owned)).collect(),
    }
}
