//! Lines through pipes without ever waiting for the other end.
use std::io::{self, Read, Write};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::AsFd;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What is read but is no whole line yet.
#[derive(Default)]
pub struct Lines {
    held: Vec<u8>,
}

impl Lines {
    /// Reads once what is there; call it when the pipe is readable.
    ///
    /// # Errors
    /// `UnexpectedEof` when the other end is closed, which is how a death is noticed.
    pub fn read<T: DeserializeOwned>(&mut self, from: &mut impl Read) -> io::Result<Vec<T>> {
        let mut buffer = [0; 16 * 1024];
        match from.read(&mut buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(length) => self.held.extend_from_slice(&buffer[..length]),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) => {}
            Err(error) => return Err(error),
        }
        let Some(end) = self.held.iter().rposition(|byte| *byte == b'\n') else {
            return Ok(Vec::new());
        };
        let rest = self.held.split_off(end + 1);
        let whole = std::mem::replace(&mut self.held, rest);
        let lines = whole
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        Ok(lines
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect())
    }
}

/// Writes one line; whether it went out whole.
pub fn tell(to: &mut impl Write, message: &impl Serialize) -> bool {
    let Ok(mut line) = serde_json::to_vec(message) else {
        return false;
    };
    line.push(b'\n');
    to.write_all(&line).is_ok()
}

/// A full pipe refuses from now on, instead of holding us up.
pub fn never_wait(pipe: impl AsFd) {
    if let Ok(flags) = rustix::fs::fcntl_getfl(&pipe) {
        let _ = rustix::fs::fcntl_setfl(&pipe, flags | rustix::fs::OFlags::NONBLOCK);
    }
}

/// Waits until one of these is readable or closed, or the time is over; which are.
pub fn wait<const N: usize>(pipes: [&dyn AsFd; N], at_most: Duration) -> [bool; N] {
    let mut fds = pipes.map(|pipe| PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN));
    let time = Timespec {
        tv_sec: i64::try_from(at_most.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(at_most.subsec_nanos()),
    };
    match poll(&mut fds, Some(&time)) {
        Ok(_) => fds.each_ref().map(|fd| !fd.revents().is_empty()),
        Err(_) => [false; N],
    }
}
