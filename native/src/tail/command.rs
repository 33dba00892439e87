//! `hms-native tail`: follows files for people and scripts.
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::channel;

use super::reader::start_of_last;
use super::{Follower, Start};
use crate::contract::bounded::Count;
use crate::contract::error::NativeError;
use crate::contract::lines::{Lines, Push};

#[derive(clap::Args)]
pub struct Options {
    /// Files to follow by name, also when they are rotated or not there yet
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Begin with so many of the lines that are there
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    lines: usize,
    /// One JSON object for some lines of a file, as serve pushes them
    #[arg(long)]
    json: bool,
}

/// Until nobody reads any more, or a signal.
///
/// # Errors
/// `no-file`, `cannot-follow`, `stdout`.
pub fn run(options: &Options) -> Result<ExitCode, NativeError> {
    let (say, said) = channel();
    let cannot = |error: io::Error| {
        NativeError::new(
            "cannot-follow",
            format!("files cannot be followed: {error}"),
            "",
        )
    };
    let follower = Follower::start(move |name, lines| {
        let _ = say.send((name.to_owned(), lines));
    })
    .map_err(cannot)?;
    let names: BTreeMap<String, &PathBuf> = options
        .files
        .iter()
        .map(|file| (file.to_string_lossy().into_owned(), file))
        .collect();
    for (name, file) in &names {
        let start = start_of_last(file, options.lines).map_or(Start::End, Start::Byte);
        follower.add(name, file, start)?;
    }
    let mut out = io::stdout().lock();
    let shown = Shown {
        json: options.json,
        many: names.len() > 1,
        terminal: out.is_terminal(),
    };
    for (name, lines) in said {
        match out
            .write_all(shown.text(&name, lines).as_bytes())
            .and_then(|()| out.flush())
        {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            Err(error) => {
                return Err(NativeError::new(
                    "stdout",
                    format!("cannot write to stdout: {error}"),
                    "",
                ));
            }
            Ok(()) => {}
        }
    }
    Ok(ExitCode::SUCCESS)
}

struct Shown {
    json: bool,
    many: bool,
    terminal: bool,
}

impl Shown {
    fn text(&self, name: &str, lines: Vec<String>) -> String {
        if self.json {
            let push = Push::Lines(Lines {
                name: name.to_owned(),
                lines,
                dropped: Count::near(0),
            });
            return serde_json::to_string(&push).unwrap_or_default() + "\n";
        }
        let mut text = String::new();
        for line in lines {
            if self.many {
                text += &self.tame(name);
                text += ": ";
            }
            text += &self.tame(&line);
            text.push('\n');
        }
        text
    }

    /// What is in a file is a stranger's: it commands no terminal.
    fn tame(&self, text: &str) -> String {
        let tame = |char: char| {
            if char.is_control() && char != '\t' {
                '\u{fffd}'
            } else {
                char
            }
        };
        if self.terminal {
            text.chars().map(tame).collect()
        } else {
            text.to_owned()
        }
    }
}
