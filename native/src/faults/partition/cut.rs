//! `hms-native cut PARENT PID BORN [--look]` (hidden): enters the network namespace of a process and cuts it off until it
//! is ended itself; with `--look`, says whether it is cut off. A process of its own with one thread, for only such a one
//! may enter.
use std::fs::File;
use std::io::{self, Read, Write};
use std::process::{Command, ExitCode, Stdio};

use rustix::fd::AsFd;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::nft;
use crate::chaos::actor::die_with;
use crate::contract::process::ProcessMark;
use crate::machine::process;

/// Exit code of `--look` when it is cut off.
const IS_CUT: i32 = 3;
/// What it says on stdout when it is.
pub const WORD: &str = "cut\n";

pub fn run(parent: u32, pid: u32, born: &str, look: bool) -> ExitCode {
    match act(parent, pid, born, look) {
        Ok(true) => ExitCode::from(u8::try_from(IS_CUT).unwrap_or(3)),
        Ok(false) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn act(parent: u32, pid: u32, born: &str, look: bool) -> io::Result<bool> {
    enter(pid, born)?;
    if look {
        return nft::is_cut();
    }
    // Who enters a user namespace gets other rights, and loses what was said of its parent's death.
    if !die_with(parent) {
        return Err(io::Error::other("its parent is gone"));
    }
    let _held = nft::cut()?;
    io::stdout().write_all(WORD.as_bytes())?;
    let _ = io::stdin().read_to_end(&mut Vec::new());
    Ok(false)
}

/// Where it is entered from, nothing is done when it is our own.
fn enter(pid: u32, born: &str) -> io::Result<()> {
    let open = |pid: &str, name: &str| File::open(format!("/proc/{pid}/ns/{name}"));
    let of = pid.to_string();
    let (user, net) = (open(&of, "user")?, open(&of, "net")?);
    let is_it = process::stat(pid).is_some_and(|found| found.born == born && !found.has_ended());
    if !is_it || same(&net, &open("self", "net")?)? {
        return Err(io::Error::other("it has no network namespace of its own"));
    }
    if !same(&user, &open("self", "user")?)? {
        // Root may enter the other one without this.
        let _ = move_into_link_name_space(user.as_fd(), Some(LinkNameSpaceType::User));
    }
    Ok(move_into_link_name_space(
        net.as_fd(),
        Some(LinkNameSpaceType::Network),
    )?)
}

fn same(a: &File, b: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (a, b) = (a.metadata()?, b.metadata()?);
    Ok((a.dev(), a.ino()) == (b.dev(), b.ino()))
}

/// Arguments of this program that cut off that process.
pub fn arguments(mark: &ProcessMark) -> [String; 4] {
    let parent = std::process::id().to_string();
    [
        "cut".to_owned(),
        parent,
        mark.pid.get().to_string(),
        mark.born.to_string(),
    ]
}

/// Whether it is cut off; asked of a process of our own, for only it may look.
///
/// # Errors
/// Its words, when it may not.
pub fn is_cut(mark: &ProcessMark) -> Result<bool, String> {
    let mut look = Command::new("/proc/self/exe");
    look.args(arguments(mark))
        .arg("--look")
        .stdin(Stdio::null());
    let told = look.output().map_err(|error| error.to_string())?;
    match told.status.code() {
        Some(0) => Ok(false),
        Some(IS_CUT) => Ok(true),
        _ => Err(String::from_utf8_lossy(&told.stderr).trim().to_owned()),
    }
}
