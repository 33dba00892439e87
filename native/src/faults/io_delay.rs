//! `io_delay`: files in a folder are slow for programs that were started by `hms-native run`. See [`super::shimmed`].
use super::{Ground, Injector, mistaken, shimmed};
use crate::chaos::actor::Stage;
use crate::chaos::order::{Design, Order};
use crate::contract::capability::Capability;
use crate::contract::error::NativeError;
use crate::contract::fault::Fault;

pub struct IoDelay;

impl Injector for IoDelay {
    fn kind(&self) -> &'static str {
        "io_delay"
    }

    fn capability(&self) -> Capability {
        shimmed::capability("io_delay")
    }

    #[cfg(target_os = "linux")]
    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        let Fault::IoDelay { path, delay_ms } = fault else {
            return Err(mistaken());
        };
        let folder = super::disk_fill::inside(path, ground)?;
        if folder.as_os_str().len() > crate::shim::page::MAX_PATH {
            return Err(NativeError::new(
                "refused",
                "the folder's path is too long",
                "",
            ));
        }
        let does = format!(
            "open, read, write and sync of files in {} wait {} ms each",
            folder.display(),
            delay_ms.get()
        );
        let design = shimmed::design(ground, shimmed::Part::Files, "a delay of files", &does)?;
        Ok(design.giving(&folder))
    }

    #[cfg(target_os = "linux")]
    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        let Fault::IoDelay { delay_ms, .. } = &order.fault else {
            return Err(mistaken());
        };
        let folder: std::path::PathBuf = super::given(order)?;
        let delay = delay_ms.get().saturating_mul(1_000_000);
        let held = shimmed::Held::of(order, shimmed::Part::Files);
        held.keep(stage, |file| {
            crate::shim::page::set_files(file, &folder, delay)
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn plan(&self, fault: &Fault, _ground: &Ground<'_>) -> Result<Design, NativeError> {
        let Fault::IoDelay { .. } = fault else {
            return Err(mistaken());
        };
        Err(super::cannot_here(&self.capability()))
    }

    #[cfg(not(target_os = "linux"))]
    fn apply(&self, _order: &Order, _stage: &mut Stage) -> Result<(), NativeError> {
        Err(super::cannot_here(&self.capability()))
    }
}
