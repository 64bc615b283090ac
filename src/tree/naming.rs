//! Names of the files of objects.
//!
//! A name depends on the objects and not on their order. It begins as short as its layout has it;
//! where two are the same, both get the namespace, then the group, then a number of their own. Case
//! does not tell names apart, and nothing but ASCII letters, digits, `-`, `_` and `.` gets into one:
//! other file systems than ours will hold the tree.

use std::collections::{BTreeMap, BTreeSet};

use super::Layout;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::NO_FILE_NAME;
use crate::manifest::ObjectKey;
use crate::pipeline::RenderedObject;

/// The longest file name without its extension, in bytes; file systems take 255.
const MAX_STEM: usize = 200;

/// Kinds whose objects lie in no namespace, as Kubernetes' own API has them
/// (kubernetes/kubernetes: pkg/registry, `NamespaceScoped`).
const CLUSTER_KINDS: [&str; 21] = [
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "FlowSchema",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
];

/// What an object is named for.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) key: ObjectKey,
    version: String,
    /// Whether the object itself names its namespace.
    says_namespace: bool,
}

/// How much is in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    Short,
    Namespace,
    Group,
    Number,
}

impl Detail {
    fn next(self) -> Self {
        match self {
            Self::Short => Self::Namespace,
            Self::Namespace => Self::Group,
            Self::Group | Self::Number => Self::Number,
        }
    }
}

impl Named {
    pub(super) fn of(object: &RenderedObject<'_>) -> Self {
        Self {
            key: object.key.clone(),
            version: object.version().to_owned(),
            says_namespace: object.names_namespace(),
        }
    }

    fn has_namespace(&self) -> bool {
        let cluster_wide = CLUSTER_KINDS.contains(&self.key.kind.as_str());
        self.says_namespace || (!cluster_wide && !self.key.namespace.is_empty())
    }

    /// Says what about the object keeps it from being a file.
    fn find_problem(&self) -> Option<Diagnostic> {
        let ObjectKey { group, kind, namespace, name } = &self.key;
        let parts = [("group", group), ("version", &self.version), ("namespace", namespace)];
        let wrong = |part: &&(&str, &String)| !part.1.is_empty() && !is_plain(part.1);
        let (message, help) = if name.is_empty() {
            let message = format!("a {kind} has no name, so that no file can be named for it");
            (message, "give it `metadata.name`, or write all to one file with `--layout single`")
        } else if !is_plain(name) || !is_plain(kind) {
            let message = format!("the name of {kind} {name:?} cannot be part of a file's name");
            (message, "give it a name that Kubernetes takes, without `/`")
        } else {
            let (what, text) = parts.iter().find(wrong)?;
            let message = format!(
                "{kind} `{name}` has the {what} {text:?}, which cannot be part of a file's name"
            );
            (message, "correct it; Kubernetes would refuse it as well")
        };
        Some(Diagnostic::new(&NO_FILE_NAME, message).with_help(help))
    }

    fn path(&self, layout: Layout, detail: Detail) -> String {
        let ObjectKey { group, kind, namespace, name } = &self.key;
        let kind_and_group = |kind: String| match detail >= Detail::Group && !group.is_empty() {
            true => format!("{kind}.{group}"),
            false => kind,
        };
        let kind = kind.to_lowercase();
        let spaced = detail >= Detail::Namespace && self.has_namespace();
        let before = |separator: &str| match spaced {
            true => format!("{namespace}{separator}"),
            false => String::new(),
        };
        let (folder, stem) = match layout {
            // The one file of this layout is named elsewhere.
            Layout::KindName | Layout::Single => {
                (None, format!("{}{}-{name}", before("-"), kind_and_group(kind)))
            }
            Layout::Kustomize => {
                let group = if group.is_empty() { String::new() } else { format!("{group}_") };
                let stem = format!("{}{group}{}_{kind}_{name}", before("_"), self.version);
                (None, stem.to_lowercase())
            }
            Layout::Kpt => {
                let folder = self.says_namespace.then(|| to_plain(namespace).replace('.', "-"));
                (folder, format!("{}_{name}", kind_and_group(kind)))
            }
        };
        let stem = self.number(to_plain(&stem), detail);
        folder.map_or_else(|| format!("{stem}.yaml"), |folder| format!("{folder}/{stem}.yaml"))
    }

    /// Adds a number made of all that the object is known by, where the name needs it.
    fn number(&self, mut stem: String, detail: Detail) -> String {
        if detail < Detail::Number && stem.len() <= MAX_STEM {
            return stem;
        }
        let ObjectKey { group, kind, namespace, name } = &self.key;
        let known_by = [group, &self.version, kind, namespace, name].map(String::as_str);
        // All of it is ASCII by now.
        stem.truncate(MAX_STEM);
        format!("{stem}-{:08x}", hash(&known_by.join("\n")))
    }
}

/// Returns the path of each object, or what is wrong with those that can have none.
pub(super) fn name_all(objects: &[Named], layout: Layout) -> Result<Vec<String>, Vec<Diagnostic>> {
    let problems: Vec<_> = objects.iter().filter_map(Named::find_problem).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let spaces = objects.iter().filter(|object| object.has_namespace());
    let spaces: BTreeSet<_> = spaces.map(|object| &object.key.namespace).collect();
    let first = if spaces.len() > 1 { Detail::Namespace } else { Detail::Short };
    let mut details = vec![first; objects.len()];
    loop {
        let named = objects.iter().zip(&details);
        let paths: Vec<_> = named.map(|(object, detail)| object.path(layout, *detail)).collect();
        let shared = shared(&paths);
        let mut settled = true;
        for (detail, shared) in details.iter_mut().zip(&shared) {
            if *shared && *detail < Detail::Number {
                *detail = detail.next();
                settled = false;
            }
        }
        if settled {
            return Ok(count_off(paths));
        }
    }
}

/// Returns of each path whether another is the same.
fn shared(paths: &[String]) -> Vec<bool> {
    let mut counts = BTreeMap::<String, usize>::new();
    for path in paths {
        *counts.entry(path.to_ascii_lowercase()).or_default() += 1;
    }
    let is_shared = |path: &String| counts.get(&path.to_ascii_lowercase()).is_some_and(|&n| n > 1);
    paths.iter().map(is_shared).collect()
}

/// Numbers what is still the same in the order of the documents: one object that is there twice.
fn count_off(paths: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let number = |path: String| {
        let stem = path.trim_end_matches(".yaml").to_owned();
        let numbered = (2..).map(|number| format!("{stem}-{number}.yaml"));
        let mut candidates = std::iter::once(path.clone()).chain(numbered);
        candidates.find(|name| seen.insert(name.to_ascii_lowercase())).unwrap_or(path)
    };
    paths.into_iter().map(number).collect()
}

/// Returns whether the text is one name, and not a path or something that a terminal acts on.
fn is_plain(text: &str) -> bool {
    let parts = |character: char| character.is_control() || ['/', '\\'].contains(&character);
    !text.is_empty() && text != "." && text != ".." && !text.contains(parts)
}

/// Returns the text with a `-` for every character that some file system has no place for.
fn to_plain(text: &str) -> String {
    let plain = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' => character,
        _ => '-',
    };
    text.chars().map(plain).collect()
}

/// Returns a hash (FNV-1a of 32 bits), which is the same for ever.
fn hash(text: &str) -> u32 {
    let add = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    text.bytes().fold(2_166_136_261, add)
}
