//! What single values must be to be taken by Istio.
//!
//! Facts from istio/istio:pkg/config/validation/virtualservice.go and validation.go, and from the CRD;
//! where each is asked for is said by `table`.

use std::borrow::Cow;

use serde_json::Value;

use super::super::spot::Spot;
use super::retry::is_retry_on;
use super::{Refused, headers, is_destination_host, syntax};

/// What is looked at, and what must hold of it.
#[derive(Clone, Copy)]
enum Check {
    /// The text must be so.
    Text(fn(&str) -> bool),
    /// The same; an empty text is none.
    TextOrNone(fn(&str) -> bool),
    /// The number must be so.
    Number(fn(f64) -> bool),
    /// The key that it is under must be so.
    Key(fn(&str) -> bool),
}

/// What a value must be.
#[derive(Clone, Copy)]
pub(super) struct Constraint {
    check: Check,
    what: &'static str,
    help: &'static str,
}

const fn constraint(check: Check, what: &'static str, help: &'static str) -> Constraint {
    Constraint { check, what, help }
}

pub(super) const DURATION: Constraint = constraint(
    Check::Text(syntax::is_duration),
    "a duration of whole milliseconds, and at least one",
    "write one such as `1.5s` or `200ms`, or remove the field",
);
pub(super) const SECONDS: Constraint = constraint(
    Check::Text(syntax::is_seconds),
    "a duration of whole seconds, and at least one",
    "write one such as `24h` or `600s`, or remove the field",
);
pub(super) const PERCENT: Constraint = constraint(
    Check::Number(|number| (0.0..=100.0).contains(&number)),
    "a percentage from 0 to 100",
    "write a number from 0 to 100",
);
pub(super) const FAULT_PERCENT: Constraint = constraint(
    Check::Number(|number| number == 0.0 || (0.0001..=100.0).contains(&number)),
    "a percentage: 0, or from 0.0001 to 100",
    "write a number from 0 to 100",
);
pub(super) const STATUS: Constraint = constraint(
    Check::Number(|number| (200.0..=600.0).contains(&number)),
    "a status from 200 to 599",
    "write the status of an answer, as `503`",
);
pub(super) const REDIRECT_CODE: Constraint = constraint(
    Check::Number(|number| number == 0.0 || (300.0..400.0).contains(&number)),
    "the status of a redirect",
    "write one from 300 to 399, as `302`; without the field it is 301",
);
pub(super) const SCHEME: Constraint = constraint(
    Check::TextOrNone(|text| ["http", "https"].contains(&text)),
    "a scheme that a redirect may lead to",
    "write `http` or `https`",
);
pub(super) const ATTEMPTS: Constraint = constraint(
    Check::Number(|number| number >= 0.0),
    "a number of attempts",
    "write 0 for none, or a positive number",
);
pub(super) const RETRY_ON: Constraint = constraint(
    Check::TextOrNone(is_retry_on),
    "a list of conditions to try again on",
    "write names such as `5xx,reset,connect-failure`, or status codes",
);
pub(super) const UNSUPPORTED: Constraint =
    constraint(Check::Key(|_| false), "a field that Istio takes yet", "use another kind of fault");
pub(super) const METHOD: Constraint = constraint(
    Check::Text(|text| METHODS.contains(&text)),
    "a method that a CORS policy may name",
    "write a method such as `GET`, in capitals, or `*`",
);
pub(super) const CORS_HEADER: Constraint = constraint(
    Check::Text(syntax::is_token),
    "the name of a header",
    "use letters, digits and `-`, or `*` for all",
);
pub(super) const PORT: Constraint =
    constraint(Check::Number(|number| (1.0..=65535.0).contains(&number)), "a port", PORT_HELP);
pub(super) const PORT_OR_NONE: Constraint =
    constraint(Check::Number(|number| (0.0..=65535.0).contains(&number)), "a port", PORT_HELP);
const PORT_HELP: &str = "write a number from 1 to 65535";
pub(super) const NAMESPACE: Constraint = constraint(
    Check::TextOrNone(syntax::is_domain_label),
    "the name of a namespace",
    "use letters, digits and `-`, at most 63",
);
pub(super) const SUBSET: Constraint = constraint(
    Check::TextOrNone(syntax::is_domain_label),
    "the name of a subset",
    "use letters, digits and `-`, at most 63, and rename the subset in its DestinationRule",
);
pub(super) const LABEL_KEY: Constraint = constraint(
    Check::Key(syntax::is_label_key),
    "the key of a label",
    "correct the key; the name has at most 63 letters, digits, `-`, `_` and `.`",
);
pub(super) const LABEL_VALUE: Constraint = constraint(
    Check::Text(syntax::is_label_value),
    "the value of a label",
    "use letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit",
);
pub(super) const SUBNET: Constraint = constraint(
    Check::Text(syntax::is_subnet),
    "an address or a network",
    "write one such as `10.0.0.0/8` or `fd00::/8`",
);
pub(super) const HOST: Constraint = constraint(
    Check::Text(syntax::is_host),
    "a host",
    "write a name such as `web.example.com`, without a scheme, a port or a path",
);
pub(super) const DESTINATION_HOST: Constraint = constraint(
    Check::TextOrNone(is_destination_host),
    "a host to send to",
    "name a Service, or the host of a ServiceEntry: no address, and no port or path in it",
);
pub(super) const CHANGED_HEADER: Constraint = constraint(
    Check::Key(headers::may_be_set),
    "the name of a header that a rule may change",
    headers::NAME_HELP,
);
pub(super) const ANSWERED_HEADER: Constraint = constraint(
    Check::Key(headers::may_be_changed),
    "the name of a header that an answer may carry",
    headers::NAME_HELP,
);
pub(super) const REMOVED_HEADER: Constraint = constraint(
    Check::Text(headers::may_be_changed),
    "the name of a header that a rule may remove",
    headers::NAME_HELP,
);
pub(super) const HEADER_VALUE: Constraint = constraint(
    Check::Text(headers::is_value),
    "a value that Envoy can write: each `%` begins or ends a variable",
    "write `%%` for a `%`, and no line breaks or other control characters",
);

/// The methods that a CORS policy may name.
const METHODS: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"];

impl Constraint {
    /// Refuses a value that is not so.
    pub(super) fn check<'r>(&self, spot: Spot<'r>) -> Option<Refused<'r>> {
        let is_fine = match self.check {
            Check::Text(admits) => spot.value.as_str().is_some_and(admits),
            Check::TextOrNone(admits) => {
                spot.value.as_str().is_some_and(|text| text.is_empty() || admits(text))
            }
            Check::Number(admits) => spot.value.as_f64().is_some_and(admits),
            Check::Key(admits) => spot.key().is_none_or(admits),
        };
        if is_fine {
            return None;
        }
        if self.is_unquoted(spot.value) {
            let message = format!("`{}` is not a string", spot.value);
            return Some((spot, message, "put the value in quotes"));
        }
        let shown: Cow<'_, str> = match (self.check, spot.value) {
            (Check::Key(_), _) => spot.key().unwrap_or_default().to_owned().into(),
            (_, Value::String(text)) => text.as_str().into(),
            (_, other) => other.to_string().into(),
        };
        Some((spot, format!("`{shown}` is not {}", self.what), self.help))
    }

    /// Says whether a number or boolean would be fine as a text.
    fn is_unquoted(&self, value: &Value) -> bool {
        match self.check {
            Check::Text(admits) | Check::TextOrNone(admits) => {
                (value.is_number() || value.is_boolean()) && admits(&value.to_string())
            }
            Check::Number(_) | Check::Key(_) => false,
        }
    }
}
