//! Streams of many rollouts to measure with: each a Deployment, a Service, a VirtualService and a Rollout.
//!
//! Every second one has a RollStep that holds the old version, every fourth a NetworkPolicy, every fifth a
//! DestinationRule and every sixth an autoscaler.

use crate::stream::fill;

/// The documents of one rollout, each with how many rollouts share one of them.
const DOCUMENTS: [(usize, &str); 8] = [
    (1, include_str!("stream/deployment.yaml")),
    (1, include_str!("stream/service.yaml")),
    (1, include_str!("stream/virtualservice.yaml")),
    (1, include_str!("rollouts/rollout.yaml")),
    (2, include_str!("rollouts/rollstep.yaml")),
    (4, include_str!("rollouts/networkpolicy.yaml")),
    (5, include_str!("rollouts/destinationrule.yaml")),
    (6, include_str!("stream/autoscaler.yaml")),
];

/// Returns a stream of `count` rollouts, of which a namespace holds `together`.
pub(crate) fn rollouts(count: usize, together: usize) -> String {
    let mut documents = Vec::new();
    for number in 0..count {
        let own = DOCUMENTS.iter().filter(|(every, _)| number.is_multiple_of(*every));
        documents.extend(own.map(|(_, text)| fill(text, number, number / together.max(1))));
    }
    documents.join("---\n")
}
