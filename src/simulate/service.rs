//! Services, ports and subsets of the input.

use std::collections::{BTreeMap, BTreeSet};

use super::host::{self, Host};
use super::outcome::{Destination, Missing, Reach};
use super::read::{Field, Name, Undecided};
use super::weights::{Target, Weighted};

/// What the Services and DestinationRules of the input say.
#[derive(Debug, Default)]
pub(super) struct Registry {
    /// The ports of each Service; none where it is a name for a host elsewhere.
    services: BTreeMap<Name, Option<Vec<u16>>>,
    subsets: Vec<Subsets>,
    /// The namespaces that have DestinationRules.
    ruled: BTreeSet<String>,
    /// The hosts of ServiceEntries.
    entries: Vec<Host>,
}

#[derive(Debug)]
struct Subsets {
    host: Host,
    names: Vec<String>,
}

impl Registry {
    pub(super) fn add_service(&mut self, root: &Field<'_>) -> Result<(), Undecided> {
        let spec = root.child("spec");
        let mut ports = Vec::new();
        for port in spec.child("ports").maps()? {
            ports.extend(port.child("port").port()?);
        }
        let is_elsewhere = spec.child("type").text()?.as_deref() == Some("ExternalName");
        self.services.insert(root.object.clone(), (!is_elsewhere).then_some(ports));
        Ok(())
    }

    pub(super) fn add_destination_rule(&mut self, root: &Field<'_>) -> Result<(), Undecided> {
        let spec = root.child("spec");
        let host = spec.child("host");
        let name = host.filled()?.ok_or_else(|| host.invalid("must name a host"))?;
        let mut names = Vec::new();
        for subset in spec.child("subsets").maps()? {
            names.extend(subset.child("name").filled()?);
        }
        let namespace = &root.object.namespace;
        self.subsets.push(Subsets { host: Host::parse(&name, namespace), names });
        self.ruled.insert(namespace.clone());
        Ok(())
    }

    pub(super) fn add_service_entry(&mut self, root: &Field<'_>) -> Result<(), Undecided> {
        let hosts = root.child("spec").child("hosts").texts()?;
        self.entries.extend(hosts.iter().map(|host| Host::literal(&host.to_ascii_lowercase())));
        Ok(())
    }

    /// Returns whether a ServiceEntry has the host.
    pub(super) fn is_entry(&self, host: &str) -> bool {
        self.entries.iter().any(|entry| entry.fit(host).is_some())
    }

    /// Returns whether the host is the full name of a Service of the input.
    pub(super) fn knows(&self, host: &str) -> bool {
        let name = host::split_service_name(host).map(|(name, of)| Name::new(of, name));
        name.is_some_and(|name| self.services.contains_key(&name))
    }

    /// Completes destinations by whether they are there.
    pub(super) fn destinations(&self, weighted: &[Weighted], port: u16) -> Vec<Destination> {
        let complete = |(target, share): &Weighted| {
            let Target { host, resolved, subset, port: own } = target.clone();
            let reach = self.reach(target, port);
            Destination { host, resolved, subset, port: own, share: *share, reach }
        };
        weighted.iter().map(complete).collect()
    }

    /// Reports whether a destination is there, to a listener with the given port.
    ///
    /// Without a port of its own it has that of a Service with one port, else that of the listener.
    /// From istio/istio:pilot/pkg/networking/core/route/route.go `GetDestinationCluster`.
    fn reach(&self, target: &Target, listener_port: u16) -> Reach {
        let Some((name, namespace)) = host::split_service_name(&target.resolved) else {
            return self.reach_elsewhere(&target.resolved);
        };
        let Some(ports) = self.services.get(&Name::new(namespace, name)) else {
            return self.reach_elsewhere(&target.resolved);
        };
        let Some(ports) = ports else { return Reach::Known };
        let port = match (target.port, ports.as_slice()) {
            (Some(port), _) => port,
            (None, [sole]) => *sole,
            (None, _) => listener_port,
        };
        if !ports.contains(&port) {
            return Reach::Missing(Missing::Port(port));
        }
        target.subset.as_ref().map_or(Reach::Known, |subset| self.reach_subset(target, subset))
    }

    /// Returns whether a host outside of the input's Services is that of a ServiceEntry.
    fn reach_elsewhere(&self, resolved: &str) -> Reach {
        if self.is_entry(resolved) {
            return Reach::Known;
        }
        let full = host::service_called(resolved, "");
        match full.filter(|full| self.knows(full)) {
            Some(_) => Reach::Missing(Missing::HalfName),
            None => Reach::NotInInput,
        }
    }

    fn reach_subset(&self, target: &Target, subset: &String) -> Reach {
        let mut fitting =
            self.subsets.iter().filter(|rule| rule.host.fit(&target.resolved).is_some()).peekable();
        let of_service = host::split_service_name(&target.resolved).map(|(_, namespace)| namespace);
        let is_ruled = of_service.is_some_and(|namespace| self.ruled.contains(namespace));
        if fitting.peek().is_none() && !is_ruled {
            return Reach::SubsetNotInInput;
        }
        if fitting.any(|rule| rule.names.contains(subset)) {
            return Reach::Known;
        }
        Reach::Missing(Missing::Subset(subset.clone()))
    }
}
