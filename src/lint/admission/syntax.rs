//! What a value must look like to be taken by Istio.
//!
//! From istio/istio:pkg/config/validation/agent/validation.go, pkg/config/labels/instance.go and
//! pkg/config/validation/header_value_validator.go. Where protobuf takes an empty string for none, so
//! do the callers.

use core::net::IpAddr;

/// Nanoseconds of the units of a duration; longer names come before those that begin alike.
const UNITS: [(&str, f64); 8] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("μs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 6e10),
    ("h", 3.6e12),
];

/// The longest label of a domain, and the longest name of a Kubernetes label.
const MAX_LABEL: usize = 63;

/// The longest domain.
const MAX_DOMAIN: usize = 255;

/// The longest prefix of the key of a Kubernetes label.
const MAX_PREFIX: usize = 253;

/// How hosts begin that istiod makes for gateways between clusters.
const OUTBOUND: &str = "outbound_";

/// Says whether a text is a whole number of milliseconds, and at least one.
///
/// The syntax is that of golang/go:src/time/format.go `ParseDuration`.
pub(super) fn is_duration(text: &str) -> bool {
    nanoseconds(text).is_some_and(|length| length >= 1e6 && length % 1e6 == 0.0)
}

/// Says whether a text is a duration of whole seconds, and at least one.
pub(super) fn is_seconds(text: &str) -> bool {
    nanoseconds(text).is_some_and(|length| length >= 1e9 && length % 1e9 == 0.0)
}

fn nanoseconds(text: &str) -> Option<f64> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|one: char| !(one.is_ascii_digit() || one == '.'))?;
        let (number, unit) = rest.split_at_checked(digits)?;
        let number: f64 = number.parse().ok()?;
        let (name, scale) = UNITS.iter().find(|(name, _)| unit.starts_with(name))?;
        total += (number * scale).round();
        rest = unit.strip_prefix(name)?;
    }
    Some(total)
}

/// Says whether a text is a label of a domain, in any case.
pub(super) fn is_domain_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.len() <= MAX_LABEL && is_word(text, inner)
}

/// Says whether a text is a domain whose first label may be a wildcard, or begin with one.
pub(super) fn is_wildcard_domain(text: &str) -> bool {
    let (first, rest) = match text.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (text, None),
    };
    let bare = first.strip_prefix("*-").or_else(|| first.strip_prefix('*')).unwrap_or(first);
    let is_first = first == "*" || (first.len() <= MAX_LABEL && is_domain_label(bare));
    text.len() <= MAX_DOMAIN && is_first && rest.is_none_or(has_domain_labels)
}

/// Says whether a text is a domain.
pub(super) fn is_domain(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_DOMAIN && has_domain_labels(text)
}

fn has_domain_labels(text: &str) -> bool {
    // The last may be empty, as in `istio.io.`.
    let labels = text.strip_suffix('.').unwrap_or(text);
    let is_number = text.rsplit('.').next().is_some_and(|last| last.parse::<i64>().is_ok());
    !is_number && (text.is_empty() || labels.split('.').all(is_domain_label))
}

/// Says whether a VirtualService may be for such a host.
pub(super) fn is_host(text: &str) -> bool {
    is_wildcard_domain(text) || is_address(text) || text.starts_with(OUTBOUND)
}

/// Says whether a text is an address.
pub(super) fn is_address(text: &str) -> bool {
    let address = text.split_once('%').map_or(text, |(address, _)| address);
    address.parse::<IpAddr>().is_ok()
}

/// Says whether a text is an address, or a network of them.
pub(super) fn is_subnet(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return is_address(text) };
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.bytes().all(|byte| byte.is_ascii_digit())
        && bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

/// Says whether a text is the key of a Kubernetes label.
pub(super) fn is_label_key(text: &str) -> bool {
    let (prefix, name) = match text.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    let is_prefix =
        |prefix: &str| prefix.len() <= MAX_PREFIX && prefix.split('.').all(is_domain_label);
    prefix.is_none_or(is_prefix) && name.len() <= MAX_LABEL && is_qualified(name)
}

/// Says whether a text is the value of a Kubernetes label, as Istio has it: of any length.
pub(super) fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_qualified(text)
}

fn is_qualified(text: &str) -> bool {
    is_word(text, |byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Says whether the ends are letters or digits, and what is between them is as asked.
fn is_word(text: &str, inner: impl Fn(u8) -> bool) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    is_end(bytes.first()) && is_end(bytes.last()) && bytes.iter().all(|&byte| inner(byte))
}

/// Says whether a text is a token of RFC 9110, as the names of headers are.
pub(super) fn is_token(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(inner)
}

#[cfg(test)]
mod tests {
    use super::{
        is_address, is_domain, is_duration, is_host, is_label_key, is_label_value, is_seconds,
        is_subnet, is_wildcard_domain,
    };

    type Cases = (fn(&str) -> bool, &'static [&'static str], &'static [&'static str]);

    #[test]
    fn what_istio_takes_is_taken_and_nothing_else() {
        let cases: [Cases; 9] = [
            (
                is_duration,
                &[
                    "1s", "1.5s", "1h30m", "200ms", "1ms", ".5s", "1000us", "+2s", "0.001s",
                    "1m0.5s",
                ],
                &[
                    "", "0", "0s", "1", "s", "1d", "-1s", "0.5ms", "1500us", "1 s", "1s ", "abc",
                    "5.5.5s",
                ],
            ),
            (is_seconds, &["1s", "24h", "1000ms"], &["0s", "1500ms", "1.5s", ""]),
            (
                is_wildcard_domain,
                &["a", "*", "*.b.com", "*-a.b", "*a.b", "A.B", "web.", "123", "a.b.c1", "1.2.3.4a"],
                &[
                    "", "a_b", "a.*.b", "-a", "a-", "a..b", "a.1", "1.2.3.4", "a.b/c", ".a",
                    "http://a",
                ],
            ),
            (is_domain, &["mesh", "a.b"], &["*", "*.b", "a b", ""]),
            (is_host, &["1.2.3.4", "::1", "outbound_.80_._.a.mesh"], &["1.2.3", "a:80", "a/b"]),
            (is_address, &["10.0.0.1", "fe80::1%eth0"], &["10.0.0.01", "10.0.0", "a"]),
            (
                is_subnet,
                &["10.0.0.0/8", "10.1.2.3", "fd00::/8", "0.0.0.0/0"],
                &["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "a", "10.0.0/8", "10.0.0.0/8/8"],
            ),
            (
                is_label_key,
                &["app", "a.b/c_d", "app.kubernetes.io/name"],
                &["", "-a", "a b", "a/b/c", "/a"],
            ),
            (is_label_value, &["", "v1", "a.b_c-d"], &["-a", "a b", "a/b"]),
        ];
        for (index, (takes, good, bad)) in cases.into_iter().enumerate() {
            good.iter().for_each(|text| assert!(takes(text), "{index}: `{text}` is refused"));
            bad.iter().for_each(|text| assert!(!takes(text), "{index}: `{text}` is taken"));
        }
    }
}
