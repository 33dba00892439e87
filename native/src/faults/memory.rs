//! `memory`: touched memory of the actor's own, never past the floor. Freed by the kernel with the actor, who also is
//! the first the kernel ends when memory runs out.
use std::thread::sleep;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Ground, Injector, can, cannot, cannot_here, given, mistaken, who};
use crate::chaos::actor::Stage;
use crate::chaos::order::{Design, Order};
use crate::contract::capability::{Capability, Reverter};
use crate::contract::chaos::{Detail, Measure};
use crate::contract::error::NativeError;
use crate::contract::fault::{By, Fault};
use crate::machine::room;

pub struct Memory;

/// Taken and given back in pieces of so many bytes: below the size from which allocators keep a mapping of its own
/// each, nothing would go back.
const PIECE: u64 = 4 << 20;
/// How often the floor is looked at while it is held.
const LOOK: Duration = Duration::from_millis(50);

#[derive(Debug, Serialize, Deserialize)]
struct Given {
    bytes: u64,
}

impl Injector for Memory {
    fn kind(&self) -> &'static str {
        "memory"
    }

    fn capability(&self) -> Capability {
        if room::memory().is_some() {
            can("memory", "touched pages", Reverter::Kernel)
        } else {
            cannot(
                "memory",
                "this system does not say how much memory is free",
                "run the fleet on Linux for it",
            )
        }
    }

    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        let Fault::Memory { bytes } = fault else {
            return Err(mistaken());
        };
        let Some(room) = room::memory() else {
            return Err(cannot_here(&self.capability()));
        };
        let limits = &ground.scope.limits;
        let may = room.above(limits.memory_floor, limits.memory_floor_percent);
        let taken = bytes.get().min(may) / PIECE * PIECE;
        if taken == 0 {
            let message = format!(
                "{} bytes of memory are free, which is at the floor already",
                room.free
            );
            return Err(NativeError::new(
                "no-room",
                message,
                "free some, or lower memory_floor",
            ));
        }
        let cut = if taken < bytes.get() / PIECE * PIECE {
            ", which is what the floor allows,"
        } else {
            ""
        };
        let whom = if ground.targets.is_empty() {
            String::new()
        } else {
            format!(" beside {}", who(ground.targets))
        };
        Ok(Design::by("touched pages")
            .effect("oom_score_adj = 1000 for who takes it, so that the kernel ends nobody else")
            .effect(format!(
                "{taken} bytes{cut} are taken and touched in pieces of {PIECE}{whom}"
            ))
            .effect(format!(
                "given back piece by piece when less than {} bytes are free",
                floor(ground, room)
            ))
            .reverted(By::Kernel, "the memory is free when who took it is dead")
            .giving(&Given { bytes: taken }))
    }

    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        let Given { bytes } = given(order)?;
        let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
        limit_memory(bytes + (256 << 20));
        let limits = &order.limits;
        let may = || {
            room::memory().map_or(0, |room| {
                room.above(limits.memory_floor, limits.memory_floor_percent)
            })
        };
        let mut pieces: Vec<Vec<u8>> = Vec::new();
        while pieces.len() as u64 * PIECE < bytes && may() >= PIECE {
            pieces.push(piece());
        }
        let taken = |pieces: &Vec<Vec<u8>>| {
            Detail::from([(
                "bytes".to_owned(),
                Measure::from(pieces.len() as u64 * PIECE),
            )])
        };
        stage.applied(taken(&pieces));
        while stage.left_ms() > 0 {
            sleep(LOOK);
            let before = pieces.len();
            // Others took what was free: theirs goes first.
            while !pieces.is_empty() && may() == 0 {
                pieces.pop();
            }
            if pieces.len() < before {
                stage.note(taken(&pieces));
            }
        }
        stage.hold();
        Ok(())
    }
}

fn floor(ground: &Ground<'_>, room: room::Room) -> u64 {
    room::floor(
        room.total,
        ground.scope.limits.memory_floor,
        ground.scope.limits.memory_floor_percent,
    )
}

/// Zeroes would be one page of the kernel's until written: so it is not zeroes.
fn piece() -> Vec<u8> {
    let mut piece = vec![0x5a; usize::try_from(PIECE).unwrap_or(1 << 22)];
    std::hint::black_box(&mut piece);
    piece
}

/// The kernel refuses more: should the count be wrong.
#[cfg(target_os = "linux")]
fn limit_memory(bytes: u64) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = Some(bytes);
    let _ = setrlimit(
        Resource::As,
        Rlimit {
            current: limit,
            maximum: limit,
        },
    );
}

#[cfg(not(target_os = "linux"))]
fn limit_memory(_bytes: u64) {}
