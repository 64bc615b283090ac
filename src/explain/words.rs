//! An explanation in plain words.

use super::{Caller, Explanation, Sent, SourceRule, Version};
use crate::escape;
use crate::model::StageName;
use crate::simulate::{Answer, Destination, Name, Note, Proxy, Reach, Redirect, Share};

/// What is said of a host that nothing is known of.
const NOT_IN_INPUT: &str = "the host is not in the input: no Service or ServiceEntry has it, and \
     no VirtualService that has it is for this caller";

impl Explanation {
    /// Returns the explanation as a person reads it, over several lines.
    ///
    /// ```text
    /// GET http://web.shop/cart
    /// by a client in namespace `shop`, since virtualservice `shop/web` is for the mesh
    ///
    /// virtualservice `shop/web`, at step 2 of rollout `shop/web`
    /// rule `spec.http[0]` (web.yaml:14)
    ///   80 %  web.shop.svc.cluster.local
    ///   20 %  web-canary.shop.svc.cluster.local, the canary
    /// ```
    pub fn to_text(&self) -> String {
        let mut lines = sent(&self.sent);
        lines.extend([caller(self), String::new()]);
        lines.extend(self.answer_lines());
        lines.extend(self.notes().map(|note| format!("note: {note}")));
        to_text(&lines)
    }

    /// Returns why the rules before it did not match, one on a line.
    pub fn why_text(&self) -> String {
        if self.passed.is_empty() {
            return "no rule stands before it\n".to_owned();
        }
        let mut lines = vec!["before it:".to_owned()];
        for (miss, source) in &self.passed {
            let source = match source {
                Some(source) if source.is_twin => {
                    format!(", a copy for the canary of `{}` ({})", source.field, place(source))
                }
                Some(source) => format!(" ({})", place(source)),
                None => String::new(),
            };
            lines.push(format!("  {}{source}:", miss.place));
            lines.push(format!("    {}", miss.unmet));
        }
        to_text(&lines)
    }

    /// Returns who answers, in a few words.
    pub fn answer_text(&self) -> String {
        let Some(place) = self.outcome.place() else { return self.headline() };
        let name = self.rule_name.as_ref().map(|name| format!("`{name}`, ")).unwrap_or_default();
        let copy = if self.source.as_ref().is_some_and(|source| source.is_twin) {
            ", a copy for the canary"
        } else {
            ""
        };
        let end = match &self.outcome.answer {
            Answer::Redirect { redirect, .. } => format!(": {}", redirected(redirect)),
            Answer::DirectResponse { status, .. } => format!(": answers {status} by itself"),
            _ => String::new(),
        };
        escape::line(&format!("{name}{place}{copy}{end}")).into_owned()
    }

    /// Returns what should be known besides the answer.
    pub(super) fn notes(&self) -> impl Iterator<Item = String> {
        let empty = self.without_pods.iter().map(|message| format!("{message}: 503"));
        self.outcome.notes.iter().map(ToString::to_string).chain(empty)
    }

    fn answer_lines(&self) -> Vec<String> {
        let mut lines = vec![self.headline()];
        if self.outcome.place().is_some() {
            lines.extend(self.rule_lines());
        }
        let shown = self.destinations.iter().map(|(destination, version)| {
            let whose = match version {
                Some(Version::Canary) => ", the canary",
                Some(Version::Both) => ", pods of both versions",
                Some(Version::Stable) | None => "",
            };
            (percent(destination.share), format!("{destination}{whose}{}", reach(destination)))
        });
        lines.extend(table(&shown.collect::<Vec<_>>()));
        if let Answer::Route { mirrors, .. } = &self.outcome.answer {
            let copies = mirrors.iter().map(|one| {
                format!("  a copy of {} goes to {one}{}", percent(one.share), reach(one))
            });
            lines.extend(copies);
        }
        lines
    }

    fn headline(&self) -> String {
        match &self.outcome.answer {
            Answer::Route { place, .. }
            | Answer::Redirect { place, .. }
            | Answer::DirectResponse { place, .. } => {
                let through = match &place.delegate {
                    Some(delegate) => format!(
                        "virtualservice `{}`, to which `{}` leaves it",
                        delegate.virtual_service, place.virtual_service
                    ),
                    None => format!("virtualservice `{}`", place.virtual_service),
                };
                format!("{through}{}", stages(&self.stages))
            }
            Answer::PlainService(_) => {
                "no VirtualService has a say: it goes to the Service as without one".to_owned()
            }
            Answer::NotFound => "nothing takes the request: 404".to_owned(),
            Answer::NotInInput => NOT_IN_INPUT.to_owned(),
            Answer::Passthrough => format!(
                "{NOT_IN_INPUT}; if the mesh has none either, its `outboundTrafficPolicy` decides"
            ),
            Answer::Refused => {
                "the gateway has nothing for it, and closes the connection".to_owned()
            }
        }
    }

    fn rule_lines(&self) -> Vec<String> {
        let Some(rule) = self.outcome.place() else { return Vec::new() };
        let index = rule.delegate.as_ref().map_or(rule.rule, |delegate| delegate.rule);
        let name = self.rule_name.as_ref().map(|name| format!("`{name}`, "));
        let field = format!("`spec.{}[{index}]`", rule.protocol.key());
        let source = match &self.source {
            Some(source) if source.is_twin => {
                format!(", a copy for the canary of `{}` ({})", source.field, place(source))
            }
            Some(source) => format!(" ({})", place(source)),
            None => ", which the step adds".to_owned(),
        };
        let mut lines = vec![format!("rule {}{field}{source}", name.unwrap_or_default())];
        match &self.outcome.answer {
            Answer::Redirect { redirect, .. } => lines.push(format!("  {}", redirected(redirect))),
            Answer::DirectResponse { status, .. } => {
                lines.push(format!("  answers {status} by itself"));
            }
            _ => {}
        }
        lines
    }
}

/// Returns a share in percent, and as a fraction where that is not whole.
///
/// ```
/// use rollstep::explain::percent;
/// use rollstep::simulate::Share;
///
/// assert_eq!(percent(Share::of(1, 5).unwrap()), "20 %");
/// assert_eq!(percent(Share::of(1, 3).unwrap()), "33.33 % (1/3)");
/// ```
pub fn percent(share: Share) -> String {
    let (above, below) = (u128::from(share.numerator()) * 100, u128::from(share.denominator()));
    if above % below == 0 {
        return format!("{} %", above / below);
    }
    // Rounded to hundredths, but never to nothing or to all.
    let hundredths = ((above * 100 + below / 2) / below).clamp(1, 9_999);
    format!("{}.{:02} % ({share})", hundredths / 100, hundredths % 100)
}

fn table(rows: &[(String, String)]) -> Vec<String> {
    let width = rows.iter().map(|(left, _)| left.chars().count()).max().unwrap_or(0);
    rows.iter().map(|(left, right)| format!("  {left:>width$}  {right}")).collect()
}

/// Returns the lines as a text, in which each stays one line.
fn to_text(lines: &[String]) -> String {
    let lines = lines.iter().map(|line| escape::line(line));
    escape::lines(&(lines.collect::<Vec<_>>().join("\n") + "\n"))
}

fn sent(sent: &Sent) -> Vec<String> {
    match sent {
        Sent::Request(request) => {
            let scheme = request.scheme.as_str();
            let mut lines =
                vec![format!("{} {scheme}://{}{}", request.method, request.host, request.path)];
            let headers = request.headers.iter();
            lines.extend(headers.map(|(name, value)| format!("  {name}: {value}")));
            lines
        }
        Sent::Connection(connection) => {
            let what = if connection.server_name.is_some() { "tls" } else { "tcp" };
            let host = connection.host.as_deref().unwrap_or_default();
            vec![format!("{what}://{host}:{}", connection.port)]
        }
    }
}

fn caller(explanation: &Explanation) -> String {
    let by = match explanation.sent.proxy() {
        Proxy::Sidecar(workload) => format!("by a client in namespace `{}`", workload.namespace),
        Proxy::Gateway { gateway, .. } => format!("through gateway `{gateway}`"),
    };
    match &explanation.caller {
        Caller::Given | Caller::ByRoute | Caller::InMesh => by,
        Caller::Of(route) => match explanation.sent.proxy() {
            Proxy::Sidecar(_) => format!("{by}, since virtualservice `{route}` is for the mesh"),
            Proxy::Gateway { .. } => format!("{by}, of virtualservice `{route}`"),
        },
        Caller::Default if explanation.outcome.notes.iter().any(is_not_for_proxy) => {
            format!("{by}, since no caller was found that a VirtualService for the host is for")
        }
        Caller::Default => format!("{by}, since no VirtualService is for the host"),
    }
}

fn is_not_for_proxy(note: &Note) -> bool {
    matches!(note, Note::NotForProxy { .. })
}

fn stages(stages: &[(Name, StageName)]) -> String {
    let each = stages.iter().map(|(rollout, stage)| match stage {
        StageName::Step(number) => format!("step {number} of rollout `{rollout}`"),
        stage => format!("stage {stage} of rollout `{rollout}`"),
    });
    let each: Vec<_> = each.collect();
    if each.is_empty() { String::new() } else { format!(", at {}", each.join(" and ")) }
}

fn place(source: &SourceRule) -> String {
    format!("{}:{}", source.file, source.line)
}

fn reach(destination: &Destination) -> String {
    match &destination.reach {
        Reach::Known => String::new(),
        Reach::NotInInput => ", not in the input".to_owned(),
        Reach::SubsetNotInInput => ", its subset not in the input".to_owned(),
        Reach::Missing(missing) => format!(": answers 503, {missing}"),
    }
}

fn redirected(redirect: &Redirect) -> String {
    let Redirect { status, scheme, authority, uri } = redirect;
    let parts = [("scheme", scheme), ("host", authority), ("path", uri)];
    let parts: Vec<_> = parts
        .into_iter()
        .filter_map(|(what, value)| Some(format!("{what} `{}`", value.as_ref()?)))
        .collect();
    let to = if parts.is_empty() { String::new() } else { format!(" to {}", parts.join(", ")) };
    format!("redirects with {status}{to}")
}
