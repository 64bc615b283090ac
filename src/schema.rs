//! Schemas: the fields that an object may have, and their types.
//!
//! A schema is data. It is checked first: a misspelt field is reported with its place, and the reader
//! of the object finds the fields and types that it expects.

mod prune;

use std::collections::BTreeSet;

use crate::diagnostic::codes::{DUPLICATE_HEADER, INVALID_FIELD, MISSING_FIELD, UNKNOWN_FIELD};
use crate::diagnostic::{Collector, nearest};
use crate::manifest::{Content, Field, Node, Scalar};
pub(crate) use prune::prune;

/// What a field may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Schema {
    /// Anything: fields that are carried through or not looked at.
    Any,
    Text,
    TextWithin(TextBounds),
    Integer,
    Boolean,
    IntegerOrText,
    OneOf(&'static [&'static str]),
    /// Keys and values that are strings.
    Labels,
    /// Labels whose values the API server takes.
    LabelValues,
    /// A map that is not looked into.
    Map,
    List(&'static Self),
    ListWithin(&'static Self, ListBounds),
    Object(&'static [Property]),
    /// An object whose fields must also fit each other.
    Ruled(&'static [Property], Rule),
}

/// Reports fields of an object that do not fit each other.
pub(crate) type Rule = for<'r, 'a, 'c> fn(&Field<'r, 'a>, &'c mut Collector<'a>);

/// How long a string is, and of what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextBounds {
    pub(crate) shortest: usize,
    pub(crate) longest: usize,
    pub(crate) admits: fn(char) -> bool,
    /// What it is made of, as messages say it.
    pub(crate) characters: &'static str,
}

/// How many items a list has, and what no two of them have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListBounds {
    pub(crate) most: usize,
    pub(crate) unique: Unique,
}

/// What no two items of a list have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unique {
    Nothing,
    /// The whole item.
    Item,
    /// The value of a key: `x-kubernetes-list-map-keys` of a CRD.
    Key(&'static str),
}

/// A field of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Property {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) schema: Schema,
}

/// Returns a property that may be absent.
pub(crate) const fn optional(name: &'static str, schema: Schema) -> Property {
    Property { name, required: false, schema }
}

/// Returns a property that must be there.
pub(crate) const fn required(name: &'static str, schema: Schema) -> Property {
    Property { name, required: true, schema }
}

/// Reports every field that is unknown, missing or of the wrong type.
pub(crate) fn check<'a>(field: &Field<'_, 'a>, schema: Schema, problems: &mut Collector<'a>) {
    if field.node().is_null() {
        return;
    }
    if !schema.admits(field) {
        let message = format!("the field must be {}", schema.description());
        problems.push(field.problem(&INVALID_FIELD, message).help(schema.repair()));
        return;
    }
    match schema {
        Schema::List(item) => {
            for field in field.items() {
                check(&field, *item, problems);
            }
        }
        Schema::ListWithin(item, bounds) => {
            check_bounds(field, bounds, problems);
            for field in field.items() {
                check(&field, *item, problems);
            }
        }
        Schema::Object(properties) => check_properties(field, properties, problems),
        Schema::Ruled(properties, rule) => {
            check_properties(field, properties, problems);
            rule(field, problems);
        }
        _ => {}
    }
}

/// Reports a list that is too long, and items that are there already.
fn check_bounds<'a>(field: &Field<'_, 'a>, bounds: ListBounds, problems: &mut Collector<'a>) {
    let items = field.items();
    if items.len() > bounds.most {
        let message = format!("the list has {} items, more than {}", items.len(), bounds.most);
        let help = format!("leave at most {}", bounds.most);
        problems.push(field.problem(&INVALID_FIELD, message).help(help));
    }
    let mut names = BTreeSet::new();
    for item in &items {
        let Some(name) = bounds.unique.name_of(item.node()).filter(|name| !names.insert(*name))
        else {
            continue;
        };
        let problem =
            item.problem(&DUPLICATE_HEADER, format!("`{name}` is named twice in one list"));
        problems
            .push(problem.help("name it once; a second condition goes into a match of its own"));
    }
}

fn check_properties<'a>(
    field: &Field<'_, 'a>,
    properties: &'static [Property],
    problems: &mut Collector<'a>,
) {
    for (key, value) in field.entries() {
        match properties.iter().find(|property| property.name == key) {
            Some(property) => check(&value, property.schema, problems),
            None => problems.push(unknown_field(field, key, properties)),
        }
    }
    for property in properties.iter().filter(|property| property.required) {
        if field.child(property.name).is_none() {
            let message = format!("field `{}` is missing", property.name);
            let help = format!("add `{}`: {}", property.name, property.schema.description());
            problems.push(field.problem(&MISSING_FIELD, message).help(help));
        }
    }
}

fn unknown_field<'a>(
    field: &Field<'_, 'a>,
    key: &str,
    properties: &'static [Property],
) -> crate::diagnostic::Problem<'a> {
    let help = match nearest(key, properties.iter().map(|property| property.name)) {
        Some(name) => format!("correct the name; did you mean `{name}`?"),
        None => {
            "remove the field, or `--allow unknown-field` if a newer controller knows it".to_owned()
        }
    };
    field
        .key_problem(key, &UNKNOWN_FIELD, format!("the schema has no field `{key}` here"))
        .help(help)
}

impl Unique {
    fn name_of(self, item: &Node) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::Item => item.as_str(),
            Self::Key(key) => item.child(key).and_then(Node::as_str),
        }
    }
}

impl TextBounds {
    fn admit(self, text: &str) -> bool {
        let length = text.chars().count();
        (self.shortest..=self.longest).contains(&length) && text.chars().all(self.admits)
    }
}

impl Schema {
    fn admits(self, field: &Field<'_, '_>) -> bool {
        let node = field.node();
        let scalar = match &node.content {
            Content::Scalar { value, .. } => Some(value),
            Content::Sequence { .. } | Content::Mapping { .. } => None,
        };
        match self {
            Self::Any => true,
            Self::Text => node.as_str().is_some(),
            Self::TextWithin(bounds) => node.as_str().is_some_and(|text| bounds.admit(text)),
            Self::Integer => scalar.is_some_and(|value| value.as_i64().is_some()),
            Self::Boolean => scalar.is_some_and(Scalar::is_boolean),
            Self::IntegerOrText => {
                scalar.is_some_and(|value| value.is_string() || value.as_i64().is_some())
            }
            Self::OneOf(names) => node.as_str().is_some_and(|text| names.contains(&text)),
            Self::Labels => {
                matches!(node.content, Content::Mapping { .. })
                    && node
                        .entries()
                        .iter()
                        .all(|entry| entry.value.as_str().is_some() && !entry.key.is_empty())
            }
            Self::LabelValues => {
                matches!(node.content, Content::Mapping { .. })
                    && node
                        .entries()
                        .iter()
                        .all(|entry| entry.value.as_str().is_some_and(is_label_value))
            }
            Self::List(_) | Self::ListWithin(..) => {
                matches!(node.content, Content::Sequence { .. })
            }
            Self::Map | Self::Object(_) | Self::Ruled(..) => {
                matches!(node.content, Content::Mapping { .. })
            }
        }
    }

    fn description(self) -> String {
        match self {
            Self::Any => "anything".to_owned(),
            Self::Text => "a string".to_owned(),
            Self::TextWithin(TextBounds { shortest: 0, longest, characters, .. }) => {
                format!("a string of at most {longest} {characters}")
            }
            Self::TextWithin(TextBounds { shortest, longest, characters, .. }) => {
                format!("a string of {shortest} to {longest} {characters}")
            }
            Self::Integer => "a whole number".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::IntegerOrText => "a whole number or a string such as `20%`".to_owned(),
            Self::OneOf(names) => format!("one of {}", names.join(", ")),
            Self::Labels => "a map of strings with keys that are not empty".to_owned(),
            Self::LabelValues => {
                "a map of label values: at most 63 letters, digits, `-`, `_` and `.`".to_owned()
            }
            Self::List(_) | Self::ListWithin(..) => "a list".to_owned(),
            Self::Map | Self::Object(_) | Self::Ruled(..) => "a map".to_owned(),
        }
    }

    fn repair(self) -> String {
        match self {
            Self::Text => "put the value in quotes if it looks like a number or boolean".to_owned(),
            Self::Labels => {
                "give each a key, and put a value in quotes if it looks like a number or boolean"
                    .to_owned()
            }
            Self::List(_) | Self::ListWithin(..) => "begin each item with `- `".to_owned(),
            other => format!("write {}", other.description()),
        }
    }
}

/// Returns whether the API server takes the value of a label:
/// kubernetes/apimachinery:pkg/util/validation/validation.go `IsValidLabelValue`.
pub(crate) fn is_label_value(value: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let outer = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_alphanumeric);
    let bytes = value.as_bytes();
    bytes.len() <= 63
        && bytes.iter().all(|&byte| inner(byte))
        && outer(bytes.first())
        && outer(bytes.last())
}
