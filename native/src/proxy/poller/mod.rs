//! Waits until a socket can be read or written, or a moment has come: epoll and a timerfd on Linux, poll elsewhere.
//!
//! Level-triggered. A socket nobody wants anything of is not in it: hang-ups and errors would be told for ever.
#[cfg(target_os = "linux")]
mod epoll;
/// Compiled on Linux for its test only.
#[cfg(any(not(target_os = "linux"), test))]
mod portable;

use rustix::fd::OwnedFd;
use rustix::io;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Instant;

/// What is wanted of a socket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Interest {
    pub read: bool,
    pub write: bool,
}

impl Interest {
    /// Wants to read only.
    pub const READ: Self = Self {
        read: true,
        write: false,
    };
    /// Wants to write only.
    pub const WRITE: Self = Self {
        read: false,
        write: true,
    };

    fn any(self) -> bool {
        self.read || self.write
    }
}

/// What became possible. Errors and hang-ups come as both: the next read or write says what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ready {
    pub token: u64,
    pub read: bool,
    pub write: bool,
}

/// Keeps who waits for what; the system's half is below.
pub struct Poller {
    waits: HashMap<u64, (Rc<OwnedFd>, Interest)>,
    system: System,
}

#[cfg(target_os = "linux")]
type System = epoll::Epoll;
#[cfg(not(target_os = "linux"))]
type System = portable::Poll;

impl Poller {
    /// A poller that waits for nothing yet.
    ///
    /// # Errors
    /// What the system says, such as EMFILE.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            waits: HashMap::new(),
            system: System::new()?,
        })
    }

    /// Waits for this of that socket from now on; for nothing: forgets it.
    ///
    /// # Errors
    /// What the system says.
    pub fn set(&mut self, token: u64, fd: &Rc<OwnedFd>, interest: Interest) -> io::Result<()> {
        let before = self
            .waits
            .get(&token)
            .map_or(Interest::default(), |(_, before)| *before);
        if before == interest {
            return Ok(());
        }
        self.system.change(token, fd, before, interest)?;
        if interest.any() {
            self.waits.insert(token, (Rc::clone(fd), interest));
        } else {
            self.waits.remove(&token);
        }
        Ok(())
    }

    /// Must be called before the socket is closed.
    pub fn forget(&mut self, token: u64) {
        if let Some((fd, before)) = self.waits.remove(&token) {
            // It can only fail when it is out already.
            let _ = self.system.change(token, &fd, before, Interest::default());
        }
    }

    /// Fills `ready`; empty when the deadline has come first.
    ///
    /// # Errors
    /// What the system says, never EINTR.
    pub fn wait(&mut self, deadline: Option<Instant>, ready: &mut Vec<Ready>) -> io::Result<()> {
        ready.clear();
        match self.system.wait(&self.waits, deadline, ready) {
            Err(io::Errno::INTR) => Ok(()),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    fn pair() -> (UnixStream, Rc<OwnedFd>) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        (ours, Rc::new(OwnedFd::from(theirs)))
    }

    #[test]
    fn readiness_is_told_until_it_is_no_longer_wanted() {
        let mut poller = Poller::new().unwrap();
        let (mut ours, theirs) = pair();
        let mut ready = Vec::new();
        let soon = || Some(Instant::now() + Duration::from_millis(20));
        poller.set(5, &theirs, Interest::READ).unwrap();
        poller.wait(soon(), &mut ready).unwrap();
        assert_eq!(ready, []);
        ours.write_all(b"x").unwrap();
        for _ in 0..2 {
            poller.wait(None, &mut ready).unwrap();
            assert_eq!(
                ready,
                [Ready {
                    token: 5,
                    read: true,
                    write: false
                }]
            );
        }
        poller.set(5, &theirs, Interest::default()).unwrap();
        poller.wait(soon(), &mut ready).unwrap();
        assert_eq!(ready, []);
    }

    #[test]
    fn a_deadline_in_the_past_does_not_wait_and_one_to_come_is_not_early() {
        let mut poller = Poller::new().unwrap();
        let mut ready = Vec::new();
        poller.wait(Some(Instant::now()), &mut ready).unwrap();
        let deadline = Instant::now() + Duration::from_millis(15);
        while Instant::now() < deadline {
            poller.wait(Some(deadline), &mut ready).unwrap();
        }
        assert_eq!(ready, []);
    }

    #[test]
    fn poll_says_the_same() {
        let (mut ours, theirs) = pair();
        let mut waits = HashMap::new();
        waits.insert(9, (theirs, Interest::READ));
        let mut system = portable::Poll::new().unwrap();
        let mut ready = Vec::new();
        let soon = Some(Instant::now() + Duration::from_millis(20));
        system
            .change(9, &waits[&9].0, Interest::default(), Interest::READ)
            .unwrap();
        system.wait(&waits, soon, &mut ready).unwrap();
        assert_eq!(ready, []);
        ours.write_all(b"x").unwrap();
        system.wait(&waits, None, &mut ready).unwrap();
        assert_eq!(
            ready,
            [Ready {
                token: 9,
                read: true,
                write: false
            }]
        );
    }
}
