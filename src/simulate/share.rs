//! Shares of traffic, as exact fractions.
//!
//! A proof by rounded percentages would let through what it is there to find, so nothing is rounded.

use std::cmp::Ordering;
use std::fmt;

/// A part of the requests that hit a rule: a fraction from 0 to 1 in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Share {
    numerator: u64,
    denominator: u64,
}

impl Share {
    /// No request.
    pub const NONE: Self = Self { numerator: 0, denominator: 1 };
    /// Every request.
    pub const ALL: Self = Self { numerator: 1, denominator: 1 };

    /// Returns the share `numerator/denominator`, if it is one.
    ///
    /// ```
    /// use rollstep::simulate::Share;
    ///
    /// assert_eq!(Share::of(20, 100), Share::of(1, 5));
    /// assert_eq!(Share::of(2, 1), None);
    /// assert_eq!(Share::of(0, 0), None);
    /// ```
    pub fn of(numerator: u64, denominator: u64) -> Option<Self> {
        if denominator == 0 || numerator > denominator {
            return None;
        }
        let divisor = greatest_common_divisor(numerator, denominator);
        Some(Self { numerator: numerator / divisor, denominator: denominator / divisor })
    }

    /// Returns what stands above the line.
    pub fn numerator(self) -> u64 {
        self.numerator
    }

    /// Returns what stands below the line; never 0.
    pub fn denominator(self) -> u64 {
        self.denominator
    }

    /// Returns whether no request is meant.
    pub fn is_none(self) -> bool {
        self.numerator == 0
    }
}

impl Ord for Share {
    fn cmp(&self, other: &Self) -> Ordering {
        let [own, others] = [(self, other), (other, self)]
            .map(|(one, two)| u128::from(one.numerator) * u128::from(two.denominator));
        own.cmp(&others)
    }
}

impl PartialOrd for Share {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Writes `3/10`; the whole and nothing are `1` and `0`.
impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1 {
            return write!(formatter, "{}", self.numerator);
        }
        write!(formatter, "{}/{}", self.numerator, self.denominator)
    }
}

/// At least 1 where one of the two is.
fn greatest_common_divisor(mut left: u64, mut right: u64) -> u64 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::Share;

    #[test]
    fn shares_are_in_lowest_terms_and_ordered() {
        let third = Share::of(33, 99).unwrap();
        assert_eq!((third.numerator(), third.denominator()), (1, 3));
        assert!(third < Share::of(34, 100).unwrap());
        assert_eq!(Share::of(0, 7), Some(Share::NONE));
        assert_eq!(Share::of(7, 7), Some(Share::ALL));
        assert!(Share::of(u64::MAX - 1, u64::MAX).unwrap() < Share::ALL);
    }

    #[test]
    fn shares_are_shown_as_fractions() {
        assert_eq!(Share::of(3, 10).unwrap().to_string(), "3/10");
        assert_eq!(Share::ALL.to_string(), "1");
        assert_eq!(Share::NONE.to_string(), "0");
    }
}
