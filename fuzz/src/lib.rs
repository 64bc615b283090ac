//! What holds of any input.
//!
//! One function a target. Each takes bytes, whatever they are, and panics where something does not
//! hold that should; libFuzzer and `tests/bounded.rs` run the same ones.

mod edit;
mod read;
mod render;
pub mod seeds;

pub use edit::edit;
pub use read::read;
pub use render::render;

use serde_json::Value;

/// Compares as Kubernetes does: an integer outside 64 bits is a float, and maps have no order.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => left == right,
            _ => left.as_f64() == right.as_f64(),
        },
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| is_same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let in_right = |(key, left)| right.get(key).is_some_and(|right| is_same(left, right));
            left.len() == right.len() && left.iter().all(in_right)
        }
        _ => left == right,
    }
}
