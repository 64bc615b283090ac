//! Where every rule sends its requests, whichever requests those are.
//!
//! A plan shows all rules of a VirtualService side by side; which request meets which rule first is
//! left to [`Mesh::simulate`].

use super::outcome::Destination;
use super::place::Place;
use super::rules::{Action, Rules};
use super::service::Registry;
use super::weights::Weighted;
use super::{Mesh, Undecided};

/// A rule that sends requests or connections on, and the share of each destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleShares {
    /// The rule.
    pub place: Place,
    /// The destinations with a share; the shares add up to the whole. Whether they are there is not
    /// looked up.
    pub destinations: Vec<Destination>,
}

impl Mesh {
    /// Returns the shares of every rule with destinations, as the VirtualServices have them.
    ///
    /// A rule that delegates has none of its own; those of the delegate are told under its name.
    ///
    /// ```
    /// use rollstep::simulate::{Mesh, Share};
    /// use serde_json::json;
    ///
    /// let route = json!({
    ///     "apiVersion": "networking.istio.io/v1",
    ///     "kind": "VirtualService",
    ///     "metadata": {"name": "web"},
    ///     "spec": {"hosts": ["web"], "http": [{"route": [
    ///         {"destination": {"host": "web"}, "weight": 3},
    ///         {"destination": {"host": "web-canary"}, "weight": 1},
    ///     ]}]},
    /// });
    /// let rules = Mesh::new(&[&route], "default")?.rule_shares()?;
    /// assert_eq!(Some(rules[0].destinations[1].share), Share::of(1, 4));
    /// # Ok::<(), rollstep::simulate::Undecided>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the rules of a VirtualService are invalid.
    pub fn rule_shares(&self) -> Result<Vec<RuleShares>, Undecided> {
        let mut found = Vec::new();
        for virtual_service in &self.virtual_services {
            found.extend(shares(virtual_service.rules.as_ref().map_err(Clone::clone)?));
        }
        Ok(found)
    }
}

fn shares(rules: &Rules) -> impl Iterator<Item = RuleShares> {
    let http = rules.http.iter().filter_map(|rule| match &rule.action {
        Action::Route(route) => Some((&rule.place, route)),
        Action::Redirect(_) | Action::DirectResponse(_) | Action::Delegate(_) => None,
    });
    let connections = rules.tls.iter().chain(&rules.tcp).map(|rule| (&rule.place, &rule.route));
    http.chain(connections).map(|(place, route)| RuleShares {
        place: place.clone(),
        destinations: destinations(route),
    })
}

/// An empty registry says of no destination whether it is there.
fn destinations(route: &[Weighted]) -> Vec<Destination> {
    Registry::default().destinations(route, 0)
}
