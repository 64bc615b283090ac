//! Checks of the webhook on `trafficRoutings` of both versions.

use super::rules::{
    EMPTY_SERVICE, NEGATIVE_GRACE, NO_GATEWAY_ROUTE, NO_INGRESS_NAME, NO_PROVIDER, SECOND_ROUTING,
};
use crate::diagnostic::Collector;
use crate::manifest::Field;

/// Checks the traffic routings of a strategy.
pub(super) fn check_routings<'a>(strategy: &Field<'_, 'a>, problems: &mut Collector<'a>) {
    let routings = strategy.list("trafficRoutings");
    if let Some(second) = routings.get(1) {
        problems.push(SECOND_ROUTING.at(second));
    }
    for routing in &routings {
        check_routing(routing, problems);
    }
}

fn check_routing<'a>(routing: &Field<'_, 'a>, problems: &mut Collector<'a>) {
    let grace = routing.child("gracePeriodSeconds").and_then(|field| field.to_value().as_i64());
    if grace.is_some_and(|grace| grace < 0) {
        problems.push(NEGATIVE_GRACE.at_value(routing, "gracePeriodSeconds"));
    }
    if routing.text("service") == Some("") {
        problems.push(EMPTY_SERVICE.at_value(routing, "service"));
    }
    let providers = ["gateway", "ingress", "customNetworkRefs"];
    if providers.iter().all(|name| routing.child(name).is_none()) {
        problems.push(NO_PROVIDER.at(routing));
    }
    if let Some(ingress) = routing.child("ingress").filter(|one| one.text("name") == Some("")) {
        problems.push(NO_INGRESS_NAME.at_value(&ingress, "name"));
    }
    if let Some(gateway) = routing.child("gateway")
        && gateway.text("httpRouteName").unwrap_or_default().is_empty()
    {
        problems.push(NO_GATEWAY_ROUTE.at_value(&gateway, "httpRouteName"));
    }
}
