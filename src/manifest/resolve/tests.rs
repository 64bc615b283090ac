//! A few of each kind; the recorded suite has thousands.

use serde_json::{Value, json};

use super::{key, value};

fn plain(text: &str) -> Value {
    value(text, true, None).unwrap().to_value()
}

#[test]
fn numbers_are_read_as_go_reads_them() {
    assert_eq!(plain("0644"), json!(420));
    assert_eq!(plain("1_000"), json!(1000));
    assert_eq!(plain("0b-1"), json!(-1));
    assert_eq!(plain("089"), json!(89));
    assert_eq!(plain("1e3"), json!(1000));
    assert_eq!(plain("9223372036854775808"), json!(9223372036854775808.0));
    assert_eq!(plain("1e400"), json!("1e400"));
}

#[test]
fn words_are_booleans_and_dates_are_strings() {
    assert_eq!(plain("yes"), json!(true));
    assert_eq!(plain("yEs"), json!("yEs"));
    assert_eq!(plain("2024-01-01"), json!("2024-01-01"));
    assert_eq!(plain("12:30:45"), json!("12:30:45"));
}

#[test]
fn keys_are_resolved_too() {
    assert_eq!(key("on".into(), true, None).unwrap(), "true");
    assert_eq!(key("1e-7".into(), true, None).unwrap(), "1e-07");
    assert_eq!(key("on".into(), false, None).unwrap(), "on");
    assert!(key("~".into(), true, None).is_err());
}
