//! A match entry of an http rule: conditions that must all hold.

use super::read::{Cause, Field, Undecided};
use super::request::Request;
use super::selectors::Selectors;
use super::text::Text;
use super::why::{Property, Unmet};

/// How the names of claims of a token begin where headers are matched.
///
/// From istio/istio:pkg/jwt/routing.go `ToRoutingClaim`.
pub(crate) const CLAIM_PREFIX: &str = "@request.auth.claims";

/// The keys of conditions on the request, and those that match nothing.
const KEYS: [&str; 10] = [
    "name",
    "uri",
    "scheme",
    "method",
    "authority",
    "headers",
    "withoutHeaders",
    "queryParams",
    "ignoreUriCase",
    "statPrefix",
];

/// A match entry, or two of them merged by delegation.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its index in the rule of the VirtualService that has the host.
    pub(super) index: Option<usize>,
    /// Its index in the rule of the delegate.
    pub(super) delegate_index: Option<usize>,
    pub(super) selectors: Selectors,
    pub(super) ignore_uri_case: bool,
    pub(super) uri: Option<Text>,
    pub(super) scheme: Option<Text>,
    pub(super) method: Option<Text>,
    pub(super) authority: Option<Text>,
    pub(super) headers: Vec<Named>,
    pub(super) without_headers: Vec<Named>,
    pub(super) query_parameters: Vec<Named>,
}

/// A condition on what has a name.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) text: Text,
    /// Set where the name is that of a claim.
    claim: Option<Undecided>,
}

/// Reads the `match` of an http rule.
pub(super) fn read_entries(rule: &Field<'_>) -> Result<Vec<Entry>, Undecided> {
    let entries = rule.child("match").maps()?;
    entries.iter().enumerate().map(|(index, entry)| Entry::read(index, entry)).collect()
}

impl Entry {
    /// An unknown field is refused: the API server drops it, and what is left matches more.
    fn read(index: usize, entry: &Field<'_>) -> Result<Self, Undecided> {
        for (key, value) in entry.entries()? {
            if !KEYS.contains(&key) && !Selectors::KEYS.contains(&key) {
                return Err(value.invalid("is no field of an http match"));
            }
        }
        let text =
            |key: &str| entry.child(key).present().map(|field| Text::read(&field)).transpose();
        let uri = entry.child("uri").present();
        Ok(Self {
            index: Some(index),
            delegate_index: None,
            selectors: Selectors::read(entry)?,
            ignore_uri_case: entry.child("ignoreUriCase").flag()?,
            uri: uri.map(|field| Text::read_uri(&field)).transpose()?,
            scheme: text("scheme")?,
            method: text("method")?,
            authority: text("authority")?,
            headers: read_named(&entry.child("headers"))?,
            without_headers: read_excluded(&entry.child("withoutHeaders"))?,
            query_parameters: read_named(&entry.child("queryParams"))?,
        })
    }

    /// Returns whether every request meets it, in the way that Istio finds out.
    ///
    /// From istio/istio:pilot/pkg/networking/core/route/route.go `IsCatchAllRoute`: method, authority
    /// and scheme are headers there.
    pub(super) fn is_catch_all(&self) -> bool {
        let texts = [&self.scheme, &self.method, &self.authority];
        let named = [&self.headers, &self.without_headers, &self.query_parameters];
        self.uri.as_ref().is_none_or(Text::is_any_path)
            && texts.iter().all(|text| text.is_none())
            && named.iter().all(|named| named.is_empty())
    }

    /// Returns the first condition that the request does not meet.
    ///
    /// A condition that cannot be decided matters only where all others hold.
    pub(super) fn unmet(&self, request: &Request) -> Result<Option<Unmet>, Undecided> {
        let mut undecided = None;
        for checked in self.check(request) {
            match checked {
                Ok(None) => {}
                Ok(Some(unmet)) => return Ok(Some(unmet)),
                Err(error) => undecided = undecided.or(Some(error)),
            }
        }
        undecided.map_or(Ok(None), Err)
    }

    fn check(&self, request: &Request) -> Vec<Result<Option<Unmet>, Undecided>> {
        let mut checks = vec![self.check_path(request)];
        for (text, property, found) in [
            (&self.method, Property::Method, &request.method),
            (&self.scheme, Property::Scheme, &request.scheme),
            (&self.authority, Property::Authority, &request.host),
        ] {
            if let Some(text) = text {
                checks.push(check_text(text, property, Some(found)));
            }
        }
        checks.extend(self.headers.iter().map(|header| header.check_header(request)));
        checks.extend(self.without_headers.iter().map(|header| header.check_excluded(request)));
        checks.extend(self.query_parameters.iter().map(|named| {
            let property = Property::QueryParameter(named.name.clone());
            check_text(&named.text, property, request.query_parameter(&named.name))
        }));
        checks
    }

    fn check_path(&self, request: &Request) -> Result<Option<Unmet>, Undecided> {
        let Some(uri) = &self.uri else { return Ok(None) };
        let path = request.path_alone();
        let holds =
            if self.ignore_uri_case { uri.holds_in_any_case(path)? } else { uri.holds(path)? };
        Ok((!holds).then(|| unmet_property(uri, Property::Path, Some(path))))
    }

    /// Returns the headers that it looks at and that the request repeats.
    pub(super) fn repeated_headers(&self, request: &Request) -> Vec<String> {
        let named = self.headers.iter().chain(&self.without_headers);
        let names = named.map(|header| header.name.to_ascii_lowercase());
        names.filter(|name| request.header(name).1 > 1).collect()
    }
}

impl Named {
    fn check_header(&self, request: &Request) -> Result<Option<Unmet>, Undecided> {
        self.check_claim()?;
        let (found, _) = request.header(&self.name);
        check_text(&self.text, Property::Header(self.name.clone()), found)
    }

    /// Checks that the header is not so; an absent one counts as empty, unless presence is meant.
    ///
    /// From istio/istio:pilot/pkg/networking/core/route/route.go `TranslateRouteMatch`, which sets
    /// `TreatMissingHeaderAsEmpty`.
    fn check_excluded(&self, request: &Request) -> Result<Option<Unmet>, Undecided> {
        self.check_claim()?;
        let (found, _) = request.header(&self.name);
        let holds = match (&self.text, found) {
            (Text::Present, found) => found.is_some(),
            (text, found) => text.holds(found.unwrap_or_default())?,
        };
        Ok(holds.then(|| Unmet::Excluded {
            header: self.name.clone(),
            wanted: self.text.wanted(),
            found: found.map(str::to_owned),
        }))
    }

    fn check_claim(&self) -> Result<(), Undecided> {
        self.claim.clone().map_or(Ok(()), Err)
    }
}

fn check_text(
    text: &Text,
    property: Property,
    found: Option<&str>,
) -> Result<Option<Unmet>, Undecided> {
    let holds = found.map(|found| text.holds(found)).transpose()?.unwrap_or(false);
    Ok((!holds).then(|| unmet_property(text, property, found)))
}

fn unmet_property(text: &Text, property: Property, found: Option<&str>) -> Unmet {
    Unmet::Property { property, wanted: text.wanted(), found: found.map(str::to_owned) }
}

/// Reads conditions by name; the webhook refuses one that is null.
fn read_named(field: &Field<'_>) -> Result<Vec<Named>, Undecided> {
    let entries = field.entries()?;
    match entries.iter().find(|(_, value)| value.is_absent()) {
        Some((_, value)) => Err(value.invalid("must be a map")),
        None => entries.into_iter().map(read_one).collect(),
    }
}

/// Reads conditions that must not hold; null is presence, as `{}` is.
fn read_excluded(field: &Field<'_>) -> Result<Vec<Named>, Undecided> {
    field.entries()?.into_iter().map(read_one).collect()
}

fn read_one((name, value): (&str, Field<'_>)) -> Result<Named, Undecided> {
    let is_claim = name.to_ascii_lowercase().starts_with(CLAIM_PREFIX);
    Ok(Named {
        name: name.to_owned(),
        text: Text::read(&value)?,
        claim: is_claim.then(|| value.undecided(Cause::Claim)),
    })
}

#[cfg(test)]
mod tests;
