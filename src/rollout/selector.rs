//! Labels, and what selects them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diagnostic::Collector;
use crate::manifest::Field;
use crate::schema::{Property, Schema, check, optional, required};

/// Labels or annotations by key.
pub(crate) type Labels = BTreeMap<String, String>;

/// A selector of pods: every part must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LabelSelector {
    pub(crate) match_labels: Labels,
    pub(crate) expressions: Vec<Expression>,
}

/// One entry of `matchExpressions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expression {
    pub(crate) key: String,
    pub(crate) operator: Operator,
    pub(crate) values: Vec<String>,
}

/// How an expression looks at the value of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl LabelSelector {
    /// Returns whether pods with these labels are selected.
    pub(crate) fn selects(&self, labels: &Labels) -> bool {
        selects(&self.match_labels, labels)
            && self.expressions.iter().all(|expression| expression.holds(labels))
    }

    /// Returns what the selector says of one key.
    pub(crate) fn of_key(&self, key: &str) -> Self {
        let mut selector = self.clone();
        selector.match_labels.retain(|other, _| other == key);
        selector.expressions.retain(|expression| expression.key == key);
        selector
    }

    /// Returns whether pods are selected for a label that they do not have.
    pub(crate) fn is_negative(&self) -> bool {
        let negative = [Operator::NotIn, Operator::DoesNotExist];
        self.expressions.iter().any(|expression| negative.contains(&expression.operator))
    }

    /// Returns whether the selector says nothing, and so selects everything.
    pub(crate) fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.expressions.is_empty()
    }
}

impl Expression {
    /// Returns whether the expression holds, as
    /// k8s.io/apimachinery:pkg/labels/selector.go `Requirement.Matches` decides.
    fn holds(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match self.operator {
            Operator::In => value.is_some_and(|value| self.values.contains(value)),
            Operator::NotIn => value.is_none_or(|value| !self.values.contains(value)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

/// Returns whether labels have every key of an equality selector with its value.
pub(crate) fn selects(selector: &Labels, labels: &Labels) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// Reads a map of strings; other values are left out.
pub(crate) fn read_labels(field: Option<&Field<'_, '_>>) -> Labels {
    let entries = field.map(Field::entries).unwrap_or_default();
    let pairs = entries.into_iter();
    pairs
        .filter_map(|(key, value)| Some((key.to_owned(), value.node().as_str()?.to_owned())))
        .collect()
}

/// Reads a map of strings from a value; other values are left out.
pub(crate) fn labels_of(map: Option<&Value>) -> Labels {
    let entries = map.and_then(Value::as_object).into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// The fields of a `LabelSelector`, from kubernetes/apimachinery:pkg/apis/meta/v1/types.go.
const LABEL_SELECTOR: Schema = Schema::Object(&[
    optional("matchLabels", Schema::Labels),
    optional("matchExpressions", Schema::List(&Schema::Object(EXPRESSION))),
]);

const EXPRESSION: &[Property] = &[
    required("key", Schema::Text),
    required("operator", Schema::OneOf(&["In", "NotIn", "Exists", "DoesNotExist"])),
    optional("values", Schema::List(&Schema::Text)),
];

/// Reads a `LabelSelector`; what is wrong with it is reported.
pub(crate) fn read_selector<'a>(
    field: &Field<'_, 'a>,
    problems: &mut Collector<'a>,
) -> Option<LabelSelector> {
    check(field, LABEL_SELECTOR, problems);
    LabelSelector::parse(&field.to_value())
}

impl LabelSelector {
    /// Reads a selector from any value; `None` where it is not a selector.
    pub(crate) fn parse(value: &Value) -> Option<Self> {
        value.as_object()?;
        let expressions = match value.get("matchExpressions") {
            None | Some(Value::Null) => &[],
            Some(list) => list.as_array()?.as_slice(),
        };
        let match_labels = match value.get("matchLabels") {
            None | Some(Value::Null) => Labels::new(),
            Some(labels) => parse_labels(labels)?,
        };
        Some(Self {
            match_labels,
            expressions: expressions.iter().map(Expression::parse).collect::<Option<_>>()?,
        })
    }
}

/// Reads a map of strings; `None` where it is not a map, or a value is not a string.
fn parse_labels(value: &Value) -> Option<Labels> {
    let pair = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
    value.as_object()?.iter().map(pair).collect()
}

impl Expression {
    fn parse(value: &Value) -> Option<Self> {
        let operator = match value.get("operator")?.as_str()? {
            "In" => Operator::In,
            "NotIn" => Operator::NotIn,
            "Exists" => Operator::Exists,
            "DoesNotExist" => Operator::DoesNotExist,
            _ => return None,
        };
        let values = value.get("values").and_then(Value::as_array);
        let texts = values.into_iter().flatten().map(|value| value.as_str().map(str::to_owned));
        Some(Self {
            key: value.get("key")?.as_str()?.to_owned(),
            operator,
            values: texts.collect::<Option<_>>()?,
        })
    }
}
