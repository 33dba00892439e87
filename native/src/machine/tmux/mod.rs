//! The fleet's tmux server, asked by the tmux program itself. Every answer has a deadline: a server may be hung.
pub mod door;
mod target;

use std::ffi::OsString;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use super::process;
use crate::contract::error::NativeError;
use crate::contract::process::ProcessMark;

/// How long the server may take to answer.
const WITHIN: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(1);
/// Answers to what is asked here are short.
const MAX_ANSWER: u64 = 64 * 1024;

/// A way to ask one server; never starts one.
pub struct Tmux {
    program: PathBuf,
    socket: String,
    within: Duration,
}

impl Tmux {
    /// # Errors
    /// `needs-tmux` when the scope names no socket, `no-tmux` when there is no such program.
    pub fn at(socket: &str) -> Result<Self, NativeError> {
        if socket.is_empty() {
            let message = "the scope names no tmux server";
            return Err(NativeError::new(
                "needs-tmux",
                message,
                "open it with tmux_socket",
            ));
        }
        let program = find()
            .ok_or_else(|| NativeError::new("no-tmux", "tmux is not on the PATH", "install it"))?;
        Ok(Self {
            program,
            socket: socket.to_owned(),
            within: WITHIN,
        })
    }

    /// With so much patience: who reverts asks again, and must not be taken for hung itself.
    #[must_use]
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    pub fn socket(&self) -> &str {
        &self.socket
    }

    /// Program and arguments of a command on this server. `-N`: it is never started. `-u`: whatever the locale says.
    pub fn command(&self, args: &[&str]) -> (&Path, Vec<OsString>) {
        let first = ["-u", "-N", "-S", &self.socket, "-f", "/dev/null"];
        let all = first.iter().chain(args).map(OsString::from).collect();
        (&self.program, all)
    }

    /// What it prints.
    ///
    /// # Errors
    /// `tmux` with its words, `tmux-hung` when it does not answer in time.
    pub fn ask(&self, args: &[&str]) -> Result<String, NativeError> {
        let (program, args) = self.command(args);
        let child = Command::new(program)
            .args(args)
            .env_remove("TMUX")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let child =
            child.map_err(|error| NativeError::new("tmux", format!("tmux: {error}"), ""))?;
        answer_within(child, self.within)
    }

    /// The server that listens there.
    ///
    /// # Errors
    /// As [`Self::ask`]; `tmux` when it is gone before it could be looked at.
    pub fn server(&self) -> Result<ProcessMark, NativeError> {
        let told = self.ask(&["display-message", "-p", "#{pid}"])?;
        let found = told.trim().parse().ok().and_then(process::stat);
        found
            .and_then(|found| found.mark())
            .ok_or_else(|| NativeError::new("tmux", "the tmux server is gone", ""))
    }
}

/// Waits for a client of tmux to end, and kills it when that takes too long. Its pipes are the server's too: a hung one
/// keeps them open, so nothing waits for their end.
///
/// # Errors
/// As [`Tmux::ask`].
pub fn answer(child: Child) -> Result<String, NativeError> {
    answer_within(child, WITHIN)
}

fn answer_within(mut child: Child, within: Duration) -> Result<String, NativeError> {
    let until = Instant::now() + within;
    let ended = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < until => sleep(LOOK),
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                let message = format!("tmux did not answer within {within:?}");
                return Err(NativeError::new("tmux-hung", message, "look at its server"));
            }
        }
    };
    let words = child.stderr.take().map(there).unwrap_or_default();
    if ended.success() {
        return Ok(child.stdout.take().map(there).unwrap_or_default());
    }
    Err(NativeError::new(
        "tmux",
        format!("tmux: {}", words.trim()),
        "",
    ))
}

/// What is in the pipe, without waiting for more.
fn there(pipe: impl Read + std::os::fd::AsFd) -> String {
    if let Ok(flags) = fcntl_getfl(&pipe) {
        let _ = fcntl_setfl(&pipe, flags | OFlags::NONBLOCK);
    }
    let (mut text, mut pipe) = (Vec::new(), pipe.take(MAX_ANSWER));
    while let Err(error) = pipe.read_to_end(&mut text) {
        if error.kind() != ErrorKind::Interrupted {
            break;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// The first on the PATH.
pub fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join("tmux"))
        .find(|program| {
            program
                .metadata()
                .is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
        })
}
