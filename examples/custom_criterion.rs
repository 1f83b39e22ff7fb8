//! A criterion of the host program's own: families who are treated at the same hospital have more to share, and staff
//! of that hospital must not be matched with its patients. `cargo run --example custom_criterion`

#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;

use peermatch::policy::{Assessment, Criterion, Pair};
use peermatch::program::{Participant, ProgramData, Supporter};
use peermatch::{Matcher, Policy, Program};

/// What the host program knows, by the ids of people.
struct SameHospital {
    treated_at: BTreeMap<&'static str, &'static str>,
    works_at: BTreeMap<&'static str, &'static str>,
}

impl Criterion for SameHospital {
    fn name(&self) -> &'static str {
        "same_hospital"
    }

    fn assess(&self, pair: Pair<'_>) -> Assessment {
        let (participant, supporter) = (pair.participant.id.as_str(), pair.supporter.id.as_str());
        let Some(hospital) = self.treated_at.get(participant) else { return Assessment::Unknown };
        if self.works_at.get(supporter) == Some(hospital) {
            return Assessment::Veto(format!("works at {hospital}, where the child is treated"));
        }
        match self.treated_at.get(supporter) {
            Some(other) => Assessment::Score(if other == hospital { 1.0 } else { 0.0 }),
            None => Assessment::Unknown,
        }
    }
}

fn main() -> peermatch::Result<()> {
    let condition = vec!["C91.0".into()];
    let parent = |id| Participant { conditions: condition.clone(), consent: true, ..Participant::new(id) };
    let helper = |id| Supporter { conditions: condition.clone(), ..Supporter::new(id) };
    let program = Program::new(ProgramData {
        participants: vec![parent("Ada"), parent("Ben")],
        supporters: vec![helper("Cleo"), helper("Dan")],
        ..ProgramData::default()
    })?;
    let hospitals = SameHospital {
        treated_at: [("Ada", "St. Mary"), ("Ben", "City"), ("Cleo", "St. Mary"), ("Dan", "City")].into(),
        works_at: [("Dan", "St. Mary")].into(),
    };
    let day = peermatch::Date::constant(2026, 11, 21);
    let matching = Matcher::new(program, Policy::default(), day)?.with_criterion(hospitals).match_all()?;
    for pair in &matching.pairs {
        println!("{} with {}: {}\n", pair.participant, pair.supporter, pair.explanation);
    }
    Ok(())
}
