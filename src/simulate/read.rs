//! A value with its place, read as what it must be.

use std::fmt;

use serde_json::Value;

use crate::dialect::Refusal;

/// The namespace and name of an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Name {
    /// Names an object.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }
}

/// Writes `namespace/name`.
impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.namespace, self.name)
    }
}

/// Where a request goes cannot be said, and which field is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} `{object}`, `{path}`: {cause}")]
pub struct Undecided {
    /// The kind of the object.
    pub kind: &'static str,
    /// The object.
    pub object: Box<Name>,
    /// The path of the field, as `spec.http[0].match[1].uri.regex`.
    pub path: String,
    /// What is wrong there.
    pub cause: Cause,
}

/// Why a field does not say where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The API server or the webhook refuse it, or do not know it.
    Invalid(String),
    /// A regular expression that engines read differently, or that is invalid.
    Regex(Refusal),
    /// It depends on a token of which a request here says nothing.
    Claim,
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(reason) => write!(formatter, "{reason}"),
            Self::Regex(refusal) => write!(formatter, "{refusal}"),
            Self::Claim => write!(formatter, "claims of a token are not simulated"),
        }
    }
}

/// A value and where it stands; what is absent and what is null are the same.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    pub(super) kind: &'static str,
    pub(super) object: &'a Name,
    path: String,
    value: &'a Value,
}

impl<'a> Field<'a> {
    pub(super) fn root(kind: &'static str, object: &'a Name, value: &'a Value) -> Self {
        Self { kind, object, path: String::new(), value }
    }

    /// Returns an error at this field.
    pub(super) fn undecided(&self, cause: Cause) -> Undecided {
        let object = Box::new(self.object.clone());
        Undecided { kind: self.kind, object, path: self.path.clone(), cause }
    }

    pub(super) fn invalid(&self, reason: &str) -> Undecided {
        self.undecided(Cause::Invalid(reason.to_owned()))
    }

    pub(super) fn is_absent(&self) -> bool {
        self.value.is_null()
    }

    pub(super) fn present(self) -> Option<Self> {
        (!self.is_absent()).then_some(self)
    }

    /// Returns the field `key` of a map; absent where there is neither.
    pub(super) fn child(&self, key: &str) -> Self {
        let mut path = String::with_capacity(self.path.len() + 1 + key.len());
        path.push_str(&self.path);
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
        let value = self.value.get(key).unwrap_or(&Value::Null);
        Self { kind: self.kind, object: self.object, path, value }
    }

    /// Returns the entries of a map, those that are null as well.
    pub(super) fn entries(&self) -> Result<Vec<(&'a str, Self)>, Undecided> {
        match self.value {
            Value::Null => Ok(Vec::new()),
            Value::Object(map) => {
                Ok(map.keys().map(|key| (key.as_str(), self.child(key))).collect())
            }
            _ => Err(self.invalid("must be a map")),
        }
    }

    /// Returns the items of a list.
    pub(super) fn items(&self) -> Result<Vec<Self>, Undecided> {
        let items = match self.value {
            Value::Null => return Ok(Vec::new()),
            Value::Array(items) => items,
            _ => return Err(self.invalid("must be a list")),
        };
        let item = |(index, value)| {
            let path = format!("{}[{index}]", self.path);
            Self { kind: self.kind, object: self.object, path, value }
        };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// Returns the items of a list of maps.
    pub(super) fn maps(&self) -> Result<Vec<Self>, Undecided> {
        let items = self.items()?;
        match items.iter().find(|item| !item.value.is_object()) {
            Some(item) => Err(item.invalid("must be a map")),
            None => Ok(items),
        }
    }

    pub(super) fn text(&self) -> Result<Option<String>, Undecided> {
        match self.value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.clone())),
            _ => Err(self.invalid("must be a string")),
        }
    }

    /// Returns a string that is there; to protobuf an empty one is not.
    pub(super) fn filled(&self) -> Result<Option<String>, Undecided> {
        Ok(self.text()?.filter(|text| !text.is_empty()))
    }

    pub(super) fn texts(&self) -> Result<Vec<String>, Undecided> {
        let text = |item: &Self| item.text()?.ok_or_else(|| item.invalid("must be a string"));
        self.items()?.iter().map(text).collect()
    }

    pub(super) fn flag(&self) -> Result<bool, Undecided> {
        match self.value {
            Value::Null => Ok(false),
            Value::Bool(flag) => Ok(*flag),
            _ => Err(self.invalid("must be true or false")),
        }
    }

    /// Returns a whole number from 0 to `highest`.
    pub(super) fn number(&self, highest: u64) -> Result<Option<u64>, Undecided> {
        if self.is_absent() {
            return Ok(None);
        }
        let number = self.value.as_u64().filter(|number| *number <= highest);
        let wrong = || self.invalid(&format!("must be a whole number from 0 to {highest}"));
        number.map(Some).ok_or_else(wrong)
    }

    /// Returns a port; 0 is none, as protobuf has it.
    pub(super) fn port(&self) -> Result<Option<u16>, Undecided> {
        let port = self.number(u64::from(u16::MAX))?.and_then(|port| u16::try_from(port).ok());
        Ok(port.filter(|port| *port != 0))
    }

    pub(super) fn float(&self) -> Result<Option<f64>, Undecided> {
        if self.is_absent() {
            return Ok(None);
        }
        self.value.as_f64().map(Some).ok_or_else(|| self.invalid("must be a number"))
    }
}
