//! What trees of processes use: CPU, memory, threads, files, I/O, and how much the machine stands still for lack of it.
//! Totals since birth: whoever asks twice has the rate.
use std::fs;

use crate::contract::bounded::{Count, Text};
use crate::contract::capability::{Capability, Reverter};
use crate::contract::process::{Named, TreeSample};
use crate::contract::request::TopSampled;
use crate::machine::room::pressure;
use crate::proc::tree::Forest;
use crate::proc::{self, Process};
use crate::watch::now;

/// One look at these trees. Those whose root is gone, or is another process by now, are left out.
pub fn sample(roots: &[Named]) -> TopSampled {
    let forest = Forest::new(proc::all());
    let samples = roots.iter().filter_map(|root| {
        let pid = proc::pid(&root.process);
        let found = forest.get(pid)?;
        (found.born == *root.process.born).then(|| of_tree(&root.name, &forest.tree(pid)))
    });
    TopSampled {
        at: Count::near(now()),
        samples: samples.collect(),
        pressure: pressure(),
    }
}

fn of_tree(name: &str, tree: &[&Process]) -> TreeSample {
    let living = || tree.iter().filter(|one| !one.has_ended());
    let sum = |of: &dyn Fn(&Process) -> u64| Count::near(living().map(|one| of(one)).sum());
    let maybe = |of: &dyn Fn(i32) -> Known| {
        let known = living()
            .map(|one| of(one.pid))
            .fold(Known::Is(0), Known::and);
        if let Known::Is(sum) = known {
            Some(Count::near(sum))
        } else {
            None
        }
    };
    let io: Vec<_> = living().map(|one| io(one.pid)).collect();
    let bytes = |of: fn(&(Known, Known)) -> Known| {
        let known = io.iter().map(of).fold(Known::Is(0), Known::and);
        if let Known::Is(sum) = known {
            Some(Count::near(sum))
        } else {
            None
        }
    };
    // A zombie's time is nobody's yet: its parent has not asked.
    let cpu: u64 = tree.iter().map(|one| one.cpu_ms + one.children_ms).sum();
    TreeSample {
        name: name.to_owned(),
        #[allow(clippy::cast_precision_loss)] // 285,000 years.
        cpu_ms: cpu as f64,
        rss: sum(&|one| one.rss),
        threads: sum(&|one| one.threads.unwrap_or(0)),
        processes: Count::near(living().count() as u64),
        fds: maybe(&fds),
        read_bytes: bytes(|(read, _)| *read),
        write_bytes: bytes(|(_, write)| *write),
    }
}

/// A number of one process: a tree's is unknown when that of one of its processes may not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Is(u64),
    Not,
}

impl Known {
    fn and(self, other: Known) -> Known {
        match (self, other) {
            (Known::Is(one), Known::Is(two)) => Known::Is(one.saturating_add(two)),
            _ => Known::Not,
        }
    }

    #[cfg(any(target_os = "linux", test))]
    /// Of one that has ended meanwhile there is nothing; any other error is no leave to read.
    fn of(error: &std::io::Error) -> Known {
        let ended = error.kind() == std::io::ErrorKind::NotFound
            || error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error());
        if ended { Known::Is(0) } else { Known::Not }
    }
}

/// Open files.
#[cfg(target_os = "linux")]
fn fds(pid: i32) -> Known {
    let folder = format!("/proc/{pid}/fd");
    // Since Linux 6.2 the folder's size is their number; before it is 0.
    let size = fs::metadata(&folder).map_or(0, |folder| folder.len());
    match fs::read_dir(&folder) {
        Ok(_) if size > 0 => Known::Is(size),
        Ok(entries) => Known::Is(entries.count() as u64),
        Err(error) => Known::of(&error),
    }
}

/// Bytes that really went to and came from storage (proc(5), `io`): read, written.
#[cfg(target_os = "linux")]
fn io(pid: i32) -> (Known, Known) {
    match fs::read_to_string(format!("/proc/{pid}/io")) {
        Ok(text) => {
            let field = |name| {
                let value = text.lines().find_map(|line| line.strip_prefix(name))?;
                value.trim().parse().ok()
            };
            let known = |name| field(name).map_or(Known::Not, Known::Is);
            (known("read_bytes:"), known("write_bytes:"))
        }
        Err(error) => (Known::of(&error), Known::of(&error)),
    }
}

#[cfg(not(target_os = "linux"))]
fn fds(_pid: i32) -> Known {
    Known::Not
}

#[cfg(not(target_os = "linux"))]
fn io(_pid: i32) -> (Known, Known) {
    (Known::Not, Known::Not)
}

/// Where the numbers come from.
pub fn capability() -> Capability {
    let linux = cfg!(target_os = "linux");
    let stalls = pressure().cpu.is_some();
    let because = match (linux, stalls) {
        (true, true) => "",
        (true, false) => "this kernel does not say how long tasks stood still (PSI)",
        (false, _) => "without /proc: no files, no I/O, no threads, no pressure",
    };
    Capability {
        name: "top".to_owned().try_into().unwrap_or_default(),
        available: true,
        mechanism: Text::cut(if linux { "proc" } else { "ps" }),
        privileged: false,
        revert: Reverter::None,
        because: Text::cut(because),
        remedy: Text::cut(if linux && !stalls {
            "boot with psi=1"
        } else {
            ""
        }),
    }
}

pub mod command;

#[cfg(test)]
mod tests {
    use super::*;

    fn own(name: &str) -> Named {
        let process = proc::mark(i32::try_from(std::process::id()).unwrap()).unwrap();
        Named {
            name: name.to_owned().try_into().unwrap(),
            process,
        }
    }

    #[test]
    fn we_use_what_we_use_and_our_children_too() {
        let mut child = std::process::Command::new("sleep")
            .arg("1000")
            .spawn()
            .unwrap();
        let busy = std::time::Instant::now();
        while busy.elapsed().as_millis() < 50 {}
        let mut other = own("other");
        other.process.born = "1".to_owned().try_into().unwrap();
        let taken = sample(&[own("me"), other]);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(
            taken.samples.len(),
            1,
            "who was born at another time is another"
        );
        let me = &taken.samples[0];
        assert_eq!(me.name, "me");
        assert!(me.cpu_ms >= 20.0, "{}", me.cpu_ms);
        assert!(me.rss.get() > 100_000);
        assert!(me.processes.get() >= 2);
        if cfg!(target_os = "linux") {
            assert!(me.fds.unwrap().get() >= 3);
            assert!(me.threads.get() >= 3);
            assert!(me.read_bytes.is_some() && me.write_bytes.is_some());
        }
    }

    #[test]
    fn one_that_may_not_be_read_makes_the_sum_unknown_and_one_that_ended_does_not() {
        let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let ended = std::io::Error::from(rustix::io::Errno::SRCH);
        assert_eq!(Known::Is(2).and(Known::of(&ended)), Known::Is(2));
        assert_eq!(Known::Is(2).and(Known::of(&denied)), Known::Not);
    }
}
