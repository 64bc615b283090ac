//! Whether pages and diagrams are what their readers take.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::node;

/// Elements that have no end.
const VOID: [&str; 2] = ["meta", "!DOCTYPE"];

/// Checks that every element is closed in order, and that no markup is left in texts.
pub(crate) fn check(page: &str) {
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let page = page.replace(style, "");
    let mut open: Vec<&str> = Vec::new();
    let mut ids: Vec<&str> = Vec::new();
    for part in page.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or_else(|| panic!("no end: <{part}"));
        assert!(!text.contains('>'), "{text}");
        assert!(text.split('&').skip(1).all(|rest| rest.split_once(';').is_some()), "{text}");
        assert!(tag.matches('"').count() % 2 == 0, "{tag}");
        let name = tag.trim_end_matches('/').split([' ', '\n']).next().unwrap();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{part}");
        } else if !VOID.contains(&name) && !tag.ends_with('/') {
            open.push(name);
        }
        ids.extend(tag.split(" id=\"").nth(1).and_then(|id| id.split('"').next()));
    }
    assert!(open.is_empty(), "{open:?}");
    for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.contains(&link), "{link}");
    }
    assert_eq!(page.matches("href=\"").count(), page.matches("href=\"#").count());
}

/// Parses each diagram on standard input, and tells why those that fail do.
const JUDGE: &str = r#"
const { readFileSync } = require("node:fs");
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;
const { pathToFileURL } = require("node:url");
const { join } = require("node:path");
const entry = join(process.env.NODE_PATH, "mermaid/dist/mermaid.core.mjs");
import(pathToFileURL(entry)).then(async ({ default: mermaid }) => {
  const wrong = [];
  for (const text of JSON.parse(readFileSync(0))) {
    await mermaid.parse(text).catch((error) => wrong.push(`${error}\n${text}`));
  }
  console.log(JSON.stringify(wrong));
});
"#;

/// Fetches Mermaid unless it is there; returns where, if it could be had.
pub(crate) fn fetch_mermaid() -> Option<PathBuf> {
    node::fetch("mermaid", &["mermaid@11", "jsdom@26"])
}

/// Returns what Mermaid says of the diagrams that it refuses.
pub(crate) fn refused_by_mermaid(modules: &Path, diagrams: &[String]) -> Vec<String> {
    let bare = |diagram: &String| {
        let inside = diagram.strip_prefix("```mermaid\n").unwrap().strip_suffix("```\n").unwrap();
        inside.to_owned()
    };
    let question = json!(diagrams.iter().map(bare).collect::<Vec<_>>());
    let wrong = node::ask(modules, JUDGE, &question);
    wrong.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}
