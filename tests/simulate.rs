//! `simulate` agrees with a slow reference that is written in another way.
//!
//! The reference (tests/simulate/reference.rs) works on the objects as they are, makes one flat table
//! of a proxy's routes, runs no regular expression, and counts lots instead of dividing. For generated
//! VirtualServices and requests, drawn from few words so that they often meet, both say the same.
#![cfg(test)]

#[expect(dead_code, reason = "another test shuffles")]
#[path = "again/dice.rs"]
mod dice;
#[path = "simulate/draw.rs"]
mod draw;
#[path = "simulate/reference.rs"]
mod reference;

use std::collections::BTreeMap;

use dice::Dice;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
use reference::Expected;
use rollstep::simulate::{Answer, Mesh, Outcome, Place};

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn simulation_agrees_with_the_reference(
        bytes in vec(any::<u8>(), 0..300),
        sent in vec(any::<u8>(), 0..80),
    ) {
        let objects = draw::objects(&mut Dice::new(bytes));
        let mesh = Mesh::new(&objects.iter().collect::<Vec<_>>(), "default").unwrap();
        let mut dice = Dice::new(sent);
        for _ in 0..4 {
            let request = draw::request(&mut dice);
            let found = mesh.simulate(&request).unwrap();
            let expected = reference::simulate(&objects, &request);
            prop_assert_eq!(&told(&found), &expected.told, "{:?}\n{:#?}", request, objects);
            prop_assert!(same_shares(&found, &expected), "{:?}\n{:?}\n{:#?}", request, found, objects);
        }
    }
}

/// What is drawn exercises what it is there for: hits by rules of every kind, and misses.
#[test]
fn what_is_drawn_meets() {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut seed = 1_u64;
    for _ in 0..3000 {
        let mut bytes = || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            u8::try_from(seed >> 56).unwrap()
        };
        let objects = draw::objects(&mut Dice::new((0..300).map(|_| bytes()).collect()));
        let request = draw::request(&mut Dice::new((0..40).map(|_| bytes()).collect()));
        let mesh = Mesh::new(&objects.iter().collect::<Vec<_>>(), "default").unwrap();
        let outcome = mesh.simulate(&request).unwrap();
        *kinds.entry(kind(&outcome)).or_default() += 1;
    }
    for wanted in ["delegated", "first", "later", "split", "redirect", "response", "404", "none"] {
        let count = kinds.get(wanted).copied().unwrap_or_default();
        assert!(count >= 30, "{wanted}: {count} of {kinds:?}");
    }
}

fn kind(outcome: &Outcome) -> &'static str {
    match &outcome.answer {
        Answer::Route { place, .. } if place.delegate.is_some() => "delegated",
        Answer::Route { destinations, .. } if destinations.len() > 1 => "split",
        Answer::Route { place, .. } if place.rule == 0 => "first",
        Answer::Route { .. } => "later",
        Answer::Redirect { .. } => "redirect",
        Answer::DirectResponse { .. } => "response",
        Answer::NotFound => "404",
        Answer::PlainService(_) | Answer::NotInInput | Answer::Passthrough | Answer::Refused => {
            "none"
        }
    }
}

fn told(outcome: &Outcome) -> String {
    let place = outcome.place().map(tell_place).unwrap_or_default();
    let action = match &outcome.answer {
        Answer::Route { .. } => "route",
        Answer::Redirect { .. } => "redirect",
        Answer::DirectResponse { .. } => "directResponse",
        Answer::NotFound => "404",
        Answer::PlainService(_) | Answer::NotInInput | Answer::Passthrough => "none",
        Answer::Refused => "refused",
    };
    format!("{place}{action}")
}

fn tell_place(place: &Place) -> String {
    let Place { virtual_service, rule, entry, delegate, .. } = place;
    let leaf = delegate.as_ref().map(|leaf| format!(">{}/{:?}", leaf.rule, leaf.entry));
    format!("{}/{rule}/{entry:?}{} ", virtual_service.name, leaf.unwrap_or_default())
}

/// Compares shares with lots: `1/3` is 2 lots of 6.
fn same_shares(outcome: &Outcome, expected: &Expected) -> bool {
    let Answer::Route { destinations, .. } = &outcome.answer else {
        return expected.lots.is_empty();
    };
    let total = u64::try_from(expected.lots.len()).unwrap();
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for lot in &expected.lots {
        *counts.entry(lot).or_default() += 1;
    }
    destinations.len() == counts.len()
        && destinations.iter().all(|destination| {
            let share = destination.share;
            let lots = counts.get(destination.resolved.as_str()).copied().unwrap_or_default();
            share.numerator() * total == lots * share.denominator()
        })
}
