//! Where a request goes.

use std::fmt;

use super::Share;
use super::place::Place;
use super::why::{Miss, Note};

/// Where a request or connection goes, and how that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Where it goes.
    pub answer: Answer,
    /// What was looked at before and does not apply, in the order of looking.
    pub misses: Vec<Miss>,
    /// What leaves the answer in doubt, or incomplete.
    pub notes: Vec<Note>,
}

/// Where a request or connection goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A rule sends it on.
    Route {
        /// The rule.
        place: Place,
        /// The destinations with a share; the shares add up to the whole.
        destinations: Vec<Destination>,
        /// The destinations that get a copy, each with the share of requests that is copied.
        mirrors: Vec<Destination>,
    },
    /// A rule answers with a redirect.
    Redirect {
        /// The rule.
        place: Place,
        /// The redirect.
        redirect: Redirect,
    },
    /// A rule answers by itself.
    DirectResponse {
        /// The rule.
        place: Place,
        /// The status code.
        status: u16,
    },
    /// No VirtualService has a say: it goes to the Service as without one.
    PlainService(Destination),
    /// Nothing takes the request: 404.
    NotFound,
    /// No VirtualService, Service or ServiceEntry of the input has the host: nothing is known of it.
    NotInInput,
    /// The sidecar knows no such host: the mesh's `outboundTrafficPolicy` decides.
    Passthrough,
    /// The gateway has nothing for the connection, and closes it.
    Refused,
}

impl Outcome {
    /// Returns the rule that took the request.
    pub fn place(&self) -> Option<&Place> {
        match &self.answer {
            Answer::Route { place, .. }
            | Answer::Redirect { place, .. }
            | Answer::DirectResponse { place, .. } => Some(place),
            Answer::PlainService(_)
            | Answer::NotFound
            | Answer::NotInInput
            | Answer::Passthrough
            | Answer::Refused => None,
        }
    }

    /// Returns the destinations, reachable or not.
    pub fn destinations(&self) -> &[Destination] {
        match &self.answer {
            Answer::Route { destinations, .. } => destinations,
            Answer::PlainService(destination) => std::slice::from_ref(destination),
            Answer::Redirect { .. }
            | Answer::DirectResponse { .. }
            | Answer::NotFound
            | Answer::NotInInput
            | Answer::Passthrough
            | Answer::Refused => &[],
        }
    }

    /// Returns the share of all destinations that `wanted` accepts.
    ///
    /// Exact: the shares of one rule are parts of one sum of weights.
    pub fn share_where(&self, wanted: impl Fn(&Destination) -> bool) -> Share {
        let chosen = self.destinations().iter().filter(|destination| wanted(destination));
        let parts: Vec<Share> = chosen.map(|destination| destination.share).collect();
        let common =
            parts.iter().map(|part| u128::from(part.denominator())).fold(1, least_multiple);
        let sum: u128 = parts
            .iter()
            .map(|part| u128::from(part.numerator()) * (common / u128::from(part.denominator())))
            .sum();
        let divisor = divisor_of(sum, common);
        let [sum, common] = [sum, common].map(|value| u64::try_from(value / divisor));
        match (sum, common) {
            (Ok(sum), Ok(common)) => Share::of(sum, common).unwrap_or(Share::ALL),
            _ => Share::ALL,
        }
    }
}

fn least_multiple(left: u128, right: u128) -> u128 {
    left / divisor_of(left, right) * right
}

fn divisor_of(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left.max(1)
}

/// A destination of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The host as the rule has it.
    pub host: String,
    /// The full name of the host.
    pub resolved: String,
    /// The subset.
    pub subset: Option<String>,
    /// The port as the rule has it.
    pub port: Option<u16>,
    /// The part of the requests.
    pub share: Share,
    /// Whether there is such a destination.
    pub reach: Reach,
}

/// Whether a destination is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Service, port and subset are in the input.
    Known,
    /// No Service or ServiceEntry of the input has the host: the cluster may have one.
    NotInInput,
    /// The input has the host, and no DestinationRule that could have the subset.
    SubsetNotInInput,
    /// It is not there: its share of the requests is answered with 503.
    Missing(Missing),
}

/// What of a destination is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The port of the Service.
    Port(u16),
    /// The subset, in every DestinationRule for the host.
    Subset(String),
    /// The host means a Service and is no full name: a dot in it keeps it from being completed.
    HalfName,
}

/// A redirect, as far as the rule says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The status code.
    pub status: u16,
    /// The scheme.
    pub scheme: Option<String>,
    /// The host.
    pub authority: Option<String>,
    /// The whole path.
    pub uri: Option<String>,
}

/// Writes host, subset and port, as `web.shop.svc.cluster.local (v2):8080`.
impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.resolved)?;
        if let Some(subset) = &self.subset {
            write!(formatter, " ({subset})")?;
        }
        match self.port {
            Some(port) => write!(formatter, ":{port}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(port) => write!(formatter, "the Service has no port {port}"),
            Self::Subset(subset) => write!(formatter, "no DestinationRule has subset `{subset}`"),
            Self::HalfName => {
                write!(formatter, "a host with a dot must be the full name of the Service")
            }
        }
    }
}
