//! Whose proxy it is: while that process lives, the proxy stays for it.
use crate::contract::process::ProcessMark;
use rustix::fd::OwnedFd;
use rustix::process::{Pid, test_kill_process};
use std::rc::Rc;
use std::time::Duration;

/// Where a process's end is not told, it is looked for so often.
pub const LOOK_EVERY: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug)]
pub struct Owner {
    pid: Pid,
    /// Readable once it has ended; None where the system has no such thing.
    pub end: Option<Rc<OwnedFd>>,
}

impl Owner {
    /// Watches this process. None: it is gone already, or another has its pid.
    pub fn watch(mark: &ProcessMark) -> Option<Self> {
        let pid = Pid::from_raw(i32::try_from(mark.pid.get()).ok()?)?;
        let end = watch(pid);
        // Looked at after the descriptor was there: from here on it is that process or none.
        let owner = Self { pid, end };
        (crate::proc::mark(pid.as_raw_pid()).as_ref() == Some(mark)).then_some(owner)
    }

    /// Whether it has not ended yet.
    pub fn lives(&self) -> bool {
        match &self.end {
            Some(end) => !has_ended(end),
            None => test_kill_process(self.pid) != Err(rustix::io::Errno::SRCH),
        }
    }
}

#[cfg(target_os = "linux")]
fn watch(pid: Pid) -> Option<Rc<OwnedFd>> {
    use rustix::process::{PidfdFlags, pidfd_open};
    pidfd_open(pid, PidfdFlags::empty()).ok().map(Rc::new)
}

#[cfg(not(target_os = "linux"))]
fn watch(_pid: Pid) -> Option<Rc<OwnedFd>> {
    None
}

fn has_ended(end: &OwnedFd) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    poll(&mut [PollFd::new(end, PollFlags::IN)], Some(&now)).is_ok_and(|ready| ready > 0)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn an_owner_lives_until_it_ends_and_another_of_its_pid_is_none() {
        let mut cat = Command::new("cat");
        let cat = cat.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = cat.spawn().unwrap();
        let mark = crate::proc::mark(Pid::from_child(&child).as_raw_pid()).unwrap();
        let other = ProcessMark {
            born: "1".to_owned().try_into().unwrap(),
            ..mark.clone()
        };
        assert!(Owner::watch(&other).is_none());
        let owner = Owner::watch(&mark).expect("it lives");
        assert!(owner.lives());
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(!owner.lives());
        assert!(Owner::watch(&mark).is_none());
    }
}
