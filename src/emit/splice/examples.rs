//! Documents before and after, byte for byte.

use crate::manifest::FieldPath;
use crate::render::Edit;
use serde_json::{Value, json};

/// Reads `spec.http[0].route`.
fn path(text: &str) -> FieldPath {
    text.split(['.', '[']).filter(|part| !part.is_empty()).fold(
        FieldPath::default(),
        |path, part| match part.strip_suffix(']') {
            Some(index) => path.index(index.parse().unwrap()),
            None => path.key(part),
        },
    )
}

fn set(at: &str, value: Value) -> Edit {
    Edit::Set { path: path(at), value }
}

fn insert(at: &str, index: usize, value: Value) -> Edit {
    Edit::Insert { path: path(at), index, value }
}

fn remove(at: &str) -> Edit {
    Edit::Remove { path: path(at) }
}

#[track_caller]
fn check(before: &str, edits: &[Edit], after: &str) {
    let node = crate::manifest::parse(before).unwrap();
    assert_eq!(after, super::tests::spliced(before, &node, edits));
}

const DEPLOYMENT: &str = "\
# The shop.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web # the name

  # Labels for everyone.
  labels:
    app: web
spec:
  replicas: 4   # four is enough
  template:
    spec:
      containers:
      # The server.
      - name: server
        image: \"nginx:1\"
        args: [-c, \"a b\"]
        command:
        - run
        # Nothing follows.
      # The proxy.
      - image: proxy
        # Ports follow.
        ports: []

# The end.
";

/// Checks that the edits replace `old` by `new` in the deployment, and change nothing else.
#[track_caller]
fn check_change(edits: &[Edit], old: &str, new: &str) {
    assert_eq!(1, DEPLOYMENT.matches(old).count());
    check(DEPLOYMENT, edits, &DEPLOYMENT.replace(old, new));
}

#[test]
fn a_scalar_changes_in_its_line() {
    let edits = [set("spec.replicas", json!(1)), set("metadata.name", json!("yes"))];
    let after =
        DEPLOYMENT.replace("4   # four", "1   # four").replace("name: web #", "name: \"yes\" #");
    check(DEPLOYMENT, &edits, &after);
}

#[test]
fn a_new_key_is_one_line() {
    check_change(
        &[set("spec.paused", json!(true))],
        "\n\n# The end.",
        "\n  paused: true\n\n# The end.",
    );
    check_change(
        &[set("metadata.labels.x", json!("")), set("metadata.uid", json!(1))],
        "    app: web\n",
        "    app: web\n    x: \"\"\n  uid: 1\n",
    );
}

#[test]
fn items_stand_between_comments_and_what_these_speak_of() {
    let containers = "spec.template.spec.containers";
    check_change(
        &[
            insert(containers, 1, json!({"name": "x", "ports": [{"p": 1}]})),
            insert(containers, 1, json!("y")),
        ],
        "        # Nothing follows.\n",
        "      - name: x\n        ports:\n        - p: 1\n      - \"y\"\n        # Nothing follows.\n",
    );
    check_change(
        &[insert(containers, 0, json!({"name": "x"}))],
        "      # The server.\n",
        "      - name: x\n      # The server.\n",
    );
    check_change(
        &[insert(containers, 2, json!({"name": "x"}))],
        "        ports: []\n",
        "        ports: []\n      - name: x\n",
    );
}

#[test]
fn what_is_removed_takes_its_lines_along() {
    check_change(&[remove("spec.replicas")], "  replicas: 4   # four is enough\n", "");
    check_change(
        &[remove("spec.template.spec.containers[0].command")],
        "        command:\n        - run\n",
        "",
    );
    check_change(
        &[remove("spec.template.spec.containers[0].name")],
        "- name: server\n        image",
        "- image",
    );
    check_change(
        &[
            remove("spec.template.spec.containers[0].name"),
            remove("spec.template.spec.containers[0].image"),
        ],
        "- name: server\n        image: \"nginx:1\"\n        args",
        "- args",
    );
    check_change(&[remove("spec.template.spec.containers[1].image")], "- image: proxy\n", "-\n");
}

#[test]
fn nothing_left_is_written_so() {
    check_change(&[remove("metadata.labels.app")], "labels:\n    app: web\n", "labels: {}\n");
    check_change(
        &[remove("spec.template.spec.containers[0].command[0]")],
        "command:\n        - run\n",
        "command: []\n",
    );
}

#[test]
fn something_in_nothing_is_a_block() {
    check_change(
        &[insert("spec.template.spec.containers[1].ports", 0, json!({"p": 1}))],
        "ports: []\n",
        "ports:\n        - p: 1\n",
    );
    check(
        "a: {} # none\nb:\nc: ~\nd: 1\n",
        &[
            set("a.x", json!(1)),
            set("b.x.z", json!([1])),
            insert("c", 0, json!(2)),
            insert("new", 0, json!(3)),
        ],
        "a: # none\n  x: 1\nb:\n  x:\n    z:\n    - 1\nc:\n- 2\nd: 1\nnew:\n- 3\n",
    );
}

#[test]
fn flow_stays_flow() {
    check_change(
        &[
            insert("spec.template.spec.containers[0].args", 1, json!({"a": "b:c"})),
            insert("spec.template.spec.containers[0].args", 2, json!("e")),
        ],
        "[-c, \"a b\"]",
        "[-c, {a: 'b:c'}, \"a b\", e]",
    );
    check(
        "a: {b: 1, c: [1, 2, 3], d: 4} # x\n",
        &[
            remove("a.b"),
            remove("a.c[0]"),
            remove("a.c[2]"),
            set("a.d", json!({"x": []})),
            set("a.e", json!("y")),
        ],
        "a: {c: [2], d: {x: []}, e: \"y\"} # x\n",
    );
    check(
        "a: [\n  1, # one\n  2\n]\n",
        &[insert("a", 2, json!(3)), insert("a", 0, json!(0))],
        "a: [\n  0, 1, # one\n  2, 3\n]\n",
    );
    check(
        "{\"a\": {\"b\": 1}, \"c\": {}}\n",
        &[set("a.b", json!(2)), set("c.d", json!(3))],
        "{\"a\": {\"b\": 2}, \"c\": {d: 3}}\n",
    );
}

#[test]
fn neighbours_do_not_disturb_each_other() {
    check(
        "l:\n# a\n- a: 1\n# b\n- b: 1\n# c\n- c: 1\n",
        &[
            remove("l[1]"),
            insert("l", 1, json!("x")),
            insert("l", 2, json!("z")),
            set("l[2].c", json!(3)),
            insert("l", 2, json!("zz")),
            insert("l", 3, json!("end")),
            set("l[2].d", json!([1])),
        ],
        "l:\n# a\n- a: 1\n- x\n# b\n- z\n- zz\n# c\n- c: 3\n  d:\n  - 1\n- end\n",
    );
}

#[test]
fn the_manners_of_the_document_are_kept() {
    check(
        "a:\r\n    l:\r\n      - x: 1",
        &[
            insert("a.l", 1, json!({"y1": {"z": 1}})),
            set("a.m", json!({"k": ["v"], "t": "1\n2\n"})),
        ],
        "a:\r\n    l:\r\n      - x: 1\r\n      - y1:\r\n            z: 1\r\n    m:\r\n        k:\r\n          - v\r\n        t: |\r\n            1\r\n            2\r\n",
    );
}

#[test]
fn blocks_and_scalars_replace_each_other() {
    check(
        "a: |\n  x\n  y\n\nb: # note\n  c: 1\nd: >-\n  e\nf: 'x\n  y' # f\ng: 1\n",
        &[
            set("a", json!("z")),
            set("b", json!(1)),
            set("d", json!({"e": 1})),
            set("f", json!("p\nq")),
            set("g", json!([[1, 2]])),
        ],
        "a: z\n\nb: 1 # note\nd:\n  e: 1\nf: |- # f\n  p\n  q\ng:\n- - 1\n  - 2\n",
    );
    check(
        "l:\n- a: 1\n  b: 2\n- x # x\n- [1]\n-\n  c: 1\n",
        &[
            set("l[0]", json!(1)),
            set("l[1]", json!({"k": 1, "m": 2})),
            set("l[2]", json!("a\nb\n")),
            set("l[3]", json!({"d": 2, "e": 1})),
        ],
        "l:\n- 1\n- k: 1 # x\n  m: 2\n- |\n  a\n  b\n- d: 2\n  e: 1\n",
    );
}

#[test]
fn lists_in_lists_are_changed_in_place() {
    check(
        "l:\n- - a\n  - b\n- - c\n",
        &[
            insert("l[0]", 0, json!("x")),
            remove("l[0][1]"),
            insert("l[1]", 1, json!({"y1": 1, "z": 2})),
        ],
        "l:\n- - x\n  - a\n- - c\n  - y1: 1\n    z: 2\n",
    );
    check("- - a\n  - b\n", &[remove("[0][0]")], "- - b\n");
}

#[test]
fn aliases_and_merged_keys_are_written_out() {
    check(
        "a: &a # base\n  x: 1\nb: *a # as a\nc: 1\n",
        &[set("b.y1", json!(2))],
        "a: &a # base\n  x: 1\nb: # as a\n  x: 1\n  y1: 2\nc: 1\n",
    );
    check(
        "a: &a {x: 1, z: 1}\nb:\n  k: 1 # k\n  <<: *a\nc: 1\n",
        &[set("b.x", json!(2)), set("c", json!(2))],
        "a: &a {x: 1, z: 1}\nb:\n  k: 1 # k\n  <<: *a\n  x: 2\nc: 2\n",
    );
    check(
        "a: &a {x: 1}\nb:\n  k: 1\n  <<: *a\nc: 1 # c\n",
        &[remove("b.x"), set("c", json!(2))],
        "a: &a {x: 1}\nb:\n  k: 1\nc: 2 # c\n",
    );
    check("a: &a x # top\nb: *a\nc: 1\n", &[set("a", json!("y2"))], "a: y2\nb: x\nc: 1\n");
}

#[test]
fn missing_items_are_filled_in_place() {
    check(
        "# c\nl:\n- # one\n-\n# x\n- x\n",
        &[set("l[0]", json!(1)), set("l[1]", json!({"a": 1, "b": 2})), insert("l", 1, json!(5))],
        "# c\nl:\n- 1 # one\n- 5\n- a: 1\n  b: 2\n# x\n- x\n",
    );
}

#[test]
fn comments_are_not_swallowed() {
    check(
        "a:\n  b: 1\n  # end of a\nc:\n  # d\n  d: 1\n",
        &[set("a", json!("1\n2\n")), set("c", json!("1\n2\n"))],
        "a: \"1\\n2\\n\"\n  # end of a\nc: \"1\\n2\\n\"\n  # d\n",
    );
    check("a: 1\n\n# c\n", &[set("b", json!("1\n\n"))], "a: 1\nb: \"1\\n\\n\"\n\n# c\n");
}

#[test]
fn maps_of_merge_keys_alone_are_kept() {
    check(
        "# c\na: &a {x: 1}\nb:\n  <<: *a\n\nc: 1 # c\n? d\n: 1\n",
        &[set("c", json!(2)), set("b.x", json!(3)), set("e", json!(1))],
        "# c\na: &a {x: 1}\nb:\n  <<: *a\n  x: 3\n\nc: 2 # c\n? d\n: 1\ne: 1\n",
    );
}

#[test]
fn odd_layouts_are_changed_in_place() {
    check(
        "l:\n- # one\n  a: 1\n-\n\n  # two\n  b: 2\n",
        &[set("l[0].a", json!(3)), set("l[1].c", json!(4)), insert("l", 1, json!(5))],
        "l:\n- # one\n  a: 3\n- 5\n-\n\n  # two\n  b: 2\n  c: 4\n",
    );
    check(
        "m: &m # map\n  !!str k: !!str 1 # k\n  \"q\" : 2\n  s: !!str |\n    x\nl: !!seq\n  - 1\n",
        &[
            set("m.k", json!("z")),
            remove("m.q"),
            set("m.s", json!(1)),
            insert("l", 0, json!({"a": 1})),
        ],
        "m: &m # map\n  !!str k: z # k\n  s: 1\nl: !!seq\n  - a: 1\n  - 1\n",
    );
    check(
        "a: plain\n  text # t\n\nb: \"x\n  y\"\nc:\n  folded\n  text\nd: 1\n",
        &[set("a", json!("z")), set("b", json!([1])), set("c", json!({"k": 1}))],
        "a: z # t\n\nb:\n- 1\nc:\n  k: 1\nd: 1\n",
    );
}

#[test]
fn no_edit_only_ends_the_last_line() {
    check("a: 1", &[], "a: 1\n");
    check("# c\n\na: 1", &[set("b", json!(1))], "# c\n\na: 1\nb: 1\n");
}

#[test]
fn the_root_can_be_replaced() {
    let root = Edit::Set { path: FieldPath::default(), value: json!({"b": 1}) };
    check("# c\na: 1\n# d\n", &[root], "# c\nb: 1\n# d\n");
}

#[test]
fn a_key_behind_its_tag_says_nothing_of_indentation() {
    let before = " ! tags:\n   deep: 1\n";
    let edits =
        [set("tags.deep", json!({"a": 1})), set("tags.new", json!(2)), set("new", json!(3))];
    let after = "tags:\n  deep:\n    a: 1\n  new: 2\nnew: 3\n";
    check(before, &edits, after);
}

#[test]
fn the_last_line_ends_whatever_goes() {
    let before = "!tag-\r-d:\n8=e: \n   !tag-\r-d:\n   a: 4\n";
    let edits = [set("-d", json!("x#: ")), remove("8=e")];
    check(before, &edits, "-d: 'x#: '\n");
}

#[test]
fn deep_lists_take_no_time() {
    let before = format!("a: 1\nb:\n{}\nc: 1\n", "- ".repeat(200) + "x");
    let deepest = (0..199).fold(path("b"), |path, _| path.index(0));
    let edits = [Edit::Insert { path: deepest, index: 1, value: json!("new") }, set("c", json!(2))];
    let node = crate::manifest::parse(&before).unwrap();
    let after = super::tests::spliced(&before, &node, &edits);
    assert!(after.contains("- new\n"), "{after}");
}
