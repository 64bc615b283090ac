//! Why a rule was passed by, and what leaves an answer in doubt.

mod words;

use core::net::IpAddr;

use super::Name;
use super::place::Place;

/// A rule, or one of its match entries, that was looked at and does not apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// The rule or the entry.
    pub place: Place,
    /// The first condition that is not met.
    pub unmet: Unmet,
}

/// A condition that is not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmet {
    /// The listener has another port.
    Port {
        /// The port of the match.
        wanted: u16,
        /// The port of the listener.
        found: u16,
    },
    /// The proxy is none of the gateways.
    Gateway {
        /// The gateways of the match, in full.
        wanted: Vec<String>,
        /// The proxy: `mesh` or a gateway.
        found: String,
    },
    /// The pods of the proxy have no such label, or another value, or none that are known.
    SourceLabel {
        /// The key of the label.
        name: String,
        /// Its value in the match.
        wanted: String,
        /// Its value on the pods.
        found: Option<String>,
    },
    /// The proxy is in another namespace.
    SourceNamespace {
        /// The namespace of the match.
        wanted: String,
        /// The namespace of the proxy.
        found: String,
    },
    /// A property of the request is absent or has another value.
    Property {
        /// Which one.
        property: Property,
        /// The condition.
        wanted: Wanted,
        /// The value, where there is one.
        found: Option<String>,
    },
    /// A header is as `withoutHeaders` says that it must not be.
    Excluded {
        /// The name of the header.
        header: String,
        /// The condition that must not hold.
        wanted: Wanted,
        /// The value; an absent one counts as empty.
        found: Option<String>,
    },
    /// The client asks for another name.
    ServerName {
        /// The names of the match.
        wanted: Vec<String>,
        /// The name asked for.
        found: String,
    },
    /// The address is in none of the networks, or not known.
    Subnet {
        /// The networks of the match.
        wanted: Vec<String>,
        /// The address.
        found: Option<IpAddr>,
    },
    /// Another match fits the connection more closely, or as closely and earlier.
    LessSpecific,
    /// An earlier match has the same names and networks.
    SameAsEarlier,
    /// The delegate is not among the objects, or has hosts and is none.
    DelegateUnknown(Name),
    /// The delegate is not exported to the namespace of the VirtualService that names it.
    DelegateNotExported(Name),
    /// The matches of the delegate's rule are not within those that lead to it.
    DelegateConflict,
}

/// A property of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Property {
    /// The path without the query.
    Path,
    /// The scheme.
    Scheme,
    /// The method.
    Method,
    /// The host with its port.
    Authority,
    /// A header.
    Header(String),
    /// A query parameter.
    QueryParameter(String),
}

/// What a condition wants of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// That it is there.
    Present,
    /// That it is this.
    Exact(String),
    /// That it begins so.
    Prefix(String),
    /// That the whole of it matches.
    Regex(String),
}

/// What keeps a VirtualService from a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotApplied {
    /// It is bound to other gateways.
    Gateway {
        /// Its gateways, and `mesh` for sidecars.
        bound: Vec<String>,
        /// The gateway, or `mesh`.
        found: String,
    },
    /// It is not exported to the namespace of the proxy's pods.
    Export {
        /// What it is exported to, as it is written.
        to: Vec<String>,
        /// The namespace.
        found: String,
    },
}

/// What leaves an answer in doubt, or incomplete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Several VirtualServices claim the host; a sidecar follows the oldest, and none shows its age.
    SharedHost {
        /// The one that was followed.
        followed: Name,
        /// The others.
        others: Vec<Name>,
    },
    /// Several VirtualServices claim the host; a gateway joins them by age, and none shows its age.
    JoinedHost {
        /// Them, in the order that was assumed.
        virtual_services: Vec<Name>,
    },
    /// A header is there several times; the first counted, Envoy tries each or joins them.
    RepeatedHeader(String),
    /// The match has `sourceLabels`, and the labels of the proxy's pods are not known.
    SourceLabelsUnknown(Place),
    /// The match has `destinationSubnets`, and the address is not known.
    AddressUnknown(Place),
    /// The rule or match takes every request, so what follows is never reached.
    NeverReached(Place),
    /// So it is for this proxy and port: the match is for no others.
    NeverReachedHere(Place),
    /// The VirtualService has the host, and does not apply to the proxy.
    NotForProxy {
        /// The VirtualService.
        virtual_service: Name,
        /// What keeps it from the proxy.
        why: NotApplied,
    },
    /// No rule of the VirtualService applies to the proxy, which acts as if there were none.
    NoRuleForProxy(Name),
    /// The rule injects faults, which are left out.
    Fault(Place),
}
