//! Where a rule stands.

use std::fmt;

use super::Name;

/// A rule, and the match entry of it that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The VirtualService.
    pub virtual_service: Name,
    /// The list that holds the rule.
    pub protocol: Protocol,
    /// The index of the rule in its list.
    pub rule: usize,
    /// The index of the match entry, where the rule has any.
    pub entry: Option<usize>,
    /// The rule of another VirtualService that this one delegates to.
    pub delegate: Option<DelegatePlace>,
}

impl Place {
    /// Names a rule without a match entry.
    pub(super) fn of_rule(virtual_service: &Name, protocol: Protocol, rule: usize) -> Self {
        let virtual_service = virtual_service.clone();
        Self { virtual_service, protocol, rule, entry: None, delegate: None }
    }

    /// Names a match entry of the rule.
    pub(super) fn with_entry(&self, entry: usize) -> Self {
        Self { entry: Some(entry), ..self.clone() }
    }
}

/// The rule of a delegate, and the match entry of it that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegatePlace {
    /// The VirtualService.
    pub virtual_service: Name,
    /// The index of the rule in `spec.http`.
    pub rule: usize,
    /// The index of the match entry, where the rule has any.
    pub entry: Option<usize>,
}

/// A list of rules of a VirtualService.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// Requests.
    Http,
    /// TLS connections that the proxy does not end.
    Tls,
    /// Other connections.
    Tcp,
}

impl Protocol {
    /// Returns the key of its rules in `spec`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Tls => "tls",
            Self::Tcp => "tcp",
        }
    }
}

/// Writes the path of the field, and that of the delegate.
impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { virtual_service, protocol, rule, entry, delegate } = self;
        let path = path(*protocol, *rule, *entry);
        write!(formatter, "`{path}` of `{virtual_service}`")?;
        if let Some(DelegatePlace { virtual_service, rule, entry }) = delegate {
            let path = self::path(*protocol, *rule, *entry);
            write!(formatter, ", delegate `{path}` of `{virtual_service}`")?;
        }
        Ok(())
    }
}

fn path(protocol: Protocol, rule: usize, entry: Option<usize>) -> String {
    let entry = entry.map(|entry| format!(".match[{entry}]")).unwrap_or_default();
    format!("spec.{}[{rule}]{entry}", protocol.key())
}
