//! Where the matching goes: two files, or one file and standard output; each written whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::arguments::Arguments;

/// Where the CSV and the JSON go.
pub(crate) struct Output {
    csv: Target,
    json: Target,
}

enum Target {
    StandardOutput,
    File {
        /// As the command line names it.
        named: PathBuf,
        /// With every link followed.
        real: PathBuf,
    },
}

/// Why there is nowhere to write.
pub(crate) enum Problem {
    /// The command line asks for what cannot be meant.
    Usage(String),
    /// The place cannot be written to.
    Place(String),
}

impl Output {
    /// Checks that both targets can be written and neither would overwrite the other or a file of the input, given
    /// as what it is and where. Nothing is changed yet.
    pub(crate) fn new(arguments: &Arguments, inputs: &[(String, PathBuf)]) -> Result<Self, Problem> {
        let csv = Target::new("--csv", &arguments.csv)?;
        let json = Target::new("--json", &arguments.json)?;
        match (&csv, &json) {
            (Target::StandardOutput, Target::StandardOutput) => {
                let message = "--csv and --json: only one of them can go to standard output (-)";
                return Err(Problem::Usage(message.to_owned()));
            }
            (Target::File { real, named }, Target::File { real: other, .. }) if real == other => {
                return Err(Problem::Usage(format!(
                    "--csv and --json are the same file, {}; give each a name of its own",
                    named.display()
                )));
            }
            _ => {}
        }
        for (option, target) in [("--csv", &csv), ("--json", &json)] {
            let Target::File { named, real } = target else { continue };
            let same = |path: &PathBuf| path.canonicalize().is_ok_and(|path| path == *real);
            if let Some((what, _)) = inputs.iter().find(|(_, path)| same(path)) {
                return Err(Problem::Usage(format!(
                    "{option} {} is {what}, which would be overwritten; name another file with {option}",
                    named.display()
                )));
            }
        }
        for (option, target) in [("--csv", &csv), ("--json", &json)] {
            target.try_out().map_err(|problem| Problem::Place(format!("error: {option} {problem}")))?;
        }
        Ok(Self { csv, json })
    }

    /// One of the two goes to standard output, so nothing else may.
    pub(crate) fn takes_standard_output(&self) -> bool {
        [&self.csv, &self.json].iter().any(|target| matches!(target, Target::StandardOutput))
    }

    /// Writes both: first beside their targets, then, when both stand there whole, in their place.
    pub(crate) fn write(&self, csv: &str, json: &str) -> Result<(), String> {
        let ready = [self.csv.prepare(csv)?, self.json.prepare(json)?];
        ready.into_iter().try_for_each(Ready::finish)
    }

    /// Names the files that were written.
    pub(crate) fn names(&self) -> String {
        let files = [&self.csv, &self.json].into_iter().filter_map(|target| match target {
            Target::StandardOutput => None,
            Target::File { named, .. } => Some(named.display().to_string()),
        });
        files.collect::<Vec<_>>().join(" and ")
    }
}

/// What only has to be put in its place.
enum Ready<'a> {
    Text(&'a str),
    /// Devices and pipes have no place to which a file could be moved.
    Direct {
        named: &'a Path,
        text: &'a str,
    },
    File {
        named: &'a Path,
        real: &'a Path,
        beside: Beside,
    },
}

impl Ready<'_> {
    fn finish(self) -> Result<(), String> {
        let (named, done) = match self {
            Self::Text(text) => {
                let mut out = io::stdout().lock();
                let done = out.write_all(text.as_bytes()).and_then(|()| out.flush());
                // Who reads it may have seen enough.
                (Path::new("standard output"), done.or_else(unless_closed))
            }
            Self::Direct { named, text } => (named, fs::write(named, text)),
            Self::File { named, real, beside } => (named, fs::rename(&beside.0, real)),
        };
        done.map_err(|error| format!("error: {}: the file cannot be written: {error}", named.display()))
    }
}

/// Passes over that nobody reads any more.
pub(crate) fn unless_closed(error: io::Error) -> io::Result<()> {
    if error.kind() == ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

/// A file on its way to its place; taken away again where it does not get there.
struct Beside(PathBuf);

impl Beside {
    fn new(real: &Path) -> io::Result<(Self, File)> {
        let mut name = OsString::from(".");
        name.push(real.file_name().unwrap_or_default());
        name.push(format!(".{}.part", std::process::id()));
        let path = real.with_file_name(name);
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        Ok((Self(path), file))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Not there any more where it got to its place.
        let _ = fs::remove_file(&self.0);
    }
}

impl Target {
    fn new(option: &str, named: &Path) -> Result<Self, Problem> {
        if named == Path::new("-") {
            return Ok(Self::StandardOutput);
        }
        let place = |problem: &str| Problem::Place(format!("error: {option} {}: {problem}", named.display()));
        if let Ok(real) = named.canonicalize() {
            return Ok(Self::File { named: named.to_owned(), real });
        }
        let Some(name) = named.file_name() else {
            return Err(place("this is no name of a file; name a file"));
        };
        let folder = named.parent().filter(|folder| !folder.as_os_str().is_empty());
        match folder.unwrap_or(Path::new(".")).canonicalize() {
            Ok(folder) => Ok(Self::File { named: named.to_owned(), real: folder.join(name) }),
            Err(_) => Err(place("there is no such folder to write to; make it first, or name another")),
        }
    }

    /// Tries whether the file could be written, without changing it.
    fn try_out(&self) -> Result<(), String> {
        let Self::File { named, real } = self else { return Ok(()) };
        let cannot = |problem: String| format!("{}: {problem}", named.display());
        if real.is_dir() {
            return Err(cannot("this is a folder, not a file; name a file in it".to_owned()));
        }
        let not_writable = |error: io::Error| {
            cannot(format!(
                "the file cannot be written ({error}); close the program that holds it, or name another file"
            ))
        };
        if let Ok(about) = fs::metadata(real) {
            if about.permissions().readonly() {
                return Err(cannot("the file is write-protected; name another file".to_owned()));
            }
            if about.is_file() {
                OpenOptions::new().append(true).open(real).map_err(not_writable)?;
            }
        }
        if self.is_direct() { Ok(()) } else { Beside::new(real).map(drop).map_err(not_writable) }
    }

    fn is_direct(&self) -> bool {
        matches!(self, Self::File { real, .. } if fs::metadata(real).is_ok_and(|about| !about.is_file()))
    }

    fn prepare<'a>(&'a self, text: &'a str) -> Result<Ready<'a>, String> {
        let Self::File { named, real } = self else { return Ok(Ready::Text(text)) };
        if self.is_direct() {
            return Ok(Ready::Direct { named, text });
        }
        let write = || {
            let (beside, mut file) = Beside::new(real)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            if let Ok(about) = fs::metadata(real) {
                fs::set_permissions(&beside.0, about.permissions())?;
            }
            Ok(beside)
        };
        let beside = write().map_err(|error: io::Error| {
            format!("error: {}: the file cannot be written: {error}", named.display())
        })?;
        Ok(Ready::File { named, real, beside })
    }
}
