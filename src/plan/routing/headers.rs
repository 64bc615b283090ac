//! The step's header changes over those of a rule.

use crate::model::HeaderChange;

/// Lays `step` over `rule`, or tells the header that both change in ways that do not go together.
///
/// What the step sets wins over what the rule sets; removals add up.
pub(super) fn over(rule: &HeaderChange, step: &HeaderChange) -> Result<HeaderChange, String> {
    if let Some(name) = conflict(rule, step) {
        return Err(name.to_owned());
    }
    let mut merged = rule.clone();
    merged.set.retain(|(name, _)| !has(&step.set, name));
    merged.set.extend(step.set.iter().cloned());
    merged.add.retain(|pair| !step.add.contains(pair));
    merged.add.extend(step.add.iter().cloned());
    let known = |name: &String| merged.remove.iter().any(|other| other.eq_ignore_ascii_case(name));
    let removed: Vec<_> = step.remove.iter().filter(|name| !known(name)).cloned().collect();
    merged.remove.extend(removed);
    Ok(merged)
}

/// Returns a header that one changes one way and the other another way.
fn conflict<'h>(rule: &'h HeaderChange, step: &'h HeaderChange) -> Option<&'h str> {
    let sets = step.set.iter().find(|(name, _)| has(&rule.add, name) || lists(&rule.remove, name));
    // A map holds one value of a name, so that two cannot be added.
    let adds = step.add.iter().find(|pair| {
        let (name, _) = pair;
        has(&rule.set, name)
            || lists(&rule.remove, name)
            || (has(&rule.add, name) && !rule.add.contains(pair))
    });
    let removes = step.remove.iter().find(|name| has(&rule.set, name) || has(&rule.add, name));
    sets.or(adds).map(|(name, _)| name.as_str()).or(removes.map(String::as_str))
}

fn has(pairs: &[(String, String)], name: &str) -> bool {
    pairs.iter().any(|(other, _)| other.eq_ignore_ascii_case(name))
}

fn lists(names: &[String], name: &str) -> bool {
    names.iter().any(|other| other.eq_ignore_ascii_case(name))
}
