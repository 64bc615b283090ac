//! One input text and the name its owner knows it by.
//!
//! The last line is ended, as `kubectl` ends it before it reads: in a block scalar that makes a
//! difference. Bytes are decoded by `manifest::decode`. Where they came from (a file, standard input) is
//! left to the caller.

/// The largest input that is read, in bytes: 1 GiB.
pub const MAX_BYTES: usize = 1 << 30;

/// A named text to read manifests from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
}

impl Source {
    /// Returns the source of `text`, known as `name`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: end_last_line(text.into()) }
    }

    /// Returns the name shown in diagnostics: a path, or `-` for standard input.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the decoded text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn end_last_line(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        let with_return = text.contains("\r\n") && !text.ends_with('\r');
        let newline = if with_return { "\r\n" } else { "\n" };
        text.reserve_exact(newline.len());
        text.push_str(newline);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn the_last_line_is_ended() {
        assert_eq!(Source::new("a", "").text(), "");
        assert_eq!(Source::new("a", "a: 1").text(), "a: 1\n");
        assert_eq!(Source::new("a", "a: |+\r\n  x\r\n ").text(), "a: |+\r\n  x\r\n \r\n");
    }
}
