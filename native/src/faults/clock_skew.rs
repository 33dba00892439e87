//! `clock_skew`: programs that were started by `hms-native run` see another wall clock. See [`super::shimmed`].
use super::{Ground, Injector, mistaken, shimmed};
use crate::chaos::actor::Stage;
use crate::chaos::order::{Design, Order};
use crate::contract::capability::Capability;
use crate::contract::error::NativeError;
use crate::contract::fault::Fault;

pub struct ClockSkew;

impl Injector for ClockSkew {
    fn kind(&self) -> &'static str {
        "clock_skew"
    }

    fn capability(&self) -> Capability {
        shimmed::capability("clock_skew")
    }

    #[cfg(target_os = "linux")]
    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        let Fault::ClockSkew { offset_ms } = fault else {
            return Err(mistaken());
        };
        if *offset_ms == 0 {
            return Err(NativeError::new(
                "no-effect",
                "a clock that is off by nothing",
                "choose an offset",
            ));
        }
        ns(*offset_ms)?;
        let does = format!("the wall clock is {offset_ms} ms off");
        shimmed::design(ground, shimmed::Part::Clock, "a clock that is off", &does)
    }

    #[cfg(target_os = "linux")]
    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        let Fault::ClockSkew { offset_ms } = order.fault else {
            return Err(mistaken());
        };
        let offset = ns(offset_ms)?;
        let held = shimmed::Held::of(order, shimmed::Part::Clock);
        held.keep(stage, |file| crate::shim::page::set_clock(file, offset))
    }

    #[cfg(not(target_os = "linux"))]
    fn plan(&self, fault: &Fault, _ground: &Ground<'_>) -> Result<Design, NativeError> {
        let Fault::ClockSkew { .. } = fault else {
            return Err(mistaken());
        };
        Err(super::cannot_here(&self.capability()))
    }

    #[cfg(not(target_os = "linux"))]
    fn apply(&self, _order: &Order, _stage: &mut Stage) -> Result<(), NativeError> {
        Err(super::cannot_here(&self.capability()))
    }
}

/// A century either way fits.
#[cfg(target_os = "linux")]
fn ns(ms: i64) -> Result<i64, NativeError> {
    ms.checked_mul(1_000_000).ok_or_else(|| {
        let message = format!("{ms} ms is too far off");
        NativeError::new("too-far", message, "stay within a century")
    })
}
