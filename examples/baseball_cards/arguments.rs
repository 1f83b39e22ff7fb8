//! What the command line says.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Parser;
use jiff::Zoned;
use jiff::civil::Date;
use peermatch::policy::Ranking;
use peermatch::program::{LanguageTag, Modality};

use crate::files::{Files, SAMPLE_DAY, day, sample_folder};

/// Show a participant the cards of supporters to choose from, each with what the choice would cost everybody else.
///
/// Without any file the sample programme is taken.
#[derive(Parser)]
#[command(name = "baseball_cards")]
pub(crate) struct Arguments {
    /// Who is to choose
    #[arg(value_name = "PARTICIPANT")]
    pub(crate) participant: String,
    #[command(flatten)]
    pub(crate) files: Files,
    /// The policy (TOML or JSON); the defaults if left out
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    policy: Option<PathBuf>,
    /// The day, written as 2026-11-21; today if left out (for the sample, the day it was made up for)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, help_heading = "Input")]
    on: Option<Date>,
    /// How many cards; as the policy says if left out
    #[arg(long, value_name = "COUNT", help_heading = "Question")]
    pub(crate) count: Option<u32>,
    /// Under rules about matches together, end each search after so many nodes; 0 searches until the best is proven,
    /// however long that takes
    #[arg(long, value_name = "COUNT", default_value_t = 20, help_heading = "Question")]
    pub(crate) node_limit: u64,
    /// A criterion that matters twice as much this time, or so many times (`language=3`); may be given several times
    #[arg(long, value_name = "CRITERION[=FACTOR]", help_heading = "Question")]
    pub(crate) matters: Vec<String>,
    /// Only by this way of meeting: `in_person`, `phone` or `video`; may be given several times, the preferred one first
    #[arg(long, value_name = "WAY", help_heading = "Question")]
    pub(crate) by: Vec<Way>,
    /// Only whose card shows this language; may be given several times
    #[arg(long, value_name = "TAG", help_heading = "Question")]
    pub(crate) language: Vec<LanguageTag>,
    /// Only whose card shows this gender
    #[arg(long, value_name = "GENDER", help_heading = "Question")]
    pub(crate) gender: Option<String>,
    /// Ask the whole record for language and gender, not what cards show alone; for the programme's staff, since an
    /// answer tells more than the supporters agreed to
    #[arg(long, help_heading = "Question")]
    pub(crate) of_record: bool,
    /// Not this supporter; may be given several times
    #[arg(long, value_name = "SUPPORTER", help_heading = "Question")]
    pub(crate) except: Vec<String>,
    /// The order: `fit`, `fit_less_cost` or `serves_everyone`
    #[arg(long, value_name = "RANKING", help_heading = "Question")]
    pub(crate) ranking: Option<By>,
    /// Show supporters too whose every place is taken
    #[arg(long, help_heading = "Question")]
    pub(crate) taken_places: bool,
    /// The participant waits to choose: a match that they have is over
    #[arg(long, help_heading = "Question")]
    pub(crate) waits: bool,
    /// Write the page that the participant sees
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) html: Option<PathBuf>,
    /// The folder of the pictures that cards name; drawn ones without it
    #[arg(long, value_name = "DIR", help_heading = "Output", requires = "html")]
    pub(crate) pictures: Option<PathBuf>,
    /// Where the link on a card leads: an address with {participant} and {supporter} in it; no links without it
    #[arg(long, value_name = "ADDRESS", help_heading = "Output", requires = "html")]
    pub(crate) link: Option<String>,
}

impl Arguments {
    /// The file of the policy; none for the defaults.
    pub(crate) fn policy(&self) -> Option<PathBuf> {
        let sample = || self.files.is_sample().then(|| sample_folder().join("policy.toml"));
        self.policy.clone().or_else(sample)
    }

    pub(crate) fn day(&self) -> Date {
        let usual = || if self.files.is_sample() { SAMPLE_DAY } else { Zoned::now().date() };
        self.on.unwrap_or_else(usual)
    }
}

/// A way of meeting.
#[derive(Clone, Copy)]
pub(crate) struct Way(pub(crate) Modality);

impl FromStr for Way {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let way = Modality::ALL.into_iter().find(|way| way.as_str() == text);
        way.map(Self).ok_or_else(|| "write in_person, phone or video".to_owned())
    }
}

/// An order.
#[derive(Clone, Copy)]
pub(crate) struct By(pub(crate) Ranking);

impl FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "fit" => Ok(Self(Ranking::Fit)),
            "fit_less_cost" => Ok(Self(Ranking::FitLessCost)),
            "serves_everyone" => Ok(Self(Ranking::ServesEveryone)),
            _ => Err("write fit, fit_less_cost or serves_everyone".to_owned()),
        }
    }
}
