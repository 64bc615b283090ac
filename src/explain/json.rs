//! An explanation as JSON, for programs.

use serde_json::{Value, json};

use super::{Caller, Explanation, Sent, SourceRule, Version};
use crate::simulate::{Answer, Destination, Place, Proxy, Reach, Share};

impl Explanation {
    /// Returns the explanation as JSON; shares are fractions, such as `"1/5"`.
    pub fn to_json(&self) -> Value {
        let mirrors = match &self.outcome.answer {
            Answer::Route { mirrors, .. } => mirrors.as_slice(),
            _ => &[],
        };
        let stages = self.stages.iter().map(
            |(rollout, stage)| json!({"rollout": rollout.to_string(), "stage": stage.to_string()}),
        );
        let destinations = self.destinations.iter().map(|(one, version)| {
            let version = version.map(|version| match version {
                Version::Stable => "stable",
                Version::Canary => "canary",
                Version::Both => "both",
            });
            with_field(destination(one), "version", json!(version))
        });
        let passed = self.passed.iter().map(|(miss, source)| {
            json!({
                "rule": place(&miss.place),
                "source": source.as_ref().map(source_rule),
                "reason": miss.unmet.to_string(),
            })
        });
        json!({
            "sent": sent(&self.sent),
            "caller": caller(self),
            "stages": stages.collect::<Vec<_>>(),
            "answer": answer(&self.outcome.answer),
            "rule": self.outcome.place().map(place),
            "ruleName": self.rule_name,
            "source": self.source.as_ref().map(source_rule),
            "destinations": destinations.collect::<Vec<_>>(),
            "mirrors": mirrors.iter().map(destination).collect::<Vec<_>>(),
            "canaryShare": self.canary.to_string(),
            "before": passed.collect::<Vec<_>>(),
            "notes": self.notes().collect::<Vec<_>>(),
        })
    }
}

fn with_field(mut value: Value, key: &str, field: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.insert(key.to_owned(), field);
    }
    value
}

fn sent(sent: &Sent) -> Value {
    match sent {
        Sent::Request(request) => {
            let headers = request.headers.iter();
            let headers: Vec<_> =
                headers.map(|(name, value)| json!({"name": name, "value": value})).collect();
            json!({
                "method": request.method,
                "scheme": request.scheme,
                "host": request.host,
                "port": request.port(),
                "path": request.path,
                "headers": headers,
            })
        }
        Sent::Connection(connection) => json!({
            "port": connection.port,
            "host": connection.host,
            "serverName": connection.server_name,
        }),
    }
}

fn caller(explanation: &Explanation) -> Value {
    let chosen_by = match &explanation.caller {
        Caller::Of(route) => Some(route.to_string()),
        Caller::Given | Caller::ByRoute | Caller::InMesh | Caller::Default => None,
    };
    let (gateway, workload) = match explanation.sent.proxy() {
        Proxy::Sidecar(workload) => (None, workload),
        Proxy::Gateway { gateway, workload } => (Some(gateway.to_string()), workload),
    };
    json!({
        "gateway": gateway,
        "namespace": workload.namespace,
        "labels": workload.labels,
        "chosenBy": chosen_by,
    })
}

fn answer(answer: &Answer) -> Value {
    match answer {
        Answer::Route { .. } => json!({"kind": "route"}),
        Answer::Redirect { redirect, .. } => json!({
            "kind": "redirect",
            "status": redirect.status,
            "scheme": redirect.scheme,
            "host": redirect.authority,
            "path": redirect.uri,
        }),
        Answer::DirectResponse { status, .. } => {
            json!({"kind": "directResponse", "status": status})
        }
        Answer::PlainService(_) => json!({"kind": "service"}),
        Answer::NotFound => json!({"kind": "notFound", "status": 404}),
        Answer::NotInInput => json!({"kind": "notInInput"}),
        Answer::Passthrough => json!({"kind": "passthrough"}),
        Answer::Refused => json!({"kind": "refused"}),
    }
}

fn place(place: &Place) -> Value {
    let field = |rule: usize, entry: Option<usize>| {
        let entry = entry.map(|entry| format!(".match[{entry}]")).unwrap_or_default();
        format!("spec.{}[{rule}]{entry}", place.protocol.key())
    };
    let delegate = place.delegate.as_ref().map(|delegate| {
        json!({
            "virtualService": delegate.virtual_service.to_string(),
            "field": field(delegate.rule, delegate.entry),
        })
    });
    json!({
        "virtualService": place.virtual_service.to_string(),
        "field": field(place.rule, place.entry),
        "delegate": delegate,
    })
}

fn source_rule(source: &SourceRule) -> Value {
    let SourceRule { file, line, field, is_twin } = source;
    json!({"file": file, "line": line, "field": field, "copiedForCanary": is_twin})
}

fn destination(destination: &Destination) -> Value {
    let Destination { host, resolved, subset, port, share, reach } = destination;
    let missing = match reach {
        Reach::Known | Reach::NotInInput | Reach::SubsetNotInInput => None,
        Reach::Missing(missing) => Some(missing.to_string()),
    };
    json!({
        "host": host,
        "fullHost": resolved,
        "subset": subset,
        "port": port,
        "share": share.to_string(),
        "percent": rounded(*share),
        "missing": missing,
        "inInput": !matches!(reach, Reach::NotInInput | Reach::SubsetNotInInput),
    })
}

/// In percent to two decimals; `share` is exact.
fn rounded(share: Share) -> Value {
    let (above, below) = (u128::from(share.numerator()), u128::from(share.denominator()));
    let hundredths = (above * 10_000 + below / 2) / below;
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    let text = if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:02}") };
    serde_json::from_str(&text).unwrap_or(Value::Null)
}
