//! What people and machines look at before a step is made.

pub mod diff;
