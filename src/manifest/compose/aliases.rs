//! Values of anchors, and the limit of their expansion.
//!
//! The measure is go-yaml's (goyaml.v2/decode.go `allowedAliasRatio`): of all nodes decoded, a share
//! may come from aliases that falls from 99 % in small documents to 10 % in large ones. A document
//! of a kilobyte that would expand to gigabytes is refused before anything is copied.

use std::collections::BTreeMap;

use super::Sized;
use crate::manifest::event::{MAX_DEPTH, ReadError, ReadErrorKind};
use crate::manifest::node::Node;

const RATIO_RANGE_LOW: f64 = 400_000.0;
const RATIO_RANGE_HIGH: f64 = 4_000_000.0;

#[derive(Default)]
pub(super) struct Aliases {
    anchors: BTreeMap<usize, Anchor>,
    decoded: usize,
    from_aliases: usize,
    anchored: usize,
}

struct Anchor {
    node: Node,
    size: usize,
    height: usize,
}

impl Aliases {
    /// Counts a node of the text.
    pub(super) fn count_node(&mut self, offset: usize) -> Result<(), ReadError> {
        self.decoded += 1;
        self.check(offset)
    }

    /// Notes what the anchor `id` stands for.
    ///
    /// Anchors around anchors are copied once for each of them, so their sum has a bound too.
    pub(super) fn define(&mut self, id: usize, sized: &Sized) -> Result<(), ReadError> {
        self.anchored = self.anchored.saturating_add(sized.size);
        if self.anchored > 100_000 + 16 * self.decoded {
            return Err(excessive(sized.node.span.start()));
        }
        let anchor =
            Anchor { node: sized.node.clone(), size: sized.size, height: height(&sized.node) };
        self.anchors.insert(id, anchor);
        Ok(())
    }

    /// Returns the node of the anchor `id` and its size, once that is found not to be too much.
    pub(super) fn expand(
        &mut self,
        id: usize,
        depth: usize,
        offset: usize,
    ) -> Result<(&Node, usize), ReadError> {
        let Some(anchor) = self.anchors.get(&id) else {
            return Err(ReadError::syntax(offset, "the anchor holds an alias of itself"));
        };
        let (size, height) = (anchor.size, anchor.height);
        self.decoded = self.decoded.saturating_add(size);
        self.from_aliases = self.from_aliases.saturating_add(size);
        self.check(offset)?;
        if depth + height > MAX_DEPTH {
            let message = format!("aliases nest deeper than {MAX_DEPTH} levels");
            return Err(ReadError { kind: ReadErrorKind::TooDeep, message, offset });
        }
        self.anchors
            .get(&id)
            .map(|anchor| (&anchor.node, size))
            .ok_or_else(|| ReadError::syntax(offset, "unknown anchor"))
    }

    fn check(&self, offset: usize) -> Result<(), ReadError> {
        let ratio = self.from_aliases as f64 / self.decoded as f64;
        if self.from_aliases > 100 && self.decoded > 1000 && ratio > allowed_ratio(self.decoded) {
            return Err(excessive(offset));
        }
        Ok(())
    }
}

fn excessive(offset: usize) -> ReadError {
    let message = "aliases make the document far larger than its text".to_owned();
    ReadError { kind: ReadErrorKind::ExcessiveAliasing, message, offset }
}

fn allowed_ratio(decoded: usize) -> f64 {
    let position = (decoded as f64 - RATIO_RANGE_LOW) / (RATIO_RANGE_HIGH - RATIO_RANGE_LOW);
    0.99 - 0.89 * position.clamp(0.0, 1.0)
}

/// Returns how many levels the node nests.
fn height(node: &Node) -> usize {
    let items = node.items().iter().map(height).max();
    let values = node.entries().iter().map(|entry| height(&entry.value)).max();
    items.max(values).map_or(0, |below| below + 1)
}
