//! `hms-native bound PARENT PROGRAM …` (hidden): becomes that program once it hears one byte on stdin, and dies with its
//! parent. So who is started has been journalled before it does anything, and outlives nobody.
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};

use super::actor::{Stage, die_with};
use super::undo::Undo;
use crate::contract::error::NativeError;
use crate::machine::process;

/// What follows the byte is the program's own to read.
pub fn run(parent: u32, command: &[OsString]) -> ExitCode {
    let mut word = [0; 1];
    let heard = die_with(parent) && rustix::io::read(rustix::stdio::stdin(), &mut word) == Ok(1);
    if let (true, Some((program, args))) = (heard, command.split_first()) {
        let error = Command::new(program).args(args).exec();
        eprintln!("{}: {error}", program.to_string_lossy());
    }
    ExitCode::FAILURE
}

/// Starts a program that is ended by the kernel when the actor dies, and by the journal else.
///
/// # Errors
/// `actor` when it does not start, `journal` when that cannot be written.
pub fn start(
    stage: &mut Stage,
    (program, args): (&Path, Vec<OsString>),
    [stdout, stderr]: [Stdio; 2],
) -> Result<Child, NativeError> {
    let broken = |error: io::Error| {
        let message = format!("{} does not start: {error}", program.display());
        NativeError::new("actor", message, "")
    };
    let mut start = Command::new(super::own_program().map_err(broken)?);
    start.args(["bound", &std::process::id().to_string(), "--"]);
    start.arg(program).args(args).env_remove("TMUX");
    start.stdin(Stdio::piped()).stdout(stdout).stderr(stderr);
    let mut child = start.spawn().map_err(broken)?;
    let found = process::stat(child.id()).and_then(|found| found.mark());
    let process = found.ok_or_else(|| broken(io::ErrorKind::NotFound.into()))?;
    stage.journal(Undo::End { process })?;
    let stdin = child.stdin.as_mut();
    stdin
        .map_or(Ok(()), |stdin| stdin.write_all(b"\n"))
        .map_err(broken)?;
    Ok(child)
}
