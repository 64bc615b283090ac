//! The way of a request at a stage, with the rules of the manifests that it follows.
//!
//! The stage is rendered as for the other views, and the request simulated on the result. What is added
//! here is the way back: the rule of the input, with its file and line, and whose a destination is. How
//! it reads is left to `words` and `json`.

mod caller;
mod json;
mod words;

pub use crate::pipeline::{SourceRule, Version};

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Problem};
use crate::emit;
use crate::model::StageName;
use crate::pipeline::{
    Input, Options, Planned, Purpose, Reading, Rendering, Rollouts, Selection, StageOutcome,
};
use crate::render::Entry;
use crate::simulate::{
    Connection, Destination, Mesh, Miss, Name, NotApplied, Note, Outcome, Place, Proxy, Request,
    Share, Undecided,
};
pub use caller::Caller;
pub use words::percent;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// A request.
    Request(Request),
    /// A connection of which the proxy sees no request.
    Connection(Connection),
}

/// Where a request goes at one stage.
#[derive(Debug)]
pub struct Explained {
    /// The answer, or why it cannot be said; nothing where the stage cannot be rendered.
    pub answer: Option<Result<Explanation, Undecided>>,
    /// Every problem of the stage, errors first.
    pub diagnostics: Vec<Diagnostic>,
}

/// Where a request goes, and how that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What was sent, by the caller that was asked for or found.
    pub sent: Sent,
    /// How the caller was chosen.
    pub caller: Caller,
    /// The answer of the simulation.
    pub outcome: Outcome,
    /// The stages of the rollouts that lead requests by the VirtualService that answers.
    pub stages: Vec<(Name, StageName)>,
    /// The name of the rule that answers.
    pub rule_name: Option<String>,
    /// The rule of the input that it is, or is a copy of.
    pub source: Option<SourceRule>,
    /// The rules and match entries before it, with the rules of the input.
    pub passed: Vec<(Miss, Option<SourceRule>)>,
    /// The destinations, and whose they are.
    pub destinations: Vec<(Destination, Option<Version>)>,
    /// What is to be said of subsets among them that hold no pod.
    pub without_pods: Vec<String>,
    /// The part of the requests that reaches a canary.
    pub canary: Share,
}

/// Explains where a request goes at the stage that the options ask for.
///
/// ```
/// use rollstep::explain::{Caller, Sent, explain};
/// use rollstep::simulate::Request;
/// use rollstep::{Input, Options, Source, StageName};
///
/// let input = Input::new(vec![Source::new("empty.yaml", "")], None);
/// let options = Options { step: Some(StageName::Done), ..Options::default() };
/// let sent = Sent::Request(Request::new("web.shop", "/cart"));
/// let explained = explain(&input, &options, (&sent, &Caller::ByRoute));
/// assert!(explained.answer.is_none());
/// assert_eq!(explained.diagnostics[0].code.name, "nothing-to-render");
/// ```
pub fn explain(input: &Input, options: &Options, asked: (&Sent, &Caller)) -> Explained {
    let reading = Reading::of(input, options.namespace());
    let rollouts = Rollouts::of(&reading, options);
    let planned = Planned::of(&rollouts, Purpose::View);
    // Before and after a rollout the routes are the same, so that no step has to be said.
    explain_stage(&planned, &planned.by_options_or_done(), asked)
}

/// Explains where a request goes at every stage of the rollouts that the options choose.
pub fn explain_stages(
    input: &Input,
    options: &Options,
    asked: (&Sent, &Caller),
) -> Vec<(StageName, Explained)> {
    let reading = Reading::of(input, options.namespace());
    let rollouts = Rollouts::of(&reading, options);
    let planned = Planned::of(&rollouts, Purpose::View);
    let stages = planned.each_stage().into_iter();
    stages.map(|(stage, selection)| (stage, explain_stage(&planned, &selection, asked))).collect()
}

fn explain_stage(
    planned: &Planned<'_, '_>,
    selection: &Selection,
    asked: (&Sent, &Caller),
) -> Explained {
    let StageOutcome { result, problems } =
        planned.render(selection, |stage| answer(stage, planned.options(), asked));
    Explained { answer: result, diagnostics: problems.into_diagnostics() }
}

fn answer<'a>(
    stage: &Rendering<'_, 'a>,
    options: &Options,
    asked: (&Sent, &Caller),
) -> Result<Result<Explanation, Undecided>, Problem<'a>> {
    let entries = stage.entries(options)?;
    let objects: Vec<Value> = entries.iter().flat_map(routing_objects).collect();
    let found = find(&objects, options.namespace(), asked);
    Ok(found.map(|(sent, caller, outcome)| describe(stage, &objects, (sent, caller), outcome)))
}

/// Returns the objects of a document that decide where requests go.
fn routing_objects(entry: &Entry<'_, '_>) -> Vec<Value> {
    let kinds = ["VirtualService", "DestinationRule", "ServiceEntry", "Service"];
    let mut values = emit::values(&entry.content);
    values.retain(|value| {
        value.get("kind").and_then(Value::as_str).is_some_and(|kind| kinds.contains(&kind))
    });
    values
}

fn find(
    objects: &[Value],
    namespace: &str,
    (sent, caller): (&Sent, &Caller),
) -> Result<(Sent, Caller, Outcome), Undecided> {
    let mesh = Mesh::new(&objects.iter().collect::<Vec<_>>(), namespace)?;
    let (mut other, mut undecided, mut untold) = (None, None, None);
    for (sent, caller) in caller::candidates((sent, caller), objects, namespace) {
        match simulate(&mesh, &sent) {
            Ok(outcome) if is_for(&outcome, &caller) => return Ok((sent, caller, outcome)),
            Ok(outcome) if looked_at(&outcome).is_some() => {
                other = other.or(Some((sent, caller, outcome)));
            }
            Ok(outcome) => untold = untold.or(is_kept(&outcome).then_some((sent, caller, outcome))),
            Err(error) => undecided = undecided.or(Some(error)),
        }
    }
    match (other, undecided, untold) {
        (Some(other), ..) => Ok(other),
        (None, Some(error), _) => Err(error),
        (None, None, Some(untold)) => Ok(untold),
        (None, None, None) => {
            let (sent, caller) = caller::otherwise((sent, caller), objects, namespace);
            let outcome = simulate(&mesh, &sent)?;
            Ok((sent, caller, outcome))
        }
    }
}

/// Returns whether a VirtualService has the host and is kept from the caller by its `exportTo`.
fn is_kept(outcome: &Outcome) -> bool {
    let by_export =
        |note: &Note| matches!(note, Note::NotForProxy { why: NotApplied::Export { .. }, .. });
    outcome.notes.iter().any(by_export)
}

/// Returns whether the caller is that of the VirtualService that decides, or was asked for.
fn is_for(outcome: &Outcome, caller: &Caller) -> bool {
    match caller {
        Caller::Of(route) => looked_at(outcome) == Some(route),
        Caller::Given | Caller::ByRoute | Caller::InMesh | Caller::Default => true,
    }
}

/// Returns the VirtualService that has the host, if one has.
fn looked_at(outcome: &Outcome) -> Option<&Name> {
    let missed = outcome.misses.first().map(|miss| &miss.place);
    outcome.place().or(missed).map(|place| &place.virtual_service)
}

fn simulate(mesh: &Mesh, sent: &Sent) -> Result<Outcome, Undecided> {
    match sent {
        Sent::Request(request) => mesh.simulate(request),
        Sent::Connection(connection) => mesh.simulate_connection(connection),
    }
}

fn describe(
    stage: &Rendering<'_, '_>,
    objects: &[Value],
    (sent, caller): (Sent, Caller),
    outcome: Outcome,
) -> Explanation {
    let version = |one: &Destination| stage.version(&one.resolved, one.subset.as_deref());
    let source = |place: &Place| {
        let (name, index) = rule_of(place);
        stage.find_source(name, (place.protocol, index))
    };
    let misses = outcome.misses.iter();
    Explanation {
        stages: outcome.place().map(|place| stage.stages_of(rule_of(place).0)).unwrap_or_default(),
        rule_name: outcome.place().and_then(|place| name_of(place, objects)),
        source: outcome.place().and_then(source),
        passed: misses.map(|miss| (miss.clone(), source(&miss.place))).collect(),
        destinations: outcome
            .destinations()
            .iter()
            .map(|one| (one.clone(), version(one)))
            .collect(),
        without_pods: outcome
            .destinations()
            .iter()
            .filter_map(|one| stage.without_pods(&one.resolved, one.subset.as_deref()?))
            .collect(),
        canary: outcome.share_where(|one| version(one) == Some(Version::Canary)),
        sent,
        caller,
        outcome,
    }
}

/// Returns the VirtualService and the index of the rule that decides: that of the delegate, if any.
fn rule_of(place: &Place) -> (&Name, usize) {
    match &place.delegate {
        Some(delegate) => (&delegate.virtual_service, delegate.rule),
        None => (&place.virtual_service, place.rule),
    }
}

fn name_of(place: &Place, objects: &[Value]) -> Option<String> {
    let (name, index) = rule_of(place);
    let is_it = |object: &&Value| {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
        text("/kind") == Some("VirtualService")
            && text("/metadata/name") == Some(&name.name)
            && text("/metadata/namespace").is_none_or(|namespace| namespace == name.namespace)
    };
    let spec = objects.iter().find(is_it)?.get("spec")?;
    let rule = spec.get(place.protocol.key())?.get(index)?;
    rule.get("name").and_then(Value::as_str).map(ToOwned::to_owned)
}

impl Sent {
    fn proxy(&self) -> &Proxy {
        match self {
            Self::Request(request) => &request.proxy,
            Self::Connection(connection) => &connection.proxy,
        }
    }

    fn host(&self) -> &str {
        match self {
            Self::Request(request) => &request.host,
            Self::Connection(connection) => connection.host.as_deref().unwrap_or_default(),
        }
    }

    fn through(&self, proxy: Proxy) -> Self {
        match self {
            Self::Request(request) => Self::Request(request.clone().through(proxy)),
            Self::Connection(connection) => {
                Self::Connection(Connection { proxy, ..connection.clone() })
            }
        }
    }
}
