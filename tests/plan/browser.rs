//! The page in a browser, where one is installed.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Returns the name of a Chromium that runs.
pub(crate) fn find() -> Option<String> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let runs = |name: &&str| {
        let mut browser = Command::new(name);
        browser.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        browser.status().is_ok_and(|status| status.success())
    };
    names.into_iter().find(runs).map(str::to_owned)
}

/// Returns how wide the page becomes on a screen of that width.
///
/// The page runs no script, so another one measures it in a frame.
pub(crate) fn widest(browser: &str, page: &str, (name, width): (&str, usize)) -> usize {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let inside = page.replace('&', "&amp;").replace('"', "&quot;");
    let script = "onload = () => { const page = document.getElementById('page').contentDocument; \
                  document.title = 'width ' + page.documentElement.scrollWidth + ' end' }";
    let outside = format!(
        "<!DOCTYPE html><meta charset=\"utf-8\"><script>{script}</script>\
         <iframe id=\"page\" width=\"{width}\" height=\"800\" style=\"border:0\" srcdoc=\"{inside}\"></iframe>"
    );
    let file = folder.join(format!("{name}-{width}.html"));
    fs::write(&file, outside).unwrap();
    let mut command = Command::new(browser);
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--dump-dom",
    ]);
    command.arg(format!("file://{}", file.display())).stderr(Stdio::null());
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let said = output.split("<title>width ").nth(1).and_then(|rest| rest.split(" end").next());
    said.unwrap_or_else(|| panic!("{browser} says nothing")).parse().unwrap()
}
