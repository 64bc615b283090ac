//! The steps of a canary strategy.

use super::invalid;
use crate::diagnostic::codes::{
    DECREASING_REPLICAS, DUPLICATE_HEADER, HEADER_MODIFIER_IGNORED, MATCHES_EVERYTHING,
    MISSING_FIELD, STEP_WITHOUT_TRAFFIC, TRAFFIC_IGNORED,
};
use crate::diagnostic::{Collector, Problem};
use crate::manifest::Field;
use crate::model::quantity::{Amount, Percent};
use crate::model::step::{
    HeaderChange, NamedMatch, PathMatch, RequestMatch, Step, StepTraffic, ValueMatch,
};

/// Reads all steps, or tells why they cannot be followed.
pub(super) fn read_steps<'a>(
    canary: &Field<'_, 'a>,
    problems: &mut Collector<'a>,
) -> Option<Vec<Step>> {
    let list = canary.child("steps")?;
    let fields = list.items();
    if fields.is_empty() {
        problems.push(invalid(&list, "a rollout needs at least one step").help("add a step"));
        return None;
    }
    let steps: Vec<_> = fields.iter().map(|field| read_step(field, problems)).collect();
    let steps = steps.into_iter().collect::<Option<Vec<_>>>()?;
    // Without trafficRoutings no step directs traffic, which is told once.
    if !canary.list("trafficRoutings").is_empty() {
        let silent = steps.iter().zip(&fields);
        let silent = silent.filter(|(step, _)| step.traffic == StepTraffic::None);
        silent.for_each(|(_, field)| problems.push(without_traffic(field)));
    }
    check_increasing(&steps, &fields, problems).then_some(steps)
}

fn read_step<'a>(field: &Field<'_, 'a>, problems: &mut Collector<'a>) -> Option<Step> {
    let replicas = read_amount(field, problems);
    let traffic = read_step_traffic(field, problems);
    Some(Step { replicas: replicas?, traffic: traffic? })
}

/// Reads `replicas`: a positive number, or a share of at most 100 %.
fn read_amount<'a>(step: &Field<'_, 'a>, problems: &mut Collector<'a>) -> Option<Amount> {
    let Some(field) = step.child("replicas") else {
        let problem = step.problem(&MISSING_FIELD, "the step has no `replicas`");
        problems.push(
            problem
                .help("say how many pods run the new version: a number, or a share such as `20%`"),
        );
        return None;
    };
    match Amount::try_from(&field.to_value()) {
        Ok(Amount::Pods(pods)) if pods.0 == 0 => {
            problems.push(invalid(&field, "a step needs at least one pod").help("write 1 or more"));
            None
        }
        Ok(Amount::Share(share)) if share.hundredths() == 0 => {
            problems
                .push(invalid(&field, "a step needs a share over 0%").help("write `1%` or more"));
            None
        }
        Ok(amount) => Some(amount),
        Err(error) => {
            problems.push(
                invalid(&field, error.to_string()).help("write `replicas: 2` or `replicas: 20%`"),
            );
            None
        }
    }
}

/// The matches win over a share of traffic, as in the controller's VirtualService script.
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
        tell_ignored_headers(step, problems);
        return Some(share.map_or(StepTraffic::None, StepTraffic::Share));
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
    Some(StepTraffic::Matches { matches: matches.into_iter().collect::<Option<_>>()?, headers })
}

fn without_traffic<'a>(step: &Field<'_, 'a>) -> Problem<'a> {
    let message = "the step has neither `traffic` nor `matches`: the canary's pods get no requests";
    step.problem(&STEP_WITHOUT_TRAFFIC, message)
        .help("add one of the two; the controller would share traffic by the number of pods")
}

fn tell_ignored_headers<'a>(step: &Field<'_, 'a>, problems: &mut Collector<'a>) {
    if step.child("requestHeaderModifier").is_some() {
        let message = "headers are changed only where a step has `matches`";
        let problem = step.key_problem("requestHeaderModifier", &HEADER_MODIFIER_IGNORED, message);
        problems.push(problem.help("add `matches`, or remove the field"));
    }
}

fn read_share<'a>(field: &Field<'_, 'a>, problems: &mut Collector<'a>) -> Option<Percent> {
    match field.node().as_str().unwrap_or_default().parse::<Percent>() {
        Ok(share) if share.hundredths() > 0 => Some(share),
        Ok(_) => {
            let problem = invalid(field, "a step sends more than 0% to the canary");
            problems.push(problem.help("write `1%` or more, or remove `traffic`"));
            None
        }
        Err(error) => {
            problems.push(invalid(field, error.to_string()).help("write `traffic: 20%`"));
            None
        }
    }
}

fn read_match<'a>(field: &Field<'_, 'a>, problems: &mut Collector<'a>) -> Option<RequestMatch> {
    let path = match field.child("path") {
        Some(path) => Some(read_path(&path, problems)?),
        None => None,
    };
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

/// What a path does not hold, but for one that is a regular expression.
const NO_PATH: [&str; 6] = ["//", "/./", "/../", "%2f", "%2F", "#"];

/// Reads a path with the CRD's defaults: type `PathPrefix`, value `/`; refused where the CRD's rules
/// refuse it.
fn read_path<'a>(field: &Field<'_, 'a>, problems: &mut Collector<'a>) -> Option<PathMatch> {
    let value = field.text("value").unwrap_or("/").to_owned();
    let exact = match field.text("type") {
        Some("RegularExpression") => return Some(PathMatch::Regex(value)),
        Some("Exact") => true,
        _ => false,
    };
    let ends_wrong = value.ends_with("/..") || value.ends_with("/.");
    if !value.starts_with('/') || ends_wrong || NO_PATH.iter().any(|part| value.contains(part)) {
        let field = field.child("value").unwrap_or_else(|| field.clone());
        problems.push(
            invalid(&field, "a path begins with `/` and has no empty or relative part")
                .help("write a path such as `/beta`, or set `type: RegularExpression`"),
        );
        return None;
    }
    Some(if exact { PathMatch::Exact(value) } else { PathMatch::Prefix(value) })
}

/// Reads headers or query parameters; a name given twice is refused, for headers in any case.
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
        let same = |other: &NamedMatch| match key {
            "headers" => other.name.eq_ignore_ascii_case(&name),
            _ => other.name == name,
        };
        if found.iter().any(same) {
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

/// Replicas of neighbouring steps must not fall, where both are numbers or both are shares.
fn check_increasing<'a>(
    steps: &[Step],
    fields: &[Field<'_, 'a>],
    problems: &mut Collector<'a>,
) -> bool {
    let falls = |pair: &[Step]| match pair {
        [Step { replicas: Amount::Pods(a), .. }, Step { replicas: Amount::Pods(b), .. }] => b < a,
        [Step { replicas: Amount::Share(a), .. }, Step { replicas: Amount::Share(b), .. }] => b < a,
        _ => false,
    };
    let mut increasing = true;
    for (pair, field) in steps.windows(2).zip(fields.iter().skip(1)) {
        if falls(pair) {
            increasing = false;
            let problem = field.key_problem(
                "replicas",
                &DECREASING_REPLICAS,
                "the step has fewer replicas than the one before it",
            );
            problems.push(
                problem.help("give as many or more; pods are never taken away between steps"),
            );
        }
    }
    increasing
}
