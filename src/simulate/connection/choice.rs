//! Which filter chain Envoy takes for a connection.

use super::chains::{Chain, Chains};
use crate::simulate::host::{Fit, Host};
use crate::simulate::place::Place;
use crate::simulate::request::{Connection, Proxy};
use crate::simulate::why::{Miss, Note, Unmet};

impl<'a> Chains<'a> {
    /// Takes the chain that fits best out of the list; the others become misses.
    ///
    /// Envoy looks at the address first and then, among the chains with the closest network, at the
    /// server name; of what fits as well the first counts. From
    /// envoyproxy/envoy:source/common/listener_manager/filter_chain_manager_impl.cc
    /// `findFilterChain`.
    pub(super) fn choose(&mut self, connection: &Connection) -> Option<Chain<'a>> {
        let chains = std::mem::take(&mut self.chains);
        let mut fitting = Vec::new();
        for chain in chains {
            match chain.network(connection) {
                Ok(network) => fitting.push((network, chain)),
                Err(unmet) => self.miss_address(chain.place, unmet),
            }
        }
        let closest = fitting.iter().map(|(network, _)| *network).max()?;
        let mut named = Vec::new();
        for (network, chain) in fitting {
            let name = chain.name(connection);
            match name {
                _ if network < closest => self.miss(chain.place, Unmet::LessSpecific),
                Ok(name) => named.push((name, chain)),
                Err(unmet) => self.miss(chain.place, unmet),
            }
        }
        let best = named.iter().map(|(name, _)| *name).max()?;
        let mut chosen = None;
        for (name, chain) in named {
            if name == best && chosen.is_none() {
                chosen = Some(chain);
            } else {
                self.miss(chain.place, Unmet::LessSpecific);
            }
        }
        chosen
    }

    fn miss(&mut self, place: Place, unmet: Unmet) {
        self.misses.push(Miss { place, unmet });
    }

    fn miss_address(&mut self, place: Place, unmet: Unmet) {
        if matches!(unmet, Unmet::Subnet { found: None, .. }) {
            self.notes.push(Note::AddressUnknown(place.clone()));
        }
        self.miss(place, unmet);
    }
}

impl Chain<'_> {
    /// Returns how closely its networks fit, the least where it has none.
    fn network(&self, connection: &Connection) -> Result<Option<u8>, Unmet> {
        let subnets = self.entry.map(|entry| entry.subnets.as_slice()).unwrap_or_default();
        // A gateway does not look at them.
        if subnets.is_empty() || matches!(connection.proxy, Proxy::Gateway { .. }) {
            return Ok(None);
        }
        let found = connection.address;
        let fits = subnets.iter().filter_map(|subnet| subnet.fit(found?));
        let wanted = || subnets.iter().map(ToString::to_string).collect();
        fits.max().map(Some).ok_or_else(|| Unmet::Subnet { wanted: wanted(), found })
    }

    /// Returns how closely its server names fit, the least where it has none.
    fn name(&self, connection: &Connection) -> Result<Option<Fit>, Unmet> {
        let wanted = self.entry.map(|entry| entry.server_names.as_slice()).unwrap_or_default();
        let Some(found) = &connection.server_name else { return Ok(None) };
        if wanted.is_empty() {
            return Ok(None);
        }
        let name = found.to_ascii_lowercase();
        let fits = wanted.iter().filter_map(|wanted| Host::literal(wanted).fit(&name));
        let unmet = || Unmet::ServerName { wanted: wanted.to_vec(), found: found.clone() };
        fits.max().map(Some).ok_or_else(unmet)
    }
}
