//! Fields that Istio does not know, and those that it has replaced.
//!
//! The API server drops a field that the CRD does not have, and `kubectl apply` refuses it: a rule that
//! is thought to have a timeout has none.

mod schema;

use super::route::Route;
use super::spot::Spot;
use crate::diagnostic::codes::{DEPRECATED_FIELD, UNKNOWN_ROUTE_FIELD};
use crate::diagnostic::{Problem, nearest};
use schema::{Property, Shape, VIRTUAL_SERVICE};

/// Reports fields that are unknown or deprecated.
pub(super) fn check<'a>(route: &Route<'a>) -> Vec<Problem<'a>> {
    let mut found = Vec::new();
    walk(route, &route.spec(), (VIRTUAL_SERVICE, &mut found));
    found
}

fn walk<'a>(route: &Route<'a>, spot: &Spot<'_>, (shape, found): (Shape, &mut Vec<Problem<'a>>)) {
    match shape {
        Shape::Any => {}
        Shape::List(item) => {
            let items = spot.value.as_array().into_iter().flatten().enumerate();
            for (index, value) in items {
                walk(route, &Spot { value, path: spot.path.index(index) }, (*item, found));
            }
        }
        Shape::Map(value) => {
            spot.entries().iter().for_each(|(_, entry)| walk(route, entry, (*value, found)));
        }
        Shape::Object(properties) => {
            for (key, field) in spot.entries() {
                match properties.iter().find(|property| property.name == key) {
                    None => found.push(unknown(route, (&field, key), properties)),
                    Some(property) => {
                        found.extend(deprecated(route, &field, property));
                        walk(route, &field, (property.shape, found));
                    }
                }
            }
        }
    }
}

fn unknown<'a>(
    route: &Route<'a>,
    (field, key): (&Spot<'_>, &str),
    properties: &[Property],
) -> Problem<'a> {
    let names = properties.iter().map(|property| property.name);
    let camel = camel_case(key);
    let meant = names.clone().find(|name| *name == camel).or_else(|| nearest(key, names));
    let help = match meant {
        Some(name) => format!("write `{name}`, or remove the field"),
        None => "remove the field, or acknowledge it where your Istio knows it".to_owned(),
    };
    let message = format!("Istio knows no field `{key}` here, and the API server drops it");
    route.problem(field, &UNKNOWN_ROUTE_FIELD, message).help(help)
}

fn deprecated<'a>(
    route: &Route<'a>,
    field: &Spot<'_>,
    Property { name, instead, .. }: &Property,
) -> Option<Problem<'a>> {
    let instead = (*instead)?;
    let message = format!("Istio has replaced field `{name}` by `{instead}`");
    let problem = route.problem(field, &DEPRECATED_FIELD, message);
    Some(problem.help(format!("write `{instead}`")))
}

/// Returns `uri_regex_rewrite` as `uriRegexRewrite`.
fn camel_case(key: &str) -> String {
    let mut words = key.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |camel, word| {
        let mut letters = word.chars();
        let head = letters.next().map(|letter| letter.to_ascii_uppercase());
        camel + &head.into_iter().chain(letters).collect::<String>()
    })
}

#[cfg(test)]
mod tests {
    use super::camel_case;

    #[test]
    fn words_are_joined() {
        assert_eq!(camel_case("uri_regex_rewrite"), "uriRegexRewrite");
        assert_eq!(camel_case("timeout"), "timeout");
    }
}
