//! The object a host program holds: a program, a policy, a day, and everything that can be asked of them.

mod backups;
mod live;
mod market;
mod problem;
mod progress;
mod rules;

use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

use crate::assignment::rules::{RuleOptions, RuleProblem};
use crate::assignment::{
    Assignment, ImplicitAssignment, Options, Problem, Verification, solve, solve_implicit, verify_implicit,
};
use crate::compatibility::{Compatibility, CompatibilityGraph};
use crate::error::{Error, Fault, Result};
use crate::matching::{Inputs, Matching, build};
use crate::policy::{BuiltIn, Criterion, Policy};
use crate::program::Program;

use problem::{Choices, Ladder, Standby};
use rules::Ruled;

pub use live::{
    Alternate, Answer, AskedBy, Because, Bound, CardQuery, Cards, Change, Changed, Choice, Consequence,
    Contact, CostToOthers, Declined, Effect, EffectKind, Entry, Generalised, HeldPlace, Loss, MenuQuery,
    Nobody, Offered, PublicCard, Quality, Refused, Rematch, RematchOption, Rematched, Request, Reused,
    Snapshot, Sure,
};
pub use market::{Market, Pairs};
pub use problem::LeftOut;
pub use progress::{Control, Progress, Stage};

/// Matches the participants of a program with its supporters, by a policy, as of a day.
///
/// ```
/// use peermatch::{Matcher, Policy, Program};
/// use peermatch::program::{Participant, ProgramData, Supporter};
///
/// let parent = Participant { conditions: vec!["autism".into()], consent: true, ..Participant::new("P-1") };
/// let helper = Supporter { conditions: vec!["autism".into()], ..Supporter::new("S-1") };
/// let data = ProgramData { participants: vec![parent], supporters: vec![helper], ..ProgramData::default() };
///
/// let matcher = Matcher::new(Program::new(data)?, Policy::default(), "2026-11-21".parse().unwrap())?;
/// let matching = matcher.match_all()?;
/// assert_eq!(matching.of_participant("P-1").unwrap().supporter.as_str(), "S-1");
/// # Ok::<(), peermatch::Error>(())
/// ```
#[derive(Clone)]
pub struct Matcher {
    program: Program,
    policy: Policy,
    criteria: Vec<Arc<dyn Criterion>>,
    options: Options,
    rule_options: RuleOptions,
    pairs: Pairs,
    as_of: Date,
    living: Option<Box<live::Living>>,
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matcher")
            .field("participants", &self.program.participants().len())
            .field("supporters", &self.program.supporters().len())
            .field("as_of", &self.as_of)
            .finish_non_exhaustive()
    }
}

impl Matcher {
    /// Takes a program and a policy. `as_of` is the day the matching is made for: it decides who is back from leave,
    /// how long experience and waiting are, and whether summer time holds. The library has no clock of its own.
    ///
    /// # Errors
    ///
    /// [`Error::is_policy`] if the policy is not sound.
    pub fn new(program: Program, policy: Policy, as_of: Date) -> Result<Self> {
        policy.check()?;
        Ok(Self {
            program,
            policy,
            criteria: Vec::new(),
            options: Options::default(),
            rule_options: RuleOptions::default(),
            pairs: Pairs::default(),
            as_of,
            living: None,
        })
    }

    /// Adds a criterion of the host program's own beside the built-in ones.
    #[must_use]
    pub fn with_criterion(mut self, criterion: impl Criterion + 'static) -> Self {
        self.criteria.push(Arc::new(criterion));
        self
    }

    /// Chooses algorithm and tie-break of the optimiser, where the defaults do not suit. Under the policy's
    /// [rules](crate::policy::rules) the tie-break has no meaning, nor has what else is for flows alone: any of several
    /// matchings that are equally good is found, the same one each time. An algorithm that knows no rules is refused.
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Chooses how matchings under the policy's [rules](crate::policy::Rule) are solved, where the defaults do not
    /// suit. An integer program in [`with_options`](Self::with_options) hands the whole model to its backend.
    #[must_use]
    pub fn with_rule_options(mut self, options: RuleOptions) -> Self {
        self.rule_options = options;
        self
    }

    /// Chooses which pairs [`match_all`](Self::match_all) judges and holds, where the default does not suit.
    #[must_use]
    pub fn with_pairs(mut self, pairs: Pairs) -> Self {
        self.pairs = pairs;
        self
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The day the matching is made for.
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// What is odd about program, policy, criteria and day together: rules about what nobody in the program has,
    /// personal weights that name no criterion or exceed the policy's limit, and days that lie ahead. (What is odd
    /// about the program alone, [`Program::warnings`] says.)
    pub fn warnings(&self) -> Vec<Fault> {
        let built_in = BuiltIn::ALL.iter().map(|criterion| criterion.as_str());
        let names: Vec<&str> = built_in.chain(self.criteria.iter().map(|own| own.name())).collect();
        let limit = self.policy.criteria.personal_factor_limit;
        let mut warnings = rules::warnings(&self.policy, &self.program, self.as_of);
        for (place, participant) in self.program.participants().iter().enumerate() {
            let mut warn = |field: &str, value: String, problem: &str, remedy: String| {
                warnings.push(self.program.participant_warning(
                    place,
                    field,
                    value,
                    problem.to_owned(),
                    remedy,
                ));
            };
            for (name, &factor) in &participant.weights {
                if !names.contains(&name.as_str()) {
                    let problem = "there is no criterion of this name, so the weight counts for nothing";
                    warn("weights", name.clone(), problem, format!("write one of {}", names.join(", ")));
                } else if factor > limit {
                    let problem = "the factor is above the policy's limit, which counts instead";
                    warn(
                        "weights",
                        format!("{name}={factor}"),
                        problem,
                        format!("write {limit} at the most"),
                    );
                }
            }
            for (field, day) in [
                ("waiting_since", participant.waiting_since),
                ("experience_since", participant.experience_since),
            ] {
                if let Some(day) = day.filter(|&day| day > self.as_of) {
                    let problem = "the day lies ahead of the day the matching is made for";
                    warn(
                        field,
                        day.to_string(),
                        problem,
                        "correct the day; until then it counts as today".to_owned(),
                    );
                }
            }
        }
        warnings
    }

    /// Matches everyone: the optimum by the policy's objective over all pairs, explained, its certificate checked.
    /// Where pairs are many most of them are never judged, see [`Pairs`]. A host that wants to keep the certificate
    /// goes the same way in steps: [`compatibility`](Self::compatibility), [`problem`](Self::problem),
    /// [`solve`](Self::solve), [`explain`](Self::explain); or, for pairs that are not held,
    /// [`compatibility`](Self::compatibility), [`market`](Self::market), [`solve_market`](Self::solve_market),
    /// [`explain`](Self::explain).
    ///
    /// A policy with [rules](crate::policy::Rule) about matches together, or with backups, is matched under them
    /// instead: a flow cannot hold them, and [`Solution::because`](crate::matching::Solution::because) names them.
    ///
    /// # Errors
    ///
    /// [`Error::is_policy`] if policy and criteria do not fit each other, or a rule names who or what the program does
    /// not have; [`Error::is_infeasible`] if firm rules clash: [`Error::rule_clash`] names them and has the best
    /// matching without the fewest; [`Error::is_overflow`] if the program is so large that sums of its scores cannot be
    /// added exactly; [`Error::is_solver`] if the chosen solver fails, or was stopped before it found anything under
    /// rules.
    pub fn match_all(&self) -> Result<Matching> {
        self.match_all_with(&Control::default())
    }

    /// The same, telling `control` about progress and stopping when it says so. Stopped early, the matching is
    /// feasible, and its solution states how far from the optimum it may be.
    ///
    /// # Errors
    ///
    /// As [`match_all`](Self::match_all).
    pub fn match_all_with(&self, control: &Control<'_>) -> Result<Matching> {
        control.tell(Stage::Compile, 0, 1);
        let compatibility = self.compatibility()?;
        control.tell(Stage::Compile, 1, 1);
        if rules::are_asked_for(&self.policy) {
            let graph = compatibility
                .graph_with_progress(&self.program, &|done, total| control.tell(Stage::Score, done, total));
            let options = (&self.options, self.rule_options);
            return Ruled::new(&self.program, &compatibility, &graph, options)?.match_all(control);
        }
        let explain = |problem: &Problem, assignment: &Assignment| {
            let mut inputs = Inputs::of(&self.program, &compatibility, problem, assignment);
            inputs.backups = control.solving(|inner| {
                backups::choose(&self.program, &compatibility, &assignment.matches, inner)
            })?;
            Ok(build(&inputs, &|done, total| control.tell(Stage::Explain, done, total)))
        };
        if self.pairs.are_implicit(&self.program, &self.policy, &self.options) {
            let found = self.solve_market(&self.market(&compatibility), control)?;
            return explain(&found.problem, &found.assignment);
        }
        let graph = compatibility
            .graph_with_progress(&self.program, &|done, total| control.tell(Stage::Score, done, total));
        let problem = self.problem(&compatibility, graph)?;
        let assignment = self.solve(&problem, control)?;
        explain(&problem, &assignment)
    }

    /// The parts, one by one: program and policy compiled against each other.
    ///
    /// # Errors
    ///
    /// [`Error::is_policy`] if policy and criteria do not fit each other, or a rule or the section on backups names
    /// whom or what the program does not have.
    pub fn compatibility(&self) -> Result<Compatibility> {
        rules::check(&self.policy, &self.program, self.as_of)?;
        self.compiled()
    }

    /// The same, whatever rules say of people who have left since, or whom nobody could have since.
    fn compiled(&self) -> Result<Compatibility> {
        Compatibility::new(&self.program, &self.policy, &self.criteria, self.as_of)
    }

    /// The parts, one by one: the optimisation problem, in which participants and supporters bear their positions in
    /// the program, supervisors are groups, and costs are millionths of score.
    ///
    /// # Errors
    ///
    /// [`Error::is_overflow`] if sums of costs cannot be added exactly; [`Error::is_policy`] if the policy has rules,
    /// which this problem cannot hold, see [`ruled_problem`](Self::ruled_problem).
    pub fn problem(&self, compatibility: &Compatibility, graph: CompatibilityGraph) -> Result<Problem> {
        self.refuse_rules()?;
        problem::problem(
            &self.program,
            compatibility,
            problem::Pairs::Held(graph),
            &Standby::default(),
            Ladder::WHOLE,
            &Choices::NONE,
        )
    }

    /// The parts, one by one: the optimum, its certificate checked.
    ///
    /// # Errors
    ///
    /// [`Error::is_solver`] if the solver fails, or its result does not pass its own proof.
    pub fn solve(&self, problem: &Problem, control: &Control<'_>) -> Result<Assignment> {
        let assignment = control.solving(|inner| solve(problem, &self.options, inner))?;
        control.tell(Stage::Verify, 0, 1);
        let verification = assignment.verify(problem);
        control.tell(Stage::Verify, 1, 1);
        proven(&verification)?;
        Ok(assignment)
    }

    /// The parts, one by one: all pairs as a market that is not held, for [`solve_market`](Self::solve_market).
    /// `O(n log n)` in the supporters, and one pair judged for each standing match.
    ///
    /// # Panics
    ///
    /// If the compatibility was compiled from another program.
    pub fn market<'a>(&'a self, compatibility: &'a Compatibility) -> Market<'a> {
        Market::new(&self.program, compatibility, &Choices::NONE)
    }

    /// The parts, one by one: the optimum over all pairs of a market, its certificate checked against all of them. The
    /// result has the problem with the pairs that came to be held; [`explain`](Self::explain) takes that and the
    /// assignment.
    ///
    /// # Errors
    ///
    /// As [`problem`](Self::problem) and [`solve`](Self::solve); [`Error::is_solver`] also for an integer program,
    /// which has no prices.
    pub fn solve_market(&self, market: &Market<'_>, control: &Control<'_>) -> Result<ImplicitAssignment> {
        self.solve_open(&self.open_problem(market)?, market, control)
    }

    fn solve_open(
        &self,
        problem: &Problem,
        market: &Market<'_>,
        control: &Control<'_>,
    ) -> Result<ImplicitAssignment> {
        let found = control.solving(|inner| solve_implicit(problem, market, &self.options, inner))?;
        control.tell(Stage::Verify, 0, 1);
        let verification = verify_implicit(problem, market, &found);
        control.tell(Stage::Verify, 1, 1);
        proven(&verification)?;
        Ok(found)
    }

    /// The parts, one by one: the problem of a market, which says everything but the pairs. It is what
    /// [`solve_implicit`] and [`verify_implicit`] take beside the market.
    ///
    /// # Errors
    ///
    /// As [`problem`](Self::problem).
    pub fn open_problem(&self, market: &Market<'_>) -> Result<Problem> {
        self.refuse_rules()?;
        problem::problem(
            &self.program,
            market.compatibility(),
            problem::Pairs::Asked(market),
            &Standby::default(),
            Ladder::WHOLE,
            &Choices::NONE,
        )
    }

    /// No rule of the policy is ever left out silently.
    fn refuse_rules(&self) -> Result<()> {
        if !rules::are_asked_for(&self.policy) {
            return Ok(());
        }
        Err(Error::policy(vec![
            "rules: a problem that is a flow cannot hold them; use match_all or ruled_problem".to_owned(),
        ]))
    }

    /// The parts, one by one: the problem under the policy's rules, for [`solve_rules`](crate::assignment::rules) and
    /// its check. Its first rules are the policy's, in their order; backups stand behind the program's own participants
    /// and supporters.
    ///
    /// # Errors
    ///
    /// [`Error::is_policy`] if a rule names who or what the program does not have; [`Error::is_overflow`] if sums of
    /// costs cannot be added exactly.
    pub fn ruled_problem(
        &self,
        compatibility: &Compatibility,
        graph: &CompatibilityGraph,
    ) -> Result<RuleProblem> {
        let options = (&self.options, self.rule_options);
        Ok(Ruled::new(&self.program, compatibility, graph, options)?.into_problem())
    }

    /// The parts, one by one: an assignment put back into people, reasons and sums. Backups are not looked for; that is
    /// [`match_all`](Self::match_all)'s to do.
    pub fn explain(
        &self,
        compatibility: &Compatibility,
        problem: &Problem,
        assignment: &Assignment,
    ) -> Matching {
        build(&Inputs::of(&self.program, compatibility, problem, assignment), &|_, _| {})
    }
}

/// An error if something was found against a solution.
fn proven(verification: &Verification) -> Result<()> {
    let Some(first) = verification.violations.first() else { return Ok(()) };
    Err(Error::defect(first))
}
