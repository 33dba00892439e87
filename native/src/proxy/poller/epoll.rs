//! epoll(7), and a timerfd for moments.
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
