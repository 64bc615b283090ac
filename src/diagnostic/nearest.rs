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
    let letters = Letters::of(&wanted);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        effort::count(1);
        let Some(other) = short_length(candidate) else { continue };
        // As many letters as the lengths differ by are wrong at least.
        if own.abs_diff(other) > limit {
            continue;
        }
        // A letter that differs in case alone does not count.
        let lower = candidate.to_lowercase();
        if letters.lack(&lower) > limit {
            continue;
        }
        effort::count(own * other);
        let distance = strsim::osa_distance(&wanted, &lower);
        // Something of the name is left, and of a short one nearly all.
        let is_near = distance <= limit && distance < own.max(other);
        if is_near && (distance == 1 || distance < other) {
            let found = (distance, candidate);
            best = Some(best.map_or(found, |best| best.min(found)));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How often a name has each letter of ASCII.
struct Letters([u8; 128]);

impl Letters {
    fn of(name: &str) -> Self {
        let mut counts = [0_u8; 128];
        for byte in name.bytes() {
            if let Some(count) = counts.get_mut(usize::from(byte)) {
                *count = count.saturating_add(1);
            }
        }
        Self(counts)
    }

    /// Returns how many letters of another name are not among these. At least as many edits lie between
    /// the two.
    fn lack(&self, other: &str) -> usize {
        let mut left = self.0;
        let mut lacking = 0;
        for byte in other.bytes() {
            let Some(count) = left.get_mut(usize::from(byte)) else { continue };
            match count.checked_sub(1) {
                Some(rest) => *count = rest,
                None => lacking += 1,
            }
        }
        lacking
    }
}

/// Returns the length of a name that is short enough; of a long one not all is looked at.
fn short_length(name: &str) -> Option<usize> {
    let length = name.chars().take(MAX_COMPARED + 1).count();
    (length <= MAX_COMPARED).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::{Letters, nearest};

    #[test]
    fn letters_lack_no_more_than_a_name_differs_by() {
        let names =
            ["web", "WEB", "wbe", "", "aaa", "front-00001", "basket-00000", "naïve", "nave"];
        for one in names {
            for other in names {
                let lacking = Letters::of(one).lack(other);
                assert!(lacking <= strsim::osa_distance(one, other), "{one} {other}");
            }
        }
    }

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
