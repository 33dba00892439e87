//! Where a proxy listens and where it passes bytes to: a TCP port or a unix socket, either side either kind.
use crate::contract::error::NativeError;
use crate::contract::proxy::ProxyAddress;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// One end of a proxy. As data: `{"tcp": "127.0.0.1:5432"}` or `{"unix": "/run/x.sock"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Address {
    /// `HOST:PORT`; a host that contains colons stands in brackets.
    Tcp(String),
    /// The path of a stream socket.
    Unix(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host) => write!(f, "{host}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl From<&ProxyAddress> for Address {
    fn from(said: &ProxyAddress) -> Self {
        match said {
            ProxyAddress::Tcp(host) => Self::Tcp(host.to_string()),
            ProxyAddress::Unix(path) => Self::Unix(PathBuf::from(&**path)),
        }
    }
}

impl TryFrom<&Address> for ProxyAddress {
    type Error = NativeError;

    fn try_from(address: &Address) -> Result<Self, NativeError> {
        let long = |_| NativeError::new("proxy-address", "an address is too long", "");
        Ok(match address {
            Address::Tcp(host) => Self::Tcp(host.clone().try_into().map_err(long)?),
            Address::Unix(path) => {
                let path = path.to_string_lossy().into_owned();
                Self::Unix(path.try_into().map_err(long)?)
            }
        })
    }
}

impl FromStr for Address {
    type Err = NativeError;

    /// Reads `HOST:PORT`, `tcp://HOST:PORT`, `unix:PATH`, `unix://PATH` or a path that begins with `/` or `.`.
    fn from_str(text: &str) -> Result<Self, NativeError> {
        let path = text
            .strip_prefix("unix://")
            .or_else(|| text.strip_prefix("unix:"))
            .or_else(|| text.starts_with(['/', '.']).then_some(text));
        if let Some(path) = path {
            return Ok(Self::Unix(PathBuf::from(path)));
        }
        let host = text.strip_prefix("tcp://").unwrap_or(text);
        port_of(host).map(|_| Self::Tcp(host.to_owned()))
    }
}

/// The port of `HOST:PORT`.
fn port_of(host: &str) -> Result<u16, NativeError> {
    host.rsplit_once(':')
        .filter(|(name, _)| !name.is_empty())
        .and_then(|(_, port)| port.parse().ok())
        .ok_or_else(|| {
            NativeError::new(
                "proxy-address",
                format!("{host:?} is no address."),
                "Give HOST:PORT or unix:PATH.",
            )
        })
}

/// The socket address to listen on: loopback only, so that a proxy opens nothing to the network that was closed before.
///
/// # Errors
/// `proxy-address` when it is no address, `proxy-not-loopback` when others could reach it.
pub fn loopback(host: &str) -> Result<SocketAddr, NativeError> {
    let port = port_of(host)?;
    if host.starts_with("localhost:") {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    let refused = || {
        NativeError::new(
            "proxy-not-loopback",
            format!("A proxy listens on this machine only, not on {host:?}."),
            "Give 127.0.0.1:PORT, [::1]:PORT or unix:PATH.",
        )
    };
    let address: SocketAddr = host.parse().map_err(|_| refused())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err(refused())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_every_form() {
        let tcp = |host: &str| Address::Tcp(host.to_owned());
        let unix = |path: &str| Address::Unix(PathBuf::from(path));
        for (text, address) in [
            ("127.0.0.1:80", tcp("127.0.0.1:80")),
            ("tcp://db.example:5432", tcp("db.example:5432")),
            ("[::1]:0", tcp("[::1]:0")),
            ("unix:/run/x", unix("/run/x")),
            ("unix:///run/x", unix("/run/x")),
            ("./x.sock", unix("./x.sock")),
        ] {
            assert_eq!(text.parse::<Address>().as_ref(), Ok(&address), "{text}");
        }
        for text in ["", "db", ":80", "db:", "db:99999", "db:http"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_loopback_is_listened_on() {
        for host in ["127.0.0.1:0", "127.8.8.8:1", "[::1]:0", "localhost:7"] {
            assert!(loopback(host).is_ok(), "{host}");
        }
        for host in [
            "0.0.0.0:0",
            "[::]:0",
            "192.168.1.2:80",
            "example.org:80",
            "localhost.evil:80",
        ] {
            assert_eq!(
                loopback(host).map_err(|e| e.code.to_string()),
                Err("proxy-not-loopback".to_owned()),
                "{host}"
            );
        }
    }

    #[test]
    fn addresses_are_written_as_the_contract_has_them() {
        let text = serde_json::to_string(&Address::Tcp("127.0.0.1:1".into())).unwrap();
        assert_eq!(text, r#"{"tcp":"127.0.0.1:1"}"#);
        let unix: Address = serde_json::from_str(r#"{"unix":"/x"}"#).unwrap();
        assert_eq!(unix, Address::Unix("/x".into()));
    }
}
