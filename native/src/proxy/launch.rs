//! Brings a proxy about as a process of its own, or finds the one that is there.
use super::address::Address;
use super::client::ProxyClient;
use super::words::Status;
use crate::contract::error::NativeError;
use crate::contract::proxy::{ProxyAddress, ProxyOpen, ProxyOpened};
use serde::Deserialize;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What a proxy says first is not longer.
const FIRST_WORDS: u64 = 16 * 1024;

/// The control socket of the proxy of that name in that folder. Names are the caller's, and long: a digest stands for
/// them (FNV-1a, 64 bits), and whether it is that proxy is asked.
pub fn control_of(folder: &str, name: &str) -> PathBuf {
    let digest = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    Path::new(folder).join(format!("p-{digest:016x}.sock"))
}

/// The proxy that was asked for: one that is there is taken over, with its connections. One that is there and goes
/// elsewhere listens no more, and passes on what it has. The child is ours to wait for.
///
/// # Errors
/// What the proxy's own process says, `proxy-start` when there is none.
pub fn ensure(asked: &ProxyOpen) -> Result<(ProxyOpened, Option<Child>), NativeError> {
    let control = control_of(&asked.folder, &asked.name);
    if let Some(status) = there(&control, asked)? {
        return Ok((opened(&status.listen, &control, true)?, None));
    }
    let (listen, child) = start(asked, &control)?;
    Ok((opened(&listen, &control, false)?, Some(child)))
}

fn opened(listen: &Address, control: &Path, adopted: bool) -> Result<ProxyOpened, NativeError> {
    let control = control.to_string_lossy().into_owned();
    let long = |_| NativeError::new("proxy-address", "the folder's path is too long", "");
    Ok(ProxyOpened {
        listen: listen.try_into()?,
        control: control.try_into().map_err(long)?,
        adopted,
    })
}

/// How the proxy that is there stands, when it is the one that was asked for.
fn there(control: &Path, asked: &ProxyOpen) -> Result<Option<Status>, NativeError> {
    let Ok(mut client) = ProxyClient::connect(control) else {
        return Ok(None);
    };
    let status = match client.status() {
        Err(error) if &*error.code == "proxy-gone" => return Ok(None),
        other => other?,
    };
    if status.name != *asked.name {
        let message = format!("the proxy {:?} has that control socket", status.name);
        return Err(NativeError::new(
            "proxy-taken",
            message,
            "give another name",
        ));
    }
    let same = status.listening
        && status.upstream == Address::from(&asked.upstream)
        && serves(&status.listen, &asked.listen);
    if !same {
        client.close()?;
    }
    Ok(same.then_some(status))
}

/// Whether who listens there listens where it was asked to.
fn serves(listens: &Address, asked: &ProxyAddress) -> bool {
    match (listens, Address::from(asked)) {
        (Address::Tcp(at), Address::Tcp(asked)) => {
            let any = asked.strip_suffix(":0");
            *at == asked || any.is_some_and(|host| at.starts_with(&format!("{host}:")))
        }
        (at, asked) => *at == asked,
    }
}

fn start(asked: &ProxyOpen, control: &Path) -> Result<(Address, Child), NativeError> {
    #[derive(Deserialize)]
    struct FirstWords {
        listen: Option<Address>,
        error: Option<NativeError>,
    }
    let failed = |error: &std::io::Error| {
        super::system("proxy-start", "the proxy cannot be started", error, "")
    };
    let program = crate::chaos::own_program().map_err(|error| failed(&error))?;
    let mut command = Command::new(program);
    command
        .args(["proxy", "--json", "--detach", "--name", &asked.name])
        .arg("--control")
        .arg(control)
        .args(["--listen", &Address::from(&asked.listen).to_string()])
        .args(["--upstream", &Address::from(&asked.upstream).to_string()])
        // It outlives us, and must not hold on to the folder we happen to be in.
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some(owner) = &asked.owner {
        let mark = format!("{}:{}", owner.pid.get(), owner.born);
        command.args(["--owner", &mark]);
    }
    let mut child = command.spawn().map_err(|error| failed(&error))?;
    let mut line = String::new();
    let heard = child
        .stdout
        .take()
        .map(|out| BufReader::new(out.take(FIRST_WORDS)).read_line(&mut line));
    let words = heard
        .and_then(Result::ok)
        .and_then(|_| serde_json::from_str::<FirstWords>(&line).ok());
    if let Some(FirstWords {
        listen: Some(listen),
        ..
    }) = words
    {
        return Ok((listen, child));
    }
    let _ = child.kill();
    let _ = child.wait();
    let silent = || NativeError::new("proxy-start", "the proxy ended before it listened", "");
    Err(words.and_then(|words| words.error).unwrap_or_else(silent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_socket_is_the_same_for_the_same_name_only() {
        assert_eq!(control_of("/f", "a/b"), control_of("/f", "a/b"));
        assert_ne!(control_of("/f", "a"), control_of("/f", "b"));
        let path = control_of("/f", "../../etc/passwd");
        assert_eq!(path.parent(), Some(Path::new("/f")));
    }

    #[test]
    fn any_port_is_served_by_the_one_that_was_chosen() {
        let tcp = |host: &str| ProxyAddress::Tcp(host.to_owned().try_into().unwrap());
        let at = Address::Tcp("127.0.0.1:4242".to_owned());
        assert!(serves(&at, &tcp("127.0.0.1:0")));
        assert!(serves(&at, &tcp("127.0.0.1:4242")));
        assert!(!serves(&at, &tcp("127.0.0.1:4243")));
        assert!(!serves(&at, &tcp("127.0.0.2:0")));
        assert!(!serves(&Address::Unix("/x".into()), &tcp("127.0.0.1:0")));
    }
}
