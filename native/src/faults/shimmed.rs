//! Faults inside programs that were started by `hms-native run`: leases in the page they share with us. A lease that
//! nobody renews is over by itself, so nobody of ours need be alive for it; the journal only makes it sooner.
use super::cannot;
use crate::contract::capability::Capability;
use crate::shim;

#[cfg(target_os = "linux")]
use linux::tried;
#[cfg(target_os = "linux")]
pub use linux::{Held, Part, design};

pub fn capability(name: &str) -> Capability {
    let remedy = "run the fleet on Linux, with a helper built by cargo";
    match shim::built() {
        Err(because) => cannot(name, because, remedy),
        Ok(()) => tried(name),
    }
}

#[cfg(not(target_os = "linux"))]
fn tried(name: &str) -> Capability {
    cannot(name, "this is not Linux", "")
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io;
    use std::time::Duration;

    use crate::chaos::actor::Stage;
    use crate::chaos::order::{Design, Order};
    use crate::chaos::undo::Undo;
    use crate::contract::bounded::Long;
    use crate::contract::capability::{Capability, Reverter};
    use crate::contract::chaos::{Detail, Measure};
    use crate::contract::error::NativeError;
    use crate::contract::fault::By;
    use crate::faults::{Ground, can, cannot, needs_target, who};
    pub use crate::shim::page::Part;
    use crate::shim::page::{self, LEASE, Page, RENEWED};

    pub fn tried(name: &str) -> Capability {
        match page::create() {
            Ok(_) => Capability {
                because: Long::cut(
                    "only programs started by `hms-native run`, and only what of them asks libc",
                ),
                ..can(name, "LD_PRELOAD", Reverter::Kernel)
            },
            Err(error) => {
                let because = format!("memfd_create(2): {error}");
                cannot(name, &because, "allow it in the container's profile")
            }
        }
    }

    /// The undo of every target; `does` is what is done to whom.
    ///
    /// # Errors
    /// `needs-target`, `not-started-by-us`, `no-effect` when `run` itself was told to do it.
    pub fn design(
        ground: &Ground<'_>,
        part: Part,
        what: &str,
        does: &str,
    ) -> Result<Design, NativeError> {
        needs_target(ground.targets, what)?;
        let mut design = Design::by("LD_PRELOAD");
        for target in ground.targets {
            let page = Page::of(target)?;
            if page.is_for_ever(part) {
                let message = format!("{} has it from its start on", target.name);
                return Err(NativeError::new("no-effect", message, "start it without"));
            }
            design = design.effect(format!(
                "{does}, for {} and all it starts, by a lease of {LEASE:?} that is renewed every {RENEWED:?}",
                who(std::slice::from_ref(target)),
            ));
            design.undo.push(Undo::Lease { page, part });
        }
        Ok(design
            .reverted(
                By::Kernel,
                &format!("the lease is over {LEASE:?} after nobody renews it"),
            )
            .reverted(By::Guardian, "the lease is ended at once"))
    }

    /// Pages of the targets that are still there.
    pub struct Held {
        files: Vec<File>,
        part: Part,
    }

    impl Held {
        pub fn of(order: &Order, part: Part) -> Self {
            let pages = order.design.undo.iter().filter_map(|undo| match undo {
                Undo::Lease { page, .. } => page.open(),
                _ => None,
            });
            Self {
                files: pages.collect(),
                part,
            }
        }

        /// `set` writes what is to be done; the lease makes it so.
        ///
        /// # Errors
        /// `page` when it cannot be written.
        pub fn keep(
            self,
            stage: &mut Stage,
            set: impl Fn(&File) -> io::Result<()>,
        ) -> Result<(), NativeError> {
            let broken = |error: io::Error| {
                NativeError::new("page", format!("the shared page: {error}"), "")
            };
            let renew = || {
                let until = page::a_lease_from_now();
                self.files
                    .iter()
                    .try_for_each(|file| page::lease(file, self.part, until))
            };
            self.files
                .iter()
                .try_for_each(set)
                .and_then(|()| renew())
                .map_err(broken)?;
            let programs = Measure::from(self.files.len() as u64);
            stage.applied(Detail::from([("programs".to_owned(), programs)]));
            while stage.left_ms() > 0 {
                stage.wait(RENEWED.min(Duration::from_millis(stage.left_ms())));
                renew().map_err(broken)?;
            }
            stage.hold();
            Ok(())
        }
    }
}
