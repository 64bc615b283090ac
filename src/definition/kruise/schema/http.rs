//! The requests that a step describes, and the changes of their headers.
//!
//! From openkruise/rollouts:api/v1beta1/trafficrouting.go and the Gateway API's HTTPRoute, from which
//! it takes its types and their bounds.

use crate::diagnostic::Collector;
use crate::diagnostic::codes::INVALID_FIELD;
use crate::manifest::Field;
use crate::schema::{ListBounds, Property, Schema, TextBounds, Unique, optional, required};

/// The matches of a step, in v1beta1.
pub(super) const MATCHES: Schema =
    Schema::ListWithin(&Schema::Object(MATCH), ListBounds { most: MOST, unique: Unique::Nothing });

/// How the headers of a request are changed.
pub(super) const HEADER_MODIFIER: Schema = Schema::Object(&[
    optional("set", Schema::ListWithin(&HEADER, BY_NAME)),
    optional("add", Schema::ListWithin(&HEADER, BY_NAME)),
    optional("remove", Schema::ListWithin(&NAME, ListBounds { most: MOST, unique: Unique::Item })),
]);

/// The headers of a match.
pub(super) const HEADERS: Schema = Schema::ListWithin(&HEADER_MATCH, BY_NAME);

/// How many items a list holds, as in the Gateway API.
const MOST: usize = 16;

const BY_NAME: ListBounds = ListBounds { most: MOST, unique: Unique::Key("name") };

const MATCH: &[Property] = &[
    optional("path", Schema::Ruled(PATH, check_path)),
    optional("headers", HEADERS),
    optional("queryParams", Schema::ListWithin(&QUERY_MATCH, BY_NAME)),
];

const HEADER: Schema = Schema::Object(&[required("name", NAME), required("value", text(4096))]);

const HEADER_MATCH: Schema = Schema::Object(&[
    optional("type", MATCH_TYPE),
    required("name", NAME),
    required("value", text(4096)),
]);

const QUERY_MATCH: Schema = Schema::Object(&[
    optional("type", MATCH_TYPE),
    required("name", NAME),
    required("value", text(1024)),
]);

const MATCH_TYPE: Schema = Schema::OneOf(&["Exact", "RegularExpression"]);

const NAME: Schema = Schema::TextWithin(TextBounds {
    shortest: 1,
    longest: 256,
    admits: is_of_a_name,
    characters: "letters, digits and !#$%&'*+-.^_`|~",
});

const PATH: &[Property] = &[
    optional("type", Schema::OneOf(&["Exact", "PathPrefix", "RegularExpression"])),
    optional(
        "value",
        Schema::TextWithin(TextBounds {
            shortest: 0,
            longest: 1024,
            admits: |_| true,
            characters: "characters",
        }),
    ),
];

const fn text(longest: usize) -> Schema {
    Schema::TextWithin(TextBounds {
        shortest: 1,
        longest,
        admits: |_| true,
        characters: "characters",
    })
}

/// Returns whether a name of a header may have the character: tokens of RFC 9110.
fn is_of_a_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

/// Parts that no path has, except one that is a regular expression.
const NO_PATH: [&str; 6] = ["//", "/./", "/../", "%2f", "%2F", "#"];

/// Checks the value of a path by the rules of the CRD; an absent one is `/`.
fn check_path<'a>(field: &Field<'_, 'a>, problems: &mut Collector<'a>) {
    if field.text("type") == Some("RegularExpression") {
        return;
    }
    let Some(value) = field.text("value") else { return };
    let ends_wrong = value.ends_with("/..") || value.ends_with("/.");
    if !value.starts_with('/') || ends_wrong || NO_PATH.iter().any(|part| value.contains(part)) {
        let field = field.child("value").unwrap_or_else(|| field.clone());
        let message = "a path begins with `/` and has no empty or relative part";
        problems.push(
            field
                .problem(&INVALID_FIELD, message)
                .help("write a path such as `/beta`, or set `type: RegularExpression`"),
        );
    }
}
