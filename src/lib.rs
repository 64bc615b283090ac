//! The library behind the command `rollstep`, whose README this is.
//!
#![doc = include_str!("../README.md")]
//!
//! # Words
//!
//! One word per idea, here as in messages: a **rollout** has **steps**, numbered from 1, and passes
//! through **stages**: stable, its steps, promote, done. Its **workload** exists as **stable** and as
//! **canary**. **Traffic** is led by the **rules** of a VirtualService; a rule has **matches** and
//! **destinations** with **weights**, and its **twin** is a copy of it for the canary. A **manifest**
//! is read as **documents**; a **plan** decides the numbers and names of all stages, and **render**
//! turns one stage into **edits** and new documents.
//!
//! # Shape
//!
//! Data flows one way, and uses point the other:
//!
//! ```text
//! sources → manifest → definition → model → plan → render → emit → text
//! ```

pub mod check;
mod definition;
pub mod diagnostic;
mod dialect;
mod effort;
mod emit;
pub mod escape;
pub mod explain;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod krm;
mod lint;
mod manifest;
mod model;
mod moves;
mod pipeline;
mod plan;
mod render;
pub mod review;
mod rollout;
mod schema;
pub mod simulate;
mod source;
mod strategy;
mod template;
mod tree;

pub use emit::to_yaml;
pub use manifest::ObjectKey;
pub use model::{Compat, GitOps, Isolate};
pub use moves::{
    FileChange, Move, Moved, Moves, Moving, OldVersion, Standing, Statuses, Template, move_steps,
    status,
};
pub use pipeline::{
    Format, Input, Movement, Options, Origin, Outcome, Purpose, RenderedChange, RenderedDocument,
    RenderedObject, RenderedStage, RolloutsRead, read, read_rollouts, render, render_beside,
    render_change, render_stage, render_stages,
};
pub use render::Only;
pub use rollout::{NoStageName, ObjectName, StageName};
pub use source::{MAX_BYTES, Source};
pub use tree::{Layout, RenderedTree, TreeFile, TreeShape, lay_out, render_tree, render_trees};
