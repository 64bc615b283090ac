//! Labels, and what selects them.

use std::collections::BTreeMap;

use super::schema::{Schema, check};
use crate::diagnostic::Collector;
use crate::diagnostic::codes::INVALID_FIELD;
use crate::manifest::Field;

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

/// Reads a map of strings.
pub(crate) fn read_labels(field: Option<&Field<'_, '_>>) -> Labels {
    let entries = field.map(Field::entries).unwrap_or_default();
    let pairs = entries.into_iter();
    pairs
        .filter_map(|(key, value)| Some((key.to_owned(), value.node().as_str()?.to_owned())))
        .collect()
}

/// Reads a `LabelSelector`.
pub(crate) fn read_selector<'a>(
    field: &Field<'_, 'a>,
    problems: &mut Collector<'a>,
) -> LabelSelector {
    let expressions = field.list("matchExpressions");
    field.child("matchLabels").iter().for_each(|labels| check(labels, Schema::Labels, problems));
    LabelSelector {
        match_labels: read_labels(field.child("matchLabels").as_ref()),
        expressions: expressions
            .iter()
            .filter_map(|expression| {
                let read = read_expression(expression);
                if read.is_none() {
                    problems.push(invalid_expression(expression));
                }
                read
            })
            .collect(),
    }
}

fn read_expression(field: &Field<'_, '_>) -> Option<Expression> {
    let operator = match field.child("operator")?.node().as_str()? {
        "In" => Operator::In,
        "NotIn" => Operator::NotIn,
        "Exists" => Operator::Exists,
        "DoesNotExist" => Operator::DoesNotExist,
        _ => return None,
    };
    let values = field.list("values");
    Some(Expression {
        key: field.child("key")?.node().as_str()?.to_owned(),
        operator,
        values: values
            .iter()
            .filter_map(|value| value.node().as_str().map(str::to_owned))
            .collect(),
    })
}

fn invalid_expression<'a>(field: &Field<'_, 'a>) -> crate::diagnostic::Problem<'a> {
    field
        .problem(&INVALID_FIELD, "the expression has no `key` or no known `operator`")
        .help("give a `key` and one of the operators In, NotIn, Exists, DoesNotExist")
}
