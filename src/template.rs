//! The downward API of a pod template: fields of the pod that its containers see.
//!
//! From kubernetes/kubernetes:pkg/fieldpath/fieldpath.go `ExtractFieldPathAsString`.

use crate::manifest::Field;

/// A place where a pod reads its own labels.
pub(crate) struct LabelRead<'r, 'a> {
    /// The path that is read, `metadata.labels['app']`.
    pub(crate) field: Field<'r, 'a>,
    /// The key of the label. None where all labels are read.
    pub(crate) key: Option<&'r str>,
}

/// Returns where the containers and volumes of a pod spec read labels of the pod.
pub(crate) fn find_labels_read<'r, 'a>(pod: &Field<'r, 'a>) -> Vec<LabelRead<'r, 'a>> {
    let mut sources = Vec::new();
    for container in ["containers", "initContainers"].iter().flat_map(|key| pod.list(key)) {
        sources.extend(container.list("env").iter().filter_map(|one| one.child("valueFrom")));
    }
    for volume in pod.list("volumes") {
        let projected = volume.child("projected").map(|volume| volume.list("sources"));
        let mut volumes = vec![volume];
        volumes.extend(projected.into_iter().flatten());
        let files = volumes.iter().filter_map(|volume| volume.child("downwardAPI"));
        sources.extend(files.flat_map(|files| files.list("items")));
    }
    let paths = sources.iter().filter_map(|one| one.child("fieldRef")?.child("fieldPath"));
    paths.filter_map(label_read).collect()
}

fn label_read<'r, 'a>(field: Field<'r, 'a>) -> Option<LabelRead<'r, 'a>> {
    let rest = field.node().as_str()?.strip_prefix("metadata.labels")?;
    if rest.is_empty() {
        return Some(LabelRead { field, key: None });
    }
    let key = rest.strip_prefix("['")?.strip_suffix("']")?;
    Some(LabelRead { field, key: Some(key) })
}
