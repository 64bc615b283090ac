//! Where rendering as the controller does and rendering by default are one, and the way back of both.
#![cfg(test)]

#[path = "again/dice.rs"]
mod dice;
#[path = "routing_property/shop.rs"]
mod shop;

use dice::Dice;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
use rollstep::{Compat, Input, Isolate, Options, Source, StageName, render};
use serde_json::{Value, json};
use shop::Shop;

proptest! {
    #![proptest_config(config())]

    /// One http rule without match, one destination with a bare host and nothing else, in the
    /// Service's namespace, and a step without PathPrefix.
    #[test]
    fn both_are_equal_on_a_plain_virtual_service(bytes in vec(any::<u8>(), 0..60)) {
        let mut dice = Dice::new(bytes);
        let step = shop::plain_step(&mut dice);
        let shop = Shop { route: shop::plain_route(&mut dice), steps: vec![step] };
        let stage = StageName::Step(1);
        let [default, compat] = [None, Some(Compat::Kruise)].map(|compat| {
            let text = render_routes(&shop.to_sources(), (stage, compat));
            text.unwrap_or_else(|errors| panic!("{errors:?}: {}", shop.route))
        });
        prop_assert_eq!(route_of(&default).1, route_of(&compat).1);
    }

    /// Whatever the controller writes otherwise, some code tells.
    #[test]
    fn no_difference_goes_untold(bytes in vec(any::<u8>(), 0..160)) {
        let mut dice = Dice::new(bytes);
        let shop = Shop { steps: vec![shop::step(&mut dice)], route: shop::route(&mut dice) };
        let source = shop.to_sources();
        let stage = StageName::Step(1);
        let (default, compat) = (outcome(&source, (stage, None)), outcome(&source, (stage, Some(Compat::Kruise))));
        let (Ok((default, _)), Ok((compat, told))) = (default, compat) else { return Ok(()) };
        let [default, compat] = [default, compat].map(|text| plain(&route_of(&text).1["spec"]));
        let told = told.iter().any(|code| code.starts_with("script-"));
        prop_assert!(told || default == compat, "{}\n{}\n{}", shop.route, default, compat);
    }

    /// At `done` from the source it is the source's bytes; from what any step wrote, its value.
    #[test]
    fn the_original_comes_back(bytes in vec(any::<u8>(), 0..160)) {
        let mut dice = Dice::new(bytes);
        let steps: Vec<_> = (0..1 + dice.below(3)).map(|_| shop::step(&mut dice)).collect();
        let shop = Shop { route: shop::route(&mut dice), steps };
        let source = shop.to_sources();
        let (bytes, original) = route_of(&source);
        let compat = Some(Compat::Kruise);
        let done = render_routes(&source, (StageName::Done, compat)).unwrap();
        prop_assert!(done.contains(&bytes), "{}\n{}", done, bytes);
        for number in 1..=shop.steps.len() {
            let stage = StageName::Step(number);
            // Where the script fails there is nothing to come back from.
            let Ok(rendered) = render_routes(&source, (stage, compat)) else { continue };
            for compat in [None, compat] {
                let restored = render_routes(&rendered, (StageName::Done, compat)).unwrap();
                prop_assert_eq!(&route_of(&restored).1, &original);
            }
        }
    }
}

fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases / 4, failure_persistence: None, ..usual }
}

/// Returns a spec without what means nothing: a host in full is the short one, weights of another sum
/// are the same shares, and no request comes past a rule without a match.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter().map(|(key, value)| (key.clone(), plain_field(key, value))).collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(plain).collect()),
        scalar => scalar.clone(),
    }
}

fn plain_field(key: &str, value: &Value) -> Value {
    let mut value = plain(value);
    if let ("host", Some(host)) = (key, value.as_str()) {
        let short = host.split_once(".default").map_or(host, |(short, _)| short);
        return Value::from(short);
    }
    if let ("http", Some(rules)) = (key, value.as_array_mut()) {
        let last = rules.iter().position(|rule| rule.get("match").is_none());
        rules.truncate(last.map_or(rules.len(), |last| last + 1));
    }
    match value.as_array() {
        Some(entries) if key == "route" => shares(entries),
        _ => value,
    }
}

/// Unites destinations that are one, and divides their weights as far as that goes.
fn shares(entries: &[Value]) -> Value {
    let mut found: Vec<(Value, u64)> = Vec::new();
    for entry in entries {
        let mut rest = entry.clone();
        let weight = rest.as_object_mut().and_then(|entry| entry.remove("weight"));
        let weight = weight.and_then(|weight| weight.as_u64()).unwrap_or_default();
        match found.iter_mut().find(|(known, _)| *known == rest) {
            Some((_, sum)) => *sum += weight,
            None => found.push((rest, weight)),
        }
    }
    let sole = found.len() == 1;
    let divisor = found.iter().map(|(_, weight)| *weight).fold(0, greatest_common_divisor);
    let weight = |weight: u64| if sole { 1 } else { weight / divisor.max(1) };
    found.iter().map(|(rest, sum)| json!([rest, weight(*sum)])).collect()
}

fn greatest_common_divisor(left: u64, right: u64) -> u64 {
    if right == 0 { left } else { greatest_common_divisor(right, left % right) }
}

/// Renders the whole tree, with the Rollout; or tells what is wrong.
fn render_routes(
    text: &str,
    wanted: (StageName, Option<Compat>),
) -> Result<String, Vec<&'static str>> {
    outcome(text, wanted).map(|(text, _)| text)
}

/// The text and the codes of what is told, or those codes alone.
type Told = Result<(String, Vec<&'static str>), Vec<&'static str>>;

fn outcome(text: &str, (stage, compat): (StageName, Option<Compat>)) -> Told {
    let input = Input::new(vec![Source::new("tree.yaml", text)], None);
    // A rendered tree renders again where its pods are told apart as before.
    let options = Options {
        step: Some(stage),
        compat,
        isolate: Some(Isolate::ByRevision),
        stable_revisions: vec![(None, "5f7d".to_owned())],
        canary_revisions: vec![(None, "9c1b".to_owned())],
        keep_rollout: true,
        ..Options::default()
    };
    let outcome = render(&input, &options);
    let codes: Vec<_> = outcome.diagnostics.iter().map(|one| one.code.name).collect();
    match outcome.text() {
        Some(text) => Ok((text, codes)),
        None => Err(codes),
    }
}

/// Returns the VirtualService of a tree: its bytes and its value.
fn route_of(text: &str) -> (String, Value) {
    let mut documents = text.split("---\n");
    let route = documents.find(|text| text.contains("kind: VirtualService\n")).unwrap();
    let values = rollstep::read(&[Source::new("route.yaml", route)]).unwrap();
    (route.to_owned(), values.into_iter().next().unwrap())
}
