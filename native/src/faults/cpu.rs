//! `cpu`: threads that compute, each on a core of its own, so many percent of the time. They end with the actor, which
//! the kernel ends with its guardian, or when it has used its CPU time up (`RLIMIT_CPU`).
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{Ground, Injector, can, given, mistaken, who};
use crate::chaos::actor::Stage;
use crate::chaos::order::{Design, Order};
use crate::contract::capability::{Capability, Reverter};
use crate::contract::chaos::{Detail, Measure};
use crate::contract::error::NativeError;
use crate::contract::fault::{By, Fault};
use crate::machine::{clock, cores, process};

pub struct Cpu;

/// Length of one on-and-off of a load below 100 %.
const PERIOD: Duration = Duration::from_millis(10);
/// Work between two looks at the clock: some µs.
const STEPS: u64 = 5_000;
/// How long after its begin the load is measured for the answer.
const FIRST_LOOK: Duration = Duration::from_millis(60);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Given {
    cores: Vec<u32>,
    load: u64,
    /// 0, or 19 where the only core there is gets loaded.
    nice: i32,
}

impl Injector for Cpu {
    fn kind(&self) -> &'static str {
        "cpu"
    }

    fn capability(&self) -> Capability {
        if cfg!(target_os = "linux") {
            return can("cpu", "pinned threads", Reverter::Kernel);
        }
        let weaker = "threads cannot be pinned to cores here: the load is the same, where it lies is the system's choice";
        Capability {
            because: crate::contract::bounded::Long::cut(weaker),
            ..can("cpu", "threads", Reverter::Kernel)
        }
    }

    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        let Fault::Cpu {
            cores: wanted,
            load,
        } = fault
        else {
            return Err(mistaken());
        };
        let left = ground.scope.limits.cores_left.get();
        let mut free = cores_of(ground);
        free.retain(|core| !ground.loaded.contains(core));
        let all = cores::of(None).len() as u64;
        let chosen = choose(&free, wanted.get(), all, ground.loaded.len() as u64, left);
        if chosen.is_empty() {
            let message = format!(
                "{all} cores, {} loaded already, {left} left alone",
                ground.loaded.len()
            );
            return Err(NativeError::new(
                "no-room",
                message,
                "load fewer cores, or lower cores_left",
            ));
        }
        let nice = if all == 1 && left > 0 { 19 } else { 0 };
        let names = chosen
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        let whose = if ground.targets.is_empty() {
            String::new()
        } else {
            format!(", of {}", who(ground.targets))
        };
        let mut design = Design::by(if cfg!(target_os = "linux") {
            "pinned threads"
        } else {
            "threads"
        })
        .effect(format!(
            "{} {} % of the time on core {names}{whose}",
            match chosen.len() {
                1 => "1 thread computes".to_owned(),
                many => format!("{many} threads compute"),
            },
            load.get()
        ))
        .reverted(
            By::Kernel,
            "the threads end with their process (PDEATHSIG, RLIMIT_CPU)",
        );
        if nice > 0 {
            design = design
                .effect("the only core there is gets loaded at nice 19: all else goes before it");
        } else if (chosen.len() as u64) < wanted.get() {
            design = design.effect(format!(
                "of the {} wanted: {left} of {all} are left alone",
                wanted.get()
            ));
        }
        design.busy_threads = chosen.len() as u64;
        Ok(design.giving(&Given {
            cores: chosen,
            load: load.get(),
            nice,
        }))
    }

    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        let given: Given = given(order)?;
        if given.nice > 0 {
            let _ = rustix::process::nice(given.nice);
        }
        let used: Vec<Arc<AtomicU64>> = given
            .cores
            .iter()
            .map(|core| {
                let used = Arc::new(AtomicU64::new(0));
                let (core, load, shared) = (*core, given.load, Arc::clone(&used));
                std::thread::spawn(move || {
                    cores::stay_on(core);
                    burn(load, &shared);
                });
                used
            })
            .collect();
        let look = |since: &mut (Instant, u64)| {
            let all = used
                .iter()
                .map(|one| one.load(Ordering::Relaxed))
                .sum::<u64>();
            let now = (Instant::now(), all);
            let span = now.0.duration_since(since.0).as_nanos();
            let percent = ratio(now.1 - since.1, span * used.len() as u128);
            *since = now;
            percent
        };
        let mut since = (Instant::now(), 0);
        sleep(FIRST_LOOK);
        stage.applied(detail(&given, look(&mut since)));
        while stage.left_ms() > 0 {
            stage.wait(Duration::from_millis(stage.left_ms().min(1000)));
            if stage.left_ms() > 0 {
                stage.note(detail(&given, look(&mut since)));
            }
        }
        stage.hold();
        Ok(())
    }
}

/// Percent, to one decimal.
fn ratio(part: u64, whole: u128) -> f64 {
    let thousandths = u128::from(part) * 1000 / whole.max(1);
    f64::from(u32::try_from(thousandths).unwrap_or(u32::MAX)) / 10.0
}

fn detail(given: &Given, reached: f64) -> Detail {
    let cores = given
        .cores
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",");
    Detail::from([
        ("reached_percent".to_owned(), Measure::from(reached)),
        ("load_percent".to_owned(), Measure::from(given.load)),
        ("cores".to_owned(), Measure::from(cores.as_str())),
    ])
}

/// The cores the targets may run on; without targets, those we may.
fn cores_of(ground: &Ground<'_>) -> Vec<u32> {
    let mut found: Vec<u32> = ground
        .targets
        .iter()
        .filter(|target| process::find(&target.process).is_some())
        .flat_map(|target| {
            process::raw(&target.process).map_or_else(Vec::new, |pid| cores::of(Some(pid)))
        })
        .collect();
    let ours = cores::of(None);
    found.retain(|core| ours.contains(core));
    found.sort_unstable();
    found.dedup();
    if found.is_empty() { ours } else { found }
}

/// From the highest core down, since interrupts and the first of everything are at home on the lowest. Where `left`
/// would leave none (one core, or two and `left` 1 with one loaded), one may be loaded as long as none is.
fn choose(free: &[u32], wanted: u64, all: u64, loaded: u64, left: u64) -> Vec<u32> {
    let least = u64::from(loaded == 0);
    let may = all.saturating_sub(left).saturating_sub(loaded).max(least);
    let count = usize::try_from(wanted.max(1).min(may)).unwrap_or(usize::MAX);
    free.iter().rev().take(count).copied().collect()
}

/// Computes for `load` percent of the time, measured by the CPU time of this thread: what others took from it in one
/// period is caught up in the next, but never more than one period's worth.
fn burn(load: u64, used: &AtomicU64) {
    let period = u64::try_from(PERIOD.as_nanos()).unwrap_or(u64::MAX);
    let quota = period * load / 100;
    let mut owed = 0;
    loop {
        let begin = Instant::now();
        let before = clock::thread_cpu_ns();
        owed = (owed + quota).min(2 * quota);
        let mut spent = 0;
        while spent < owed && (load == 100 || begin.elapsed() < PERIOD) {
            work();
            let now = clock::thread_cpu_ns();
            spent = now - before;
            used.store(now, Ordering::Relaxed);
        }
        owed = owed.saturating_sub(spent);
        if load < 100 {
            sleep(PERIOD.saturating_sub(begin.elapsed()));
        }
    }
}

fn work() {
    let mut value = 0x9e37_79b9_7f4a_7c15_u64;
    for step in 0..STEPS {
        value = std::hint::black_box(value.rotate_left(5) ^ step);
    }
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn cores_are_left_alone_but_one_may_always_be_loaded() {
        assert_eq!(choose(&[0, 1, 2, 3], 2, 4, 0, 1), [3, 2]);
        assert_eq!(choose(&[0, 1, 2, 3], 9, 4, 0, 1), [3, 2, 1]);
        assert_eq!(choose(&[0, 1], 2, 2, 0, 1), [1]);
        assert_eq!(choose(&[0], 1, 1, 0, 1), [0]);
        assert_eq!(choose(&[0], 1, 2, 1, 1), [0; 0]);
        assert_eq!(choose(&[0, 1], 9, 2, 0, 0), [1, 0]);
    }
}
