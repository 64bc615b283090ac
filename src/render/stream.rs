//! The documents that are written, in their order.
//!
//! Documents keep the order of the input and new objects stand behind their stable twin. Which
//! VirtualServices move, so that none sends to what is not there, is decided in [`order`].

mod order;
mod pinned;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Addition, Change, Edited, StageRender, changes_by_object};
use crate::manifest::{Document, Manifest, Object, ObjectId, Resource};
use crate::model::{Rollout, is_ignored, is_roll_step, is_rollout};

/// Which part of the result is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Only {
    /// All of it.
    #[default]
    Everything,
    /// All but the routing objects of the rollouts.
    Workloads,
    /// The routing objects of the rollouts.
    Routing,
    /// What some stage changes or adds.
    Changed,
    /// What some other stage has and this one lacks.
    Removed,
}

/// One document of the result.
#[derive(Debug)]
pub(crate) struct Entry<'m, 'a> {
    pub(crate) content: Content<'m, 'a>,
    /// The comments around it, which most have none of.
    comments: Option<Box<Comments<'a>>>,
    /// Whether it is a routing object of a rollout.
    pub(crate) routing: bool,
    /// The object of the input that stands here; none for a new one or an untouched list.
    pub(crate) object: Option<ObjectId>,
    /// The stable twin of a new object.
    beside: Option<ObjectId>,
}

impl<'m, 'a> Entry<'m, 'a> {
    fn new(content: Content<'m, 'a>, object: Option<ObjectId>, beside: Option<ObjectId>) -> Self {
        Self { content, comments: None, routing: false, object, beside }
    }

    /// Returns the comments that stand before it.
    pub(crate) fn before(&self) -> &[&'a str] {
        self.comments.as_ref().map_or(&[], |comments| &comments.before)
    }

    /// Returns the comments that stand behind it.
    pub(crate) fn after(&self) -> &[&'a str] {
        self.comments.as_ref().map_or(&[], |comments| &comments.after)
    }

    fn add_before(&mut self, comments: impl Iterator<Item = &'a str>) {
        let mut comments = comments.peekable();
        if comments.peek().is_some() {
            self.comments.get_or_insert_default().before.extend(comments);
        }
    }

    fn add_after(&mut self, comments: impl Iterator<Item = &'a str>) {
        let mut comments = comments.peekable();
        if comments.peek().is_some() {
            self.comments.get_or_insert_default().after.extend(comments);
        }
    }
}

/// The comments around a document of the result.
#[derive(Debug, Default)]
struct Comments<'a> {
    before: Vec<&'a str>,
    after: Vec<&'a str>,
}

/// What a document of the result is made of.
#[derive(Debug)]
pub(crate) enum Content<'m, 'a> {
    /// A document of the input, as it is.
    Document(&'m Document<'a>),
    /// An item of a list that is taken apart, as it is.
    Item(Box<Resource<'a>>),
    Edited(&'m Edited<'m, 'a>),
    Replaced(&'m Resource<'a>),
    New(&'m Value),
}

impl Entry<'_, '_> {
    /// Returns whether anything is written that is an object: a document may be null, and a list
    /// empty.
    pub(crate) fn holds_objects(&self) -> bool {
        match self.content {
            Content::Document(document) if self.object.is_none() => {
                !document.to_objects().is_empty()
            }
            Content::Document(_)
            | Content::Item(_)
            | Content::Edited(_)
            | Content::Replaced(_)
            | Content::New(_) => true,
        }
    }
}

/// Returns what the last step has and this stage lacks.
pub(crate) fn removed<'m, 'a>(last: &'m [StageRender<'m, 'a>]) -> Vec<Entry<'m, 'a>> {
    let additions = last.iter().flat_map(|stage| &stage.additions);
    additions
        .map(|addition| {
            let content = Content::New(&addition.value);
            Entry::new(content, None, Some(addition.beside))
        })
        .collect()
}

/// What is asked of the stream besides the stage.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    pub(crate) only: Only,
    pub(crate) keep_rollout: bool,
    /// The objects of the input that some stage changes; looked at for [`Only::Changed`].
    pub(crate) changed: BTreeSet<ObjectId>,
}

/// Arranges documents, changes and additions into the result.
pub(crate) fn arrange<'m, 'a>(
    manifest: &'m Manifest<'a>,
    rendered: &'m [StageRender<'m, 'a>],
    selection: &Selection,
) -> Vec<Entry<'m, 'a>> {
    let stream = Stream::new(manifest, rendered, selection);
    let mut entries = order::move_routes(stream.entries(), rendered);
    entries.retain(|entry| stream.is_selected(entry));
    entries
}

struct Stream<'s, 'm, 'a> {
    manifest: &'m Manifest<'a>,
    selection: &'s Selection,
    changes: BTreeMap<ObjectId, &'m Change<'m, 'a>>,
    additions: BTreeMap<ObjectId, Vec<&'m Addition>>,
    routing: BTreeSet<ObjectId>,
    own: BTreeSet<ObjectId>,
}

impl<'s, 'm, 'a> Stream<'s, 'm, 'a> {
    fn new(
        manifest: &'m Manifest<'a>,
        rendered: &'m [StageRender<'m, 'a>],
        selection: &'s Selection,
    ) -> Self {
        let changes = changes_by_object(rendered);
        let mut additions = BTreeMap::<_, Vec<_>>::new();
        for addition in rendered.iter().flat_map(|stage| &stage.additions) {
            additions.entry(addition.beside).or_default().push(addition);
        }
        let routing = rendered.iter().flat_map(|stage| routing(stage.at.plan.rollout)).collect();
        // The canaries of a rollout that is not rendered itself stay as they are.
        let chosen = rendered.iter().filter(|stage| !stage.at.companion);
        let own = chosen.flat_map(|stage| stage.at.plan.rollout.own.iter().copied()).collect();
        Self { manifest, selection, changes, additions, routing, own }
    }

    fn entries(&self) -> Vec<Entry<'m, 'a>> {
        let added: usize = self.additions.values().map(Vec::len).sum();
        let mut entries = Vec::with_capacity(self.manifest.documents.len() + added);
        let mut objects = self.manifest.objects().peekable();
        for (index, document) in (0..).zip(&self.manifest.documents) {
            let mut here = Vec::new();
            while let Some(object) = objects.next_if(|(_, object)| object.document == index) {
                here.push(object);
            }
            let listed = here.iter().any(|(_, object)| object.item.is_some());
            let untouched = here.iter().all(|(id, object)| self.is_untouched(*id, object));
            let start = entries.len();
            if (listed && untouched) || here.is_empty() {
                here.clear();
                entries.push(Entry::new(Content::Document(document), None, None));
            }
            for object in here {
                self.push_object(&mut entries, object, document);
            }
            place_comments(&mut entries, start, document);
        }
        entries
    }

    fn push_object(
        &self,
        entries: &mut Vec<Entry<'m, 'a>>,
        (id, object): (ObjectId, &Object),
        document: &'m Document<'a>,
    ) {
        if !self.is_left_out(id, object) {
            let content = match self.changes.get(&id) {
                Some(Change::Edit(edited)) => Content::Edited(edited),
                Some(Change::Replace(resource)) => Content::Replaced(resource),
                None => match object.item.and_then(|_| self.manifest.resource(id)) {
                    Some(item) => Content::Item(Box::new(item)),
                    None => Content::Document(document),
                },
            };
            let routing = self.routing.contains(&id);
            entries.push(Entry { routing, ..Entry::new(content, Some(id), None) });
        }
        for addition in self.additions.get(&id).into_iter().flatten() {
            let content = Content::New(&addition.value);
            entries.push(Entry::new(content, None, Some(id)));
        }
    }

    fn is_untouched(&self, id: ObjectId, object: &Object) -> bool {
        !self.is_left_out(id, object)
            && !self.changes.contains_key(&id)
            && !self.additions.contains_key(&id)
    }

    /// Returns whether an object is not written: our own of an earlier render, which is made anew, or a
    /// definition.
    fn is_left_out(&self, id: ObjectId, object: &Object) -> bool {
        let definition = is_rollout(&object.identity) || is_roll_step(&object.identity);
        self.own.contains(&id)
            || (definition && !self.selection.keep_rollout && !self.is_ignored(id))
    }

    /// Returns whether the controller of an ignored rollout needs this definition.
    fn is_ignored(&self, id: ObjectId) -> bool {
        self.manifest.resource(id).is_some_and(|resource| is_ignored(&resource))
    }

    fn is_selected(&self, entry: &Entry<'_, '_>) -> bool {
        match self.selection.only {
            Only::Everything => true,
            Only::Workloads => !entry.routing,
            Only::Removed => false,
            Only::Routing => entry.routing,
            Only::Changed => {
                entry.beside.is_some()
                    || entry.object.is_some_and(|id| self.selection.changed.contains(&id))
            }
        }
    }
}

/// Places comments. Of a list that is taken apart, the first item gets them. Those before a document that is
/// left out go with it; those at the end of a file do not.
fn place_comments<'a>(entries: &mut [Entry<'_, 'a>], start: usize, document: &Document<'a>) {
    if let Some(first) = entries.get_mut(start).filter(|entry| entry.beside.is_none()) {
        first.add_before(document.comments());
    }
    if let Some(last) = entries.last_mut() {
        last.add_after(document.trailing());
    }
}

/// Returns the routing objects of the rollout.
fn routing(rollout: &Rollout<'_>) -> impl Iterator<Item = ObjectId> {
    let traffic = rollout.traffic.iter();
    let rules = traffic.clone().flat_map(|traffic| &traffic.destination_rules);
    routes(rollout).chain(rules.map(|rule| rule.resource.id))
}

fn routes(rollout: &Rollout<'_>) -> impl Iterator<Item = ObjectId> {
    rollout.traffic.iter().flat_map(|traffic| &traffic.routes).map(|route| route.resource.id)
}
