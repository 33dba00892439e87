//! One connection to the engine's agent socket: a line each way, every wait with a deadline.
use std::env;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, SocketAddrUnix, SocketType};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::parent::Parent;

/// Version of what is said on the socket: `AGENT_PROTOCOL` of `src/protocol/limits.ts`, as are the next two.
const AGENT_PROTOCOL: u32 = 1;
/// Bytes of one line that the engine reads, newline included.
const MAX_LINE: usize = 1 << 20;
/// Bytes of one line that we read.
const MAX_ANSWER: usize = 256 << 20;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Code {
    /// Passing: an engine that restarts is soon there again.
    Unreachable,
    Gone,
    NoAnswer,
    /// Whoever would read our answer is gone.
    Orphaned,
    /// Asking again does not help.
    Final,
}

/// Why there is no answer, in words for people.
#[derive(Debug)]
pub struct Failure {
    pub code: Code,
    pub message: String,
}

impl Failure {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Failure {
            code,
            message: message.into(),
        }
    }
}

/// Where the engine is, and who we are.
pub struct Place {
    socket: std::ffi::OsString,
    token: String,
}

impl Place {
    /// Fails where this process does not run inside an agent.
    pub fn of_environment() -> Result<Self, Failure> {
        let socket = env::var_os("HMS_SOCKET").unwrap_or_default();
        let token = env::var_os("HMS_TOKEN").unwrap_or_default();
        if socket.is_empty() || token.is_empty() {
            let words =
                "This works only inside an agent of a fleet: HMS_SOCKET and HMS_TOKEN are not set.";
            return Err(Failure::new(Code::Final, words));
        }
        Ok(Place {
            socket,
            token: token.to_string_lossy().into_owned(),
        })
    }

    #[cfg(test)]
    pub fn at(socket: &std::path::Path) -> Self {
        Place {
            socket: socket.into(),
            token: "token".into(),
        }
    }
}

pub struct Link<'a> {
    socket: OwnedFd,
    parent: &'a Parent,
    id: u32,
    read: Vec<u8>,
    /// What the engine said before it ended the connection.
    bye: Option<Failure>,
}

#[derive(Deserialize)]
struct Said<'a> {
    id: Option<u64>,
    ok: Option<bool>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Refusal>,
    push: Option<String>,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
    message: String,
}

impl Refusal {
    fn failure(self) -> Failure {
        let code = match self.code.as_str() {
            "unreachable" => Code::Unreachable,
            "gone" => Code::Gone,
            "no-answer" => Code::NoAnswer,
            _ => Code::Final,
        };
        Failure::new(code, self.message)
    }
}

impl<'a> Link<'a> {
    /// Connects and says hello, each within `within`.
    pub fn open(place: &Place, within: Duration, parent: &'a Parent) -> Result<Self, Failure> {
        let shown = place.socket.to_string_lossy();
        let unreachable = |why: &str| {
            Failure::new(
                Code::Unreachable,
                format!("Nobody answers on {shown} ({why})."),
            )
        };
        let socket =
            connect(&place.socket, within).map_err(|errno| unreachable(&name_of(errno)))?;
        let mut link = Link {
            socket,
            parent,
            id: 0,
            read: Vec::new(),
            bye: None,
        };
        let token = serde_json::to_string(&place.token).unwrap_or_default();
        let hello = format!("{{\"protocol\":{AGENT_PROTOCOL},\"token\":{token}}}");
        link.request("hello", &hello, Some(within))?;
        Ok(link)
    }

    /// Asks, and waits for the answer as long as `within` says, or for ever.
    pub fn request(
        &mut self,
        name: &str,
        with: &str,
        within: Option<Duration>,
    ) -> Result<Box<RawValue>, Failure> {
        self.id += 1;
        let id = self.id;
        let line = format!("{{\"id\":{id},\"do\":\"{name}\",\"with\":{with}}}\n");
        if line.len() > MAX_LINE {
            let words = format!(
                "{name} is larger than the {} KiB one message may have.",
                MAX_LINE >> 10
            );
            return Err(Failure::new(Code::Final, words));
        }
        let until = within.map(|within| Instant::now() + within);
        let late = || {
            let ms = within.unwrap_or_default().as_millis();
            Failure::new(
                Code::NoAnswer,
                format!("The engine did not answer {name} within {ms} ms."),
            )
        };
        let mut rest = line.as_bytes();
        while !rest.is_empty() {
            match rustix::io::write(&self.socket, rest) {
                Ok(wrote) => rest = &rest[wrote..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => self.wait(PollFlags::OUT, until, &late)?,
                // It may have said why before it went.
                Err(_) => break,
            }
        }
        loop {
            if let Some(result) = self.take(u64::from(id))? {
                return Ok(result);
            }
            let before = self.read.len();
            self.read.resize(before + (64 << 10), 0);
            let read = rustix::io::read(&self.socket, &mut self.read[before..]);
            self.read.truncate(before + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(1..) | Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => self.wait(PollFlags::IN, until, &late)?,
                Ok(0) | Err(_) => return Err(self.gone()),
            }
            if self.read.len() > MAX_ANSWER {
                let words = format!("A line has more than {MAX_ANSWER} bytes.");
                return Err(Failure::new(Code::Final, words));
            }
        }
    }

    /// The answer to `id` when it is among the lines that have come; fails as the engine refused, or for what is no line
    /// of ours.
    fn take(&mut self, id: u64) -> Result<Option<Box<RawValue>>, Failure> {
        let mut from = 0;
        let mut found = None;
        while let Some(end) = self.read[from..].iter().position(|byte| *byte == b'\n') {
            let line = &self.read[from..from + end];
            from += end + 1;
            if line.is_empty() {
                continue;
            }
            let malformed = |_| Failure::new(Code::Final, "A line is not UTF-8 JSON.");
            let said: Said = serde_json::from_slice(line).map_err(malformed)?;
            match said {
                Said {
                    push: Some(push),
                    reason,
                    error,
                    ..
                } => {
                    if push == "bye" && self.bye.is_none() {
                        let plain = || Failure::new(Code::Gone, reason.unwrap_or_default());
                        self.bye = Some(error.map_or_else(plain, Refusal::failure));
                    }
                }
                Said {
                    id: Some(answered),
                    ok,
                    result,
                    error,
                    ..
                } if answered == id => {
                    if ok != Some(true) {
                        let plain =
                            || Failure::new(Code::Final, "The engine refused without a word.");
                        return Err(error.map_or_else(plain, Refusal::failure));
                    }
                    found = Some(result.unwrap_or(RawValue::NULL).to_owned());
                    break;
                }
                Said { .. } => {}
            }
        }
        self.read.drain(..from);
        Ok(found)
    }

    fn gone(&mut self) -> Failure {
        let plain = || Failure::new(Code::Gone, "The engine ended the connection.");
        self.bye.take().unwrap_or_else(plain)
    }

    fn wait(
        &self,
        what: PollFlags,
        until: Option<Instant>,
        late: &dyn Fn() -> Failure,
    ) -> Result<(), Failure> {
        loop {
            let now = Instant::now();
            let left = until.map(|until| until.saturating_duration_since(now));
            if left.is_some_and(|left| left.is_zero()) {
                return Err(late());
            }
            let pause = [left, self.parent.look_within()]
                .into_iter()
                .flatten()
                .min();
            let ready = wait_for(&self.socket, what, pause);
            if self.parent.gone() {
                return Err(Failure::new(Code::Orphaned, "The agent has ended."));
            }
            if ready.unwrap_or(true) {
                return Ok(());
            }
        }
    }
}

/// Whether it is ready within that time; a signal counts as not yet.
fn wait_for(fd: impl AsFd, what: PollFlags, within: Option<Duration>) -> Result<bool, Errno> {
    let timeout = within.and_then(|within| Timespec::try_from(within).ok());
    match poll(&mut [PollFd::new(&fd, what)], timeout.as_ref()) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Without blocking: a socket whose queue is full says so at once.
fn connect(path: &std::ffi::OsStr, within: Duration) -> Result<OwnedFd, Errno> {
    let socket = net::socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
    rustix::io::ioctl_fionbio(&socket, true)?;
    match net::connect(&socket, &SocketAddrUnix::new(path.as_bytes())?) {
        Ok(()) => Ok(socket),
        Err(Errno::INPROGRESS) => {
            if !wait_for(&socket, PollFlags::OUT, Some(within))? {
                return Err(Errno::TIMEDOUT);
            }
            net::sockopt::socket_error(&socket)??;
            Ok(socket)
        }
        Err(errno) => Err(errno),
    }
}

/// The system's name of an error, as Node says it.
fn name_of(errno: Errno) -> String {
    match errno {
        Errno::NOENT => "ENOENT".into(),
        Errno::CONNREFUSED => "ECONNREFUSED".into(),
        Errno::ACCESS => "EACCES".into(),
        Errno::AGAIN => "EAGAIN".into(),
        Errno::NOTSOCK => "ENOTSOCK".into(),
        Errno::NOTDIR => "ENOTDIR".into(),
        Errno::TIMEDOUT => "ETIMEDOUT".into(),
        Errno::NAMETOOLONG => "ENAMETOOLONG".into(),
        other => io::Error::from(other).to_string(),
    }
}
