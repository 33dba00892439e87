//! `net_partition`: nothing in, nothing out. Where each target has a network namespace of its own, by a table of nftables'
//! in there that dies with who made it; else by the targets' proxies (`faults/net.rs`).
#[cfg(target_os = "linux")]
pub mod cut;
#[cfg(target_os = "linux")]
mod nft;

use super::net::Net;
use super::{Ground, Injector};
use crate::chaos::actor::Stage;
use crate::chaos::order::{Design, Order};
use crate::contract::capability::Capability;
use crate::contract::error::NativeError;
use crate::contract::fault::Fault;

pub struct Partition;

const PROXIES: Net = Net("net_partition");
#[cfg(target_os = "linux")]
const NFTABLES: &str = "nftables";

impl Injector for Partition {
    fn kind(&self) -> &'static str {
        "net_partition"
    }

    #[cfg(target_os = "linux")]
    fn capability(&self) -> Capability {
        use crate::contract::bounded::Long;
        let proxies = PROXIES.capability();
        if !proxies.available {
            return proxies;
        }
        let because = "nftables in place of proxies for a target in a network namespace of its own";
        Capability {
            because: Long::cut(because),
            ..proxies
        }
    }

    #[cfg(target_os = "linux")]
    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        use crate::contract::fault::By;
        let alone = ground.targets.iter().all(spaces::is_alone);
        if ground.targets.is_empty() || !alone {
            return PROXIES.plan(fault, ground);
        }
        let mut design = Design::by(NFTABLES);
        for target in ground.targets {
            // Entered once now: who may not enter it could not cut it off either.
            let tried = cut::is_cut(&target.process);
            if tried != Ok(false) {
                let why = tried.map_or_else(|why| why, |_| "it is cut off already".to_owned());
                let message = format!("the network of {} cannot be cut off: {why}", target.name);
                let remedy =
                    "give it endpoints that go through proxies, or run as who made its namespace";
                return Err(NativeError::new("refused", message, remedy));
            }
            design = design.effect(format!(
                "table inet hms_chaos {{ flags owner; }} with policy drop for in, out and through, in the network namespace of {}; its loopback too",
                super::who(std::slice::from_ref(target)),
            ));
        }
        Ok(design.reverted(
            By::Kernel,
            "the table goes when the socket of who owns it is closed",
        ))
    }

    #[cfg(target_os = "linux")]
    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        if order.design.mechanism == NFTABLES {
            by_nftables::apply(order, stage)
        } else {
            PROXIES.apply(order, stage)
        }
    }

    #[cfg(target_os = "linux")]
    fn probe(&self, order: &Order) -> Vec<String> {
        if order.design.mechanism != NFTABLES {
            return PROXIES.probe(order);
        }
        let left = order
            .targets
            .iter()
            .filter(|target| cut::is_cut(&target.process) == Ok(true));
        left.map(|target| format!("the network of {} is cut off", target.name))
            .collect()
    }

    #[cfg(not(target_os = "linux"))]
    fn capability(&self) -> Capability {
        PROXIES.capability()
    }

    #[cfg(not(target_os = "linux"))]
    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        PROXIES.plan(fault, ground)
    }

    #[cfg(not(target_os = "linux"))]
    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        PROXIES.apply(order, stage)
    }

    #[cfg(not(target_os = "linux"))]
    fn probe(&self, order: &Order) -> Vec<String> {
        PROXIES.probe(order)
    }
}

#[cfg(target_os = "linux")]
mod spaces {
    use std::path::PathBuf;

    use crate::contract::scope::Target;
    use crate::machine::process;

    /// Whether it is in another network namespace than we are, and nobody but its tree is in there: cutting it off cuts
    /// nobody else off.
    pub fn is_alone(target: &Target) -> bool {
        let Some(root) = process::find(&target.process) else {
            return false;
        };
        let theirs = of(&root.pid.to_string());
        if theirs.is_none() || theirs == of("self") {
            return false;
        }
        // Of whom it may not be read, nothing is known: they are another account's, who has not made this one.
        let inside = process::all()
            .into_iter()
            .filter(|one| of(&one.pid.to_string()) == theirs);
        inside
            .map(|one| one.pid)
            .all(|pid| stems_from(pid, root.pid))
    }

    /// Or has ended meanwhile. Looked at one by one: a list would lack who was started since.
    fn stems_from(mut pid: u32, root: u32) -> bool {
        while pid != root {
            match process::stat(pid) {
                None => return true,
                Some(found) if found.parent <= 1 => return found.has_ended(),
                Some(found) => pid = found.parent,
            }
        }
        true
    }

    fn of(pid: &str) -> Option<PathBuf> {
        std::fs::read_link(format!("/proc/{pid}/ns/net")).ok()
    }
}

#[cfg(target_os = "linux")]
mod by_nftables {
    use std::ffi::OsString;
    use std::io::Read;
    use std::path::Path;
    use std::process::{Child, Stdio};

    use super::cut;
    use crate::chaos::actor::Stage;
    use crate::chaos::bound;
    use crate::chaos::order::Order;
    use crate::contract::chaos::{Detail, Measure};
    use crate::contract::error::NativeError;

    pub fn apply(order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        let mut held = Vec::new();
        for target in &order.targets {
            let args = cut::arguments(&target.process).map(OsString::from).to_vec();
            let pipes = [Stdio::piped(), Stdio::piped()];
            let mut child = bound::start(stage, (Path::new("/proc/self/exe"), args), pipes)?;
            if said(&mut child) != cut::WORD {
                let mut words = String::new();
                let _ = child
                    .stderr
                    .take()
                    .map(|mut pipe| pipe.read_to_string(&mut words));
                let message = format!(
                    "the network of {} cannot be cut off: {}",
                    target.name,
                    words.trim()
                );
                return Err(NativeError::new("refused", message, ""));
            }
            held.push(child);
        }
        let namespaces = Measure::from(held.len() as u64);
        stage.applied(Detail::from([("namespaces".to_owned(), namespaces)]));
        stage.hold();
        Ok(())
    }

    /// Its only word; nothing when it failed.
    fn said(child: &mut Child) -> String {
        let mut word = [0; cut::WORD.len()];
        let heard = child.stdout.as_mut().map(|out| out.read_exact(&mut word));
        match heard {
            Some(Ok(())) => String::from_utf8_lossy(&word).into_owned(),
            _ => String::new(),
        }
    }
}
