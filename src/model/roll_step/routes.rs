//! The routes that a RollStep lists: VirtualServices that no Rollout can name.
//!
//! A controller reads routes of its Rollout's own namespace alone; many live in that of their gateway.
//!
//! ```yaml
//! routes:
//! - kind: VirtualService
//!   namespace: istio-ingress
//!   name: web
//! ```

use super::ListedRoute;
use crate::diagnostic::Collector;
use crate::diagnostic::codes::INVALID_FIELD;
use crate::manifest::{Field, Identity};
use crate::schema::{Property, Schema, optional, required};

/// The kinds of routes that are rendered.
const KINDS: &[&str] = &["VirtualService"];

const ROUTE: &[Property] = &[
    required("kind", Schema::OneOf(KINDS)),
    optional("namespace", Schema::Text),
    required("name", Schema::Text),
];

/// The schema of `routes`.
pub(super) const ROUTES: Schema = Schema::List(&Schema::Object(ROUTE));

/// Reads `routes`; without a namespace a route is in that of the RollStep.
pub(super) fn read<'a>(
    spec: &Field<'_, 'a>,
    own: &Identity,
    problems: &mut Collector<'a>,
) -> Vec<ListedRoute> {
    let mut routes = Vec::new();
    for field in spec.list("routes") {
        for key in ["namespace", "name"] {
            if let Some(empty) = field.child(key).filter(|child| child.node().as_str() == Some(""))
            {
                let problem = empty.problem(&INVALID_FIELD, format!("`{key}` is empty"));
                problems.push(problem.help(format!("write the {key} of the route")));
            }
        }
        let (Some(kind), Some(name)) = (field.text("kind"), field.text("name")) else { continue };
        routes.push(ListedRoute {
            kind: kind.to_owned(),
            namespace: field.text("namespace").unwrap_or(&own.namespace).to_owned(),
            name: name.to_owned(),
            path: field.path(),
        });
    }
    routes
}
