//! poll(2), for systems that have nothing better in common.
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
