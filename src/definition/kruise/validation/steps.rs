//! Checks of the webhook on steps of v1beta1.

use super::rules::{
    DECREASING, EMPTY_STEPS, NO_REPLICAS, NO_STEPS, OVER_THE_LIMIT, REPLICAS, TRAFFIC,
    TRAFFIC_BLUE_GREEN,
};
use super::scaled::Scaled;
use crate::definition::kruise::style::Style;
use crate::diagnostic::Collector;
use crate::manifest::Field;

/// Checks the steps of a strategy.
pub(super) fn check_steps<'a>(
    strategy: &Field<'_, 'a>,
    style: Style,
    problems: &mut Collector<'a>,
) {
    let steps = strategy.list("steps");
    check_not_empty(strategy, problems);
    for step in &steps {
        check_step(step, style, problems);
    }
    for (earlier, step) in steps.iter().zip(steps.iter().skip(1)) {
        let falls = match (Scaled::of(earlier, "replicas"), Scaled::of(step, "replicas")) {
            (Some(earlier), Some(later)) => later.falls_behind(earlier),
            _ => false,
        };
        if falls {
            problems.push(DECREASING.at_key(step, "replicas"));
        }
    }
}

/// Reports a strategy without steps.
pub(super) fn check_not_empty<'a>(strategy: &Field<'_, 'a>, problems: &mut Collector<'a>) {
    match strategy.child("steps") {
        None => problems.push(NO_STEPS.at(strategy)),
        Some(steps) if steps.to_value().as_array().is_some_and(Vec::is_empty) => {
            problems.push(EMPTY_STEPS.at(&steps));
        }
        Some(_) => {}
    }
}

fn check_step<'a>(step: &Field<'_, 'a>, style: Style, problems: &mut Collector<'a>) {
    if step.child("replicas").is_none() {
        problems.push(NO_REPLICAS.at(step));
    }
    check_replicas(step, problems);
    if style == Style::Partition && is_over_the_limit(step) {
        problems.push(OVER_THE_LIMIT.at_value(step, "replicas"));
    }
    if let Some(field) = step.child("traffic").filter(|field| field.node().as_str().is_some()) {
        let least = i64::from(style != Style::BlueGreen);
        let rule = if style == Style::BlueGreen { &TRAFFIC_BLUE_GREEN } else { &TRAFFIC };
        let good = matches!(Scaled::of(step, "traffic"), Some(Scaled::Share(share))
            if (least..=100).contains(&share));
        if !good {
            problems.push(rule.at(&field));
        }
    }
}

/// Reports replicas that are neither a positive number nor a share of at most 100 %.
pub(super) fn check_replicas<'a>(step: &Field<'_, 'a>, problems: &mut Collector<'a>) {
    if Scaled::of(step, "replicas").is_some_and(|scaled| !scaled.is_positive()) {
        problems.push(REPLICAS.at_value(step, "replicas"));
    }
}

/// Returns the numbers of the steps that partition style would not have.
pub(super) fn over_the_limit(strategy: &Field<'_, '_>) -> Vec<usize> {
    let steps = strategy.list("steps");
    let numbered = steps.iter().zip(1..);
    numbered.filter(|(step, _)| is_over_the_limit(step)).map(|(_, number)| number).collect()
}

fn is_over_the_limit(step: &Field<'_, '_>) -> bool {
    let directs = step.child("traffic").is_some() || !step.list("matches").is_empty();
    let replicas = Scaled::of(step, "replicas").filter(|scaled| scaled.is_positive());
    directs && replicas.is_some_and(Scaled::is_over_the_limit)
}
