//! Results as files: how they are named, and that names never clash nor lead out of the tree.
#![cfg(test)]

use std::collections::BTreeSet;

use proptest::prelude::*;
use rollstep::diagnostic::Severity;
use rollstep::{
    Input, Layout, Options, Origin, RenderedDocument, RenderedObject, Source, StageName, TreeFile,
    TreeShape, lay_out, render_tree, render_trees,
};
use serde_json::json;

const LAYOUTS: [Layout; 4] = [Layout::KindName, Layout::Single, Layout::Kustomize, Layout::Kpt];

#[test]
fn each_layout_names_as_its_tool_does() {
    let web = [
        object("apps/v1", "Deployment", Some("shop"), "Web"),
        object("v1", "Service", None, "web"),
    ];
    assert_eq!(
        ["shop-deployment-Web.yaml", "default-service-web.yaml"],
        names(&web, Layout::KindName).as_slice()
    );
    assert_eq!(["manifest.yaml"], names(&web, Layout::Single).as_slice());
    assert_eq!(
        ["shop_apps_v1_deployment_web.yaml", "default_v1_service_web.yaml"],
        names(&web, Layout::Kustomize).as_slice()
    );
    assert_eq!(
        ["shop/deployment_Web.yaml", "service_web.yaml"],
        names(&web, Layout::Kpt).as_slice()
    );
}

#[test]
fn a_namespace_is_in_names_only_where_there_are_several() {
    let one = [
        object("apps/v1", "Deployment", Some("shop"), "web"),
        object("v1", "Namespace", None, "shop"),
    ];
    assert_eq!(
        ["deployment-web.yaml", "namespace-shop.yaml"],
        names(&one, Layout::KindName).as_slice()
    );
}

#[test]
fn a_group_is_in_names_only_where_needed() {
    let gateways = [
        object("networking.istio.io/v1", "Gateway", None, "edge"),
        object("gateway.networking.k8s.io/v1", "Gateway", None, "edge"),
        object("v1", "Service", None, "edge"),
    ];
    let expected = [
        "default-gateway.networking.istio.io-edge.yaml",
        "default-gateway.gateway.networking.k8s.io-edge.yaml",
        "service-edge.yaml",
    ];
    assert_eq!(expected, names(&gateways, Layout::KindName).as_slice());
}

#[test]
fn names_that_differ_in_case_or_in_what_no_file_system_takes_are_told_apart() {
    for (one, other) in [("a", "A"), ("system:a", "system-a"), ("é", "e\u{301}"), ("ö", "ü")] {
        let role = |name| object("rbac.authorization.k8s.io/v1", "ClusterRole", None, name);
        let named = names(&[role(one), role(other)], Layout::KindName);
        assert_ne!(named[0].to_lowercase(), named[1].to_lowercase());
        let mut turned = names(&[role(other), role(one)], Layout::KindName);
        turned.reverse();
        assert_eq!(named, turned, "the order of documents decides nothing");
    }
}

#[test]
fn names_that_are_no_file_names_are_refused() {
    let long = "x".repeat(300);
    for name in ["", ".", "..", "a/b", "../a", "/etc/passwd", "a\\b", "a\0b", "a\nb"] {
        for layout in [Layout::KindName, Layout::Kustomize, Layout::Kpt] {
            let documents = [object("v1", "ConfigMap", None, name)];
            let problems = lay_out(&documents, shape(layout)).unwrap_err();
            assert_eq!("no-file-name", problems[0].code.name, "{name:?}");
            assert!(!problems[0].message.contains(['\0', '\n']), "{name:?}");
        }
        assert!(lay_out(&[object("v1", "ConfigMap", None, name)], shape(Layout::Single)).is_ok());
    }
    for namespace in ["..", "a/b"] {
        let documents = [object("v1", "ConfigMap", Some(namespace), "a")];
        assert!(lay_out(&documents, shape(Layout::Kpt)).is_err(), "{namespace}");
    }
    let named = names(&[object("v1", "ConfigMap", None, &long)], Layout::KindName);
    assert!(named[0].len() < 255, "{}", named[0].len());
}

#[test]
fn a_list_is_taken_apart() {
    let mut list = object("v1", "ConfigMap", None, "a");
    list.objects.extend(object("v1", "Secret", None, "b").objects);
    let files = lay_out(&[list], shape(Layout::KindName)).unwrap();
    assert_eq!(["configmap-a.yaml", "secret-b.yaml"], paths(&files).as_slice());
    assert_eq!([false, true], [files[0].secret, files[1].secret]);
    assert!(files[1].text.starts_with("apiVersion: v1\nkind: Secret\n"), "{}", files[1].text);
}

#[test]
fn a_kustomization_names_the_files_in_the_order_of_the_output() {
    let documents = [object("v1", "Service", None, "web"), object("v1", "ConfigMap", None, "a")];
    let shape = TreeShape { kustomization: true, ..TreeShape::default() };
    let files = lay_out(&documents, shape).unwrap();
    assert_eq!("kustomization.yaml", files[2].path);
    assert!(files[2].text.contains("resources:\n- service-web.yaml\n- configmap-a.yaml\n"));
}

#[test]
fn one_file_holds_what_a_stream_would() {
    let options = Options { step: Some(StageName::Step(1)), ..Options::default() };
    let input = guide();
    let tree = render_tree(&input, &options, shape(Layout::Single));
    assert_eq!(
        rollstep::render(&input, &options).text(),
        Some(tree.files.unwrap()[0].text.clone())
    );
}

#[test]
fn halves_hold_what_only_writes() {
    let options = Options { step: Some(StageName::Step(1)), ..Options::default() };
    let input = guide();
    let shape = TreeShape { split: true, ..shape(Layout::Single) };
    let files = render_tree(&input, &options, shape).files.unwrap();
    assert_eq!(["workloads/manifest.yaml", "routing/manifest.yaml"], paths(&files).as_slice());
    for (file, only) in files.iter().zip([rollstep::Only::Workloads, rollstep::Only::Routing]) {
        let half = rollstep::render(&input, &Options { only, ..options.clone() });
        assert_eq!(Some(&file.text), half.text().as_ref());
    }
}

#[test]
fn stages_that_need_the_old_version_are_left_out_without_it() {
    let tree = render_trees(&guide(), &Options::default(), shape(Layout::Single));
    let paths = paths(&tree.files.unwrap());
    let folders: Vec<_> = paths.iter().map(|path| path.split('/').next().unwrap()).collect();
    assert_eq!(["1-step", "2-step", "3-step", "4-promote", "5-done"], folders.as_slice());
    let said: Vec<_> = tree.diagnostics.iter().map(|one| one.code.name).collect();
    assert_eq!(1, said.iter().filter(|code| **code == "stage-left-out").count(), "{said:?}");
    assert_eq!(1, said.iter().filter(|code| **code == "stable-paused").count(), "{said:?}");
}

#[test]
fn nothing_is_laid_out_where_a_stage_fails() {
    let text = include_str!("../fixtures/unknown-service/web.yaml");
    let input = Input::new(vec![Source::new("web.yaml", text)], None);
    let tree = render_trees(&input, &Options::default(), TreeShape::default());
    assert!(tree.files.is_none());
    assert_eq!("unknown-service", tree.diagnostics[0].code.name);
}

#[test]
fn a_stage_that_would_be_left_out_is_no_error_where_another_fails() {
    let mut sources = guide().sources().to_vec();
    sources.push(Source::new("no-kind.yaml", "apiVersion: v1\n"));
    let tree = render_trees(&Input::new(sources, None), &Options::default(), TreeShape::default());
    assert!(tree.files.is_none());
    let errors = tree.diagnostics.iter().filter(|one| one.severity == Severity::Error);
    assert_eq!(["not-an-object"], errors.map(|one| one.code.name).collect::<Vec<_>>().as_slice());
}

proptest! {
    #[test]
    fn no_two_files_have_one_name_and_none_lies_outside(
        objects in prop::collection::vec(
            (part(), part(), prop::option::of(part()), part(), any::<bool>()), 1..12),
        layout in prop::sample::select(LAYOUTS.as_slice()),
        (split, kustomization) in any::<(bool, bool)>(),
    ) {
        let documents: Vec<_> = objects
            .iter()
            .map(|(group, kind, namespace, name, routing)| RenderedDocument {
                routing: *routing,
                ..object(&format!("{group}/v1"), kind, namespace.as_deref(), name)
            })
            .collect();
        let shape = TreeShape { layout, split, kustomization };
        let Ok(files) = lay_out(&documents, shape) else { return Ok(()) };
        let lower: BTreeSet<_> = files.iter().map(|file| file.path.to_lowercase()).collect();
        prop_assert_eq!(lower.len(), files.len());
        for path in lower {
            let plain = |part: &str| {
                !part.is_empty() && part != "." && part != ".." && part.len() <= 255
            };
            prop_assert!(path.split('/').all(plain), "{}", path);
            prop_assert!(path.is_ascii() && path.ends_with(".yaml"), "{}", path);
            prop_assert!(path.split('/').count() <= 3, "{}", path);
        }
        prop_assert_eq!(Ok(files), lay_out(&documents, shape));
    }
}

/// Returns names as a cluster takes them, and as nobody should write them.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        "[aAbB.:_-]{1,3}",
        "[a-z]{1,3}",
        Just("..".to_owned()),
        Just(String::new()),
        Just("a/../b".to_owned()),
        "\\PC{0,5}",
        "[xX]{250,253}",
    ]
}

fn shape(layout: Layout) -> TreeShape {
    TreeShape { layout, ..TreeShape::default() }
}

fn names(documents: &[RenderedDocument<'_>], layout: Layout) -> Vec<String> {
    paths(&lay_out(documents, shape(layout)).unwrap())
}

fn paths(files: &[TreeFile]) -> Vec<String> {
    files.iter().map(|file| file.path.clone()).collect()
}

fn object(
    api_version: &str,
    kind: &str,
    namespace: Option<&str>,
    name: &str,
) -> RenderedDocument<'static> {
    let mut value = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}});
    if let Some(namespace) = namespace {
        value["metadata"]["namespace"] = json!(namespace);
    }
    let text = rollstep::to_yaml(&value);
    let object = RenderedObject::new(Origin::Untouched, value, "default");
    RenderedDocument { text: text.into(), objects: vec![object], ..RenderedDocument::default() }
}

/// Returns the rollout of the guide, without its old version.
fn guide() -> Input {
    let sources = [
        ("deployment.yaml", include_str!("../fixtures/istio-guide/deployment.yaml")),
        ("rollout.yaml", include_str!("../fixtures/istio-guide/rollout.yaml")),
        ("service.yaml", include_str!("../fixtures/istio-guide/service.yaml")),
        ("virtualservice.yaml", include_str!("../fixtures/istio-guide/virtualservice.yaml")),
    ];
    Input::new(sources.map(|(name, text)| Source::new(name, text)).to_vec(), None)
}
