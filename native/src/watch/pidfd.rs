//! Linux: pidfds under one epoll. A pidfd is readable once the process is a zombie, and names it for good.
use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, epoll, eventfd, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::contract::process::ProcessMark;

pub const MECHANISM: &str = "pidfd";

/// How many events are taken at once.
const AT_ONCE: usize = 64;
/// Stands for the event that ends the waiting; no process has this pid.
const CLOSE: u64 = 0;

pub struct Kernel {
    epoll: OwnedFd,
    closing: OwnedFd,
    closed: AtomicBool,
}

/// As long as it is kept, the process is watched.
pub struct Hold(OwnedFd);

impl Kernel {
    pub fn open() -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let closing = eventfd(0, EventfdFlags::CLOEXEC)?;
        epoll::add(
            &epoll,
            &closing,
            epoll::EventData::new_u64(CLOSE),
            epoll::EventFlags::IN,
        )?;
        Ok(Kernel {
            epoll,
            closing,
            closed: AtomicBool::new(false),
        })
    }

    /// None when there is no such process.
    pub fn hold(&self, pid: i32) -> io::Result<Option<Hold>> {
        let Some(number) = Pid::from_raw(pid.max(0)) else {
            return Ok(None);
        };
        let pidfd = match pidfd_open(number, PidfdFlags::empty()) {
            Ok(pidfd) => pidfd,
            Err(Errno::SRCH) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        };
        let data = epoll::EventData::new_u64(u64::from(pid.unsigned_abs()));
        // Closing the pidfd takes it out again. Once: a zombie that nobody asks about would wake us for ever.
        epoll::add(
            &self.epoll,
            &pidfd,
            data,
            epoll::EventFlags::IN | epoll::EventFlags::ONESHOT,
        )?;
        Ok(Some(Hold(pidfd)))
    }

    /// Waits for ends; false once it is closed. `pids` is what it is about.
    pub fn wait(&self, pids: &mut Vec<i32>) -> bool {
        pids.clear();
        let mut events = Vec::with_capacity(AT_ONCE);
        match epoll::wait(
            &self.epoll,
            rustix::buffer::spare_capacity(&mut events),
            None,
        ) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return false,
        }
        pids.extend(
            events
                .iter()
                .filter_map(|event| i32::try_from(event.data.u64()).ok()),
        );
        !self.closed.load(Ordering::Acquire)
    }

    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        // Its counter cannot be full.
        let _ = rustix::io::write(&self.closing, &1_u64.to_ne_bytes());
    }
}

impl Hold {
    pub fn has_ended(&self, _process: &ProcessMark) -> bool {
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&now)).is_ok_and(|ready| ready > 0)
    }
}
