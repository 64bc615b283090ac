//! The `kustomization.yaml` of a folder.
//!
//! Only on request: `kubectl apply -f` of a folder that holds one fails, since a cluster knows no such
//! kind.

use serde_json::json;

use super::TreeFile;
use crate::emit::to_yaml;

/// Returns the file that names `files` in their order.
///
/// Kustomize would sort them by kind, and VirtualServices would come before what they need.
pub(super) fn of(files: &[TreeFile]) -> TreeFile {
    let resources: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
    let value = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
        "sortOptions": {"order": "fifo"},
    });
    TreeFile { path: "kustomization.yaml".to_owned(), text: to_yaml(&value), secret: false }
}
