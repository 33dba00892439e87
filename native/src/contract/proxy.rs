//! Addresses of the userspace proxy.
use serde::{Deserialize, Serialize};

use super::bounded::{FilePath, Name, Text};

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
    pub listen: ProxyAddress,
    pub upstream: ProxyAddress,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyOpened {
    pub listen: ProxyAddress,
}
