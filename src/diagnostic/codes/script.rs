//! What the controller's own results do to traffic that nobody asked for.
//!
//! Told where `--compat kruise` writes such a result; rollstep's own routing has none of these faults.

use super::{error, warning};
use crate::diagnostic::Code;

/// The controller's script fails on a routing object, so that the rollout would be stuck.
pub const SCRIPT_FAILS: Code = error(
    "script-fails",
    "The controller's script fails on a routing object, so that the rollout would be stuck.",
);
/// The controller's script leaves a rule that sends to stable alone.
pub const SCRIPT_SKIPS_RULE: Code = warning(
    "script-skips-rule",
    "The controller's script leaves a rule that sends to stable alone.",
);
/// The controller's script splits a rule once for each of its stable destinations.
pub const SCRIPT_SPLITS_TWICE: Code = warning(
    "script-splits-twice",
    "The controller's script splits a rule once for each of its stable destinations.",
);
/// The controller's script rounds weights down.
pub const SCRIPT_ROUNDS_DOWN: Code =
    warning("script-rounds-down", "The controller's script rounds weights down.");
/// The controller's script gives the canary another share than the step says.
pub const SCRIPT_SHARE_DIFFERS: Code = warning(
    "script-share-differs",
    "The controller's script gives the canary another share than the step says.",
);
/// The controller's script takes requests from destinations that are not stable.
pub const SCRIPT_REDUCES_OTHERS: Code = warning(
    "script-reduces-others",
    "The controller's script takes requests from destinations that are not stable.",
);
/// The controller's script takes another host for the stable Service.
pub const SCRIPT_COMPARES_FIRST_LABEL: Code = warning(
    "script-compares-first-label",
    "The controller's script takes another host for the stable Service.",
);
/// The controller's script takes requests from a subset that holds pods of another workload alone.
pub const SCRIPT_TAKES_OTHERS: Code = warning(
    "script-takes-others",
    "The controller's script takes requests from a subset that holds pods of another workload alone.",
);
/// The controller's script puts the rules of a step before rules that are for other requests.
pub const SCRIPT_MATCHES_ON_TOP: Code = warning(
    "script-matches-on-top",
    "The controller's script puts the rules of a step before rules that are for other requests.",
);
/// A match of the step describes every request, and the controller's script sends all to the canary.
pub const SCRIPT_MATCHES_EVERYTHING: Code = warning(
    "script-matches-everything",
    "A match of the step describes every request, and the controller's script sends all to the canary.",
);
/// The rules that the controller's script adds lack settings of the rule for stable.
pub const SCRIPT_DROPS_RULE_SETTINGS: Code = warning(
    "script-drops-rule-settings",
    "The rules that the controller's script adds lack settings of the rule for stable.",
);
/// The canary's destination lacks fields of the stable one.
pub const SCRIPT_DROPS_DESTINATION_FIELDS: Code = warning(
    "script-drops-destination-fields",
    "The canary's destination lacks fields of the stable one.",
);
/// The controller's script drops a field that is an empty map or list.
pub const SCRIPT_DROPS_EMPTY_FIELDS: Code = warning(
    "script-drops-empty-fields",
    "The controller's script drops a field that is an empty map or list.",
);
/// The controller's script compares a path prefix as text.
pub const SCRIPT_PREFIX_WITHOUT_SLASH: Code = warning(
    "script-prefix-without-slash",
    "The controller's script compares a path prefix as text.",
);
/// The controller's script finds no rule to split.
pub const SCRIPT_CHANGES_NOTHING: Code =
    warning("script-changes-nothing", "The controller's script finds no rule to split.");
/// The controller's script adds a second subset of one name.
pub const SCRIPT_DUPLICATES_SUBSET: Code = warning(
    "script-duplicates-subset",
    "The controller's script adds a second subset of one name.",
);
/// The controller's script adds the canary's subset to a host that is not the stable Service.
pub const SCRIPT_SUBSET_OF_ANOTHER_HOST: Code = warning(
    "script-subset-of-another-host",
    "The controller's script adds the canary's subset to a host that is not the stable Service.",
);

/// All of these.
pub(super) const ALL: &[&Code] = &[
    &SCRIPT_FAILS,
    &SCRIPT_SKIPS_RULE,
    &SCRIPT_SPLITS_TWICE,
    &SCRIPT_ROUNDS_DOWN,
    &SCRIPT_SHARE_DIFFERS,
    &SCRIPT_REDUCES_OTHERS,
    &SCRIPT_COMPARES_FIRST_LABEL,
    &SCRIPT_TAKES_OTHERS,
    &SCRIPT_MATCHES_ON_TOP,
    &SCRIPT_MATCHES_EVERYTHING,
    &SCRIPT_DROPS_RULE_SETTINGS,
    &SCRIPT_DROPS_DESTINATION_FIELDS,
    &SCRIPT_DROPS_EMPTY_FIELDS,
    &SCRIPT_PREFIX_WITHOUT_SLASH,
    &SCRIPT_CHANGES_NOTHING,
    &SCRIPT_DUPLICATES_SUBSET,
    &SCRIPT_SUBSET_OF_ANOTHER_HOST,
];
