//! The objects that lead the traffic in a tree to be rendered again.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::tree::{Fixed, insert, metadata, notes};

pub(crate) fn virtual_service(dice: &mut Dice, fixed: &Fixed) -> Value {
    let mut metadata = metadata(fixed, "web");
    insert(&mut metadata, "labels", notes(dice, 1));
    insert(&mut metadata, "annotations", notes(dice, 1));
    let mut rules = vec![rule(dice, 0)];
    for number in 0..dice.below(4) {
        rules.push(match dice.below(3) {
            0 => rule(dice, number + 1),
            1 => json!({"match": [{"uri": {"prefix": "/old"}}], "redirect": {"uri": "/new"}}),
            // Without a match, it would leave no request to the rules behind it.
            _ => json!({"match": [{"uri": {"prefix": "/other"}}], "route": [{"destination": {"host": "other"}}]}),
        });
    }
    let rules = dice.shuffle(rules);
    let spec = json!({"hosts": ["web.example.com"], "http": rules});
    json!({"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": metadata, "spec": spec})
}

/// The first is for the Service's host, as far as it is named in full or not at all.
pub(crate) fn destination_rule(dice: &mut Dice, fixed: &Fixed, number: usize) -> Value {
    let mut metadata = metadata(fixed, &format!("rule-{number}"));
    insert(&mut metadata, "labels", notes(dice, 1));
    insert(&mut metadata, "annotations", notes(dice, 1));
    let namespace = fixed.namespace.unwrap_or("default");
    let host =
        if dice.flip() { format!("web.{namespace}.svc.cluster.local") } else { "web".to_owned() };
    let host = if number == 0 { host } else { "other".to_owned() };
    let policy = json!({"loadBalancer": {"simple": "RANDOM"}});
    let stable = json!({"name": "stable", "labels": {"zone": "a"}, "trafficPolicy": policy});
    let canary = json!({"name": "canary", "labels": {"zone": "a"}, "trafficPolicy": policy});
    let bare = json!({"name": "canary"});
    let mut spec = json!({"host": host});
    match dice.below(5) {
        0 => {}
        1 => spec["subsets"] = json!([]),
        2 => spec["subsets"] = json!([stable]),
        3 => spec["subsets"] = json!([canary, stable]),
        _ => spec["subsets"] = json!([stable, bare]),
    }
    if dice.flip() {
        spec["trafficPolicy"] = policy;
    }
    json!({"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule", "metadata": metadata, "spec": spec})
}

fn rule(dice: &mut Dice, number: usize) -> Value {
    let mut rule = Map::new();
    insert(&mut rule, "name", dice.flip().then(|| json!(format!("rule-{}", number / 2))));
    let conditions =
        [json!({"uri": {"prefix": "/shop"}}), json!({"headers": {"beta": {"exact": "yes"}}})];
    let matches: Vec<_> = conditions.into_iter().take(dice.below(3)).collect();
    insert(&mut rule, "match", (!matches.is_empty()).then(|| json!(matches)));
    insert(&mut rule, "timeout", dice.flip().then(|| json!("5s")));
    let host = dice.pick(&["web", "web"]);
    let route = match dice.below(5) {
        0 => json!([{"destination": {"host": host}}]),
        4 => {
            json!([{"destination": {"host": host, "subset": "stable"}, "weight": 50}, {"destination": {"host": host}, "weight": 50}])
        }
        1 => json!([{"destination": {"host": host, "port": {"number": 80}}, "weight": 100}]),
        2 => {
            json!([{"destination": {"host": "other"}, "weight": 30}, {"destination": {"host": host}, "weight": 70}])
        }
        _ => {
            json!([{"destination": {"host": host}, "weight": 60, "headers": {"request": {"set": {"a": "b"}}}}, {"destination": {"host": "other"}, "weight": 40}])
        }
    };
    rule.insert("route".to_owned(), route);
    Value::Object(rule)
}
