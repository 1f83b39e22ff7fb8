//! Which format a file is in, by what stands in it.

use std::io::Read;
use std::path::Path;

use clap::ValueEnum;

use crate::faults::Faults;
use crate::instance::Instance;
use crate::lines::{Lines, integer, open};
use crate::{asg, asgb, dimacs_asn, dimacs_min, or_library};

/// The formats that can be read.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// The peer benchmark's text
    Asg,
    /// The peer benchmark's binary form
    Asgb,
    /// OR-Library: n, then n rows of n costs
    OrDense,
    /// OR-Library: n, then `i j cost` for each pair
    OrSparse,
    /// DIMACS assignment
    Asn,
    /// DIMACS minimum-cost flow, bipartite
    Min,
}

impl Format {
    /// The format of a file, by its first bytes, its line `p` or the layout of its numbers.
    pub(crate) fn of(path: &Path) -> Result<Self, Faults> {
        let mut first = Vec::new();
        let magic = asgb::MAGIC;
        let read = open(path)?.take(magic.len() as u64).read_to_end(&mut first);
        // A file cut off within the magic number is told as such by its reader.
        if read.is_ok() && first.len() >= 4 && magic.starts_with(&first) {
            return Ok(Self::Asgb);
        }
        let mut faults = Faults::new(path);
        if read.is_ok()
            && let Some((problem, remedy)) = no_text(&first)
        {
            faults.of_file(problem, remedy);
            return Err(faults);
        }
        let mut lines = Lines::open(path)?;
        let mut is_bare = true;
        while let Some(line) = lines.next(&mut faults) {
            let mut words = line.words();
            match (words.next(), words.next()) {
                (None | Some(b"c"), _) => {}
                (Some(b"p"), Some(b"asg")) => return Ok(Self::Asg),
                (Some(b"p"), Some(b"asn")) => return Ok(Self::Asn),
                (Some(b"p"), Some(b"min")) => return Ok(Self::Min),
                (Some(word), _) if integer(word).is_some() => {
                    match or_library::layout(path)?.is_sparse() {
                        Some(true) => return Ok(Self::OrSparse),
                        Some(false) => return Ok(Self::OrDense),
                        None => faults.of_file(
                            "its numbers can be read as rows of costs and as `i j cost`",
                            "say which with --format or-dense or --format or-sparse",
                        ),
                    }
                    return Err(faults);
                }
                _ => {
                    is_bare = false;
                    break;
                }
            }
        }
        if is_bare && faults.is_empty() {
            faults.of_file("it holds nothing but comments and empty lines", "name another file");
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        faults.of_file(
            "its format cannot be told: it begins neither with a line `p asg`, `p asn` or `p min`, nor with a number, \
             nor as an .asgb file",
            "name another file, or say what it is with --format",
        );
        Err(faults)
    }

    /// Its name, as `--format` takes it.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Whether other formats begin alike, so that what was told apart by the rest of the file may be told wrong.
    pub(crate) fn is_guessed(self) -> bool {
        matches!(self, Self::OrDense | Self::OrSparse)
    }

    pub(crate) fn read(self, path: &Path) -> Result<Instance, Faults> {
        match self {
            Self::Asg => asg::read(path),
            Self::Asgb => asgb::read(path),
            Self::OrDense => or_library::read_dense(path),
            Self::OrSparse => or_library::read_sparse(path),
            Self::Asn => dimacs_asn::read(path),
            Self::Min => dimacs_min::read(path),
        }
    }
}

/// What is wrong with a file that begins so, if that alone tells that it is no text, and what mends it.
fn no_text(first: &[u8]) -> Option<(&'static str, &'static str)> {
    const UNPACK: &str = "unpack it first";
    const BEGINNINGS: [(&[u8], &str, &str); 7] = [
        (b"\x1F\x8B", "it is packed with gzip", UNPACK),
        (b"BZh", "it is packed with bzip2", UNPACK),
        (b"\xFD7zXZ", "it is packed with xz", UNPACK),
        (b"\x28\xB5\x2F\xFD", "it is packed with zstd", UNPACK),
        (b"PK\x03\x04", "it is a zip archive", "unpack it first, and name one file in it"),
        (b"\xFF\xFE", "it is written in UTF-16", "save it as UTF-8"),
        (b"\xFE\xFF", "it is written in UTF-16", "save it as UTF-8"),
    ];
    if first.is_empty() {
        return Some(("it is empty", "name another file"));
    }
    let found = BEGINNINGS.iter().find(|(beginning, ..)| first.starts_with(beginning));
    found.map(|&(_, problem, remedy)| (problem, remedy))
}
