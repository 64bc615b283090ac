//! The fields of a VirtualService.
//!
//! Names from istio/api:networking/v1alpha3/virtual_service.proto; what its comments call deprecated
//! names what is to be written instead.

/// What a field may hold, as far as its names matter.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    Any,
    List(&'static Self),
    /// A map whose keys are chosen by the user.
    Map(&'static Self),
    Object(&'static [Property]),
}

/// A field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// The field to use in place of a deprecated one.
    pub(super) instead: Option<&'static str>,
}

const fn is(name: &'static str, shape: Shape) -> Property {
    Property { name, shape, instead: None }
}

const fn any(name: &'static str) -> Property {
    is(name, Shape::Any)
}

const fn old(name: &'static str, instead: &'static str) -> Property {
    Property { name, shape: Shape::Any, instead: Some(instead) }
}

pub(super) const VIRTUAL_SERVICE: Shape = Shape::Object(&[
    any("hosts"),
    any("gateways"),
    is("http", Shape::List(&HTTP_ROUTE)),
    is("tls", Shape::List(&TLS_ROUTE)),
    is("tcp", Shape::List(&TCP_ROUTE)),
    any("exportTo"),
]);

const HTTP_ROUTE: Shape = Shape::Object(&[
    any("name"),
    is("match", Shape::List(&HTTP_MATCH)),
    is("route", Shape::List(&HTTP_DESTINATION)),
    is("redirect", REDIRECT),
    is("directResponse", Shape::Object(&[any("status"), is("body", BODY)])),
    is("delegate", Shape::Object(&[any("name"), any("namespace")])),
    is("rewrite", REWRITE),
    any("timeout"),
    is("retries", RETRIES),
    is("fault", Shape::Object(&[is("delay", DELAY), is("abort", ABORT)])),
    is("mirror", DESTINATION),
    is("mirrors", Shape::List(&MIRROR)),
    old("mirrorPercent", "mirrorPercentage"),
    old("mirror_percent", "mirrorPercentage"),
    is("mirrorPercentage", PERCENT),
    is("corsPolicy", CORS),
    is("headers", HEADERS),
]);

const HTTP_MATCH: Shape = Shape::Object(&[
    any("name"),
    is("uri", TEXT),
    is("scheme", TEXT),
    is("method", TEXT),
    is("authority", TEXT),
    is("headers", Shape::Map(&TEXT)),
    is("withoutHeaders", Shape::Map(&TEXT)),
    is("queryParams", Shape::Map(&TEXT)),
    any("ignoreUriCase"),
    any("port"),
    any("sourceLabels"),
    any("sourceNamespace"),
    any("gateways"),
    any("statPrefix"),
]);

const TEXT: Shape = Shape::Object(&[any("exact"), any("prefix"), any("regex")]);
const PERCENT: Shape = Shape::Object(&[any("value")]);
const BODY: Shape = Shape::Object(&[any("string"), any("bytes")]);

const DESTINATION: Shape =
    Shape::Object(&[any("host"), any("subset"), is("port", Shape::Object(&[any("number")]))]);
const HTTP_DESTINATION: Shape =
    Shape::Object(&[is("destination", DESTINATION), any("weight"), is("headers", HEADERS)]);
const MIRROR: Shape = Shape::Object(&[is("destination", DESTINATION), is("percentage", PERCENT)]);

const HEADERS: Shape = Shape::Object(&[is("request", CHANGES), is("response", CHANGES)]);
const CHANGES: Shape = Shape::Object(&[any("set"), any("add"), any("remove")]);

const REDIRECT: Shape = Shape::Object(&[
    any("uri"),
    any("prefixRewrite"),
    any("authority"),
    any("port"),
    any("derivePort"),
    any("scheme"),
    any("redirectCode"),
]);

const REWRITE: Shape = Shape::Object(&[
    any("uri"),
    any("authority"),
    is("uriRegexRewrite", Shape::Object(&[any("match"), any("rewrite")])),
]);

const RETRIES: Shape = Shape::Object(&[
    any("attempts"),
    any("perTryTimeout"),
    any("retryOn"),
    any("retryRemoteLocalities"),
    any("retryIgnorePreviousHosts"),
    any("backoff"),
]);

const DELAY: Shape = Shape::Object(&[
    old("percent", "percentage"),
    is("percentage", PERCENT),
    any("fixedDelay"),
    any("exponentialDelay"),
]);

const ABORT: Shape = Shape::Object(&[
    is("percentage", PERCENT),
    any("httpStatus"),
    any("grpcStatus"),
    any("http2Error"),
]);

const CORS: Shape = Shape::Object(&[
    is("allowOrigins", Shape::List(&TEXT)),
    old("allowOrigin", "allowOrigins"),
    any("allowMethods"),
    any("allowHeaders"),
    any("exposeHeaders"),
    any("maxAge"),
    any("allowCredentials"),
    any("unmatchedPreflights"),
]);

const TLS_ROUTE: Shape = Shape::Object(&[
    is("match", Shape::List(&TLS_MATCH)),
    is("route", Shape::List(&CONNECTION_DESTINATION)),
]);

const TCP_ROUTE: Shape = Shape::Object(&[
    is("match", Shape::List(&TCP_MATCH)),
    is("route", Shape::List(&CONNECTION_DESTINATION)),
]);

const CONNECTION_DESTINATION: Shape =
    Shape::Object(&[is("destination", DESTINATION), any("weight")]);

const TLS_MATCH: Shape = Shape::Object(&[
    any("sniHosts"),
    any("destinationSubnets"),
    any("port"),
    any("sourceLabels"),
    any("sourceNamespace"),
    any("gateways"),
]);

const TCP_MATCH: Shape = Shape::Object(&[
    any("destinationSubnets"),
    any("port"),
    any("sourceSubnet"),
    any("sourceLabels"),
    any("sourceNamespace"),
    any("gateways"),
]);
