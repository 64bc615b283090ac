//! What a code means at length: why it matters, an example, the repair.
//!
//! `rollstep check --explain CODE` prints a page, and docs/codes.md is made of all of them. A code
//! without a text of its own has its meaning alone.

mod cluster;
mod input;
mod release;
mod routing;

use super::{Code, Severity};

/// What is to be said of a code besides its meaning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Explanation {
    code: &'static Code,
    /// Why it matters.
    why: &'static str,
    /// YAML that has it; empty where none is needed.
    example: &'static str,
    /// How to mend it.
    repair: &'static str,
}

impl Code {
    /// Returns a page about the code, in Markdown.
    ///
    /// ```
    /// use rollstep::diagnostic::codes::TOO_FEW_PODS;
    ///
    /// assert!(TOO_FEW_PODS.page().starts_with("# too-few-pods\n"));
    /// ```
    pub fn page(&self) -> String {
        format!("# {}\n\n{}", self.name, self.page_body())
    }

    /// Returns whether there is more to be said than the meaning.
    pub fn is_explained(&self) -> bool {
        find(self).is_some()
    }

    /// Returns the page without its heading.
    pub fn page_body(&self) -> String {
        let mut page = format!("{}\n\n{}\n", self.standing(), self.meaning);
        let Some(Explanation { why, example, repair, .. }) = find(self) else { return page };
        page.push_str(&format!("\n{why}\n"));
        if !example.is_empty() {
            page.push_str(&format!("\n```yaml\n{example}\n```\n"));
        }
        page.push_str(&format!("\n{repair}\n"));
        page
    }

    /// Returns how bad it is, and whether it may be acknowledged.
    fn standing(&self) -> String {
        let severity = match self.severity {
            Severity::Error => "An error",
            Severity::Warning => "A warning",
            Severity::Note => "A note",
        };
        if self.allowable {
            format!("{severity}; `--allow {}` acknowledges it.", self.name)
        } else {
            format!("{severity} that cannot be acknowledged.")
        }
    }
}

fn find(code: &Code) -> Option<&'static Explanation> {
    let groups = [input::ALL, release::ALL, cluster::ALL, routing::ALL];
    groups.into_iter().flatten().find(|one| one.code == code)
}
