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

    /// Returns the sum of two shares, if it is one.
    ///
    /// ```
    /// use rollstep::simulate::Share;
    ///
    /// let [third, half] = [3, 2].map(|parts| Share::of(1, parts).unwrap());
    /// assert_eq!(third.plus(half), Share::of(5, 6));
    /// assert_eq!(half.plus(Share::ALL), None);
    /// ```
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let [own, others] = [self, other].map(|share| u128::from(share.denominator));
        let [one, two] = [self, other].map(|share| u128::from(share.numerator));
        let (sum, common) = (one * others + two * own, own * others);
        let divisor = wide_divisor(sum, common);
        let [sum, common] = [sum, common].map(|value| u64::try_from(value / divisor).ok());
        Self::of(sum?, common?)
    }

    /// Returns this share of another one.
    ///
    /// ```
    /// use rollstep::simulate::Share;
    ///
    /// let [third, half] = [3, 2].map(|parts| Share::of(1, parts).unwrap());
    /// assert_eq!(Some(third.times(half)), Share::of(1, 6));
    /// ```
    ///
    /// What is finer than 1 in 2⁶⁴ is rounded away.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        let product = |one: u64, two: u64| u128::from(one) * u128::from(two);
        let above = product(self.numerator, other.numerator);
        let below = product(self.denominator, other.denominator);
        let divisor = wide_divisor(above, below);
        let (mut above, mut below) = (above / divisor, below / divisor);
        while below > u128::from(u64::MAX) {
            (above, below) = (above / 2, below / 2);
        }
        let [above, below] = [above, below].map(|value| u64::try_from(value).unwrap_or(u64::MAX));
        Self::of(above, below).unwrap_or(Self::ALL)
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

fn wide_divisor(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left.max(1)
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
