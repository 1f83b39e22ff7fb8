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
mod sharing;
mod told;

pub(super) use deck::Deck;
pub use disclosure::Generalised;
pub use menus::MenuQuery;
pub use query::CardQuery;
pub use told::{Cards, CostToOthers, Nobody, Offered, PublicCard, Sure};

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::super::Matcher;
use super::Living;
use super::ask::moved;
use crate::assignment::{Openings, Rungs};
use crate::compatibility::{Candidate, Terms};
use crate::error::{Error, Result};
use crate::matching::{Score, explain_pair_on};
use crate::policy::rules::odd_supporters;
use crate::policy::{AlikeBy, Ranking};
use crate::program::{ParticipantId, Program};
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
    /// kept yet ([`begin`](Self::begin) first), or if the participant's match is pinned: one that is only held, or chosen and
    /// not answered yet, does not count, but under rules about matches together.
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

    /// Whether the place of somebody else is freed for a choice.
    pub(super) fn frees_places(&self, query: &CardQuery) -> Result<bool> {
        let asked = query.taken_places.unwrap_or(self.policy.cards.taken_places);
        Ok(asked && self.alive()?.kept.incumbent.is_none())
    }

    /// Whoever has a match that is to stay has nothing to choose. An offer is no such match, but under rules, where what
    /// it takes is not told apart from what others do.
    fn may_choose(&self, id: &ParticipantId) -> Result<()> {
        match (self.held_place(id)?, self.is_settled(id)?) {
            (_, Some(error)) => Err(error),
            (Some(held), None) if self.alive()?.kept.incumbent.is_some() => Err(Error::problem(format!(
                "{id} has nothing to choose while {held}, and rules about matches together are kept; release it first"
            ))),
            _ => Ok(()),
        }
    }

    /// Why a participant has nothing to choose, if so: the match is pinned, and no offer.
    pub(super) fn is_settled(&self, id: &ParticipantId) -> Result<Option<Error>> {
        let participant = super::fault::participant(&self.program, id.as_str())?;
        let pinned = self.alive()?.kept.pinned_to(participant as u32);
        let Some(supporter) = pinned.filter(|_| !matches!(self.held_place(id), Ok(Some(_)))) else {
            return Ok(None);
        };
        let supporter = &self.program.supporters()[supporter as usize].id;
        Ok(Some(Error::problem(format!(
            "the match of {id} with {supporter} is pinned, for it was chosen and accepted or the programme wants it so; \
             unpin it first, or have {id} wait to choose, which ends it"
        ))))
    }

    /// Everything about a question that can be meant.
    fn asked<'a>(&'a self, query: &'a CardQuery) -> Result<Asked<'a>> {
        let living = self.alive()?;
        let kept = &living.kept;
        let criteria: Vec<&str> = kept.compatibility.criteria().collect();
        let participant = query.check(self, &criteria)?;
        let program = &self.program;
        self.may_choose(&query.participant)?;
        let policy = &self.policy.cards;
        let taken_places = self.frees_places(query)?;
        let terms = kept.compatibility.terms(program, participant, &query.weights, &query.modalities);
        if terms.weigh_nothing() {
            return Err(query.nothing_matters());
        }
        let own = kept.engine.supporter_of(participant as u32);
        let dealt = kept.deck.deal(kept, program);
        // What the place that is held costs others is not known apart from it.
        let leaves = own.filter(|_| kept.pinned_to(participant as u32).is_none());
        let freed = leaves.map_or_else(Vec::new, |own| freed(self, &dealt, own));
        Ok(Asked {
            living,
            program,
            participant,
            ranking: query.ranking.unwrap_or(policy.ranking),
            taken_places,
            own,
            except: query.except.iter().filter_map(|id| position(program, id)).collect(),
            meant: query.meant(self, &dealt.sharing),
            openings: kept.engine.openings(participant as u32, !taken_places && freed.is_empty()).ok(),
            dealt,
            freed,
            terms,
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
                None => self.cost_to_others(asked, entry.supporter),
            };
            self.offered(asked, entry, cost)
        };
        Cards {
            participant: query.participant.clone(),
            ranking: asked.ranking,
            offered: entries.iter().map(tell).collect(),
            nobody: entries.is_empty().then(|| self.nobody(query, asked)),
        }
    }

    /// Why there are no cards: where the supporters are lost.
    fn nobody(&self, query: &CardQuery, asked: &Asked<'_>) -> Nobody {
        let compatibility = &asked.living.kept.compatibility;
        let scan = |terms: &Terms<'_>| compatibility.scan_on(&self.program, asked.participant, terms);
        let plain = compatibility.terms(&self.program, asked.participant, &BTreeMap::new(), &[]);
        let another = |supporter: u32| Some(supporter) != asked.own;
        let as_asked = |supporter: u32| {
            another(supporter)
                && !asked.except.contains(&supporter)
                && asked.meant.as_ref().is_none_or(|meant| meant(supporter as usize))
        };
        let found = scan(&asked.terms.clone().keeping(&as_asked));
        let is_there = |supporter: u32| {
            // A place that pins take cannot be freed.
            let priced = |openings: &Openings<'_>| openings.price(supporter).is_some();
            asked.has_place(supporter) && asked.openings.as_ref().is_none_or(priced)
        };
        let with_place = found.iter().filter(|own| is_there(own.supporter)).count();
        Nobody {
            suitable: scan(&plain.keeping(&another)).len() as u32,
            as_asked: found.len() as u32,
            with_place: with_place as u32,
            odd: odd_supporters(&self.program, self.as_of, &query.only, &self.policy.loads),
        }
    }

    /// The answers to many questions, in parallel; the same as one by one.
    pub fn cards_for_each(&self, queries: &[CardQuery]) -> Vec<Result<Cards>> {
        // What they share is made ready on all threads before any of them waits for it.
        if let Ok(living) = self.alive() {
            living.kept.deck.deal(&living.kept, &self.program);
        }
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
        let shown_to = &living.choosing.shown;
        let shown = |supporter: u32| {
            shown_to.get(&self.program.supporters()[supporter as usize].id).copied().unwrap_or(0)
        };
        let rules = Rules {
            count,
            margin: ranks.unit * i128::from(Score::from_value(policy.equals_within).micro()),
            shown: &shown,
            least_shown: ranks.least_shown(shown_to.len(), &shown),
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
        let disclosed = asked.dealt.sharing.disclosed(&self.program, entry.supporter);
        let says_where = self.policy.criteria.geography.remote_decay_km.is_some();
        let (generalised, shared_by) = (disclosed.generalised.clone(), disclosed.shared_by);
        Offered {
            card: PublicCard::of(&self.program.supporters()[supporter], &found, &disclosed, says_where),
            generalised,
            shared_by,
            found,
            cost,
            place_free: asked.has_free_place(entry.supporter),
            newcomer: asked.dealt.newcomers.binary_search(&entry.supporter).is_ok(),
        }
    }

    fn cost_to_others(&self, asked: &Asked<'_>, supporter: u32) -> CostToOthers {
        let (kept, openings) = (&asked.living.kept, asked.openings.as_ref());
        let is_pinned = kept.pinned_to(asked.participant as u32).is_some();
        let rungs = openings.and_then(|openings| openings.cost(supporter)).unwrap_or_default();
        let effects = openings.map(|openings| openings.who_makes_way(supporter)).unwrap_or_default();
        let exact = kept.incumbent.is_none() && !kept.engine.asks() && !is_pinned;
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
    /// Who has a place once the participant has left theirs, for both are under one supervisor's limit.
    freed: Vec<u32>,
    terms: Terms<'a>,
    count: usize,
}

impl Asked<'_> {
    fn has_place(&self, supporter: u32) -> bool {
        self.taken_places || self.has_free_place(supporter)
    }

    fn has_free_place(&self, supporter: u32) -> bool {
        self.dealt.room[supporter as usize] > 0 || self.freed.contains(&supporter)
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
        let least = |openings: &Openings<'_>| {
            let places = (0..self.dealt.room.len() as u32).filter(|&one| self.has_place(one));
            // Everybody is asked for the same prices, but for what a place that they leave makes cheaper.
            let beside_all = || places.filter_map(|one| openings.price_beside_all(one)).min();
            let known = &self.dealt.cheapest[usize::from(self.taken_places)];
            openings.least_price(known.get_or_init(beside_all).unwrap_or(0))
        };
        Ranks {
            kept,
            program: self.program,
            dealt: &self.dealt,
            participant: self.participant,
            ranking: self.ranking,
            open_only: !self.taken_places,
            freed: &self.freed,
            openings: self.openings.as_ref(),
            unit: kept.engine.quality_weight(),
            cheapest: match &self.openings {
                Some(openings) if self.ranking == Ranking::FitLessCost => least(openings),
                _ => 0,
            },
        }
    }
}

/// No more newcomers than this are asked one by one.
const FEW: usize = 256;

impl Ranks<'_> {
    /// Nobody who may be in the list was shown less often, of those who are known to have been shown at all. Told once
    /// after each change, for counts only rise.
    fn least_shown(&self, known: usize, of: &dyn Fn(u32) -> u64) -> u64 {
        let places = (0_u32..).zip(&self.dealt.room);
        let open = places.filter(|&(_, &room)| !self.open_only || room > 0).map(|(supporter, _)| supporter);
        // Where more are open than were ever shown, somebody was not.
        let find = || if known < open.clone().count() { 0 } else { open.clone().map(of).min().unwrap_or(0) };
        let least = *self.dealt.least_shown[usize::from(!self.open_only)].get_or_init(find);
        self.freed.iter().map(|&supporter| of(supporter)).fold(least, u64::min)
    }

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

/// Who has no place free, and would have one if the participant left theirs.
fn freed(matcher: &Matcher, dealt: &Dealt, own: u32) -> Vec<u32> {
    let (program, all) = (&matcher.program, matcher.program.supporters());
    let Some(living) = matcher.living.as_ref().filter(|_| matcher.policy.loads.supervisor_caseloads) else {
        return Vec::new();
    };
    let supervisor = all[own as usize].supervisor.as_ref();
    let supervisor = supervisor.and_then(|id| program.supervisor_index(id.as_str()));
    let limited = supervisor.filter(|&place| program.supervisors()[place].caseload.is_some());
    let is_freed = |one: &u32| {
        *one != own && dealt.room[*one as usize] == 0 && living.kept.engine.room_beside(*one, Some(own)) > 0
    };
    limited
        .map_or_else(Vec::new, |place| dealt.under(program, place).iter().copied().filter(is_freed).collect())
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
