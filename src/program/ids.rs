//! The names by which people and codes are known outside: the caller's own strings.
//!
//! Inside the crate everyone is a `u32` index; [`Program`](super::Program) is the one place that translates between
//! the two.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1)))]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The name as the caller wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

name! {
    /// Who asks for support: unique among the participants of a programme.
    ParticipantId
}
name! {
    /// Who gives support: unique among the supporters of a programme.
    SupporterId
}
name! {
    /// Who looks after supporters: unique among the supervisors of a programme.
    SupervisorId
}
name! {
    /// A code of a condition or of an issue, in whatever coding system the taxonomy uses (ICD-10-CM, SNOMED CT,
    /// ORPHAcode, a list of one's own). Compared to the letter, after trimming.
    Code
}
