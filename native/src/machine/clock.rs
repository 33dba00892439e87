//! Clocks and the boot they belong to.
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

use crate::contract::bounded::Count;

/// Goes on while the machine sleeps, so that a deadline passes in real time: `CLOCK_BOOTTIME`; macOS' monotonic clock
/// does the same.
#[cfg(target_os = "linux")]
const BOOT: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const BOOT: ClockId = ClockId::Monotonic;

/// Since the machine was started, ms. Comparable between processes, never across [`boot_id`]s.
pub fn boot_ms() -> u64 {
    let now = clock_gettime(BOOT);
    let part = |number: i64| u64::try_from(number).unwrap_or(0);
    part(now.tv_sec) * 1000 + part(now.tv_nsec) / 1_000_000
}

/// CPU time of this thread, ns.
pub fn thread_cpu_ns() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    let part = |number: i64| u64::try_from(number).unwrap_or(0);
    part(now.tv_sec) * 1_000_000_000 + part(now.tv_nsec)
}

/// Wall clock, ms since 1970.
pub fn wall_ms() -> Count {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Count::near(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Tells this boot of the machine from every other; empty when the machine does not say.
#[cfg(target_os = "linux")]
pub fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .unwrap_or_default()
        .trim()
        .to_owned()
}

#[cfg(not(target_os = "linux"))]
pub fn boot_id() -> String {
    let told = std::process::Command::new("/usr/sbin/sysctl")
        .args(["-n", "kern.bootsessionuuid"])
        .output();
    told.map(|told| String::from_utf8_lossy(&told.stdout).trim().to_owned())
        .unwrap_or_default()
}
