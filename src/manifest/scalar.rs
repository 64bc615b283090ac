//! A string, a number, a boolean or null.

use std::fmt;

use serde_json::{Number, Value};

/// A value that holds no others.
///
/// A tree holds many, so that a string takes no more room than it needs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar {
    Null,
    Bool(bool),
    Number(Number),
    String(Box<str>),
}

impl Scalar {
    /// Returns the string, if this is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            Self::Null | Self::Bool(_) | Self::Number(_) => None,
        }
    }

    /// Returns the integer, if this is one that fits.
    pub(crate) fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            Self::Null | Self::Bool(_) | Self::String(_) => None,
        }
    }

    /// Returns whether this is true or false.
    pub(crate) fn is_boolean(&self) -> bool {
        matches!(self, Self::Bool(_))
    }

    /// Returns whether this is a string.
    pub(crate) fn is_string(&self) -> bool {
        matches!(self, Self::String(_))
    }

    /// Returns the value as JSON.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Number(number) => Value::Number(number.clone()),
            Self::String(text) => Value::String(text.to_string()),
        }
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Self::String(text.into_boxed_str())
    }
}

/// Writes the text of a string, and anything else as JSON.
impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(bool) => bool.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::String(text) => f.write_str(text),
        }
    }
}
