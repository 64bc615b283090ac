//! The files that moves change.
//!
//! Mostly they are the input itself. Where the input is the stream that a kustomization builds, the
//! RollStep lies in a file beside it: the file is what is written, and the stream is changed as the next
//! build will change it, so that the result can be checked.

use serde_json::Value;

use super::change::{self, FileChange};
use super::{Moving, kustomization};
use crate::diagnostic::codes::STEP_NOT_EDITABLE;
use crate::diagnostic::{Collector, Problem};
use crate::manifest::{DEFAULT_NAMESPACE, Manifest, Resource};
use crate::model::is_roll_step;
use crate::pipeline::Input;
use crate::render::Edit;
use crate::source::Source;

/// The name of standard input.
pub(super) const STREAM: &str = "-";

/// Everything that a move may change, as earlier moves left it.
#[derive(Debug, Clone)]
pub(super) struct Files {
    pub(super) input: Input,
    /// Files that are not part of the input.
    pub(super) beside: Vec<Source>,
}

impl Files {
    /// Returns what differs from the files of before.
    pub(super) fn changes(&self, sources: &[Source], beside: &[Source]) -> Vec<FileChange> {
        let mut changes = change::changes(sources, self.input.sources());
        changes.retain(|change| change.name != STREAM);
        changes.extend(change::changes(beside, &self.beside));
        changes
    }

    /// Returns the file of that name, in or beside the input.
    pub(super) fn find(&self, file: &str) -> Option<&Source> {
        let plain = |name: &str| name.trim_start_matches("./").to_owned();
        let mut all = self.input.sources().iter().chain(&self.beside);
        all.find(|source| source.name() != STREAM && plain(source.name()) == plain(file))
    }

    /// Returns the files with another text of the input, or of what lies beside it.
    pub(super) fn with(&self, file: &str, text: String) -> Self {
        let of_input = self.input.sources().iter().any(|source| source.name() == file);
        let streamed = self.input.sources().iter().any(|source| source.name() == STREAM);
        if of_input || !streamed {
            return Self { input: change::with_file(&self.input, file, text), ..self.clone() };
        }
        let mut files = self.clone();
        let changed = Source::new(file, text);
        match files.beside.iter_mut().find(|source| source.name() == file) {
            Some(source) => *source = changed,
            None => files.beside.push(changed),
        }
        files
    }

    /// Returns the file that holds the RollStep, and all files with the edits made.
    pub(super) fn with_edits<'a>(
        &'a self,
        roll_step: &Resource<'a>,
        edits: &[Edit],
        moving: &Moving,
        problems: &mut Collector<'a>,
    ) -> Option<(String, Self)> {
        let source = roll_step.document.source().name();
        let Some(text) = change::edited(roll_step, edits) else {
            problems.push(change::not_editable(roll_step));
            return None;
        };
        if source != STREAM {
            return Some((source.to_owned(), self.with(source, text)));
        }
        let Some(file) = &moving.file else {
            problems.push(no_file(roll_step));
            return None;
        };
        let Some(there) = self.find(file) else {
            problems.push(not_there(roll_step, file));
            return None;
        };
        let Some(of_file) = find_twin(there, roll_step) else {
            problems.push(not_built_from(roll_step, file));
            return None;
        };
        let Some(edited) = change::edited(&of_file, edits) else {
            problems.push(change::not_editable(&of_file));
            return None;
        };
        Some((file.clone(), self.with(STREAM, text).with(there.name(), edited)))
    }

    /// Returns the files with a new RollStep in one of them; with one in the stream as well, as the next
    /// build will have it, and with the file among the resources of its kustomization.
    pub(super) fn with_document<'a>(
        &'a self,
        file: &str,
        document: &NewDocument,
        problems: &mut Collector<'a>,
    ) -> Option<Self> {
        let there = self.find(file).map_or("", Source::text);
        let Some(text) = change::appended(there, &document.of_file) else {
            let message = format!("`{file}` holds JSON, to which no YAML document is added");
            let problem = Problem::new(&STEP_NOT_EDITABLE, message);
            problems.push(problem.help("name another file with `--file PATH`"));
            return None;
        };
        let mut files = self.with(file, text);
        let stream = self.input.sources().iter().find(|source| source.name() == STREAM);
        let Some(built) =
            stream.and_then(|stream| change::appended(stream.text(), &document.built))
        else {
            return Some(files);
        };
        files = files.with(STREAM, built);
        let Some(kustomization) = kustomization::beside(&self.beside, file) else {
            return Some(files);
        };
        match kustomization::with_resource(kustomization, file) {
            Ok(text) => Some(files.with(kustomization.name(), text)),
            Err(problem) => {
                problems.push(problem);
                None
            }
        }
    }
}

/// A new RollStep, as it is written and as the next build has it.
pub(super) struct NewDocument {
    pub(super) of_file: String,
    pub(super) built: String,
}

/// Returns the RollStep of the file that the one of the stream was built from: they say the same, and
/// kustomize only changes names.
fn find_twin<'a>(file: &'a Source, built: &Resource<'a>) -> Option<Resource<'a>> {
    let mut ignored = Collector::default();
    let manifest = Manifest::read(std::slice::from_ref(file), DEFAULT_NAMESPACE, &mut ignored);
    let all = manifest.objects().filter(|(_, object)| is_roll_step(&object.identity));
    let wanted = without_name(built);
    let name = &built.identity.name;
    let mut same = all.filter_map(|(id, _)| manifest.resource(id)).filter(|resource| {
        without_name(resource) == wanted && name.contains(&resource.identity.name)
    });
    let twin = same.next()?;
    same.next().is_none().then_some(twin)
}

/// Returns what a RollStep says, without the name of its rollout.
fn without_name(roll_step: &Resource<'_>) -> Value {
    let mut spec = roll_step.field(&["spec"]).map_or(Value::Null, |spec| spec.to_value());
    if let Some(spec) = spec.as_object_mut() {
        spec.shift_remove("rollout");
    }
    spec
}

fn no_file<'a>(roll_step: &Resource<'a>) -> Problem<'a> {
    let message =
        format!("{} comes from standard input, and its file is not named", roll_step.called());
    let problem = roll_step.root().problem(&STEP_NOT_EDITABLE, message);
    problem.help("name the file with `--file PATH`, as in `kubectl kustomize DIR | rollstep approve -f - --file DIR/rollstep.yaml`")
}

fn not_there<'a>(roll_step: &Resource<'a>, file: &str) -> Problem<'a> {
    let message = format!("there is no file `{file}` that holds {}", roll_step.called());
    let problem = roll_step.root().problem(&STEP_NOT_EDITABLE, message);
    problem.help("correct the path that `--file` names")
}

fn not_built_from<'a>(roll_step: &Resource<'a>, file: &str) -> Problem<'a> {
    let message = format!(
        "{} of standard input does not say what `{file}` says, so it was not built from it",
        roll_step.called()
    );
    let problem = roll_step.root().problem(&STEP_NOT_EDITABLE, message);
    problem.help("build the stream again, or name the file that the RollStep lies in with `--file`")
}
