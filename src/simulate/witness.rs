//! Requests made up from the conditions of rules, as witnesses of where they lead.

use std::collections::BTreeMap;

use serde_json::Value;

use super::literal::example;
use super::{Name, Proxy, Request, Workload};

/// A host of a VirtualService without any, which others leave routing to.
pub(crate) const ANY_HOST: &str = "witness.invalid";

/// Returns a request that gets to the VirtualService.
pub(crate) fn of_spec(spec: &Value, namespace: &str) -> Request {
    let host = match texts(spec, "hosts").first() {
        None | Some(&"*") => ANY_HOST.to_owned(),
        Some(host) => host.replacen('*', "witness", 1),
    };
    let gateways = texts(spec, "gateways");
    let proxy = match gateways.first() {
        Some(gateway) if !gateways.contains(&"mesh") => gateway_named(gateway, namespace),
        _ => Proxy::Sidecar(Workload::in_namespace(namespace)),
    };
    Request::new(host, "/").through(proxy)
}

/// Returns the request as an entry of a match wants it; nothing where no value can be derived.
pub(crate) fn of_entry(base: &Request, entry: &Value, namespace: &str) -> Option<Request> {
    let mut request = base.clone();
    for (key, wanted) in entry.as_object()? {
        match key.as_str() {
            "uri" => request.path = example(wanted).map(|path| filled(path, "/"))?,
            "method" => request.method = example(wanted).map(|method| filled(method, "GET"))?,
            "scheme" => request.scheme = example(wanted)?,
            "authority" => request.host = example(wanted)?,
            "headers" => {
                for (name, wanted) in wanted.as_object()? {
                    request = request.with_header(name, example(wanted)?);
                }
            }
            "port" => request.listener_port = u16::try_from(wanted.as_u64()?).ok(),
            "gateways" => request.proxy = of_gateways(wanted, base, namespace)?,
            _ => {}
        }
    }
    if entry.get("gateways").is_none() {
        request.proxy = of_source(request.proxy, entry);
    }
    let parameters = entry.get("queryParams").and_then(Value::as_object).into_iter().flatten();
    let pairs: Option<Vec<_>> =
        parameters.map(|(name, wanted)| Some(format!("{name}={}", example(wanted)?))).collect();
    let pairs = pairs?;
    if !pairs.is_empty() {
        request.path = format!("{}?{}", request.path, pairs.join("&"));
    }
    Some(request)
}

fn of_gateways(gateways: &Value, base: &Request, namespace: &str) -> Option<Proxy> {
    let gateway = gateways.as_array()?.first()?.as_str()?;
    Some(match gateway {
        "mesh" => Proxy::Sidecar(Workload::in_namespace(namespace)),
        gateway => match &base.proxy {
            // One of several that fit is as good as another.
            Proxy::Gateway { .. } if gateways.as_array()?.len() > 1 => base.proxy.clone(),
            _ => gateway_named(gateway, namespace),
        },
    })
}

fn of_source(proxy: Proxy, entry: &Value) -> Proxy {
    let labels = entry.get("sourceLabels").and_then(Value::as_object).map(|labels| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        labels.iter().map(|(key, value)| (key.clone(), text(value))).collect::<BTreeMap<_, _>>()
    });
    let of = |workload: Workload| {
        let namespace = entry.get("sourceNamespace").and_then(Value::as_str);
        let namespace = namespace.map_or(workload.namespace, ToOwned::to_owned);
        Workload { namespace, labels: labels.or(workload.labels) }
    };
    match proxy {
        Proxy::Sidecar(workload) => Proxy::Sidecar(of(workload)),
        Proxy::Gateway { gateway, workload } => Proxy::Gateway { gateway, workload: of(workload) },
    }
}

fn gateway_named(gateway: &str, namespace: &str) -> Proxy {
    let (of, name) = gateway.split_once('/').unwrap_or((namespace, gateway));
    let of = if of == "." { namespace } else { of };
    let workload = Workload::in_namespace(of);
    Proxy::Gateway { gateway: Name::new(of, name), workload }
}

fn filled(text: String, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text }
}

fn texts<'v>(spec: &'v Value, key: &str) -> Vec<&'v str> {
    let items = spec.get(key).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).collect()
}
