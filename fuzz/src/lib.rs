//! What holds of any input.
//!
//! One function a target. Each takes bytes, whatever they are, and panics where something does not
//! hold that should; libFuzzer and `tests/bounded.rs` run the same ones.

mod edit;
mod read;
mod render;
#[path = "../../tests/fixture/same.rs"]
mod same;
mod scan;
pub mod seeds;

pub use edit::edit;
pub use read::read;
pub use render::render;
pub use scan::scan;
