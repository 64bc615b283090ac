//! Streams of manifests to measure with: many objects of a shop, and the guide's rollout among them.
//!
//! Everything is derived from the number of documents, so a stream is the same wherever it is made.
//! The objects are written as people write them: block and flow, comments, block scalars, quotes.

/// What one front of the shop is made of; `NUMBER` and `TEAM` are filled in.
const FRONT: [&str; 5] = [
    include_str!("stream/deployment.yaml"),
    include_str!("stream/service.yaml"),
    include_str!("stream/virtualservice.yaml"),
    include_str!("stream/configmap.yaml"),
    include_str!("stream/autoscaler.yaml"),
];

/// The rollout of the guide: what it is about, and itself.
pub(crate) const GUIDE: [(&str, &str); 4] = [
    ("deployment.yaml", include_str!("../fixtures/istio-guide/deployment.yaml")),
    ("rollout.yaml", include_str!("../fixtures/istio-guide/rollout.yaml")),
    ("service.yaml", include_str!("../fixtures/istio-guide/service.yaml")),
    ("virtualservice.yaml", include_str!("../fixtures/istio-guide/virtualservice.yaml")),
];

/// How many fronts a team has.
const FRONTS_OF_TEAM: usize = 40;

/// Returns a stream of `documents` documents, the guide's four in its middle.
pub(crate) fn stream(documents: usize) -> String {
    let others = documents.saturating_sub(GUIDE.len());
    let guide = GUIDE.iter().map(|(_, text)| (*text).to_owned());
    let texts = (0..others / 2).map(front).chain(guide).chain((others / 2..others).map(front));
    texts.collect::<Vec<_>>().join("---\n")
}

/// Returns the document at `index` of an endless row of fronts.
fn front(index: usize) -> String {
    let number = index / FRONT.len();
    let team = number / FRONTS_OF_TEAM;
    let text = FRONT.iter().cycle().nth(index % FRONT.len()).copied().unwrap_or_default();
    fill(text, number, team)
}

/// Fills in the number and the team of a document.
pub(crate) fn fill(text: &str, number: usize, team: usize) -> String {
    text.replace("NUMBER", &format!("{number:05}")).replace("TEAM", &format!("{team:03}"))
}
