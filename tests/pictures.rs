//! The pictures of docs/review.md: what plan and diff look like, on a terminal and in a browser.
//!
//! What a terminal shows is drawn here, as an SVG. Pages are photographed by Chromium, which is no two
//! times the same to the pixel, so that beside each photograph the hash of its page is kept. `UPDATE_DOCS=1
//! cargo test --test pictures` makes those anew whose page has changed; it needs Chromium, and node with
//! npm's markdown-it for the comment.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests read files, and fail by a panic"
)]
#![allow(dead_code, reason = "the fixtures and node are there for more than this test")]

#[path = "plan/browser.rs"]
mod browser;
#[path = "fixture/case.rs"]
mod case;
#[path = "plan/inputs.rs"]
mod inputs;
#[path = "fixture/node.rs"]
mod node;
#[path = "pictures/page.rs"]
mod page;
#[path = "fixture/skipped.rs"]
mod skipped;
#[path = "pictures/terminal.rs"]
mod terminal;

use std::fs;
use std::path::{Path, PathBuf};

use page::Page;
use rollstep::review::diff::{
    Color, Comment, Comparison, Labels, Unified, compare, to_markdown, to_unified,
};
use rollstep::review::plan::text::{Look, to_text};
use rollstep::review::plan::{RolloutPlan, html, markdown};
use rollstep::{
    Input, Movement, ObjectName, Options, RenderedChange, StageName, render_change, review,
};

/// The most bytes of a picture.
const MAX_BYTES: u64 = 150_000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/review")
}

fn is_update() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

#[test]
fn what_a_terminal_shows_is_as_drawn() {
    let look = Look { width: 100, color: true, blocks: true };
    let plan = to_text(&plan(&guide()), look);
    let (comparison, movements) = moved();
    let unified = Unified { labels: Labels::of(&movements), context: 3, color: Color::Always };
    let diff = to_unified(&comparison, &unified);
    for (name, command, shown) in [
        ("plan-terminal", "rollstep plan -f fixtures/istio-guide --step 2", plan),
        ("diff-terminal", "rollstep diff -f fixtures/istio-guide --step last", diff),
    ] {
        let drawn = terminal::draw(command, &shown);
        let file = folder().join(format!("{name}.svg"));
        if is_update() {
            fs::write(&file, &drawn).unwrap();
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), drawn, "{name}: run it with UPDATE_DOCS=1");
    }
}

#[test]
fn photographs_are_of_the_pages_of_today() {
    let list = folder().join("photographs.txt");
    let kept = fs::read_to_string(&list).unwrap_or_default();
    let pages = pages();
    let lines: Vec<_> = pages.iter().map(Page::line).collect();
    if is_update() {
        let old = |line: &String| !kept.lines().any(|known| known == line);
        let stale = pages.iter().zip(&lines).filter(|(_, line)| old(line));
        stale.for_each(|(page, _)| page.photograph(&folder()));
        fs::write(&list, format!("{}\n", lines.join("\n"))).unwrap();
    }
    let kept = fs::read_to_string(&list).unwrap();
    assert_eq!(kept.lines().collect::<Vec<_>>(), lines, "run it with UPDATE_DOCS=1");
}

#[test]
fn pictures_are_small_and_all_on_the_page() {
    let page = fs::read_to_string(folder().with_file_name("review.md")).unwrap();
    for entry in fs::read_dir(folder()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        assert!(entry.metadata().unwrap().len() <= MAX_BYTES, "{name} is large");
        assert!(name.ends_with(".txt") || page.contains(&format!("(review/{name})")), "{name}");
    }
}

fn plan((input, options): &(Input, Options)) -> Vec<RolloutPlan> {
    review::plan(input, options).rollouts.unwrap()
}

/// Returns the guide as the commands of the page name it, without the old version.
fn guide() -> (Input, Options) {
    let (input, options) = inputs::guide();
    (Input::new(input.sources().to_vec(), None), options)
}

/// Returns the same at its last step.
fn guide_at_last() -> (Input, Options) {
    let (input, options) = guide();
    (input, Options { step: Some(StageName::Last), ..options })
}

/// Returns what the last step of the guide changes.
fn moved() -> (Comparison, Vec<Movement>) {
    let (input, options) = guide_at_last();
    let RenderedChange { movements, before, after } = render_change(&input, &options, None);
    (compare(&before.documents.unwrap(), &after.documents.unwrap()).folded(), movements)
}

fn pages() -> Vec<Page> {
    let (input, options) = inputs::shop();
    let catalog = Options { rollout: Some(ObjectName::from("shop/catalog")), ..options };
    let catalog = page::until(&html::to_html(&plan(&(input, catalog))), "r0s2");
    let guide = page::until(&html::to_html(&plan(&inputs::guide())), "r0s3");
    // The diff of a route is open, as after a click.
    let guide = page::open(&guide, "id=\"r0s2\"", "changed</span> virtualservice");
    let (comparison, movements) = moved();
    let comment = Comment { movements: &movements, context: 3, max_length: 65_000 };
    let diff = to_markdown(&comparison, &comment).unwrap();
    // As the scripts of packaging/ci put them together.
    let (mark, diff) = diff.split_once('\n').unwrap();
    let plan = markdown::to_markdown(&plan(&guide_at_last()));
    let comment = format!("{mark}\n\n{plan}\n### Against the base\n\n{diff}");
    vec![
        Page::of("plan-page", guide, (900, 1325)),
        Page::of("plan-page-dark", catalog.clone(), (900, 850)).dark(),
        Page::of("plan-page-phone", catalog, (390, 1330)),
        Page::of_markdown("comment", comment, (900, 1040)),
    ]
}
