//! `net_delay`, `net_loss`, `net_bandwidth`, `net_reset`, `net_drop`, and `net_partition` by the target's proxies: toxics
//! of userspace proxies. A toxic belongs to the actor's connection to the proxy's control socket; when the actor dies the
//! kernel closes it, and the proxy lets everything go on.
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{Ground, Injector, can, cannot, given, mistaken, needs_target};
use crate::chaos::actor::Stage;
use crate::chaos::order::{Design, Order};
use crate::contract::capability::{Capability, Reverter};
use crate::contract::chaos::{Detail, Measure};
use crate::contract::error::NativeError;
use crate::contract::fault::{By, Direction, Fault};
use crate::contract::scope::ScopeProxy;
use crate::proxy::client::ProxyClient;
use crate::proxy::toxic::{Dose, RTO_MS, Toxic};

/// One kind of them, by its name in the contract.
pub struct Net(pub &'static str);

/// How often the proxy is asked what came of it meanwhile.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Debug, Serialize, Deserialize)]
struct Given {
    /// Control sockets.
    controls: Vec<PathBuf>,
    dose: Dose,
}

impl Injector for Net {
    fn kind(&self) -> &'static str {
        self.0
    }

    fn capability(&self) -> Capability {
        let proxy = crate::proxy::capability();
        if proxy.available {
            can(self.0, "proxy", Reverter::Kernel)
        } else {
            cannot(self.0, &proxy.because, &proxy.remedy)
        }
    }

    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        let (toxic, way) = toxic(fault).ok_or_else(mistaken)?;
        let proxies = match way {
            Some((name, ..)) => vec![named(name, ground)?],
            None => of_targets(ground)?,
        };
        let (direction, toxicity) =
            way.map_or((Direction::Both, 1.0), |(_, way, share)| (way, share));
        // The order has id and seed; here it is only looked whether it can be.
        let dose = Dose {
            name: "plan".to_owned(),
            toxic,
            direction,
            toxicity,
            seed: 0,
        };
        dose.check()?;
        let mut design = Design::by("proxy");
        for proxy in &proxies {
            let status = ProxyClient::connect(Path::new(&*proxy.control))
                .and_then(|mut client| client.status())?;
            if status.name != *proxy.name {
                let message = format!(
                    "on the control socket of {:?} is {:?}",
                    &*proxy.name, status.name
                );
                return Err(NativeError::new("unknown-proxy", message, "open it again"));
            }
            design = design.effect(format!(
                "toxic.add {} on the proxy {} (pid {}, {} → {}, {} connections open)",
                serde_json::to_string(&dose.toxic).unwrap_or_default(),
                status.name,
                status.pid,
                status.listen,
                status.upstream,
                status.connections,
            ));
        }
        let controls = proxies.iter().map(|proxy| PathBuf::from(&*proxy.control));
        Ok(design
            .reverted(
                By::Kernel,
                "the connection that holds the toxic closes when who holds it is dead; the proxy goes on",
            )
            .giving(&Given {
                controls: controls.collect(),
                dose,
            }))
    }

    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        let Given { controls, mut dose } = given(order)?;
        dose.name = name(order);
        dose.seed = order.seed;
        let mut clients = Vec::new();
        let mut connections = 0;
        for control in &controls {
            let mut client = ProxyClient::connect(control)?;
            connections += client.add(dose.clone())?;
            clients.push(client);
        }
        stage.applied(Detail::from([
            ("proxies".to_owned(), Measure::from(controls.len() as u64)),
            ("connections".to_owned(), Measure::from(connections)),
        ]));
        while stage.left_ms() > 0 {
            stage.wait(LOOK.min(Duration::from_millis(stage.left_ms())));
            let states = clients.iter_mut().filter_map(|client| client.status().ok());
            let toxics = states.flat_map(|status| status.toxics);
            let ours = toxics.filter(|working| working.dose.name == dose.name);
            let now = ours.map(|working| working.connections).sum();
            if now == connections {
                continue;
            }
            connections = now;
            stage.note(Detail::from([(
                "connections".to_owned(),
                Measure::from(connections),
            )]));
        }
        stage.hold();
        Ok(())
    }

    /// A round trip to each proxy: it knows nothing of the toxic, and holds nothing back for nobody.
    fn probe(&self, order: &Order) -> Vec<String> {
        let Ok(Given { controls, .. }) = given(order) else {
            return Vec::new();
        };
        let name = name(order);
        let left = |control: &PathBuf| {
            let begun = Instant::now();
            let status = ProxyClient::connect(control).and_then(|mut client| client.status());
            match status {
                // A proxy that is gone took its toxics along.
                Err(error) if &*error.code == "proxy-gone" => None,
                Err(error) => Some(error.message.to_string()),
                Ok(status)
                    if status
                        .toxics
                        .iter()
                        .any(|working| working.dose.name == name) =>
                {
                    Some(format!(
                        "the proxy {} still does it after {:?}",
                        status.name,
                        begun.elapsed()
                    ))
                }
                Ok(status) if status.toxics.is_empty() && status.shaped > 0 => Some(format!(
                    "the proxy {} holds back {} connections",
                    status.name, status.shaped
                )),
                Ok(_) => None,
            }
        };
        controls.iter().filter_map(left).collect()
    }
}

/// As the proxy knows it: no two injections have the same, whoever makes them.
fn name(order: &Order) -> String {
    format!("{} {}", &*order.id, order.deadline_boot_ms)
}

type Way<'a> = Option<(&'a str, Direction, f64)>;

/// The toxic of a fault, and on which proxy, which way, and its share of connections; without those: all of the targets'.
fn toxic(fault: &Fault) -> Option<(Toxic, Way<'_>)> {
    Some(match fault {
        Fault::NetDelay {
            proxy,
            direction,
            toxicity,
            delay_ms,
            jitter_ms,
        } => (
            Toxic::Latency {
                latency_ms: delay_ms.get(),
                jitter_ms: jitter_ms.get(),
            },
            Some((proxy, *direction, toxicity.get())),
        ),
        Fault::NetLoss {
            proxy,
            direction,
            toxicity,
            percent,
        } => (
            Toxic::Loss {
                percent: percent.get(),
                rto_ms: RTO_MS,
            },
            Some((proxy, *direction, toxicity.get())),
        ),
        Fault::NetBandwidth {
            proxy,
            direction,
            toxicity,
            bytes_per_s,
        } => (
            Toxic::Bandwidth {
                bytes_per_s: bytes_per_s.get(),
            },
            Some((proxy, *direction, toxicity.get())),
        ),
        Fault::NetReset {
            proxy,
            direction,
            toxicity,
            after_ms,
        } => (
            Toxic::ResetPeer {
                after_ms: after_ms.get(),
            },
            Some((proxy, *direction, toxicity.get())),
        ),
        Fault::NetDrop {
            proxy,
            direction,
            toxicity,
        } => (
            Toxic::Timeout { timeout_ms: 0 },
            Some((proxy, *direction, toxicity.get())),
        ),
        Fault::NetPartition {} => (Toxic::Stall {}, None),
        _ => return None,
    })
}

/// The proxy of the scope with that name. Whose it is must be named as the target, so that it counts as harmed.
fn named<'a>(name: &str, ground: &'a Ground<'_>) -> Result<&'a ScopeProxy, NativeError> {
    let found = ground
        .scope
        .proxies
        .iter()
        .find(|proxy| *proxy.name == *name);
    let proxy = found.ok_or_else(|| {
        let message = format!("the scope has no proxy {name:?}");
        NativeError::new("unknown-proxy", message, "name one of the scope's proxies")
    })?;
    let is_target = ground
        .targets
        .iter()
        .any(|target| *target.name == *proxy.target);
    if proxy.target.is_empty() || is_target {
        return Ok(proxy);
    }
    let message = format!("the proxy {name:?} is {}'s", proxy.target);
    let remedy = format!("name {} as the target", proxy.target);
    Err(NativeError::new("needs-target", message, remedy))
}

fn of_targets<'a>(ground: &'a Ground<'_>) -> Result<Vec<&'a ScopeProxy>, NativeError> {
    needs_target(ground.targets, "a partition")?;
    let mut all = Vec::new();
    for target in ground.targets {
        let before = all.len();
        let proxies = ground.scope.proxies.iter();
        all.extend(proxies.filter(|proxy| *proxy.target == *target.name));
        if all.len() == before {
            let message = format!("{} has no proxies that could be cut off", target.name);
            return Err(NativeError::new(
                "cannot-here",
                message,
                "give it endpoints that go through proxies",
            ));
        }
    }
    Ok(all)
}
