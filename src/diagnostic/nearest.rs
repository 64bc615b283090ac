//! The name that was probably meant.

/// Returns the candidate nearest to `name`: within an edit distance of 2, or of a third of its length.
pub(crate) fn nearest<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let limit = (name.chars().count() / 3).max(2);
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|&(distance, candidate)| {
            let (own, other) = (name.chars().count(), candidate.chars().count());
            // Something of the name is left, and of a short one nearly all.
            distance <= limit && distance < own.max(other) && (distance == 1 || distance < other)
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// Counts no letter that differs in case alone.
fn distance(name: &str, candidate: &str) -> usize {
    strsim::osa_distance(&name.to_lowercase(), &candidate.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_a_slip_and_leaves_strangers_alone() {
        assert_eq!(nearest("trafic", ["traffic", "matches"]), Some("traffic"));
        assert_eq!(nearest("mocka", ["service-demo"]), None);
        assert_eq!(nearest("ab", ["xy"]), None);
        assert_eq!(nearest("dd", ["a", "d"]), Some("d"));
        assert_eq!(nearest("abc", ["a"]), None);
        assert_eq!(nearest("a", ["b"]), None);
        assert_eq!(nearest("WEB", ["web", "www"]), Some("web"));
    }
}
