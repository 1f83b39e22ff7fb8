//! JSON Schemas of the documents that the crate reads, derived from the types (feature `schema`).
//!
//! The schemas are published as `examples/data/program.schema.json` and `examples/data/policy.schema.json`; a test
//! keeps them in step with the types, and `UPDATE_GOLDEN=1 cargo test --test suite files_` rewrites them. An editor
//! that knows a schema completes and checks a file that names it under `$schema`.

use serde_json::Value;

use crate::policy::Policy;
use crate::program::ProgramData;

/// The schema (draft 2020-12) of a whole programme as one JSON file. A file of one table alone is a list of the
/// items of that table's property.
///
/// What a schema cannot say is checked by [`Program`](crate::program::Program): unique ids, references that lead to
/// somebody, what is odd without being wrong.
///
/// ```
/// let schema = peermatch::schema::program();
/// assert_eq!(schema["title"], "ProgramData");
/// assert!(schema["properties"]["participants"].is_object());
/// ```
pub fn program() -> Value {
    with_schema_property(schemars::schema_for!(ProgramData).into())
}

/// The schema (draft 2020-12) of a policy as JSON; one written as TOML has the same fields. What a schema cannot say,
/// [`Policy::check`] checks: ranges, and that each step of the ladder is looser than those before it.
///
/// ```
/// let schema = peermatch::schema::policy();
/// assert!(schema["properties"]["requirements"].is_object());
/// ```
pub fn policy() -> Value {
    with_schema_property(schemars::schema_for!(Policy).into())
}

fn with_schema_property(mut schema: Value) -> Value {
    // A file may name its schema, for editors.
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let description = "Where the schema of this file is, for editors.";
        properties.insert(
            "$schema".to_owned(),
            serde_json::json!({ "type": "string", "description": description }),
        );
    }
    schema
}
