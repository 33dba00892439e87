//! Requests and what is answered to each.
use serde::{Deserialize, Serialize};

use super::bounded::{Count, Few, FilePath, Long, Name, Text};
use super::capability::Capability;
use super::fault::Injection;
use super::process::{Named, Pressure, TreeSample};
use super::proxy::ProxyOpen;
use super::scope::{Scope, Target};

/// Names of all requests, for telling an unknown one from a wrong one.
pub const REQUESTS: [&str; 15] = [
    "hello",
    "ping",
    "watch.add",
    "watch.remove",
    "top.sample",
    "tail.add",
    "tail.remove",
    "proxy.open",
    "proxy.close",
    "chaos.open",
    "chaos.retarget",
    "chaos.plan",
    "chaos.inject",
    "chaos.halt",
    "chaos.status",
];

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", content = "with", deny_unknown_fields)]
pub enum Request {
    #[serde(rename = "hello")]
    Hello(Hello),
    #[serde(rename = "ping")]
    Ping(Nothing),
    #[serde(rename = "watch.add")]
    WatchAdd(WatchAdd),
    #[serde(rename = "watch.remove")]
    WatchRemove(WatchRemove),
    #[serde(rename = "top.sample")]
    TopSample(TopSample),
    #[serde(rename = "tail.add")]
    TailAdd(TailAdd),
    #[serde(rename = "tail.remove")]
    TailRemove(ByName),
    #[serde(rename = "proxy.open")]
    ProxyOpen(ProxyOpen),
    #[serde(rename = "proxy.close")]
    ProxyClose(ByName),
    #[serde(rename = "chaos.open")]
    ChaosOpen(Scope),
    #[serde(rename = "chaos.retarget")]
    ChaosRetarget(Retarget),
    #[serde(rename = "chaos.plan")]
    ChaosPlan(Injection),
    #[serde(rename = "chaos.inject")]
    ChaosInject(Injection),
    #[serde(rename = "chaos.halt")]
    ChaosHalt(Halt),
    #[serde(rename = "chaos.status")]
    ChaosStatus(Nothing),
}

/// `{}`: what comes with a request that needs nothing, and what is answered when there is nothing to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    pub protocol: i64,
    pub client: Text<0, 64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Welcome {
    pub protocol: u64,
    pub version: String,
    pub os: String,
    pub arch: String,
    pub capabilities: Vec<Capability>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchAdd {
    pub processes: Few<Named, 1024>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchAdded {
    /// Those that were gone before they could be watched.
    pub gone: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchRemove {
    pub names: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopSample {
    pub roots: Few<Named, 1024>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopSampled {
    /// Wall clock, ms.
    pub at: Count,
    pub samples: Vec<TreeSample>,
    pub pressure: Pressure,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TailAdd {
    pub name: Name,
    pub path: FilePath,
    /// Byte to begin at; -1 for the file's end.
    #[serde(default)]
    pub from: From,
}

/// −1 or a byte's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64")]
pub struct From(pub i64);

impl Default for From {
    fn default() -> Self {
        Self(-1)
    }
}

impl TryFrom<i64> for From {
    type Error = String;

    fn try_from(from: i64) -> Result<Self, String> {
        if (-1..1 << 53).contains(&from) {
            Ok(Self(from))
        } else {
            Err(format!("{from} where -1 or a byte's place is possible"))
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByName {
    pub name: String,
}

/// New incarnations of names the scope has already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retarget {
    pub targets: Few<Target, 1024>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Halt {
    #[serde(default)]
    pub ids: Vec<String>,
    #[serde(default = "halt")]
    pub because: Long,
}

fn halt() -> Long {
    Long::cut("halt")
}
