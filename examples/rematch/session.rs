//! A programme being kept: opened from its tables or a snapshot, brought up to date from its journal, and changed.
//!
//! What is made is journalled before anybody reads of it. The journal's first record says on which day it began and how
//! good the matching was then, so that it is not made again on top of other people.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use peermatch::assignment::rules::RuleOptions;
use peermatch::journal::{JournalFile, Opened};
use peermatch::matcher::{Answer, Change, Entry, Quality, Request, Snapshot};
use peermatch::{Error, Matcher, Policy, Program, Severity};
use serde::{Deserialize, Serialize};

use crate::arguments::Arguments;
use crate::command::{Far, Happening};
use crate::files::{Refusal, read_file, read_program, reader};
use crate::watch::watched;

/// How many changes can be undone.
const UNDOABLE: usize = 32;

/// How many nodes a search under rules looks at unless told otherwise: some seconds for a few hundred people, of
/// which more nodes find a better matching now and then.
const NODE_LIMIT: u64 = 20;

/// One record of the journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Record {
    /// The first: on which day, how good the matching was, and how long searches under rules went on.
    Began {
        on: Date,
        quality: Quality,
        /// As [`Arguments::node_limit`]; journals of before had no limit.
        #[serde(default)]
        node_limit: u64,
    },
    /// What was made.
    Made(Entry),
    /// A snapshot was written: what came before is not undone any more.
    Saved,
}

/// What `save` writes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    /// How many of the journal's records are in it; none where no journal was kept.
    records: Option<usize>,
    on: Date,
    programme: Snapshot,
}

/// A programme being kept.
pub(crate) struct Session {
    pub(crate) matcher: Matcher,
    /// The day on which things happen.
    pub(crate) on: Date,
    journal: Option<JournalFile<Record>>,
    /// How many records the journal has.
    records: usize,
    snapshot: Option<PathBuf>,
}

/// Why something was not made.
pub(crate) enum Failed {
    /// It cannot be made; nothing has changed.
    Refused(String),
    /// It cannot be kept, and neither can what comes after.
    Lost(String),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        let errors = error.faults().iter().filter(|fault| fault.severity == Severity::Error);
        let told: Vec<String> = errors.map(|fault| fault.to_string().replacen("error: ", "", 1)).collect();
        Self::Refused(if told.is_empty() { error.to_string() } else { told.join("\nerror: ") })
    }
}

impl Session {
    /// Opens a programme; what there is to say of that is pushed onto `told`.
    pub(crate) fn open(arguments: &mut Arguments, told: &mut Vec<String>) -> Result<Self, Refusal> {
        let saved = match &arguments.snapshot {
            Some(path) => read_saved(path)?,
            None => None,
        };
        let skip = saved.as_ref().and_then(|saved| saved.records).unwrap_or(0);
        let mut day = saved.as_ref().map(|saved| saved.on);
        let (kept, fresh) = if let Some(saved) = saved {
            told.push(format!("The programme goes on from the snapshot of {}.", saved.on));
            if arguments.names_a_policy() {
                told.push(
                    "warning: --policy is ignored: the snapshot has its own; take it away to begin with this one".to_owned(),
                );
            }
            (Some(Matcher::restore(saved.programme, Vec::new()).map_err(one)?), None)
        } else {
            (None, Some(read_tables(arguments)?))
        };

        let opened = match &arguments.journal {
            Some(path) => Some(JournalFile::<Record>::open(path).map_err(|error| refused(&error))?),
            None => None,
        };
        let (journal, records, lost) = match opened {
            Some(Opened { file, records, lost, .. }) => (Some(file), records, lost),
            None => (None, Vec::new(), None),
        };
        let path = arguments.journal.clone().unwrap_or_default();
        if let Some(lost) = lost {
            told.push(format!("warning: {}: the last record is lost: {lost}", path.display()));
        }
        if journal.is_some() && records.len() < skip {
            return Err(one(format!(
                "{}: the journal has {} records, and the snapshot holds {skip}; name the journal that the snapshot was \
                 saved beside",
                path.display(),
                records.len()
            )));
        }
        let begin = match records.first() {
            Some(Record::Began { on, quality, node_limit }) => Some((*on, *quality, *node_limit)),
            Some(Record::Made(_) | Record::Saved) => {
                return Err(one(format!("{}: no journal of this program", path.display())));
            }
            None => None,
        };
        // What was made is made again just as it was only by searches that are as long.
        let node_limit = begin.map_or(arguments.node_limit.unwrap_or(NODE_LIMIT), |(_, _, limit)| limit);
        if let Some(asked) = arguments.node_limit.filter(|&asked| asked != node_limit) {
            told.push(format!(
                "warning: --node-limit {asked} is ignored: the journal was begun with {node_limit}, and goes on with that"
            ));
        }
        let mut matcher = match (kept, fresh) {
            (Some(kept), _) => kept.with_rule_options(rule_options(node_limit)),
            (None, Some(fresh)) => {
                let on = begin.map_or_else(|| arguments.first_day(), |(on, _, _)| on);
                day = Some(on);
                begun(fresh, on, node_limit)?
            }
            (None, None) => return Err(one("there is no programme")),
        };
        if skip == 0 && begin.is_some_and(|(_, quality, _)| matcher.quality().ok() != Some(quality)) {
            return Err(one(format!(
                "{}: the journal was begun with other people or another policy; name those, or another journal",
                path.display()
            )));
        }
        let made = records.iter().skip(skip.max(1));
        let mut count = 0;
        for record in made {
            let entry = match record {
                Record::Made(entry) => entry,
                Record::Saved => {
                    forget(&mut matcher);
                    continue;
                }
                Record::Began { .. } => continue,
            };
            let before = matcher.as_of();
            let again = matcher.make(entry);
            again.map_err(|error| {
                one(format!("{}: request {} cannot be made again: {error}", path.display(), count + 1))
            })?;
            day = Some(day_after(entry, before, &matcher));
            count += 1;
        }
        if !records.is_empty() {
            told.push(format!("Made again from {}: {count}.", path.display()));
        }
        let on = arguments.on.or(day).unwrap_or_else(|| matcher.as_of());
        let snapshot = arguments.snapshot.clone();
        let mut session = Self { matcher, on, journal, records: records.len(), snapshot };
        if session.records == 0 {
            let quality = session.matcher.quality().map_err(one)?;
            let on = session.matcher.as_of();
            session.append(&Record::Began { on, quality, node_limit }).map_err(one)?;
        }
        Ok(session)
    }

    fn append(&mut self, record: &Record) -> Result<(), String> {
        if let Some(journal) = &mut self.journal {
            journal.append(record).map_err(|error| error.to_string())?;
            self.records += 1;
        }
        Ok(())
    }

    /// Makes a request and journals it.
    pub(crate) fn make(&mut self, request: Request) -> Result<Answer, Failed> {
        let before = self.matcher.as_of();
        let entry = Entry { on: day_of(&request).unwrap_or(self.on), request };
        let answer = self.matcher.make(&entry)?;
        if let Answer::Undone(false) = answer {
            return Ok(answer);
        }
        self.on = day_after(&entry, before, &self.matcher);
        self.append(&Record::Made(entry)).map_err(|error| {
            Failed::Lost(format!("{error}; what was just made is not kept, and the program ends"))
        })?;
        Ok(answer)
    }

    /// Makes something and undoes it.
    pub(crate) fn drill(&mut self, happening: Happening) -> Result<Answer, Failed> {
        let request = happening.request(self.matcher.policy().rematch.reach);
        let on = day_of(&request).unwrap_or(self.on);
        let answer = self.matcher.make(&Entry { on, request })?;
        self.matcher.undo();
        Ok(answer)
    }

    /// Who leaves, as the change that it is: a participant, or else a supporter.
    pub(crate) fn leaving(&self, id: &str, reach: Option<Far>) -> Happening {
        let is_supporter = self.matcher.program().supporter_index(id).is_some();
        let change = if is_supporter && self.matcher.program().participant_index(id).is_none() {
            Change::SupporterLeaves { supporter: id.into() }
        } else {
            Change::ParticipantLeaves { participant: id.into() }
        };
        Happening::Change(change, reach)
    }

    /// Writes everything to a file, whole or not at all; returns where. What was made before cannot be undone any more.
    pub(crate) fn save(&mut self, path: Option<&Path>) -> Result<PathBuf, Failed> {
        let path = path.map(Path::to_owned).or_else(|| self.snapshot.clone()).ok_or_else(|| {
            Failed::Refused(
                "save: no file is named; write `save FILE`, or start with --snapshot FILE".to_owned(),
            )
        })?;
        if self.journal.is_some() {
            self.append(&Record::Saved).map_err(Failed::Lost)?;
        }
        let records = self.journal.is_some().then_some(self.records);
        let saved = Saved { records, on: self.on, programme: self.matcher.snapshot()? };
        let refused = |error: String| Failed::Refused(format!("save: {}: {error}", path.display()));
        let bytes = serde_json::to_vec(&saved).map_err(|error| refused(error.to_string()))?;
        let mut beside = path.clone().into_os_string();
        beside.push(".new");
        fs::write(&beside, bytes)
            .and_then(|()| fs::rename(&beside, &path))
            .map_err(|error| refused(error.to_string()))?;
        forget(&mut self.matcher);
        Ok(path)
    }
}

/// What came before is not undone any more.
fn forget(matcher: &mut Matcher) {
    matcher.keep_undoable(0);
    matcher.keep_undoable(UNDOABLE);
}

/// The day that a request brings, if it brings one.
fn day_of(request: &Request) -> Option<Date> {
    match request {
        Request::Apply(Change::Day { as_of })
        | Request::ApplyWithin { change: Change::Day { as_of }, .. } => Some(*as_of),
        _ => None,
    }
}

/// The day on which things happen after a request: that of the request, or where it took a day back, the one before.
fn day_after(entry: &Entry, before: Date, matcher: &Matcher) -> Date {
    let taken_back = matches!(entry.request, Request::Undo) && matcher.as_of() != before;
    if taken_back { matcher.as_of() } else { entry.on }
}

fn one(message: impl std::fmt::Display) -> Refusal {
    Refusal { faults: Vec::new(), others: vec![format!("error: {message}")] }
}

fn refused(error: &Error) -> Refusal {
    if error.is_input() {
        Refusal { faults: error.faults().to_vec(), others: Vec::new() }
    } else {
        one(error)
    }
}

/// The tables and the policy, everything that is wrong with them told in one go.
fn read_tables(arguments: &mut Arguments) -> Result<(Program, Policy), Refusal> {
    let mut refusal = Refusal::default();
    let files = arguments.files();
    let program = read_program(files, reader(files), &mut refusal);
    let policy = match arguments.policy() {
        None => Some(Policy::default()),
        Some(path) => read_file(&path, &mut refusal, |path| Policy::from_path(path)),
    };
    match (program, policy) {
        (Some(program), Some(policy)) if refusal.others.is_empty() => Ok((program, policy)),
        _ => Err(refusal),
    }
}

fn rule_options(node_limit: u64) -> RuleOptions {
    if node_limit == 0 { RuleOptions::new() } else { RuleOptions::new().node_limit(node_limit) }
}

fn begun((program, policy): (Program, Policy), on: Date, node_limit: u64) -> Result<Matcher, Refusal> {
    let begun = Matcher::new(program, policy, on).and_then(|matcher| {
        let mut matcher = matcher.with_rule_options(rule_options(node_limit));
        watched(|control| matcher.begin(on, control))?;
        Ok(matcher)
    });
    begun.map_err(|error| refused(&error))
}

fn read_saved(path: &Path) -> Result<Option<Saved>, Refusal> {
    let about = |problem: String| one(format!("{}: {problem}", path.display()));
    match fs::read(path) {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(saved) => Ok(Some(saved)),
            Err(error) => Err(about(format!("this is no snapshot ({error}); name a file that `save` wrote"))),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(about(format!("the snapshot cannot be read: {error}"))),
    }
}
