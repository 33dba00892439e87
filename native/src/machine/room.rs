//! How much is left: memory, disk, and the time tasks stand still for want of either.
use std::fs;

use rustix::fd::AsFd;

use crate::contract::bounded::{Count, WholePercent};
use crate::contract::process::Pressure;

/// Bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub total: u64,
    pub free: u64,
}

impl Room {
    /// What may be taken so that the larger of `bytes` and `percent` of all stays free.
    pub fn above(self, bytes: Count, percent: WholePercent) -> u64 {
        self.free.saturating_sub(floor(self.total, bytes, percent))
    }
}

/// The larger of `bytes` and `percent` of `total`.
pub fn floor(total: u64, bytes: Count, percent: WholePercent) -> u64 {
    bytes.get().max(total / 100 * percent.get())
}

/// Memory that can be had without swapping (`MemAvailable`); None where the kernel does not say.
pub fn memory() -> Option<Room> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let kib = |name: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    };
    Some(Room {
        total: kib("MemTotal")? * 1024,
        free: kib("MemAvailable")? * 1024,
    })
}

/// Of the file system this file is in: what people without privileges may still write.
pub fn disk(file: impl AsFd) -> Option<Room> {
    let told = rustix::fs::fstatvfs(file).ok()?;
    Some(Room {
        total: told.f_blocks * told.f_frsize,
        free: told.f_bavail * told.f_frsize,
    })
}

/// What the kernel says of the last 10 s (`/proc/pressure`, PSI).
pub fn pressure() -> Pressure {
    let some = |name: &str| {
        let text = fs::read_to_string(format!("/proc/pressure/{name}")).ok()?;
        let line = text.lines().find(|line| line.starts_with("some "))?;
        line.split_ascii_whitespace()
            .find_map(|field| field.strip_prefix("avg10="))?
            .parse()
            .ok()
    };
    Pressure {
        cpu: some("cpu"),
        memory: some("memory"),
        io: some("io"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_of_both_floors_stays_free() {
        let room = Room {
            total: 1000,
            free: 400,
        };
        assert_eq!(room.above(Count::near(300), WholePercent::near(10)), 100);
        assert_eq!(room.above(Count::near(30), WholePercent::near(10)), 300);
        assert_eq!(room.above(Count::near(500), WholePercent::near(10)), 0);
    }
}
