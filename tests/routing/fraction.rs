//! Exact shares.

/// A fraction in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fraction {
    over: u64,
    under: u64,
}

impl Fraction {
    pub(crate) fn new(over: u64, under: u64) -> Self {
        let (mut divisor, mut rest) = (under, over);
        while rest > 0 {
            (divisor, rest) = (rest, divisor % rest);
        }
        match over {
            0 => Self { over: 0, under: 1 },
            over => Self { over: over / divisor, under: under / divisor },
        }
    }

    pub(crate) fn is_zero(self) -> bool {
        self.over == 0
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self::new(self.over * other.under + other.over * self.under, self.under * other.under)
    }

    pub(crate) fn times(self, other: Self) -> Self {
        Self::new(self.over * other.over, self.under * other.under)
    }
}
