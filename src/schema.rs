//! JSON Schemas of the documents that the crate reads, derived from the types (feature `schema`).
//!
//! The schema of a programme is published as `examples/data/program.schema.json`; a test keeps it in step with the
//! types, and `UPDATE_GOLDEN=1 cargo test --test suite files_` rewrites it. An editor that knows the schema completes
//! and checks a file that names it under `$schema`.

use serde_json::Value;

use crate::program::ProgramData;

/// The schema (draft 2020-12) of a whole programme as one JSON file. A file of one table alone is a list of the
/// items of that table's property.
///
/// What a schema cannot say is checked by [`Program`](crate::program::Program): unique ids, references that lead to
/// somebody, numbers in their ranges.
///
/// ```
/// let schema = peermatch::schema::program();
/// assert_eq!(schema["title"], "ProgramData");
/// assert!(schema["properties"]["participants"].is_object());
/// ```
pub fn program() -> Value {
    let mut schema = Value::from(schemars::schema_for!(ProgramData));
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
