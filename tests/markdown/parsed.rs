//! What the parser says of texts.

use serde_json::{Value, json};

use crate::node;

/// Looks at each text on standard input as its readers do, and tells what is wrong with it.
///
/// Cells are counted in the text, since the parser adds and drops cells until a row is as long as the
/// head. Elements of HTML are only those that we write.
const JUDGE: &str = r#"
const { readFileSync } = require("node:fs");
const reader = require("markdown-it")({ html: true });
const OURS = /^(<details><summary>.*<\/summary>|<\/details>|<!-- rollstep:[-A-Za-z0-9.*]*\/[-A-Za-z0-9.*]* -->)$/;
const INLINE = ["<code>", "</code>", "<br>"];
const cells = (line) => line.replace(/\\[\s\S]/g, "").split("|").length - 2;
const unfold = (text) => text.replace(/&#(\d+);/g, (_, number) => String.fromCodePoint(+number));

function judge({ text, format, tables, folds, codes }) {
  const wrong = [];
  const check = (holds, said) => { if (!holds) wrong.push(said); };
  const lines = text.split("\n");
  const tokens = reader.parse(text, {});
  const found = { tables: 0, fences: 0, open: 0, folds: 0, codes: [] };
  let columns = 0;
  for (const token of tokens) {
    switch (token.type) {
      case "table_open": found.tables++; columns = cells(lines[token.map[0]]); break;
      case "tr_open": {
        const line = lines[token.map[0]];
        check(cells(line) === columns && line.endsWith(" |"), `not ${columns} cells: ${line}`);
        break;
      }
      case "fence": {
        found.fences++;
        check(token.info === "diff" && found.open === 1, `a fence of ${token.info}`);
        check(token.content.startsWith("@@ -"), `a fence holds ${token.content.slice(0, 40)}`);
        check(lines[token.map[1] - 1] === token.markup, "a fence is not closed");
        break;
      }
      case "html_block":
        for (const line of token.content.trim().split("\n")) {
          check(OURS.test(line), `HTML: ${line}`);
          if (line.startsWith("<details>")) { found.open++; found.folds++; }
          if (line === "</details>") found.open--;
          check(found.open === 0 || found.open === 1, "a fold in a fold");
          for (const [, code] of line.matchAll(/<code>(.*?)<\/code>/g)) found.codes.push(unfold(code));
        }
        break;
      case "inline": inline(token.children, found, check); break;
      case "heading_open": check(format === "plan" && token.tag === "h3", `a heading ${token.tag}`); break;
      case "code_block": case "blockquote_open": case "hr": check(false, token.type); break;
    }
  }
  check(found.open === 0, "a fold is not closed");
  if (format === "diff") {
    check(tokens[0].type === "html_block" && tokens[0].map[1] === 1, "the first line is no mark");
    check(found.fences === folds, `${found.fences} fences, not ${folds}`);
  }
  check(found.tables === tables, `${found.tables} tables, not ${tables}`);
  check(found.folds === folds, `${found.folds} folds, not ${folds}`);
  for (const code of codes) check(found.codes.includes(code), `nothing is called ${code}`);
  return wrong;
}

/// Texts in a paragraph or a cell.
function inline(tokens, found, check) {
  let code = null;
  for (const token of tokens) {
    if (token.type === "html_inline") {
      check(INLINE.includes(token.content), `HTML: ${token.content}`);
      if (token.content === "<code>") code = "";
      if (token.content === "</code>") { found.codes.push(code); code = null; }
    } else if (token.type === "text" || token.type === "text_special") {
      if (code === null) check(!/[@#<]/.test(token.content), `markup: ${token.content}`);
      else code += token.content;
    } else {
      const known = ["softbreak", "code_inline", "strong_open", "strong_close", "em_open", "em_close"];
      check(known.includes(token.type) && code === null, `${token.type} ${token.content}`);
    }
  }
}

const wrong = [];
for (const text of JSON.parse(readFileSync(0))) {
  const said = judge(text);
  if (said.length > 0) wrong.push(`${said.join("\n")}\n${text.text}`);
}
console.log(JSON.stringify(wrong));
"#;

/// Which of the texts it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Format {
    Plan,
    Diff,
}

/// A text, and what must be found in it.
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) format: Format,
    pub(crate) tables: usize,
    pub(crate) folds: usize,
    /// What is shown as code somewhere.
    pub(crate) codes: Vec<String>,
}

/// Fails where a text is not what it should be, or in CI the parser cannot be had.
#[track_caller]
pub(crate) fn judge(texts: &[Text]) {
    let Some(modules) = node::fetch("markdown-it", &["markdown-it@14"]) else { return };
    let question: Vec<_> = texts.iter().map(Text::to_value).collect();
    let wrong = node::ask(&modules, JUDGE, &json!(question));
    let wrong: Vec<_> = wrong.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), texts.len(), wrong[0]);
}

impl Text {
    fn to_value(&self) -> Value {
        let Self { text, format, tables, folds, codes } = self;
        let format = match format {
            Format::Plan => "plan",
            Format::Diff => "diff",
        };
        json!({"text": text, "format": format, "tables": tables, "folds": folds, "codes": codes})
    }
}
