//! A page, and how it is photographed.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::{browser, node};

/// What a comment looks like where it is read, as near as matters.
const STYLE: &str = "body { margin: 0; padding: 20px 28px; font: 15px/1.5 sans-serif; color: #1f2328; } \
    h3 { font-size: 19px; margin: 18px 0 10px; } \
    table { border-collapse: collapse; margin: 12px 0; } \
    th, td { border: 1px solid #d1d9e0; padding: 5px 11px; text-align: left; } \
    tr:nth-child(2n) { background: #f6f8fa; } \
    code { font: 13px monospace; background: #eff1f3; padding: 2px 5px; border-radius: 5px; } \
    pre { background: #f6f8fa; padding: 12px; border-radius: 6px; } \
    pre code { background: none; padding: 0; } details { margin: 8px 0; }";

/// Writes a comment as a page.
const TO_PAGE: &str = r#"
const { readFileSync } = require("node:fs");
const reader = require("markdown-it")({ html: true });
console.log(JSON.stringify(reader.render(JSON.parse(readFileSync(0)))));
"#;

/// How a page is made of its text.
#[derive(Clone, Copy)]
enum Language {
    Html,
    Markdown,
}

/// A page, and the size of its photograph.
pub(crate) struct Page {
    name: &'static str,
    text: String,
    language: Language,
    size: (usize, usize),
    dark: bool,
}

impl Page {
    pub(crate) fn of(name: &'static str, text: String, size: (usize, usize)) -> Self {
        Self { name, text, language: Language::Html, size, dark: false }
    }

    pub(crate) fn of_markdown(name: &'static str, text: String, size: (usize, usize)) -> Self {
        Self { language: Language::Markdown, ..Self::of(name, text, size) }
    }

    /// For readers who like it dark.
    pub(crate) fn dark(self) -> Self {
        Self { dark: true, ..self }
    }

    /// Returns the name, and what tells whether the photograph is of today's page.
    pub(crate) fn line(&self) -> String {
        let style = match self.language {
            Language::Html => "",
            Language::Markdown => STYLE,
        };
        let all = format!("{:?} {} {style}\n{}", self.size, self.dark, self.text);
        format!("{} {:016x}", self.name, hash(&all))
    }

    pub(crate) fn photograph(&self, folder: &Path) {
        let browser = browser::find().expect("Chromium takes the photographs");
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.html", self.name));
        fs::write(&file, self.to_html()).unwrap();
        let mut command = Command::new(browser);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]);
        command.arg(format!("--window-size={},{}", self.size.0, self.size.1));
        command.args(self.dark.then_some("--force-dark-mode"));
        let picture = folder.join(format!("{}.png", self.name));
        command.arg(format!("--screenshot={}", picture.display()));
        command.arg(format!("file://{}", file.display())).stderr(Stdio::null());
        assert!(command.status().unwrap().success(), "{}", self.name);
    }

    fn to_html(&self) -> String {
        let Language::Markdown = self.language else { return self.text.clone() };
        let modules = node::fetch("markdown-it", &["markdown-it@14"]).expect("npm's markdown-it");
        let body = node::ask(&modules, TO_PAGE, &json!(self.text));
        let body = open(body.as_str().unwrap(), "Against the base", "VirtualService");
        format!("<!DOCTYPE html><meta charset=\"utf-8\"><style>{STYLE}</style>{body}")
    }
}

/// Opens the fold behind `after` whose summary holds `said`.
pub(crate) fn open(page: &str, after: &str, said: &str) -> String {
    let start = page.find(after).unwrap();
    let folds = page[start..].match_indices("<details>").map(|(at, _)| start + at);
    let summary = |at: &usize| page[*at..].split("</summary>").next().unwrap().contains(said);
    let at = folds.into_iter().find(summary).unwrap();
    format!("{}<details open>{}", &page[..at], &page[at + "<details>".len()..])
}

/// Leaves out the stages from that one on, so that the photograph ends where one does.
pub(crate) fn until(page: &str, id: &str) -> String {
    let end = page.find(&format!("id=\"{id}\"")).unwrap();
    let end = page[..end].rfind("<article").unwrap();
    format!("{}</section></main></body></html>\n", &page[..end])
}

/// FNV-1a of 64 bits, which is the same for ever.
fn hash(text: &str) -> u64 {
    let add = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, add)
}
