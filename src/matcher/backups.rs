//! Backups for a matching that is made: who stands by for whom, as a flow of its own.
//!
//! Unless a rule speaks of backups or a policy weighs them against matches, they come after everything else: the
//! matches are the best there are, and the backups the best for these matches. As many as possible have one, then their
//! scores add up to the most; that is an assignment problem over the matched participants and the places for standing
//! by. O(pairs) to judge who suits, one flow to choose.

use rayon::prelude::*;

use super::rules::Fact;
use crate::assignment::{Control, Matches, Options, Problem, Supporter, solve};
use crate::compatibility::Compatibility;
use crate::error::{Error, Result};
use crate::policy::Backup;
use crate::program::Program;

/// Whether each participant is to have a backup, and whether each supporter may be one.
pub(super) fn who(
    backup: &Backup,
    program: &Program,
    compatibility: &Compatibility,
) -> (Vec<bool>, Vec<bool>) {
    let on = compatibility.as_of();
    let mut participants = backup.participants.participants(program, on);
    for (wanted, suits) in participants.iter_mut().zip(backup.requires.participant.participants(program, on))
    {
        *wanted &= suits;
    }
    let mut supporters = backup.requires.supporter.supporters(program, on);
    // Who takes nobody new may go on with a standing match; to stand by for somebody would be new.
    for (place, may) in supporters.iter_mut().enumerate() {
        *may &= compatibility.takes_new(place);
    }
    (participants, supporters)
}

/// Whether a pair of them may be one of participant and backup, beyond being eligible.
pub(super) fn suits(
    backup: &Backup,
    program: &Program,
    compatibility: &Compatibility,
    (participant, supporter): (usize, usize),
) -> bool {
    !backup.requires.asks_about_pairs()
        || Fact::of(compatibility, program, participant, supporter).suits(&backup.requires)
}

/// Who stands by for whom, by positions in the program, participants ascending. Stopped early, fewer have a backup.
///
/// # Errors
///
/// [`Error::is_overflow`] if sums of scores cannot be added exactly.
pub(super) fn choose(
    program: &Program,
    compatibility: &Compatibility,
    matches: &Matches,
    control: &Control<'_>,
) -> Result<Vec<(u32, u32)>> {
    let Some(backup) = &compatibility.policy().backup else { return Ok(Vec::new()) };
    let (wanted, may) = who(backup, program, compatibility);
    let served: Vec<(usize, u32)> = (0..program.participants().len())
        .filter(|&participant| wanted[participant])
        .filter_map(|participant| Some((participant, *matches.of(participant as u32).first()?)))
        .collect();
    let row = |&(participant, first): &(usize, u32)| {
        let found = compatibility.scan(program, participant);
        let row = found.into_iter().filter(|candidate| {
            let supporter = candidate.supporter as usize;
            candidate.supporter != first
                && may[supporter]
                && suits(backup, program, compatibility, (participant, supporter))
        });
        row.map(|candidate| (candidate.supporter, -i64::from(candidate.weight))).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<(u32, i64)>> = served.par_iter().map(row).collect();
    let mut builder = Problem::builder(served.len() as u32);
    for _ in program.supporters() {
        builder.supporter(Supporter::new(backup.places));
    }
    let (mut offsets, mut supporters, mut costs) = (vec![0], Vec::new(), Vec::<i64>::new());
    for row in rows {
        supporters.extend(row.iter().map(|pair| pair.0));
        costs.extend(row.iter().map(|pair| pair.1));
        offsets.push(supporters.len());
    }
    builder.served_weights(vec![1; served.len()]).pairs_csr(offsets, supporters, costs);
    let problem = builder.build()?;
    let found = solve(&problem, &Options::new(), control)?;
    if let Some(first) = found.verify(&problem).violations.first() {
        return Err(Error::defect(first));
    }
    let chosen = |(at, &(participant, _)): (usize, &(usize, u32))| {
        found.supporter_of(at as u32).map(|supporter| (participant as u32, supporter))
    };
    Ok(served.iter().enumerate().filter_map(chosen).collect())
}
