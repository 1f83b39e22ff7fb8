//! The incumbent in words, and its check.

use super::super::Living;
use crate::assignment::Matches;
use crate::assignment::rules::RuleVerification;
use crate::compatibility::CompatibilityGraph;
use crate::error::{Error, Result};
use crate::matcher::problem::{Choices, Ladder, Pairs, Standby, problem};
use crate::matcher::{Control, Matcher, rules};
use crate::matching::{Gap, Inputs, Matching, Score, Solution, Vouched, build};

impl Matcher {
    /// Recounts every rule in the kept matching, firm ones and soft ones, without looking for anything; nothing is
    /// wrong where the policy has none. O(people + what rules count).
    ///
    /// # Errors
    ///
    /// [`Error::is_problem`] where nothing is kept yet: [`begin`](Self::begin) first. [`Error::is_infeasible`] with the
    /// firm rules that do not hold, [`Error::is_solver`] if soft rules and backups cost something else than is kept:
    /// both would be defects of the library.
    pub fn verify_rules(&self) -> Result<RuleVerification> {
        let kept = &self.alive()?.kept;
        let state = kept.incumbent.as_ref().map(|incumbent| incumbent.state);
        let Some(state) = state.filter(|_| rules::are_asked_for(&self.policy)) else {
            return Ok(RuleVerification { violations: Vec::new(), bound_recomputed: true });
        };
        let question = kept.as_it_is(&self.program);
        let ruled = question.ruled(self, &kept.compatibility)?;
        let Some(solution) = ruled.solve(&Control::default())? else {
            return Err(ruled.clash(&Control::default())?);
        };
        let placed = ruled.placed(&solution)?;
        if placed.added != state.added || placed.backups != kept.weighed_backups() {
            return Err(Error::solver(format!(
                "what rules add to the cost of the kept matching is {} and {} is kept; please report this as a defect of \
                 the library",
                placed.added, state.added
            )));
        }
        Ok(ruled.verify(&solution))
    }

    /// The kept matching in words, where a network holds less than is asked.
    pub(in crate::matcher::live) fn incumbent_matching(&self, living: &Living) -> Result<Matching> {
        let kept = &living.kept;
        let bound = kept.bound(&self.program);
        let cost = kept.quality().cost;
        let told = |solution: Solution| {
            let Some(bound) = bound else { return solution };
            let quality = bound.score.unwrap_or(Score::from_micro(i64::MAX));
            let gap = (!bound.exact).then_some(Gap { served: bound.served, quality });
            let because = if bound.exact {
                solution.because
            } else {
                format!("{}; answered at once, nobody else moved, and not settled yet", solution.because)
            };
            Solution { optimal: bound.exact, proof: Vouched::Solver, gap, cost, because, ..solution }
        };
        let question = kept.as_it_is(&self.program);
        if rules::are_asked_for(&self.policy) {
            let ruled = question.ruled(self, &kept.compatibility)?;
            let solution = ruled.solve(&Control::default())?;
            let solution = solution.ok_or_else(|| Error::solver("the kept matching breaks a firm rule"))?;
            return ruled.kept(&solution, told);
        }
        let graph = CompatibilityGraph::of_rows(&question.rows, self.program.supporters().len());
        let choices = Choices { summed: true, ..Choices::NONE };
        let (pairs, standby) = (Pairs::Held(graph), Standby::default());
        let own = problem(&self.program, &kept.compatibility, pairs, &standby, Ladder::WHOLE, &choices)?;
        let held = kept.engine.problem()?;
        let assignment = kept.engine.assignment(&held)?;
        let people = self.program.participants().len() as u32;
        let matches: Matches = (0..people).map(|one| kept.engine.supporter_of(one)).collect();
        let mut inputs = Inputs::of(&self.program, &kept.compatibility, &own, &assignment);
        inputs.matches = &matches;
        inputs.solution = told(inputs.solution);
        inputs.solution.because = match bound {
            Some(bound) if bound.exact => "the worst-off come first".to_owned(),
            _ => "the worst-off come first; answered at once, nobody else moved, and not settled yet"
                .to_owned(),
        };
        Ok(build(&inputs, &|_, _| {}))
    }
}
