//! Waits until a socket can be read or written, or a moment has come: epoll and a timerfd on Linux, poll elsewhere.
//!
//! Level-triggered. A socket nobody wants anything of is not in it: hang-ups and errors would be told for ever.
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
type System = linux::Epoll;
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

#[cfg(target_os = "linux")]
mod linux {
    use super::{HashMap, Instant, Interest, OwnedFd, Rc, Ready, io};
    use rustix::buffer::spare_capacity;
    use rustix::event::{Timespec, epoll};
    use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags};
    use rustix::time::{timerfd_create, timerfd_settime};
    use std::time::Duration;

    /// No socket has this token.
    const TIMER: u64 = u64::MAX;
    const EVENTS: usize = 256;

    /// `epoll_wait` counts in ms; a timerfd is exact to tens of µs, and there on every kernel.
    pub struct Epoll {
        set: OwnedFd,
        timer: OwnedFd,
        armed: Option<Instant>,
        events: Vec<epoll::Event>,
    }

    impl Epoll {
        pub fn new() -> io::Result<Self> {
            let set = epoll::create(epoll::CreateFlags::CLOEXEC)?;
            let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            let data = epoll::EventData::new_u64(TIMER);
            epoll::add(&set, &timer, data, epoll::EventFlags::IN)?;
            Ok(Self {
                set,
                timer,
                armed: None,
                events: Vec::with_capacity(EVENTS),
            })
        }

        pub fn change(
            &self,
            token: u64,
            fd: &OwnedFd,
            before: Interest,
            after: Interest,
        ) -> io::Result<()> {
            let data = epoll::EventData::new_u64(token);
            let mut flags = epoll::EventFlags::empty();
            flags.set(epoll::EventFlags::IN, after.read);
            flags.set(epoll::EventFlags::OUT, after.write);
            match (before.any(), after.any()) {
                (_, false) => epoll::delete(&self.set, fd),
                (false, true) => epoll::add(&self.set, fd, data, flags),
                (true, true) => epoll::modify(&self.set, fd, data, flags),
            }
        }

        pub fn wait(
            &mut self,
            _waits: &HashMap<u64, (Rc<OwnedFd>, Interest)>,
            deadline: Option<Instant>,
            ready: &mut Vec<Ready>,
        ) -> io::Result<()> {
            let at_once = deadline.is_some_and(|at| at <= Instant::now());
            if !at_once {
                self.arm(deadline)?;
            }
            let none = Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            self.events.clear();
            let timeout = at_once.then_some(&none);
            epoll::wait(&self.set, spare_capacity(&mut self.events), timeout)?;
            for event in &self.events {
                let (flags, token) = (event.flags, event.data.u64());
                if token == TIMER {
                    // Setting it again takes the expiry back; what it is set to now has passed.
                    self.armed = None;
                    let mut count = [0_u8; 8];
                    let _ = rustix::io::read(&self.timer, &mut count);
                    continue;
                }
                let broken = flags.intersects(epoll::EventFlags::ERR | epoll::EventFlags::HUP);
                ready.push(Ready {
                    token,
                    read: broken || flags.contains(epoll::EventFlags::IN),
                    write: broken || flags.contains(epoll::EventFlags::OUT),
                });
            }
            Ok(())
        }

        fn arm(&mut self, deadline: Option<Instant>) -> io::Result<()> {
            if self.armed == deadline {
                return Ok(());
            }
            let span = deadline.map_or(Duration::ZERO, |at| {
                // All zero would disarm it.
                at.saturating_duration_since(Instant::now())
                    .max(Duration::from_nanos(1))
            });
            let zero = Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            let value = Timespec {
                tv_sec: i64::try_from(span.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(span.subsec_nanos()),
            };
            let when = Itimerspec {
                it_interval: zero,
                it_value: value,
            };
            timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &when)?;
            self.armed = deadline;
            Ok(())
        }
    }
}

/// Compiled on Linux for its test only.
#[cfg(any(not(target_os = "linux"), test))]
mod portable {
    use super::{HashMap, Instant, Interest, OwnedFd, Rc, Ready, io};
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    pub struct Poll;

    impl Poll {
        #[allow(clippy::unnecessary_wraps)] // The form the other system has.
        pub fn new() -> io::Result<Self> {
            Ok(Self)
        }

        #[allow(clippy::unnecessary_wraps, clippy::unused_self)]
        pub fn change(
            &self,
            _token: u64,
            _fd: &OwnedFd,
            _before: Interest,
            _after: Interest,
        ) -> io::Result<()> {
            Ok(())
        }

        #[allow(clippy::unused_self)]
        pub fn wait(
            &mut self,
            waits: &HashMap<u64, (Rc<OwnedFd>, Interest)>,
            deadline: Option<Instant>,
            ready: &mut Vec<Ready>,
        ) -> io::Result<()> {
            let mut tokens = Vec::with_capacity(waits.len());
            let mut fds = Vec::with_capacity(waits.len());
            for (token, (fd, interest)) in waits {
                let mut flags = PollFlags::empty();
                flags.set(PollFlags::IN, interest.read);
                flags.set(PollFlags::OUT, interest.write);
                tokens.push(*token);
                fds.push(PollFd::new(fd.as_ref(), flags));
            }
            let span = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            let timeout = span.map(|span| Timespec {
                tv_sec: i64::try_from(span.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(span.subsec_nanos()),
            });
            poll(&mut fds, timeout.as_ref())?;
            for (token, fd) in tokens.into_iter().zip(&fds) {
                let flags = fd.revents();
                if flags.is_empty() {
                    continue;
                }
                let broken = flags.intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL);
                ready.push(Ready {
                    token,
                    read: broken || flags.contains(PollFlags::IN),
                    write: broken || flags.contains(PollFlags::OUT),
                });
            }
            Ok(())
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
