//! Why one participant or supporter is matched as they are, or has nobody: what `--explain` prints.

use std::cmp::Reverse;
use std::io::{self, Write};

use peermatch::compatibility::{Compatibility, Judgement, Veto};
use peermatch::matching::{Matching, Reason, Score, Unmatched};
use peermatch::program::{Participant, Status, Supporter};
use peermatch::{Matcher, Program};

use crate::why::{if_lifted, kept_away, left};
use crate::words::{counted, verb};

/// How many people who fit are named.
const FITTING: usize = 5;

/// How many people whom one thing alone keeps away are named for each such thing.
const KEPT_AWAY: usize = 3;

/// What an explanation is drawn from.
pub(crate) struct Explainer<'a> {
    pub(crate) matcher: &'a Matcher,
    pub(crate) compatibility: &'a Compatibility,
    pub(crate) matching: &'a Matching,
}

impl Explainer<'_> {
    /// Explains the participant and the supporter who bear that id.
    pub(crate) fn print(&self, out: &mut dyn Write, id: &str) -> io::Result<()> {
        let program = self.program();
        if let Some(index) = program.participant_index(id) {
            if let Some(pair) = self.matching.of_participant(id) {
                writeln!(out, "{} with {}: {}\n", pair.participant, pair.supporter, pair.explanation)?;
            }
            if let Some(pair) = self.matching.backup_of(id) {
                writeln!(
                    out,
                    "Standing by for {}: {}: {}\n",
                    pair.participant, pair.supporter, pair.explanation
                )?;
            }
            let mut rows = self.matching.unmatched.iter();
            if let Some(row) = rows.find(|row| row.participant.as_str() == id) {
                self.print_unmatched(out, index, row)?;
                writeln!(out)?;
            }
        }
        if let Some(index) = program.supporter_index(id) {
            let mut idle = true;
            for pair in self.matching.of_supporter(id) {
                idle = false;
                writeln!(out, "{} with {}: {}\n", pair.participant, pair.supporter, pair.explanation)?;
            }
            if idle {
                self.print_idle(out, index, &program.supporters()[index])?;
                writeln!(out)?;
            }
        }
        Ok(())
    }

    fn program(&self) -> &Program {
        self.matcher.program()
    }

    fn urgency(&self, participant: &Participant) -> u32 {
        self.matcher.policy().priorities.urgency(participant, self.matcher.as_of())
    }

    fn print_unmatched(&self, out: &mut dyn Write, index: usize, row: &Unmatched) -> io::Result<()> {
        writeln!(out, "{} (urgency {})", left(row), row.urgency)?;
        if row.reason == Reason::NoConsent {
            return Ok(());
        }
        self.print_fitting_supporters(out, index)?;
        if row.obstacles.is_empty() {
            return Ok(());
        }
        writeln!(out, "  What keeps supporters away:")?;
        // The kinds of which one alone keeps somebody away, with whom.
        let mut near: Vec<Judgement> = Vec::new();
        if row.obstacles.iter().any(|obstacle| obstacle.alone > 0) {
            let judged = self.compatibility.judge_all(self.program(), index);
            near = judged.filter(|judgement| only_obstacle(judgement).is_some()).collect();
            near.sort_by_key(|judgement| Reverse(judgement.score));
        }
        for obstacle in &row.obstacles {
            write!(out, "    {}", kept_away(obstacle.supporters, &obstacle.kind))?;
            if obstacle.alone == 0 {
                writeln!(out)?;
                continue;
            }
            writeln!(out, "; {} of them would fit if {}:", obstacle.alone, if_lifted(&obstacle.kind))?;
            let alone = near.iter().filter_map(|judgement| Some((judgement, only_obstacle(judgement)?)));
            for (judgement, veto) in alone.filter(|(_, veto)| veto.kind() == obstacle.kind).take(KEPT_AWAY) {
                let supporter = &self.program().supporters()[judgement.supporter];
                writeln!(out, "      {} ({}): {veto}", supporter.id, score(judgement.score))?;
            }
        }
        Ok(())
    }

    /// The best of those who fit a participant, and who has their places.
    fn print_fitting_supporters(&self, out: &mut dyn Write, index: usize) -> io::Result<()> {
        let mut fitting = self.compatibility.scan(self.program(), index);
        if fitting.is_empty() {
            return Ok(());
        }
        fitting.sort_by_key(|candidate| (Reverse(candidate.weight), candidate.supporter));
        if fitting.len() > FITTING {
            writeln!(out, "  The best {FITTING} of the {} supporters who fit:", fitting.len())?;
        } else {
            let who = verb(fitting.len() as u64, "The supporter who fits", "The supporters who fit");
            writeln!(out, "  {who}:")?;
        }
        for candidate in fitting.iter().take(FITTING) {
            let place = candidate.supporter as usize;
            let supporter = &self.program().supporters()[place];
            let judgement = self.compatibility.judge(self.program(), index, place);
            write!(out, "    {} ({}): ", supporter.id, worth(&judgement))?;
            let holders = self.holders(supporter.id.as_str());
            let capacity = self.matching.loads.get(place).map_or(0, |load| load.capacity);
            let free = capacity.saturating_sub(holders.len() as u32);
            if !holders.is_empty() {
                write!(out, "has {}", holders.join(", "))?;
            }
            match (holders.is_empty(), free, self.full_caseload(supporter)) {
                (false, 0, _) => writeln!(out, ", and no place left")?,
                (true, 0, _) => writeln!(out, "has no place")?,
                (empty, free, full) => {
                    let places = counted(free, "place", "places");
                    let more = if empty { "has" } else { ", and" };
                    write!(out, "{more} {places} left")?;
                    match full {
                        Some(words) => writeln!(out, ", but {words}")?,
                        None => writeln!(out)?,
                    }
                }
            }
        }
        Ok(())
    }

    /// Who has the places of a supporter, the most urgent first.
    fn holders(&self, supporter: &str) -> Vec<String> {
        let mut holders: Vec<(Reverse<u32>, &str)> = Vec::new();
        for pair in self.matching.of_supporter(supporter) {
            let id = pair.participant.as_str();
            if let Some(index) = self.program().participant_index(id) {
                holders.push((Reverse(self.urgency(&self.program().participants()[index])), id));
            }
        }
        holders.sort_unstable();
        holders.into_iter().map(|(Reverse(urgency), id)| format!("{id} (urgency {urgency})")).collect()
    }

    /// That the supervisor's caseload is full, in words.
    fn full_caseload(&self, supporter: &Supporter) -> Option<String> {
        if !self.matcher.policy().loads.supervisor_caseloads {
            return None;
        }
        let supervisor = supporter.supervisor.as_ref()?;
        let row = self.matching.caseloads.iter().find(|row| row.supervisor == *supervisor)?;
        let limit = row.limit.filter(|&limit| row.load >= limit)?;
        Some(format!("the caseload of their supervisor {supervisor} is full ({} of {limit})", row.load))
    }

    /// Why a supporter has nobody.
    fn print_idle(&self, out: &mut dyn Write, index: usize, supporter: &Supporter) -> io::Result<()> {
        let id = &supporter.id;
        let on = self.matcher.as_of();
        if !supporter.takes_new_matches(on) {
            let status = match (supporter.status, supporter.leave_until) {
                (Status::InTraining, _) => "they are still in training".to_owned(),
                (Status::OnLeave, Some(back)) => format!("they are on leave, and back on {back}"),
                (Status::OnLeave, None) => "they are on leave until further notice".to_owned(),
                (Status::UnderReview, _) => "they are under review".to_owned(),
                (Status::Released, _) => "they have left the programme".to_owned(),
                (Status::Active, _) => "they take no new matches".to_owned(),
            };
            return writeln!(out, "{id} has nobody: {status}.");
        }
        let loads = &self.matcher.policy().loads;
        if loads.capacity(supporter.capacity) == 0 {
            let whose = match supporter.capacity {
                Some(0) => "their capacity is 0",
                Some(_) => "the policy's capacity_limit is 0",
                None => "they state no capacity, and the policy's default_capacity is 0",
            };
            return writeln!(out, "{id} has nobody: {whose}.");
        }
        let (mut fitting, mut near) = (Vec::new(), Vec::new());
        let mut willing = 0_u64;
        for (place, participant) in self.program().participants().iter().enumerate() {
            if participant.consent {
                willing += 1;
                let judgement = self.compatibility.judge(self.program(), place, index);
                if judgement.is_eligible() {
                    fitting.push((Reverse(judgement.weight), place, worth(&judgement)));
                } else if let Some(veto) = only_obstacle(&judgement) {
                    near.push((Reverse(judgement.score), place, veto.to_string()));
                }
            }
        }
        if fitting.is_empty() {
            let who = counted(willing, "participant who consented", "participants who consented");
            writeln!(out, "{id} has nobody: none of the {who} meets the requirements.")?;
            near.sort_unstable();
            if !near.is_empty() {
                writeln!(out, "  One thing alone stands against {}:", near.len())?;
            }
            for (Reverse(near_score), place, veto) in near.iter().take(FITTING) {
                let participant = &self.program().participants()[*place];
                writeln!(out, "    {} ({}): {veto}", participant.id, score(*near_score))?;
            }
            return Ok(());
        }
        fitting.sort_unstable();
        let who = counted(fitting.len() as u64, "participant fits", "participants fit");
        match self.full_caseload(supporter) {
            Some(full) => writeln!(out, "{id} has nobody: {who}, but {full}. The best of them:")?,
            None => writeln!(
                out,
                "{id} has nobody: {who}, but the whole is better with others for them. The best of them:"
            )?,
        }
        for (_, place, own) in fitting.iter().take(FITTING) {
            let participant = self.program().participants()[*place].id.as_str();
            let now = self.matching.of_participant(participant).map_or_else(
                || "has nobody".to_owned(),
                |pair| format!("is with {} ({})", pair.supporter, pair.score()),
            );
            writeln!(out, "    {participant} ({own}) {now}")?;
        }
        Ok(())
    }
}

/// The obstacle that alone stands between two people.
fn only_obstacle(judgement: &Judgement) -> Option<&Veto> {
    let mut standing = judgement.vetoes.iter().filter(|(_, lifted_by)| lifted_by.is_none());
    let (first, _) = standing.next()?;
    standing.all(|(veto, _)| veto.kind() == first.kind()).then_some(first)
}

/// The score of a pair, and what its relaxations take away from it.
fn worth(judgement: &Judgement) -> String {
    let (score, weight) = (score(judgement.score), Score::from_micro(i64::from(judgement.weight)));
    if score == weight {
        score.to_string()
    } else {
        format!("{score}, less {} for relaxations", score - weight)
    }
}

fn score(micro: u32) -> Score {
    Score::from_micro(i64::from(micro))
}
