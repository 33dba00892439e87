//! `fd_exhaust`: the target may open only so many more files, by its soft limit; the hard one is left alone, so that
//! it can be taken back. The journal takes it back: no death of ours does. Who is started by the target meanwhile inherits
//! the limit, and gets it back too.
#[cfg(target_os = "linux")]
use serde::{Deserialize, Serialize};

use super::{Ground, Injector, cannot, mistaken};
use crate::chaos::actor::Stage;
use crate::chaos::order::{Design, Order};
use crate::contract::capability::Capability;
use crate::contract::error::NativeError;
use crate::contract::fault::Fault;

pub struct FdExhaust;

/// What a target's soft limit becomes.
#[cfg(target_os = "linux")]
#[derive(Debug, Serialize, Deserialize)]
struct Limit {
    pid: u64,
    set: u64,
}

#[cfg(target_os = "linux")]
impl Injector for FdExhaust {
    fn kind(&self) -> &'static str {
        "fd_exhaust"
    }

    fn capability(&self) -> Capability {
        use crate::chaos::undo::open_files;
        use crate::contract::capability::Reverter;
        let tried = crate::machine::process::own().is_some_and(|own| {
            open_files::soft(&own).is_some_and(|soft| open_files::set_soft(&own, soft).is_ok())
        });
        if tried {
            super::can("fd_exhaust", "prlimit", Reverter::Guardian)
        } else {
            cannot(
                "fd_exhaust",
                "prlimit(2) is refused",
                "allow it to this account, or in the container's profile",
            )
        }
    }

    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        use crate::chaos::undo::{Undo, open_files};
        use crate::contract::fault::By;
        use crate::machine::process;
        let Fault::FdExhaust { left } = fault else {
            return Err(mistaken());
        };
        super::needs_target(ground.targets, "fd exhaustion")?;
        let mut design = Design::by("prlimit");
        let mut set_all = Vec::new();
        for target in ground.targets {
            let pid = target.process.pid.get();
            let soft = open_files::soft(&target.process);
            let (Some(before), Some(open)) = (soft, open(pid)) else {
                let message = format!(
                    "the open files of {} (pid {pid}) are not ours to read",
                    target.name
                );
                let remedy = "it belongs to another account: run the fleet and its helper as one";
                return Err(NativeError::new("refused", message, remedy));
            };
            let set = limit(&open, left.get()).min(before);
            if set == before {
                let message = format!(
                    "{} may open no more than {} files anyway",
                    target.name,
                    left.get()
                );
                return Err(NativeError::new("no-effect", message, "choose fewer"));
            }
            design = design
                .effect(format!(
                    "prlimit({pid}, RLIMIT_NOFILE, soft {before} → {set}) on {}",
                    target.name
                ))
                .reverted(
                    By::Guardian,
                    &format!("prlimit({pid}, RLIMIT_NOFILE, soft {before})"),
                );
            design.undo.push(Undo::OpenFiles {
                process: target.process.clone(),
                before,
                set,
                session: process::find(&target.process).map_or(0, |found| found.session),
                since: process::birth_now(),
            });
            set_all.push(Limit { pid, set });
        }
        Ok(design.giving(&set_all))
    }

    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        use crate::chaos::undo::open_files;
        use crate::contract::chaos::{Detail, Measure};
        let limits: Vec<Limit> = super::given(order)?;
        let mut detail = Detail::new();
        for target in &order.targets {
            let pid = target.process.pid.get();
            let Some(limit) = limits.iter().find(|limit| limit.pid == pid) else {
                continue;
            };
            open_files::set_soft(&target.process, limit.set).map_err(|error| {
                let remedy = "it belongs to another account: run the fleet and its helper as one";
                NativeError::new(
                    "refused",
                    format!("prlimit of {} (pid {pid}): {error}", target.name),
                    remedy,
                )
            })?;
            detail.insert(format!("limit.{}", &*target.name), Measure::from(limit.set));
        }
        stage.applied(detail);
        stage.hold();
        Ok(())
    }
}

/// Numbers of its open files, sorted.
#[cfg(target_os = "linux")]
fn open(pid: u64) -> Option<Vec<u32>> {
    std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    let mut open = crate::machine::process::numbers(&format!("/proc/{pid}/fd"));
    open.sort_unstable();
    Some(open)
}

/// The limit is on a file's number, not on how many there are, and the lowest free one is taken: below it there are
/// exactly `left` free ones. What is open above stays open.
#[cfg(any(target_os = "linux", test))]
fn limit(open: &[u32], left: u64) -> u64 {
    let mut free = 0;
    let mut number = 0;
    for one in open.iter().map(|one| u64::from(*one)) {
        let gap = one - number;
        if free + gap > left {
            break;
        }
        free += gap;
        number = one + 1;
    }
    number + (left - free)
}

#[cfg(not(target_os = "linux"))]
impl Injector for FdExhaust {
    fn kind(&self) -> &'static str {
        "fd_exhaust"
    }

    fn capability(&self) -> Capability {
        cannot(
            "fd_exhaust",
            "this system cannot set another process' limits",
            "run the fleet on Linux for it",
        )
    }

    fn plan(&self, fault: &Fault, _ground: &Ground<'_>) -> Result<Design, NativeError> {
        let Fault::FdExhaust { .. } = fault else {
            return Err(mistaken());
        };
        Err(super::cannot_here(&self.capability()))
    }

    fn apply(&self, _order: &Order, _stage: &mut Stage) -> Result<(), NativeError> {
        Err(super::cannot_here(&self.capability()))
    }
}

#[cfg(test)]
mod tests {
    use super::limit;
    use proptest::prelude::*;

    #[test]
    fn gaps_count_as_free() {
        assert_eq!(limit(&[0, 1, 2], 0), 3);
        assert_eq!(limit(&[0, 1, 2], 2), 5);
        assert_eq!(limit(&[0, 2, 5], 0), 1);
        assert_eq!(limit(&[0, 2, 5], 1), 3);
        assert_eq!(limit(&[0, 2, 5], 2), 4);
        assert_eq!(limit(&[], 3), 3);
    }

    proptest! {
        #[test]
        fn below_the_limit_exactly_so_many_are_free(open in proptest::collection::btree_set(0_u32..60, 0..40), left in 0_u64..30) {
            let open: Vec<u32> = open.into_iter().collect();
            let limit = limit(&open, left);
            let free = (0..limit).filter(|number| !open.contains(&u32::try_from(*number).unwrap())).count() as u64;
            prop_assert_eq!(free, left);
        }
    }
}
