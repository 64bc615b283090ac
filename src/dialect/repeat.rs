//! What may be repeated, and how often.

use super::Reason;

/// The highest count of Go and RE2, nested ones multiplied.
const MAX_COUNT: u32 = 1000;

/// What was read so far, as far as it bears on repetitions.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// The highest count within each group that is open.
    open: Vec<u32>,
    /// The highest count within the group at hand.
    highest: u32,
    /// What a repetition would repeat.
    last: Last,
}

#[derive(Debug, Default, Clone, Copy)]
enum Last {
    /// Nothing, or an assertion.
    #[default]
    Nothing,
    /// A character, a class or a group, with the highest count in it.
    Atom(u32),
    /// A repetition.
    Repetition,
}

impl Counts {
    /// Notes a character or a class.
    pub(super) fn atom(&mut self) {
        self.last = Last::Atom(1);
    }

    /// Notes what cannot be repeated.
    pub(super) fn nothing_to_repeat(&mut self) {
        self.last = Last::Nothing;
    }

    /// Notes the start of a group.
    pub(super) fn open(&mut self) {
        self.open.push(self.highest);
        self.highest = 1;
        self.last = Last::Nothing;
    }

    /// Notes the end of a group.
    pub(super) fn close(&mut self) -> Result<(), Reason> {
        let outside = self.open.pop().ok_or(Reason::Invalid)?;
        let inside = self.highest.max(1);
        self.last = Last::Atom(inside);
        self.highest = outside.max(inside);
        Ok(())
    }

    /// Checks that every group was closed.
    pub(super) fn check_end(&self) -> Result<(), Reason> {
        if self.open.is_empty() { Ok(()) } else { Err(Reason::Invalid) }
    }

    /// Checks a repetition at the start of `rest`, and returns what follows it.
    ///
    /// A brace that is no count is a character to Go and RE2, and an error here. A repetition of a
    /// repetition is possessive or an error, depending on the engine.
    pub(super) fn repeat<'a>(&mut self, rest: &'a str) -> Result<&'a str, Reason> {
        let (count, after) = read_count(rest)?;
        let text = || Reason::Repetition(rest[..rest.len() - after.len()].to_owned());
        let Last::Atom(inside) = self.last else { return Err(text()) };
        let product = inside.saturating_mul(count.max(1));
        if product > MAX_COUNT {
            return Err(text());
        }
        self.highest = self.highest.max(product);
        self.last = Last::Repetition;
        Ok(after.strip_prefix('?').unwrap_or(after))
    }
}

/// Returns the highest count, 1 for the unbounded ones, and what follows.
fn read_count(rest: &str) -> Result<(u32, &str), Reason> {
    let Some(inside) = rest.strip_prefix('{') else { return Ok((1, &rest[1..])) };
    let odd = || Reason::Repetition("{".to_owned());
    let (counts, after) = inside.split_once('}').ok_or_else(odd)?;
    let (low, high) = counts.split_once(',').unwrap_or((counts, counts));
    let low = read_number(low).ok_or_else(odd)?;
    let high = if high.is_empty() { low } else { read_number(high).ok_or_else(odd)? };
    if low > high {
        return Err(Reason::Invalid);
    }
    Ok((high, after))
}

fn read_number(digits: &str) -> Option<u32> {
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits.parse().unwrap_or(u32::MAX))
}
