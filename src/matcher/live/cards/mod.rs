//! Baseball cards: a participant chooses a supporter from a few, and each card knows what choosing it costs everybody
//! else.
//!
//! **Problem.** Choosing helps, and choices compete: the best supporters would be shown to everyone, and who asks first
//! would take what somebody else needs more. Cards are asked for on a web page, by many at once.
//!
//! **Method.** The best of the supporters with a place come from an index that is shared by all questions ([`deck`],
//! [`rank`]); what a choice costs everybody else is the difference of two optima and read from one search that all
//! questions share ([`Openings`](crate::assignment::Openings)); equals take turns, alike ones make room, newcomers have
//! a share ([`arrange`]). Nothing changes by a question, so any number of threads may ask at once.
//!
//! **What is exact.** The order is that of a sort of all supporters whom the plain scorer lets through. The cost is exact
//! where all pairs are held. Where most are not, a cheaper way may lead over others, and the card says that it is no more
//! than that ([`Sure`]). Where rules about matches together are kept, backups weighed, or the worst-off come first, it is
//! that of nobody else moving, the prices of rules that are missed included, and only those are shown whom a firm rule
//! lets the participant choose ([`ruled`]).
//!
//! **Time.** The first question after a change: O(supporters), and a pass over the pairs. From then on a search for each,
//! with the explanation of those who are shown. For whoever has a supporter a search of the network beside.

mod arrange;
mod deck;
mod disclosure;
mod menus;
mod query;
mod rank;
mod ruled;
mod told;

pub(super) use deck::Deck;
pub use disclosure::Generalised;
pub use menus::MenuQuery;
pub use query::CardQuery;
pub use told::{Cards, CostToOthers, Offered, PublicCard, Sure};

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::super::Matcher;
use super::Living;
use super::ask::moved;
use super::kept::Kept;
use crate::assignment::{Openings, Rungs};
use crate::compatibility::{Candidate, Terms};
use crate::error::{Error, Result};
use crate::matching::{Score, explain_pair_on};
use crate::policy::{AlikeBy, Ranking};
use crate::program::Program;
use arrange::{Rules, arrange, with_newcomers};
use deck::Dealt;
use rank::{Entry, First, Ranks};

impl Matcher {
    /// The best supporters for a participant to choose from: eligible, with a place, in the order of the policy, each
    /// with what the choice costs everybody else. Nothing changes, and any number of threads may ask at once.
    ///
    /// # Errors
    ///
    /// [`Error::is_input`] with everything in the question that cannot be meant; [`Error::is_problem`] where nothing is
    /// kept yet ([`begin`](Self::begin) first), or if the participant's match is pinned.
    pub fn cards(&self, query: &CardQuery) -> Result<Cards> {
        let asked = self.asked(query)?;
        let ranks = asked.ranks();
        let list = |may: &ruled::May<'_>| {
            self.chosen(asked.living, &ranks, &asked.terms.clone().keeping(may), (asked.count, may))
        };
        if asked.living.kept.incumbent.is_some() {
            let under_rules = ruled::chosen(self, &asked, list)?;
            return Ok(self.answer(query, &asked, &under_rules.entries, Some(&under_rules.costs)));
        }
        let may = |supporter: u32| asked.may(supporter);
        let entries = list(&may);
        Ok(self.answer(query, &asked, &entries, None))
    }

    /// Everything about a question that can be meant.
    fn asked<'a>(&'a self, query: &'a CardQuery) -> Result<Asked<'a>> {
        let living = self.alive()?;
        let kept = &living.kept;
        let criteria: Vec<&str> = kept.compatibility.criteria().collect();
        let participant = query.check(self, &criteria)?;
        let program = &self.program;
        if kept.pinned_to(participant as u32).is_some() {
            return Err(Error::problem(format!(
                "the match of participant {} is pinned, so there is nothing to choose; unpin it, or end it, first",
                query.participant
            )));
        }
        let policy = &self.policy.cards;
        let taken_places = query.taken_places.unwrap_or(policy.taken_places) && kept.incumbent.is_none();
        let meant = query.only.supporter(program, self.as_of);
        Ok(Asked {
            living,
            program,
            participant,
            ranking: query.ranking.unwrap_or(policy.ranking),
            taken_places,
            own: kept.engine.supporter_of(participant as u32),
            except: query.except.iter().filter_map(|id| position(program, id)).collect(),
            meant: (!query.only.is_everyone()).then(|| Box::new(meant) as Box<Meant<'a>>),
            openings: kept.engine.openings(participant as u32, !taken_places).ok(),
            dealt: kept.deck.deal(kept, program),
            terms: kept.compatibility.terms(program, participant, &query.weights, &query.modalities),
            count: query.count.unwrap_or(policy.shown) as usize,
        })
    }

    fn answer(
        &self,
        query: &CardQuery,
        asked: &Asked<'_>,
        entries: &[Entry],
        costs: Option<&BTreeMap<u32, Rungs>>,
    ) -> Cards {
        let tell = |entry: &Entry| {
            let cost = match costs.and_then(|costs| costs.get(&entry.supporter)) {
                Some(&rungs) => CostToOthers::at_most(rungs),
                None => self.cost_to_others(&asked.living.kept, asked.openings.as_ref(), entry.supporter),
            };
            self.offered(asked, entry, cost)
        };
        Cards {
            participant: query.participant.clone(),
            ranking: asked.ranking,
            offered: entries.iter().map(tell).collect(),
        }
    }

    /// The answers to many questions, in parallel; the same as one by one.
    pub fn cards_for_each(&self, queries: &[CardQuery]) -> Vec<Result<Cards>> {
        queries.par_iter().map(|query| self.cards(query)).collect()
    }

    /// Who is shown, in order.
    fn chosen(
        &self,
        living: &Living,
        ranks: &Ranks<'_>,
        terms: &Terms<'_>,
        (count, may): (usize, &(dyn Fn(u32) -> bool + Sync)),
    ) -> Vec<Entry> {
        let policy = &self.policy.cards;
        let alike_by = |supporter: u32| alike(&self.program, &policy.alike_by, supporter as usize);
        let rules = Rules {
            count,
            margin: ranks.unit * i128::from(Score::from_value(policy.equals_within).micro()),
            shown: &|supporter| {
                let id = &self.program.supporters()[supporter as usize].id;
                living.choosing.shown.get(id).copied().unwrap_or(0)
            },
            alike: (policy.alike_at_most > 0).then_some((policy.alike_at_most as usize, &alike_by)),
        };
        let taken = arrange(&rules, &|most| ranks.first(terms, most));
        let share = (policy.newcomers * count as f64) as usize;
        if share == 0 {
            return taken;
        }
        let new = &ranks.dealt.newcomers;
        let is_newcomer = |supporter: u32| new.binary_search(&supporter).is_ok();
        let wanted = share.min(count);
        let others = || {
            let first = if new.len() <= FEW {
                // Asked one by one: a search among all for a few takes longer.
                let open: Vec<u32> = new.iter().copied().filter(|&one| may(one)).collect();
                ranks.among(terms, &open, wanted)
            } else {
                let keep = |supporter: u32| is_newcomer(supporter) && may(supporter);
                ranks.first(&terms.clone().keeping(&keep), wanted)
            };
            first.entries
        };
        with_newcomers(taken, wanted, &is_newcomer, others)
    }

    fn offered(&self, asked: &Asked<'_>, entry: &Entry, cost: CostToOthers) -> Offered {
        let kept = &asked.living.kept;
        let supporter = entry.supporter as usize;
        let found = explain_pair_on(
            &self.program,
            &kept.compatibility,
            (asked.participant, supporter),
            (false, &asked.terms),
        );
        let least = self.policy.cards.smallest_group;
        let disclosed = asked.dealt.sharing.disclosed(&self.program, entry.supporter, least);
        let (generalised, shared_by) = (disclosed.generalised.clone(), disclosed.shared_by);
        Offered {
            card: PublicCard::of(&self.program.supporters()[supporter], &found, disclosed.shown.clone()),
            generalised,
            shared_by,
            found,
            cost,
            place_free: asked.dealt.room[supporter] > 0,
            newcomer: asked.dealt.newcomers.binary_search(&entry.supporter).is_ok(),
        }
    }

    fn cost_to_others(&self, kept: &Kept, openings: Option<&Openings<'_>>, supporter: u32) -> CostToOthers {
        let rungs = openings.and_then(|openings| openings.cost(supporter)).unwrap_or_default();
        let effects = openings.map(|openings| openings.who_makes_way(supporter)).unwrap_or_default();
        let exact = kept.incumbent.is_none() && !kept.engine.asks();
        let waits = effects.iter().filter(|effect| effect.to.is_none());
        let id = |place: u32| self.program.participants()[place as usize].id.clone();
        CostToOthers {
            score: Score::from_micro(i64::try_from(rungs.quality).unwrap_or(i64::MAX)),
            rungs,
            sure: if exact { Sure::Exact } else { Sure::AtMost },
            waits: waits.map(|effect| id(effect.participant)).collect(),
            moves: effects.iter().map(|effect| moved(&self.program, kept, effect)).collect(),
        }
    }
}

/// Who is meant by a question, by position.
type Meant<'a> = dyn Fn(usize) -> bool + Sync + 'a;

/// A question, once it can be meant.
struct Asked<'a> {
    living: &'a Living,
    program: &'a Program,
    participant: usize,
    ranking: Ranking,
    taken_places: bool,
    /// The participant's supporter.
    own: Option<u32>,
    except: Vec<u32>,
    /// None where everybody is.
    meant: Option<Box<Meant<'a>>>,
    openings: Option<Openings<'a>>,
    dealt: Arc<Dealt>,
    terms: Terms<'a>,
    count: usize,
}

impl Asked<'_> {
    fn has_place(&self, supporter: u32) -> bool {
        self.taken_places || self.dealt.room[supporter as usize] > 0
    }

    /// Whether a supporter may be shown.
    fn may(&self, supporter: u32) -> bool {
        Some(supporter) != self.own
            && self.has_place(supporter)
            && !self.except.contains(&supporter)
            && self.meant.as_ref().is_none_or(|meant| meant(supporter as usize))
    }

    fn ranks(&self) -> Ranks<'_> {
        let kept = &self.living.kept;
        let cheapest = || {
            let places = (0..self.dealt.room.len() as u32).filter(|&one| self.has_place(one));
            let prices =
                self.openings.as_ref().map(|openings| places.filter_map(|one| openings.price(one)).min());
            prices.flatten().unwrap_or(0)
        };
        Ranks {
            kept,
            program: self.program,
            dealt: &self.dealt,
            participant: self.participant,
            ranking: self.ranking,
            open_only: !self.taken_places,
            openings: self.openings.as_ref(),
            unit: kept.engine.quality_weight(),
            // Whoever waits is asked for the same prices as everybody else who does.
            cheapest: match self.own {
                _ if self.ranking != Ranking::FitLessCost => 0,
                None => *self.dealt.cheapest[usize::from(self.taken_places)].get_or_init(cheapest),
                Some(_) => cheapest(),
            },
        }
    }
}

/// No more newcomers than this are asked one by one.
const FEW: usize = 256;

impl Ranks<'_> {
    /// The best of some supporters.
    fn among(&self, terms: &Terms<'_>, some: &[u32], most: usize) -> First {
        let weights = self.kept.compatibility.weights_on(self.program, self.participant, (some, terms));
        let weighed = some
            .iter()
            .zip(weights)
            .filter_map(|(&supporter, weight)| self.entry(Candidate { supporter, weight: weight? }));
        let mut entries: Vec<Entry> = weighed.collect();
        entries.sort_unstable_by_key(Entry::key);
        entries.truncate(most);
        First { entries, all: true }
    }
}

fn position(program: &Program, id: &crate::program::SupporterId) -> Option<u32> {
    program.supporter_index(id.as_str()).map(|place| place as u32)
}

/// What is the same in supporters who are alike.
fn alike(program: &Program, by: &[AlikeBy], supporter: usize) -> String {
    let own = &program.supporters()[supporter];
    let sorted = |all: &mut dyn Iterator<Item = String>| {
        let mut all: Vec<String> = all.collect();
        all.sort();
        all.join("\u{1f}")
    };
    let folded = |text: &str| text.trim().to_lowercase();
    let words = by.iter().map(|by| match by {
        AlikeBy::Conditions => sorted(&mut own.conditions.iter().map(|code| code.as_str().to_owned())),
        AlikeBy::Issues => sorted(&mut own.issues.iter().map(|code| code.as_str().to_owned())),
        AlikeBy::Gender => own.gender.as_deref().map(folded).unwrap_or_default(),
        AlikeBy::Region => program.supporter_region(supporter).map(folded).unwrap_or_default(),
        AlikeBy::Languages => sorted(&mut own.languages.iter().map(ToString::to_string)),
        AlikeBy::Attribute(name) => {
            sorted(&mut own.attributes.get(name).into_iter().flatten().map(|value| folded(value)))
        }
    });
    words.collect::<Vec<String>>().join("\u{1e}")
}
