//! Cores we may run on.

/// How many CPUs a set holds (rustix' `CpuSet`).
#[cfg(target_os = "linux")]
const MOST: usize = 1024;

/// The cores a process may run on, the lowest first; ours for None. Empty when that cannot be had.
#[cfg(target_os = "linux")]
pub fn of(process: Option<rustix::process::Pid>) -> Vec<u32> {
    let Ok(set) = rustix::thread::sched_getaffinity(process) else {
        return Vec::new();
    };
    (0..MOST)
        .filter(|core| set.is_set(*core))
        .filter_map(|core| u32::try_from(core).ok())
        .collect()
}

/// Where the kernel has no such sets, cores are only counted.
#[cfg(not(target_os = "linux"))]
pub fn of(_process: Option<rustix::process::Pid>) -> Vec<u32> {
    let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    (0..u32::try_from(count).unwrap_or(1)).collect()
}

/// Keeps this thread on one core; whether that was possible.
#[cfg(target_os = "linux")]
pub fn stay_on(core: u32) -> bool {
    let mut set = rustix::thread::CpuSet::new();
    usize::try_from(core).is_ok_and(|core| {
        core < MOST && {
            set.set(core);
            rustix::thread::sched_setaffinity(None, &set).is_ok()
        }
    })
}

#[cfg(not(target_os = "linux"))]
pub fn stay_on(_core: u32) -> bool {
    false
}
