//! Views for people and machines before a step is made.
//!
//! Everything is found out first and kept as data; each format is a file that places it and decides
//! nothing.

pub mod diff;
mod markdown;
mod mask;
pub mod plan;

pub(crate) use mask::repeats_secret;
pub use mask::{holds_secret, mask, mask_repeated};
pub use plan::plan;

pub use crate::manifest::{comments_on_secret, repeated_secrets};
