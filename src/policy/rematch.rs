//! What happens when a match does not work: for each reason its consequences, how far the next match may reach, and how
//! much there is to choose from.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Checks, Consequences, Reach, Reason};

/// What happens when a match does not work.
///
/// A document says of a reason what differs from its default, and what it leaves out stays as it was:
///
/// ```
/// use peermatch::Policy;
/// use peermatch::policy::{Consequences, Reason};
///
/// let policy = Policy::from_toml("[rematch.reasons.no_contact]\nsupporter_status = \"under_review\"")?;
/// assert!(policy.rematch.consequences(Reason::NoContact).supporter_status.is_some());
/// assert!(policy.rematch.consequences(Reason::NoContact).bar_pair);
/// assert_eq!(
///     policy.rematch.consequences(Reason::PoorFit),
///     Consequences::default_for(Reason::PoorFit)
/// );
/// # Ok::<(), peermatch::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Rematching {
    /// Whose match may change for the sake of somebody who is matched anew, where the call does not say. Default:
    /// nobody else's.
    pub reach: Reach,
    /// The most others who change their match in what a coordinator is given to choose from, 0 to 100. Default 3: our
    /// own choice; each has to be told, and agree.
    pub most_displaced: u32,
    /// How many supporters a coordinator is told of who could step in, 0 to 100. Default 3: our own choice, the least
    /// of the 3 to 5 that programmes show (cards of Everwise and PushFar).
    pub alternates: u32,
    /// What follows from each reason. One that is missing here has its default, and so has every field that a document
    /// leaves out.
    #[serde(serialize_with = "in_full", deserialize_with = "over_defaults")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "schema_of_reasons"))]
    pub reasons: BTreeMap<Reason, Consequences>,
}

impl Default for Rematching {
    fn default() -> Self {
        Self { reach: Reach::default(), most_displaced: 3, alternates: 3, reasons: default_reasons() }
    }
}

fn default_reasons() -> BTreeMap<Reason, Consequences> {
    Reason::ALL.into_iter().map(|reason| (reason, Consequences::default_for(reason))).collect()
}

impl Rematching {
    /// What follows from a reason.
    pub fn consequences(&self, reason: Reason) -> Consequences {
        self.reasons.get(&reason).copied().unwrap_or_else(|| Consequences::default_for(reason))
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        let most = f64::from(Reach::MOST);
        self.reach.check(checks);
        checks.range("rematch.most_displaced", f64::from(self.most_displaced), 0.0, most);
        checks.range("rematch.alternates", f64::from(self.alternates), 0.0, most);
        for (reason, consequences) in &self.reasons {
            consequences.check(&format!("rematch.reasons.{}", reason.as_str()), checks);
        }
    }
}

/// Writes every reason, those as well that a host program left out.
fn in_full<S: Serializer>(reasons: &BTreeMap<Reason, Consequences>, to: S) -> Result<S::Ok, S::Error> {
    let mut all = default_reasons();
    all.extend(reasons);
    all.serialize(to)
}

/// Reads what differs from the defaults: of each reason the fields that are named, laid over those of its default.
fn over_defaults<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<Reason, Consequences>, D::Error> {
    let mut reasons = default_reasons();
    for (reason, named) in BTreeMap::<Reason, Map<String, Value>>::deserialize(from)? {
        let fault = |error| D::Error::custom(format_args!("rematch.reasons.{}: {error}", reason.as_str()));
        let mut fields = match serde_json::to_value(Consequences::default_for(reason)).map_err(fault)? {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        fields.extend(named);
        let consequences = serde_json::from_value(Value::Object(fields)).map_err(fault)?;
        reasons.insert(reason, consequences);
    }
    Ok(reasons)
}

/// Each reason by its name with what it is and its own defaults, which those of the fields alone would not tell.
#[cfg(feature = "schema")]
fn schema_of_reasons(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let of = |reason: Reason| {
        let mut schema = generator.subschema_for::<Consequences>();
        schema.insert("description".to_owned(), format!("Where {reason}.").into());
        let default = serde_json::to_value(Consequences::default_for(reason)).unwrap_or_default();
        schema.insert("default".to_owned(), default);
        (reason.as_str().to_owned(), schema.to_value())
    };
    let properties: Map<String, Value> = Reason::ALL.into_iter().map(of).collect();
    schemars::json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
}
