//! Who shares what of the records, by numbers: what [`disclosure`](super::disclosure) counts.
//!
//! **Method.** Each value that a field has in some record (a town, a list of codes, a year of age) has a number. A level of a
//! field needs something of a value (to be that town, to have a code or one below it), and who meets a need is a bit for
//! each value, told once. A supporter's levels are then some words of bits each, and where another one stands beside them
//! is read from the numbers of that one's values.
//!
//! Whoever shares a condition or an issue only from some level on is in no combination of fewer steps. So supporters are
//! counted by how alike these two are, the most alike first, until some combination is shared by enough of whose steps no
//! others can come: in a large programme a small part of all.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::disclosure::{AGE_SPANS, CONDITIONS, Disclosed, FIELDS, ISSUES, folded, levels_of_codes};
use crate::program::{Code, LanguageTag, Program, Shared, Supporter, Taxonomy};

/// What a record says in one field, as far as that matters for who is the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Value {
    Unknown,
    /// Letter case does not count.
    Place {
        town: Option<String>,
        region: Option<String>,
    },
    Codes(Vec<Code>),
    Year(i64),
    Languages(Vec<LanguageTag>),
    Gender(String),
}

/// The values of one field.
#[derive(Debug, Clone, Default)]
struct Column {
    numbers: HashMap<Value, u32>,
    values: Vec<Value>,
    /// The codes of these values, each once, and which of them each value has.
    codes: Vec<Code>,
    code_numbers: HashMap<Code, u32>,
    lists: Vec<Vec<u32>>,
    /// The number of each supporter's value.
    of: Vec<u32>,
}

/// What a level asks of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Need {
    /// That town there, or a town of that name of which no more is known.
    Town(String, Option<String>),
    Region(String),
    /// One of the codes is that one, or lies below it.
    Code(Code),
    /// Years in spans of that many, and which of them.
    Years(i64, i64),
    Language(LanguageTag),
    Gender(String),
}

/// A bit for each value of a field.
type Bits = Vec<u64>;

/// What is worked out once.
#[derive(Debug, Default)]
struct Known {
    meets: Mutex<HashMap<(usize, Need), Arc<Bits>>>,
    rows: OnceLock<Rows>,
    of: Vec<OnceLock<Arc<Disclosed>>>,
}

/// The numbers of one supporter's values, by field.
type Row = [u32; FIELDS.len()];

/// Those who are active, by their lists of conditions.
#[derive(Debug)]
struct Rows {
    all: Vec<Row>,
    /// Where each list begins, and the end.
    starts: Vec<usize>,
}

/// How many share each combination of levels of some fields, nothing being the last level of each; the last field's levels
/// lie side by side.
pub(super) struct Counts {
    /// How far apart the levels of each field lie.
    strides: Vec<usize>,
    shared_by: Vec<u32>,
    /// The sum of each combination's levels.
    steps: Vec<usize>,
    /// Combinations of at most so many steps are counted.
    counted: usize,
}

/// Who shares what, and what may be shown of whom; kept until something of it changes.
#[derive(Debug)]
pub(super) struct Sharing {
    /// As many share what is shown.
    least: u32,
    columns: [Column; FIELDS.len()],
    /// Who takes new matches, by position.
    active: Vec<u32>,
    known: Known,
}

impl Sharing {
    /// O(supporters).
    pub(super) fn new(program: &Program, active: Vec<u32>, least: u32) -> Self {
        let mut sharing = Self { least, columns: Default::default(), active, known: Known::default() };
        sharing.renew(program, 0..program.supporters().len());
        sharing.known = Known::of(program);
        sharing
    }

    /// Follows supporters whose records changed, or who came, and whoever else takes new matches now. O(supporters); what
    /// is worked out already is kept where nothing changed that others share.
    pub(super) fn follow(self: Arc<Self>, program: &Program, changed: &[u32], active: Vec<u32>) -> Arc<Self> {
        let supporters = program.supporters().len();
        // Numbers of values that nobody has any more are never given again.
        if self.columns.iter().any(|column| column.values.len() > 2 * supporters + 64) {
            return Arc::new(Self::new(program, active, self.least));
        }
        let mut own = Arc::try_unwrap(self).unwrap_or_else(|shared| shared.copy());
        let came = own.columns[0].of.len()..supporters;
        let changed = changed.iter().map(|&one| one as usize).filter(|one| !came.contains(one));
        let changed: Vec<usize> = changed.chain(came.clone()).collect();
        let values: Vec<usize> = own.columns.iter().map(|column| column.values.len()).collect();
        let same = !own.renew(program, changed.iter().copied()) && own.active == active;
        own.active = active;
        if same {
            for one in changed {
                own.known.of[one] = OnceLock::new();
            }
        } else {
            // Who meets a need is the same still where there are no new values.
            let mut meets = std::mem::take(&mut own.known).meets.into_inner().unwrap_or_default();
            meets.retain(|(place, _), _| own.columns[*place].values.len() == values[*place]);
            own.known = Known { meets: Mutex::new(meets), ..Known::of(program) };
        }
        Arc::new(own)
    }

    /// The same, of which nothing is worked out yet.
    fn copy(&self) -> Self {
        let of = (0..self.known.of.len()).map(|_| OnceLock::new()).collect();
        Self {
            least: self.least,
            columns: self.columns.clone(),
            active: self.active.clone(),
            known: Known { of, ..Known::default() },
        }
    }

    /// Reads some records anew. Whether any of them says something else than before.
    fn renew(&mut self, program: &Program, some: impl IntoIterator<Item = usize>) -> bool {
        let mut news = false;
        for one in some {
            for (column, field) in self.columns.iter_mut().zip(FIELDS) {
                news |= column.put(one, Value::of(program, one, field));
            }
        }
        news
    }

    /// What may be shown of a supporter so that enough are all of it.
    pub(super) fn disclosed(&self, program: &Program, supporter: u32) -> Arc<Disclosed> {
        let find = || Arc::new(Disclosed::of(program, supporter as usize, self, self.least));
        Arc::clone(self.known.of[supporter as usize].get_or_init(find))
    }

    /// How many are active.
    pub(super) fn active(&self) -> u32 {
        self.active.len() as u32
    }

    /// How many of those who are active are all of each combination of levels of some fields of a supporter's.
    /// O(supporters x fields + combinations x fields x levels of conditions and issues) at most.
    pub(super) fn counts(&self, program: &Program, supporter: usize, fields: &[Shared]) -> Counts {
        let mut levels: [Vec<Bits>; FIELDS.len()] = Default::default();
        let places: Vec<usize> = (0..FIELDS.len()).filter(|&place| fields.contains(&FIELDS[place])).collect();
        for &place in &places {
            levels[place] = self.levels(program, place, supporter);
        }
        let sizes: Vec<usize> = places.iter().map(|&place| levels[place].len() + 1).collect();
        let mut counts = Counts::of(&sizes);
        let rows = self.known.rows.get_or_init(|| Rows::new(&self.columns, &self.active));
        let mut exactly = vec![0_u32; counts.shared_by.len()];
        let (conditions, issues) = (&levels[CONDITIONS], &levels[ISSUES]);
        // By the level at which they share a condition: lists; by that and the one at which they share an issue: supporters.
        let mut lists = vec![Vec::new(); conditions.len() + 1];
        for list in 0..self.columns[CONDITIONS].values.len() {
            lists[level_of(conditions, list as u32)].push(list);
        }
        let last = conditions.len() + issues.len();
        let mut waiting: Vec<Vec<&Row>> = vec![Vec::new(); last + 1];
        let mut counted = 0;
        for steps in 0..=last {
            for &list in lists.get(steps).into_iter().flatten() {
                for row in rows.of(list) {
                    waiting[steps + level_of(issues, row[ISSUES])].push(row);
                }
            }
            for row in std::mem::take(&mut waiting[steps]) {
                let level = |&place: &usize| level_of(&levels[place], row[place]);
                let cell: usize =
                    places.iter().zip(&counts.strides).map(|(place, stride)| level(place) * stride).sum();
                exactly[cell] += 1;
                counted += 1;
            }
            // Too few for any combination yet.
            if steps < last && counted < self.least {
                continue;
            }
            counts.add_up(&exactly, if steps == last { usize::MAX } else { steps });
            if counts.best(self.least).is_some() {
                break;
            }
        }
        counts
    }

    /// Who is what each level of a field of a supporter's says, the most exact first; all of those of one are in the next.
    fn levels(&self, program: &Program, place: usize, supporter: usize) -> Vec<Bits> {
        let column = &self.columns[place];
        let needs: Vec<Vec<Need>> = match &column.values[column.of[supporter] as usize] {
            Value::Unknown => Vec::new(),
            Value::Place { town, region } => {
                let town = town.iter().map(|town| vec![Need::Town(town.clone(), region.clone())]);
                town.chain(region.iter().map(|region| vec![Need::Region(region.clone())])).collect()
            }
            Value::Codes(codes) => {
                let levels = levels_of_codes(taxonomy(program, FIELDS[place]), codes);
                levels.into_iter().map(|codes| codes.into_iter().map(Need::Code).collect()).collect()
            }
            Value::Year(year) => {
                AGE_SPANS.iter().map(|&span| vec![Need::Years(span, year.div_euclid(span))]).collect()
            }
            Value::Languages(tags) => vec![tags.iter().cloned().map(Need::Language).collect()],
            Value::Gender(gender) => vec![vec![Need::Gender(gender.clone())]],
        };
        let all_of = |needs: Vec<Need>| {
            let mut all = vec![u64::MAX; column.values.len().div_ceil(64)];
            for need in needs {
                let own = self.meets(program, place, need);
                all.iter_mut().zip(own.iter()).for_each(|(all, own)| *all &= own);
            }
            all
        };
        needs.into_iter().map(all_of).collect()
    }

    /// Which values meet a need.
    fn meets(&self, program: &Program, place: usize, need: Need) -> Arc<Bits> {
        // One value of perhaps thousands meets it, so it is looked up and not kept.
        if let Need::Town(town, region) = need {
            let value = Value::Place { town: Some(town), region };
            return Arc::new(self.columns[place].only(&value));
        }
        let kept = || self.known.meets.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (place, need);
        if let Some(known) = kept().get(&key) {
            return Arc::clone(known);
        }
        let bits = Arc::new(self.columns[place].meet(&key.1, taxonomy(program, FIELDS[place])));
        kept().insert(key, Arc::clone(&bits));
        bits
    }
}

/// The first of the levels in which a value is; as many as there are where it is in none.
fn level_of(levels: &[Bits], value: u32) -> usize {
    let value = value as usize;
    // Those of one level are in the next.
    levels.iter().map(|bits| 1 - (bits[value / 64] >> (value % 64) & 1) as usize).sum()
}

impl Counts {
    fn of(sizes: &[usize]) -> Self {
        let mut steps = vec![0];
        let mut strides = vec![1; sizes.len()];
        for (place, &size) in sizes.iter().enumerate() {
            steps = steps.iter().flat_map(|own| (0..size).map(move |level| own + level)).collect();
            strides[..place].iter_mut().for_each(|stride| *stride *= size);
        }
        Self { strides, shared_by: vec![0; steps.len()], steps, counted: 0 }
    }

    /// From how many are exactly that: whoever is all of a level is all of the vaguer ones.
    fn add_up(&mut self, exactly: &[u32], counted: usize) {
        self.shared_by.copy_from_slice(exactly);
        self.counted = counted;
        let mut whole = exactly.len();
        for &stride in &self.strides {
            for part in self.shared_by.chunks_mut(whole) {
                for cell in stride..part.len() {
                    part[cell] += part[cell - stride];
                }
            }
            whole = stride;
        }
    }

    /// The combination of fewest steps that at least so many share; of these the one that the fewest share, and then the
    /// one that has the first field vaguest, the second, and so on. None where there is none among those that are counted.
    fn best(&self, least: u32) -> Option<usize> {
        let cells = self.steps.iter().zip(&self.shared_by).enumerate();
        let enough = cells.filter(|&(_, (&steps, &shared_by))| shared_by >= least && steps <= self.counted);
        enough.min_by_key(|&(cell, (&steps, &shared_by))| (steps, shared_by, Reverse(cell))).map(|own| own.0)
    }

    /// The levels of the best, and how many share them; of nothing where nothing is shared by enough.
    pub(super) fn chosen(&self, least: u32) -> (Vec<usize>, u32) {
        let cell = self.best(least).unwrap_or(self.shared_by.len() - 1);
        let mut rest = cell;
        let level = |&stride: &usize| {
            let level = rest / stride;
            rest %= stride;
            level
        };
        (self.strides.iter().map(level).collect(), self.shared_by[cell])
    }
}

impl Rows {
    fn new(columns: &[Column; FIELDS.len()], active: &[u32]) -> Self {
        let conditions = &columns[CONDITIONS];
        let list = |one: u32| conditions.of[one as usize] as usize;
        let mut starts = vec![0; conditions.values.len() + 1];
        for &one in active {
            starts[list(one) + 1] += 1;
        }
        for list in 1..starts.len() {
            starts[list] += starts[list - 1];
        }
        let (mut next, mut all) = (starts.clone(), vec![Row::default(); active.len()]);
        for &one in active {
            all[next[list(one)]] = std::array::from_fn(|field| columns[field].of[one as usize]);
            next[list(one)] += 1;
        }
        Self { all, starts }
    }

    fn of(&self, list: usize) -> &[Row] {
        &self.all[self.starts[list]..self.starts[list + 1]]
    }
}

impl Known {
    fn of(program: &Program) -> Self {
        Self { of: program.supporters().iter().map(|_| OnceLock::new()).collect(), ..Self::default() }
    }
}

impl Column {
    /// Whether a supporter has another value than before.
    fn put(&mut self, supporter: usize, value: Value) -> bool {
        let number = match self.numbers.get(&value) {
            Some(&number) => number,
            None => self.add(value),
        };
        if self.of.len() <= supporter {
            self.of.resize(supporter + 1, u32::MAX);
        }
        std::mem::replace(&mut self.of[supporter], number) != number
    }

    fn add(&mut self, value: Value) -> u32 {
        let codes = if let Value::Codes(codes) = &value { &codes[..] } else { &[] };
        let number_of = |code: &Code| {
            *self.code_numbers.entry(code.clone()).or_insert_with(|| {
                self.codes.push(code.clone());
                self.codes.len() as u32 - 1
            })
        };
        self.lists.push(codes.iter().map(number_of).collect());
        let number = self.values.len() as u32;
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }

    /// That value alone, if anybody has it.
    fn only(&self, value: &Value) -> Bits {
        let mut bits = vec![0; self.values.len().div_ceil(64)];
        if let Some(&number) = self.numbers.get(value) {
            bits[number as usize / 64] |= 1 << (number % 64);
        }
        bits
    }

    /// Which values meet a need.
    fn meet(&self, need: &Need, taxonomy: &Taxonomy) -> Bits {
        let mut bits = vec![0; self.values.len().div_ceil(64)];
        let mut put = |number: usize, meets: bool| bits[number / 64] |= u64::from(meets) << (number % 64);
        if let Need::Code(top) = need {
            let below: Vec<bool> =
                self.codes.iter().map(|code| taxonomy.is_same_or_below(code, top)).collect();
            let lists = self.lists.iter().enumerate();
            lists.for_each(|(number, list)| put(number, list.iter().any(|&code| below[code as usize])));
        } else {
            let values = self.values.iter().enumerate();
            values.for_each(|(number, value)| put(number, value.meets(need)));
        }
        bits
    }
}

impl Value {
    fn of(program: &Program, supporter: usize, field: Shared) -> Self {
        let own = &program.supporters()[supporter];
        let codes = |codes: &[Code]| {
            if codes.is_empty() { Self::Unknown } else { Self::Codes(codes.to_vec()) }
        };
        match field {
            Shared::Town => {
                let (town, region) = (own.place.town.as_deref(), program.supporter_region(supporter));
                if town.is_none() && region.is_none() {
                    Self::Unknown
                } else {
                    Self::Place { town: town.map(folded), region: region.map(folded) }
                }
            }
            Shared::Conditions | Shared::Issues => codes(codes_of(own, field)),
            Shared::ChildAge => own.child_age.map_or(Self::Unknown, |age| Self::Year(age.floor() as i64)),
            Shared::Languages if own.languages.is_empty() => Self::Unknown,
            Shared::Languages => Self::Languages(own.languages.clone()),
            Shared::Gender => own.gender.as_deref().map_or(Self::Unknown, |own| Self::Gender(folded(own))),
        }
    }
}

impl Value {
    /// Codes are looked up in their taxonomy all at once, and towns by their value.
    fn meets(&self, need: &Need) -> bool {
        match (self, need) {
            (Self::Place { region, .. }, Need::Region(own)) => region.as_ref() == Some(own),
            (Self::Year(year), Need::Years(span, which)) => year.div_euclid(*span) == *which,
            (Self::Languages(tags), Need::Language(own)) => {
                tags.iter().any(|tag| own.mutually_intelligible(tag))
            }
            (Self::Gender(gender), Need::Gender(own)) => gender == own,
            _ => false,
        }
    }
}

/// The codes of a field that has some.
pub(super) fn codes_of(supporter: &Supporter, field: Shared) -> &[Code] {
    if field == Shared::Issues { &supporter.issues } else { &supporter.conditions }
}

pub(super) fn taxonomy(program: &Program, field: Shared) -> &Taxonomy {
    if field == Shared::Issues { program.issues() } else { program.conditions() }
}
