//! Addresses of the userspace proxy.
use serde::{Deserialize, Serialize};

use super::bounded::{FilePath, Name, Text};
use super::process::ProcessMark;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ProxyAddress {
    /// `host:port`.
    Tcp(Text<1, 300>),
    /// A socket's path.
    Unix(FilePath),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyOpen {
    pub name: Name,
    /// Of the fleet's own: the proxy's control socket is there.
    pub folder: FilePath,
    pub listen: ProxyAddress,
    pub upstream: ProxyAddress,
    /// It goes on listening for as long as this process lives.
    #[serde(default)]
    pub owner: Option<ProcessMark>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyOpened {
    /// With the port that was chosen.
    pub listen: ProxyAddress,
    /// Its control socket.
    pub control: FilePath,
    /// It was there already.
    pub adopted: bool,
}
