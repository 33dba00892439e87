//! A proxy as a process of its own, an upstream in threads, and peers that connect. All of it goes with the bed.
use hms_native::proxy::address::Address;
use hms_native::proxy::client::ProxyClient;
use std::fs::{DirBuilder, remove_dir_all};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const HMS_NATIVE: &str = env!("CARGO_BIN_EXE_hms-native");
const DEADLINE: Duration = Duration::from_secs(20);

/// One end of a connection, of either kind.
pub enum Peer {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Peer {
    fn to(address: &Address) -> io::Result<Self> {
        let peer = match address {
            Address::Tcp(host) => Self::Tcp(TcpStream::connect(host)?),
            Address::Unix(path) => Self::Unix(UnixStream::connect(path)?),
        };
        // A test that waits for ever says nothing.
        match &peer {
            Self::Tcp(stream) => {
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(DEADLINE))?;
            }
            Self::Unix(stream) => stream.set_read_timeout(Some(DEADLINE))?,
        }
        Ok(peer)
    }

    pub fn again(&self) -> Self {
        match self {
            Self::Tcp(stream) => Self::Tcp(stream.try_clone().unwrap()),
            Self::Unix(stream) => Self::Unix(stream.try_clone().unwrap()),
        }
    }

    pub fn shutdown(&self, how: Shutdown) {
        match self {
            Self::Tcp(stream) => stream.shutdown(how).unwrap(),
            Self::Unix(stream) => stream.shutdown(how).unwrap(),
        }
    }

    pub fn set_nonblocking(&self) {
        rustix::io::ioctl_fionbio(self.fd(), true).unwrap();
    }

    /// Ends with a reset, where there is such a thing.
    pub fn reset(self) {
        rustix::net::sockopt::set_socket_linger(self.fd(), Some(Duration::ZERO)).unwrap();
    }

    /// There and back through an upstream that echoes.
    pub fn ping(&mut self) {
        self.write_all(b"ping").unwrap();
        let mut heard = [0; 4];
        self.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"ping");
    }

    fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(stream) => stream.as_fd(),
            Self::Unix(stream) => stream.as_fd(),
        }
    }
}

impl Read for Peer {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(into),
            Self::Unix(stream) => stream.read(into),
        }
    }
}

impl Write for Peer {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(from),
            Self::Unix(stream) => stream.write(from),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub struct Bed {
    folder: Arc<Folder>,
    proxy: Mutex<Child>,
    listen: Address,
    args: Vec<String>,
}

/// Gone with the last who uses it.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = remove_dir_all(&self.0);
    }
}

fn folder() -> Folder {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("hms-proxy-{}-{next}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    DirBuilder::new().mode(0o700).create(&folder).unwrap();
    Folder(folder)
}

impl Bed {
    /// What is sent comes back.
    pub fn echo(listen_unix: bool, upstream_unix: bool) -> Self {
        let folder = folder();
        let upstream = upstream(&folder, upstream_unix, echo);
        let listen = if listen_unix {
            format!("unix:{}", folder.0.join("listen.sock").display())
        } else {
            "127.0.0.1:0".to_owned()
        };
        Self::begin(
            folder,
            &["--listen", &listen, "--upstream", &upstream],
            true,
        )
    }

    pub fn echo_with(args: &[&str]) -> Self {
        let folder = folder();
        let upstream = upstream(&folder, false, echo);
        Self::begin(
            folder,
            &[&["--upstream", upstream.as_str()], args].concat(),
            true,
        )
    }

    pub fn uncontrolled(args: &[&str]) -> Self {
        let folder = folder();
        let upstream = upstream(&folder, false, echo);
        Self::begin(
            folder,
            &[&["--upstream", upstream.as_str()], args].concat(),
            false,
        )
    }

    /// Each connection is given to `script`.
    pub fn scripted(script: impl Fn(Peer) + Send + Sync + 'static) -> Self {
        let folder = folder();
        let upstream = upstream(&folder, false, script);
        Self::begin(folder, &["--upstream", &upstream], true)
    }

    /// The upstream refuses.
    pub fn nobody() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        Self::begin(folder(), &["--upstream", &port.to_string()], true)
    }

    fn begin(folder: Folder, args: &[&str], controlled: bool) -> Self {
        let mut args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        if controlled {
            let control = folder.0.join("control.sock");
            args.extend(["--control".to_owned(), control.display().to_string()]);
        }
        Self::start(Arc::new(folder), args)
    }

    fn start(folder: Arc<Folder>, args: Vec<String>) -> Self {
        let mut proxy = Command::new(HMS_NATIVE)
            .args(["proxy", "--json"])
            .args(&args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(proxy.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let said: serde_json::Value = serde_json::from_str(&line).unwrap();
        Self {
            folder,
            proxy: Mutex::new(proxy),
            listen: serde_json::from_value(said["listen"].clone()).unwrap(),
            args,
        }
    }

    pub fn killed_and_begun_again(self) -> Self {
        let (folder, args) = (Arc::clone(&self.folder), self.args.clone());
        drop(self);
        Self::start(folder, args)
    }

    pub fn pid(&self) -> u32 {
        self.proxy.lock().unwrap().id()
    }

    pub fn connect(&self) -> Peer {
        self.try_connect().unwrap()
    }

    pub fn try_connect(&self) -> io::Result<Peer> {
        Peer::to(&self.listen)
    }

    pub fn control(&self) -> ProxyClient {
        ProxyClient::connect(&self.folder.0.join("control.sock")).unwrap()
    }

    pub fn raw_control(&self) -> Peer {
        Peer::to(&Address::Unix(self.folder.0.join("control.sock"))).unwrap()
    }

    /// Waits until the proxy ended by itself, in order.
    pub fn ended(&self) {
        eventually("the proxy ends", || {
            let ended = self.proxy.lock().unwrap().try_wait().unwrap();
            ended.is_some_and(|status| {
                assert!(status.success(), "{status}");
                true
            })
        });
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        let mut proxy = self.proxy.lock().unwrap();
        let _ = proxy.kill();
        let _ = proxy.wait();
    }
}

fn echo(mut peer: Peer) {
    let mut chunk = vec![0; 65_536];
    while let Ok(count) = peer.read(&mut chunk) {
        if count == 0 || peer.write_all(&chunk[..count]).is_err() {
            return;
        }
    }
}

/// Listens for as long as the test's process lives; the address to give to the proxy.
fn upstream(folder: &Folder, unix: bool, script: impl Fn(Peer) + Send + Sync + 'static) -> String {
    let script = Arc::new(script);
    let serve = move |peer: Peer| {
        let script = Arc::clone(&script);
        thread::spawn(move || script(peer));
    };
    if unix {
        let path = folder.0.join("upstream.sock");
        let listener = UnixListener::bind(&path).unwrap();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serve(Peer::Unix(stream));
            }
        });
        return format!("unix:{}", path.display());
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            stream.set_nodelay(true).unwrap();
            serve(Peer::Tcp(stream));
        }
    });
    address
}

/// Waits for a condition, not for a time.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < until, "not in time: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// The same bytes every time, none like its neighbours.
pub fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(count)
    .collect()
}

/// What a proxy that cannot begin says.
pub fn refused(args: &[&str]) -> (Option<i32>, String) {
    let mut proxy = Command::new(HMS_NATIVE);
    let output = proxy.arg("proxy").args(args).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), words)
}

/// A process that ends when it is dropped, and its mark.
#[cfg(target_os = "linux")]
pub fn owner() -> (Owner, String) {
    let mut cat = Command::new("cat");
    let mut child = cat
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    let (_, after_name) = stat.rsplit_once(')').unwrap();
    let born = after_name.split_whitespace().nth(19).unwrap();
    let mark = format!("{}:{born}", child.id());
    let stdin = child.stdin.take();
    (Owner(child, stdin), mark)
}

pub struct Owner(Child, Option<ChildStdin>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.1 = None;
        self.0.wait().unwrap();
    }
}
