//! What twice the input costs, counted in the loops themselves: at most 2.3 times the steps.
//!
//! The counters are there with `--features fuzzing` only. They run at full speed, so that the inputs are
//! as large as those that once took minutes.
#![cfg(test)]
#![cfg(feature = "fuzzing")]
#![allow(dead_code, reason = "the inputs are those of tests/growth.rs as well")]

#[path = "growth/inputs.rs"]
mod inputs;

use inputs::not_linear;
use rollstep::fuzzing::effort;
use rollstep::{Input, Options, Source, check, render};

/// How many steps an input of a size takes.
fn steps(command: &str, text: String) -> u64 {
    let input = Input::new(vec![Source::new("large.yaml", text)], None);
    let options = Options { step: "1".parse().ok(), ..Options::default() };
    effort(|| match command {
        "check" => drop(check::check(&input, &options)),
        _ => drop(render(&input, &options)),
    })
}

#[test]
fn twice_the_input_takes_at_most_a_little_more_than_twice_the_steps() {
    let wrong = not_linear(
        |input| (input.full, input.commands),
        |input, command, size| steps(command, (input.text)(size)),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
