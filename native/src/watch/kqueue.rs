//! macOS and BSD: `EVFILT_PROC` with `NOTE_EXIT`. The queue goes by pid, so that an end is believed only when the process
//! that was born then is no longer there.
use std::io;
use std::os::fd::OwnedFd;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::kqueue::{
    Event, EventFilter, EventFlags, ProcessEvents, UserDefinedFlags, UserFlags, kevent, kqueue,
};
use rustix::io::Errno;
use rustix::process::Pid;

use crate::contract::process::ProcessMark;
use crate::proc;

pub const MECHANISM: &str = "kqueue";

const AT_ONCE: usize = 64;

pub struct Kernel {
    queue: OwnedFd,
    closed: AtomicBool,
}

/// Nothing to let go: the kernel forgets a process that has ended.
pub struct Hold;

impl Kernel {
    pub fn open() -> io::Result<Self> {
        let kernel = Kernel {
            queue: kqueue()?,
            closed: AtomicBool::new(false),
        };
        kernel.change(
            closing(UserFlags::empty()),
            EventFlags::ADD | EventFlags::CLEAR,
        )?;
        Ok(kernel)
    }

    /// None when there is no such process.
    pub fn hold(&self, pid: i32) -> io::Result<Option<Hold>> {
        let Some(pid) = Pid::from_raw(pid.max(0)) else {
            return Ok(None);
        };
        let exit = EventFilter::Proc {
            pid,
            flags: ProcessEvents::EXIT,
        };
        match self.change(exit, EventFlags::ADD | EventFlags::ONESHOT) {
            Ok(()) => Ok(Some(Hold)),
            Err(Errno::SRCH) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Waits for ends; false once it is closed. `pids` is what it is about.
    pub fn wait(&self, pids: &mut Vec<i32>) -> bool {
        pids.clear();
        let mut events = Vec::with_capacity(AT_ONCE);
        match self.events(&mut events) {
            Ok(()) | Err(Errno::INTR) => {}
            Err(_) => return false,
        }
        pids.extend(events.iter().filter_map(|event| match event.filter() {
            EventFilter::Proc { pid, .. } => Some(pid.as_raw_nonzero().get()),
            _ => None,
        }));
        !self.closed.load(Ordering::Acquire)
    }

    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        // Of a queue that is gone nobody waits for an event.
        let _ = self.change(closing(UserFlags::TRIGGER), EventFlags::empty());
    }

    #[allow(unsafe_code)]
    fn change(&self, filter: EventFilter, flags: EventFlags) -> Result<(), Errno> {
        let changes = [Event::new(filter, flags, ptr::null_mut())];
        // SAFETY: the filters we use name pids and numbers of our own, no file descriptors that could be closed.
        unsafe {
            kevent(
                &self.queue,
                &changes,
                &mut [] as &mut [Event],
                Some(std::time::Duration::ZERO),
            )
        }
        .map(|_| ())
    }

    #[allow(unsafe_code)]
    fn events(&self, events: &mut Vec<Event>) -> Result<(), Errno> {
        // SAFETY: nothing is changed here, only waited.
        unsafe {
            kevent(
                &self.queue,
                &[],
                rustix::buffer::spare_capacity(events),
                None,
            )
        }
        .map(|_| ())
    }
}

fn closing(flags: UserFlags) -> EventFilter {
    EventFilter::User {
        ident: 1,
        flags,
        user_flags: UserDefinedFlags::new(0),
    }
}

impl Hold {
    pub fn has_ended(&self, process: &ProcessMark) -> bool {
        !proc::lives(process)
    }
}
