//! Matching under rules about matches together: the policy's rules as rows over pairs, backups as further people.
//!
//! **Problem.** Hours, quotas, together and apart, teams, least loads, a backup for everyone: no network holds them.
//!
//! **Method.** The plain problem is built as without rules. Where matches and backups are to be chosen together, every
//! participant who may have one stands in it once more, and every supporter once more with the places for standing by;
//! two rules of the library's own say that a backup is somebody else and that nobody has one alone. Each rule of the
//! policy becomes a rule of the assignment layer over the pairs it counts; what is pinned is taken off its bounds.
//! [`solve_rules`] finds the matching with its bound, [`verify_rules`](crate::assignment::rules::verify_rules) recounts
//! every rule.
//!
//! **Pins.** What is pinned stands. Where a firm rule allows less of something than is pinned already, nothing is
//! added.
//!
//! **Ladder.** The same rungs as without rules, the prices of missed soft rules in the quality rung. The rules' solver
//! adds up to 2^50: where the whole ladder does not fit, loads are balanced in coarser steps, then not at all, then the
//! number of changes is left out (each change keeps its price); the result says so.
//!
//! **Ties.** Of several matchings that are equally good on all rungs the result is any, the same one for the same
//! input, options and version on any number of threads; only a flow returns the first in the program's order.
//!
//! **When it is the wrong choice.** For tens of thousands of participants with rules that all pairs count in: every
//! eligible pair is held, and the proof takes a search.

mod compile;
mod facts;
mod outcome;

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use jiff::civil::Date;

use crate::assignment::rules::{
    self, Method, Row, RuleOptions, RuleProblem, RuleProof, RuleSolution, RuleState, RuleStop,
    RuleVerification, Sense, Variable, explain_clash, solve_rules,
};
use crate::assignment::{Algorithm, AlgorithmUsed, Backend, Matches, Options, Problem, Stop};
use crate::compatibility::{Compatibility, CompatibilityGraph};
use crate::error::{Error, Fault, Result, Severity};
use crate::matching::{Gap, Inputs, Matching, RuleClash, RuleOutcome, Solution, Vouched, build};
use crate::policy::rules::beside;
use crate::policy::{Policy, Rule};
use crate::program::Program;

use super::backups::choose;
use super::problem::{Choices, Ladder, LeftOut, Pairs, Standby, problem};
use super::progress::{Control, Stage};
use compile::Compiled;
pub(super) use compile::WORTH;
pub(super) use facts::Fact;

/// Whether the policy asks for something that a flow cannot hold.
pub(super) fn are_asked_for(policy: &Policy) -> bool {
    !policy.rules.is_empty() || weighs_backups(policy)
}

/// Whether matches and backups are to be chosen together.
pub(super) fn weighs_backups(policy: &Policy) -> bool {
    let of_rules = policy.rules.iter().any(Rule::is_about_backups);
    policy.backup.as_ref().is_some_and(|backup| of_rules || backup.worth.is_some())
}

/// An error of everything that rules and backups name and the program does not have, or that nobody in it can keep.
pub(super) fn check(policy: &Policy, program: &Program, on: Date) -> Result<()> {
    let errors = beside(policy, program, on).into_iter().filter(|fault| fault.severity == Severity::Error);
    let line = |fault: Fault| {
        let Fault { field, value, problem, remedy, .. } = fault;
        format!("{} = {}: {problem}; {remedy}", field.unwrap_or_default(), value.unwrap_or_default())
    };
    let problems: Vec<String> = errors.map(line).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::policy(problems)) }
}

/// What is odd about rules and backups beside a program without being wrong.
pub(super) fn warnings(policy: &Policy, program: &Program, on: Date) -> Vec<Fault> {
    beside(policy, program, on).into_iter().filter(|fault| fault.severity == Severity::Warning).collect()
}

/// What is tried where the whole ladder does not fit: shares of capacity in coarser steps, each divisible by small
/// capacities, then no balance, then no number of changes either.
const SHORTER: [Ladder; 5] = [
    Ladder { change: true, balance: NonZeroU32::new(420) },
    Ladder { change: true, balance: NonZeroU32::new(60) },
    Ladder { change: true, balance: NonZeroU32::new(12) },
    Ladder { change: true, balance: None },
    Ladder { change: false, balance: None },
];

/// What may be matched, and what is asked beside the policy's rules.
pub(super) struct Asked {
    /// The pairs that may be matches.
    pub(super) graph: CompatibilityGraph,
    /// The pairs of which one may be a backup, where they are others.
    pub(super) standby: Option<CompatibilityGraph>,
    /// Participants who are to have somebody.
    pub(super) placed: Vec<u32>,
    /// Of these pairs no more than so many may end.
    pub(super) ending: Option<(Vec<(u32, u32)>, u32)>,
    /// Standing matches have no price.
    pub(super) free: bool,
}

impl Asked {
    /// All that a graph allows.
    fn all(graph: CompatibilityGraph) -> Self {
        Self { graph, standby: None, placed: Vec::new(), ending: None, free: false }
    }

    /// What is asked, as rules that are never given up.
    fn rules(&self) -> Vec<rules::Rule> {
        let placed = self.placed.iter().map(|&one| Row::count(Sense::AtMost, 0, [Variable::Unmatched(one)]));
        let mut all = vec![rules::Rule::new(PLACED, placed.collect()).always()];
        if let Some((pairs, most)) = &self.ending {
            let least = pairs.len() as i64 - i64::from(*most);
            let pairs = pairs.iter().map(|&(participant, supporter)| Variable::pair(participant, supporter));
            all.push(rules::Rule::new(FEW_END, vec![Row::count(Sense::AtLeast, least, pairs)]).always());
        }
        all
    }
}

/// What these rules are called; nobody is told of them.
const PLACED: &str = "whoever stays has somebody";
const FEW_END: &str = "no more matches end than may";

/// Who has whom under rules.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    /// The supporter of each participant of the program.
    pub(super) own: Vec<Option<u32>>,
    /// Who stands by for whom, where that is weighed against matches.
    pub(super) backups: BTreeMap<u32, u32>,
    /// What soft rules, opened places and backups add to the quality rung.
    pub(super) added: i128,
    /// No matching of those that were asked for is better, but for what is left out.
    pub(super) optimal: bool,
    pub(super) left_out: LeftOut,
}

/// A matching under rules in the making.
pub(super) struct Ruled<'a> {
    program: &'a Program,
    compatibility: &'a Compatibility,
    options: RuleOptions,
    compiled: Compiled,
    ladder: Ladder,
}

impl<'a> Ruled<'a> {
    /// Puts the rules over the pairs of a graph.
    ///
    /// # Errors
    ///
    /// [`Error::is_policy`] if a rule names who or what the program does not have; [`Error::is_solver`] for an
    /// algorithm that knows no rules; [`Error::is_overflow`] if the costs are too large to be added up.
    pub(super) fn new(
        program: &'a Program,
        compatibility: &'a Compatibility,
        graph: &CompatibilityGraph,
        options: (&Options, RuleOptions),
    ) -> Result<Self> {
        Self::of(program, compatibility, &Asked::all(graph.clone()), options)
    }

    /// The same over what is asked for.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub(super) fn of(
        program: &'a Program,
        compatibility: &'a Compatibility,
        asked: &Asked,
        (options, rule_options): (&Options, RuleOptions),
    ) -> Result<Self> {
        let options = match options.algorithm {
            Algorithm::Ilp(backend) => rule_options.method(Method::FullModel(backend)),
            Algorithm::Auto => rule_options,
            _ => {
                return Err(Error::solver(
                    "the algorithm that was asked for knows no rules about matches together, and the policy has some; \
                     leave the choice to the library, ask for an integer program, or take the rules out",
                ));
            }
        };
        let standby =
            compile::standby(program, compatibility, asked.standby.as_ref().unwrap_or(&asked.graph));
        let choices = Choices { free: asked.free, ..Choices::NONE };
        let at = |ladder, standby: &Standby| {
            problem(program, compatibility, Pairs::Held(asked.graph.clone()), standby, ladder, &choices)
        };
        let whole = at(Ladder::WHOLE, &standby)?;
        let mut compiled = Compiled::new(program, compatibility, whole, standby, asked.rules())?;
        let mut ladder = Ladder::WHOLE;
        let mut shorter = SHORTER.into_iter();
        while let Err(overflow) = compiled.ruled.fits() {
            ladder = shorter.next().ok_or(overflow)?;
            let problem = at(ladder, &compiled.standby)?;
            compiled.ruled = compiled.ruled.at_costs_of(problem);
        }
        Ok(Self { program, compatibility, options, compiled, ladder })
    }

    fn problem(&self) -> &Problem {
        self.compiled.ruled.problem()
    }

    /// Finds the matching and puts it into words.
    ///
    /// # Errors
    ///
    /// [`Error::is_infeasible`] if firm rules clash, see [`Error::rule_clash`]; [`Error::is_solver`] if a backend
    /// fails, if the search was stopped before it found anything, or if the result does not pass its own check.
    pub(super) fn match_all(&self, control: &Control<'_>) -> Result<Matching> {
        match self.solve(control)? {
            Some(solution) => self.matching(&solution, &[], control),
            None => Err(self.clash(control)?),
        }
    }

    /// Finds the matching, checked; none if firm rules clash.
    ///
    /// # Errors
    ///
    /// [`Error::is_solver`] as [`match_all`](Self::match_all).
    pub(super) fn solve(&self, control: &Control<'_>) -> Result<Option<RuleSolution>> {
        self.solve_by(&self.options, false, control)
    }

    /// The same; none also if the search is stopped before it finds anything.
    ///
    /// # Errors
    ///
    /// [`Error::is_solver`] if a backend fails, or if the result does not pass its own check.
    pub(super) fn solve_unless_stopped(&self, control: &Control<'_>) -> Result<Option<RuleSolution>> {
        self.solve_by(&self.options, true, control)
    }

    /// The same with no more than so many nodes searched.
    ///
    /// # Errors
    ///
    /// [`Error::is_solver`] if a backend fails, or if the result does not pass its own check.
    pub(super) fn solve_within(&self, nodes: u64, control: &Control<'_>) -> Result<Option<RuleSolution>> {
        let options = self.options.node_limit(self.options.node_limit.unwrap_or(nodes).min(nodes));
        self.solve_by(&options, true, control)
    }

    fn solve_by(
        &self,
        options: &RuleOptions,
        or_none: bool,
        control: &Control<'_>,
    ) -> Result<Option<RuleSolution>> {
        let ruled = &self.compiled.ruled;
        let solution = control.solving(|inner| solve_rules(ruled, options, inner))?;
        match solution.state {
            RuleState::Infeasible => Ok(None),
            RuleState::Unknown if or_none => Ok(None),
            RuleState::Unknown => Err(unknown()),
            _ => {
                control.tell(Stage::Verify, 0, 1);
                let verified = checked(&solution, ruled);
                control.tell(Stage::Verify, 1, 1);
                verified?;
                Ok(Some(solution))
            }
        }
    }

    /// Who clashes, as an error with the best way out.
    ///
    /// # Errors
    ///
    /// As [`match_all`](Self::match_all).
    pub(super) fn clash(&self, control: &Control<'_>) -> Result<Error> {
        let ruled = &self.compiled.ruled;
        let clash = control.solving(|inner| explain_clash(ruled, &self.options, inner))?;
        let Some(clash) = clash else { return Ok(Error::infeasible(RuleClash::unexplained())) };
        let names =
            |rules: &[u32]| rules.iter().map(|&rule| ruled.rules()[rule as usize].name.clone()).collect();
        let offer = clash.without.as_deref().filter(|without| without.matching.is_some());
        let kept = ruled.keeping(|rule| !clash.dropped.contains(&rule));
        let offer = offer.map(|without| {
            checked(without, &kept)?;
            self.matching(without, &clash.dropped, control)
        });
        let offer = offer.transpose()?;
        Ok(Error::infeasible(RuleClash {
            rules: names(&clash.rules),
            stopped: false,
            smallest: clash.smallest,
            dropped: names(&clash.dropped),
            fewest: clash.fewest,
            offer: offer.map(Box::new),
        }))
    }

    /// A solution as numbers.
    ///
    /// # Errors
    ///
    /// [`Error::is_solver`] where it has no matching.
    pub(super) fn placed(&self, solution: &RuleSolution) -> Result<Placed> {
        let found = solution.matching.as_ref().ok_or_else(unknown)?;
        let ruled = &self.compiled.ruled;
        let (people, own) =
            (self.program.participants().len() as u32, self.program.supporters().len() as u32);
        let backups = self.backups(&found.matches);
        let of_rules: i128 = found.rules.iter().map(|report| report.cost).sum();
        let opened = found.auxiliary.iter().zip(ruled.auxiliaries()).filter(|(yes, _)| **yes);
        let opened: i128 = opened.map(|(_, auxiliary)| i128::from(auxiliary.cost)).sum();
        let standing_by = (people..).zip(&self.compiled.standby.of).filter_map(|(node, participant)| {
            self.problem().pair_cost(node, own + backups.get(participant)?).map(i128::from)
        });
        Ok(Placed {
            own: (0..people).map(|one| found.matches.of(one).first().copied()).collect(),
            added: of_rules + opened + standing_by.sum::<i128>(),
            optimal: solution.is_optimal(),
            left_out: self.ladder.left_out(self.compatibility.policy()),
            backups,
        })
    }

    /// The problem, and whom its further participants stand for.
    pub(super) fn parts(&self) -> (&RuleProblem, &[u32]) {
        (&self.compiled.ruled, &self.compiled.standby.of)
    }

    /// Checks a solution.
    pub(super) fn verify(&self, solution: &RuleSolution) -> RuleVerification {
        solution.verify(&self.compiled.ruled)
    }

    /// Who stands by for whom in a matching with backups.
    fn backups(&self, matches: &Matches) -> BTreeMap<u32, u32> {
        let (people, own) =
            (self.program.participants().len() as u32, self.program.supporters().len() as u32);
        let standby = (people..).zip(&self.compiled.standby.of);
        let backups = standby.filter_map(|(node, &participant)| {
            matches.of(node).first().map(|&supporter| (participant, supporter - own))
        });
        backups.collect()
    }

    /// A kept matching in words, of which is told how good it is; of backups those that are weighed against matches.
    ///
    /// # Errors
    ///
    /// As [`placed`](Self::placed).
    pub(super) fn kept(
        &self,
        solution: &RuleSolution,
        told: impl FnOnce(Solution) -> Solution,
    ) -> Result<Matching> {
        let found = solution.matching.as_ref().ok_or_else(unknown)?;
        let inputs = Inputs {
            program: self.program,
            compatibility: self.compatibility,
            problem: self.problem(),
            matches: &found.matches,
            solution: told(self.solution(solution)),
            backups: self.backups(&found.matches).into_iter().collect(),
            rules: outcome::outcomes(&self.compiled, found, &[]),
        };
        Ok(build(&inputs, &|_, _| {}))
    }

    /// A solution in words; the rules that were dropped for it are told as such.
    fn matching(&self, solution: &RuleSolution, dropped: &[u32], control: &Control<'_>) -> Result<Matching> {
        let found = solution.matching.as_ref().ok_or_else(unknown)?;
        let mut backups: Vec<(u32, u32)> = self.backups(&found.matches).into_iter().collect();
        if !weighs_backups(self.compatibility.policy()) {
            backups =
                control.solving(|inner| choose(self.program, self.compatibility, &found.matches, inner))?;
        }
        let rules: Vec<RuleOutcome> = outcome::outcomes(&self.compiled, found, dropped);
        let inputs = Inputs {
            program: self.program,
            compatibility: self.compatibility,
            problem: self.problem(),
            matches: &found.matches,
            solution: self.solution(solution),
            backups,
            rules,
        };
        Ok(build(&inputs, &|done, total| control.tell(Stage::Explain, done, total)))
    }

    fn solution(&self, solution: &RuleSolution) -> Solution {
        let packed = solution.matching.as_ref().map(|found| found.packed);
        let gap = solution.gap().filter(|&gap| gap > 0).zip(packed).map(|(gap, packed)| Gap {
            // Among those that serve as many, more is known than of all; and it may be known that no more can be
            // served.
            quality: Gap::packed(packed - solution.bound_as_served, &solution.scales).quality,
            served: if solution.bound == solution.bound_as_served && solution.scales.quality > 0 {
                0
            } else {
                Gap::packed(gap, &solution.scales).served
            },
        });
        Solution {
            algorithm: match self.options.method {
                Method::FullModel(Backend::Highs) => AlgorithmUsed::IlpHighs,
                Method::FullModel(_) => AlgorithmUsed::IlpMicrolp,
                _ => AlgorithmUsed::RuleSearch,
            },
            because: self.because(),
            stop: match solution.stop {
                RuleStop::Completed => Stop::Completed,
                RuleStop::TimeLimit => Stop::TimeLimit,
                RuleStop::NodeLimit => Stop::WorkLimit,
                RuleStop::Cancelled => Stop::Cancelled,
            },
            optimal: solution.is_optimal(),
            proof: match solution.proof {
                RuleProof::Multipliers => Vouched::Multipliers,
                _ => Vouched::Solver,
            },
            gap,
            cost: solution.matching.as_ref().map(|found| found.objective).unwrap_or_default(),
            pairs: self.compiled.pairs,
            pricing: None,
        }
    }

    fn because(&self) -> String {
        let policy = self.compatibility.policy();
        let mut names: Vec<String> = policy.rules.iter().map(|rule| format!("\"{}\"", rule.name)).collect();
        if weighs_backups(policy) {
            names.push("backups".to_owned());
        }
        let left_out = match (self.ladder, self.ladder.balance) {
            (Ladder::WHOLE, _) => String::new(),
            (_, Some(steps)) => {
                format!(
                    "; loads are balanced in steps of 1/{steps} of a capacity, for finer sums would not fit"
                )
            }
            (Ladder { change: true, .. }, None) => {
                "; the balance of loads is left out, for the sums would not fit".to_owned()
            }
            _ => "; the balance of loads and the number of changes are left out, for the sums would not fit"
                .to_owned(),
        };
        let asked = match self.options.method {
            Method::FullModel(_) => "; an integer program was asked for",
            _ => "",
        };
        let names = names.join(", ");
        format!(
            "the policy has rules that no flow holds: {names}{asked}{left_out}; of several matchings as good, any"
        )
    }
}

/// An error if something was found against a solution.
fn checked(solution: &RuleSolution, ruled: &RuleProblem) -> Result<()> {
    let verification = solution.verify(ruled);
    let Some(first) = verification.violations.first() else { return Ok(()) };
    Err(Error::defect(first))
}

fn unknown() -> Error {
    Error::solver(
        "the search was stopped before it found a matching that keeps the firm rules, or that there is none; give it more \
         time, or make rules soft by a price",
    )
}

/// The problem under rules, for a host program that wants to go on from there by itself.
impl Ruled<'_> {
    pub(super) fn into_problem(self) -> RuleProblem {
        self.compiled.ruled
    }
}
