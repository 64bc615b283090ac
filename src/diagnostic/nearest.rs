//! The name that was probably meant.
//!
//! To compare two names takes time with the product of their lengths, so neither may be longer than a
//! name of Kubernetes ever usefully is.

use crate::effort;

/// The longest name that is compared, in characters.
const MAX_COMPARED: usize = 100;

/// Returns the candidate nearest to `name`: within an edit distance of 2, or of a third of its length.
pub(crate) fn nearest<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let own = short_length(name)?;
    let limit = (own / 3).max(2);
    let wanted = name.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        effort::count(1);
        let Some(other) = short_length(candidate) else { continue };
        // As many letters as the lengths differ by are wrong at least.
        if own.abs_diff(other) > limit {
            continue;
        }
        effort::count(own * other);
        // A letter that differs in case alone does not count.
        let distance = strsim::osa_distance(&wanted, &candidate.to_lowercase());
        // Something of the name is left, and of a short one nearly all.
        let is_near = distance <= limit && distance < own.max(other);
        if is_near && (distance == 1 || distance < other) {
            let found = (distance, candidate);
            best = Some(best.map_or(found, |best| best.min(found)));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Returns the length of a name that is short enough; of a long one not all is looked at.
fn short_length(name: &str) -> Option<usize> {
    let length = name.chars().take(MAX_COMPARED + 1).count();
    (length <= MAX_COMPARED).then_some(length)
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
        assert_eq!(nearest(&"a".repeat(101), [&*"a".repeat(101)]), None);
        assert_eq!(nearest("WEB", ["web", "www"]), Some("web"));
    }
}
