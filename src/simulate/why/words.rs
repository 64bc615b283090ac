//! Misses and notes in plain words.

use std::fmt;

use super::{Miss, NotApplied, Note, Property, Unmet, Wanted};
use crate::simulate::Name;

impl fmt::Display for Miss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.unmet)
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port { wanted, found } => write!(formatter, "port {found} is not {wanted}"),
            Self::Gateway { wanted, found } => {
                write!(formatter, "gateway `{found}` is not {}", any_of(wanted))
            }
            Self::SourceLabel { name, wanted, found: Some(found) } => {
                write!(formatter, "source label `{name}` is `{found}`, not `{wanted}`")
            }
            Self::SourceLabel { name, found: None, .. } => {
                write!(formatter, "source label `{name}` is absent")
            }
            Self::SourceNamespace { wanted, found } => {
                write!(formatter, "source namespace is `{found}`, not `{wanted}`")
            }
            Self::Property { property, wanted, found } => {
                write_property(formatter, property, wanted, found.as_deref())
            }
            Self::Excluded { header, wanted, found } => {
                write_excluded(formatter, header, wanted, found.as_deref())
            }
            Self::ServerName { wanted, found } => {
                write!(formatter, "server name `{found}` is not {}", any_of(wanted))
            }
            Self::Subnet { wanted, found: Some(found) } => {
                write!(formatter, "address `{found}` is not in {}", any_of(wanted))
            }
            Self::Subnet { wanted, found: None } => {
                write!(formatter, "the address is unknown and must be in {}", any_of(wanted))
            }
            Self::LessSpecific => write!(formatter, "another match is closer"),
            Self::SameAsEarlier => write!(formatter, "an earlier match is the same"),
            Self::DelegateUnknown(name) => {
                write!(formatter, "delegate `{name}` is not in the input")
            }
            Self::DelegateNotExported(name) => {
                write!(formatter, "delegate `{name}` is not exported to this namespace")
            }
            Self::DelegateConflict => {
                write!(formatter, "the delegate's match is not within the one that leads to it")
            }
        }
    }
}

fn any_of(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" or ")
}

fn write_property(
    formatter: &mut fmt::Formatter<'_>,
    property: &Property,
    wanted: &Wanted,
    found: Option<&str>,
) -> fmt::Result {
    let Some(found) = found else { return write!(formatter, "{property} is absent") };
    let value = match property {
        Property::Header(_) | Property::QueryParameter(_) => {
            format!("the value `{found}` of {property}")
        }
        Property::Path | Property::Scheme | Property::Method | Property::Authority => {
            format!("{property} `{found}`")
        }
    };
    match wanted {
        Wanted::Present => write!(formatter, "{property} is absent"),
        Wanted::Exact(exact) => write!(formatter, "{value} is not `{exact}`"),
        Wanted::Prefix(prefix) => write!(formatter, "{value} does not begin with `{prefix}`"),
        Wanted::Regex(regex) => write!(formatter, "{value} does not match `{regex}`"),
    }
}

fn write_excluded(
    formatter: &mut fmt::Formatter<'_>,
    header: &str,
    wanted: &Wanted,
    found: Option<&str>,
) -> fmt::Result {
    let value = match found {
        Some(found) => format!("the value `{found}` of header `{header}`"),
        None => format!("header `{header}` is absent, which counts as empty and"),
    };
    match wanted {
        Wanted::Present => write!(formatter, "header `{header}` is present"),
        Wanted::Exact(exact) => write!(formatter, "{value} is the excluded `{exact}`"),
        Wanted::Prefix(prefix) => write!(formatter, "{value} begins with the excluded `{prefix}`"),
        Wanted::Regex(regex) => write!(formatter, "{value} matches the excluded `{regex}`"),
    }
}

impl fmt::Display for Property {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path => write!(formatter, "path"),
            Self::Scheme => write!(formatter, "scheme"),
            Self::Method => write!(formatter, "method"),
            Self::Authority => write!(formatter, "authority"),
            Self::Header(name) => write!(formatter, "header `{name}`"),
            Self::QueryParameter(name) => write!(formatter, "query parameter `{name}`"),
        }
    }
}

impl fmt::Display for NotApplied {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gateway { bound, found } => {
                write!(formatter, "is bound to {}, not to `{found}`", any_of(bound))
            }
            Self::Export { to, found } => write!(
                formatter,
                "is exported to {} by its `exportTo`, not to namespace `{found}`",
                any_of(to)
            ),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: &[Name]| any_of(&names.iter().map(Name::to_string).collect::<Vec<_>>());
        match self {
            Self::SharedHost { followed, others } => write!(
                formatter,
                "{} has the same host; the sidecar follows the oldest, taken to be `{followed}`",
                list(others)
            ),
            Self::JoinedHost { virtual_services } => write!(
                formatter,
                "{} have one host; the gateway joins them by age, taken to be this order",
                list(virtual_services).replace(" or ", " and ")
            ),
            Self::RepeatedHeader(name) => {
                write!(formatter, "header `{name}` is repeated; only its first value was looked at")
            }
            Self::SourceLabelsUnknown(place) => {
                write!(
                    formatter,
                    "{place} has `sourceLabels`, and the labels of the source are unknown"
                )
            }
            Self::AddressUnknown(place) => {
                write!(formatter, "{place} has `destinationSubnets`, and the address is unknown")
            }
            Self::NeverReached(place) => {
                write!(formatter, "{place} takes every request, so what follows is never reached")
            }
            Self::NeverReachedHere(place) => write!(
                formatter,
                "{place} takes every request of this proxy and port, so these never reach what follows"
            ),
            Self::NotForProxy { virtual_service, why } => {
                write!(formatter, "VirtualService `{virtual_service}` has the host, and {why}")
            }
            Self::NoRuleForProxy(name) => write!(
                formatter,
                "no rule of VirtualService `{name}` applies to this proxy and port"
            ),
            Self::Fault(place) => write!(formatter, "{place} injects faults, which are left out"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::simulate::{Property, Unmet, Wanted};

    #[test]
    fn misses_are_told_in_plain_words() {
        let header = || Property::Header("version".into());
        let property = |property, wanted, found: Option<&str>| Unmet::Property {
            property,
            wanted,
            found: found.map(str::to_owned),
        };
        let excluded = |wanted, found: Option<&str>| Unmet::Excluded {
            header: "x".into(),
            wanted,
            found: found.map(str::to_owned),
        };
        for (unmet, text) in [
            (property(header(), Wanted::Exact("a".into()), None), "header `version` is absent"),
            (
                property(header(), Wanted::Exact("a".into()), Some("b")),
                "the value `b` of header `version` is not `a`",
            ),
            (
                property(Property::Path, Wanted::Prefix("/api".into()), Some("/x")),
                "path `/x` does not begin with `/api`",
            ),
            (
                property(Property::Method, Wanted::Regex("P.*".into()), Some("GET")),
                "method `GET` does not match `P.*`",
            ),
            (excluded(Wanted::Present, Some("1")), "header `x` is present"),
            (
                excluded(Wanted::Regex(".*".into()), None),
                "header `x` is absent, which counts as empty and matches the excluded `.*`",
            ),
            (Unmet::Port { wanted: 80, found: 443 }, "port 443 is not 80"),
            (
                Unmet::Gateway { wanted: vec!["a/b".into(), "mesh".into()], found: "a/c".into() },
                "gateway `a/c` is not `a/b` or `mesh`",
            ),
        ] {
            assert_eq!(unmet.to_string(), text);
        }
    }
}
