//! Sockets a proxy listens on: loopback TCP, or a unix socket for us alone in a folder of ours.
use super::address::{Address, loopback};
use super::system;
use crate::contract::error::NativeError;
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, chmod, fchmod};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, bind, listen, socket};
use std::fs::{DirBuilder, metadata, remove_file, symlink_metadata};
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::rc::Rc;

const BACKLOG: i32 = 1024;
const OWN: Mode = Mode::RUSR.union(Mode::WUSR);

/// A listening socket. A unix socket's file goes with it.
#[derive(Debug)]
pub struct Listener {
    pub fd: Rc<OwnedFd>,
    /// Where it listens, with the port that was chosen.
    pub address: Address,
    file: Option<(PathBuf, u64, u64)>,
}

impl Listener {
    /// Listens; non-blocking.
    ///
    /// # Errors
    /// `proxy-not-loopback`, `proxy-address`, `proxy-folder` (not ours alone), `proxy-taken` (somebody listens there, or
    /// it is no socket), `proxy-listen` with what the system says.
    pub fn open(address: &Address) -> Result<Self, NativeError> {
        match address {
            Address::Tcp(host) => tcp(host),
            Address::Unix(path) => unix(path),
        }
    }

    /// The next connection, non-blocking; None when there is none.
    ///
    /// # Errors
    /// What the system says, such as EMFILE.
    pub fn accept(&self) -> io::Result<Option<OwnedFd>> {
        match rustix::net::accept(&*self.fd) {
            Ok(socket) => {
                rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
                rustix::io::ioctl_fionbio(&socket, true)?;
                Ok(Some(socket))
            }
            Err(Errno::AGAIN | Errno::INTR | Errno::CONNABORTED) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let Some((path, device, inode)) = &self.file else {
            return;
        };
        let ours = |meta: std::fs::Metadata| meta.dev() == *device && meta.ino() == *inode;
        if symlink_metadata(path).is_ok_and(ours) {
            let _ = remove_file(path);
        }
    }
}

fn cannot(address: &Address, error: &io::Error) -> NativeError {
    let taken = error.kind() == io::ErrorKind::AddrInUse;
    system(
        if taken { "proxy-taken" } else { "proxy-listen" },
        &format!("A proxy cannot listen on {address}"),
        error,
        "Give another address; port 0 takes any that is free.",
    )
}

fn tcp(host: &str) -> Result<Listener, NativeError> {
    let open = || -> io::Result<(TcpListener, String)> {
        let wanted = loopback(host).map_err(io::Error::other)?;
        let listener = TcpListener::bind(wanted)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?.to_string();
        Ok((listener, address))
    };
    loopback(host)?;
    let (listener, address) = open().map_err(|e| cannot(&Address::Tcp(host.to_owned()), &e))?;
    Ok(Listener {
        fd: Rc::new(listener.into()),
        address: Address::Tcp(address),
        file: None,
    })
}

fn unix(path: &Path) -> Result<Listener, NativeError> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    own_folder(path.parent().unwrap_or(Path::new("/")))?;
    make_way(&path)?;
    let address = Address::Unix(path.clone());
    let open = || -> io::Result<(UnixListener, u64, u64)> {
        let name = SocketAddrUnix::new(&path)?;
        let fd = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
        rustix::io::fcntl_setfd(&fd, rustix::io::FdFlags::CLOEXEC)?;
        // On Linux the file is born with it; elsewhere the folder's and the umask's bits guard the moment between.
        let _ = fchmod(&fd, OWN);
        bind(&fd, &name)?;
        chmod(&path, OWN)?;
        listen(&fd, BACKLOG)?;
        let listener = UnixListener::from(fd);
        listener.set_nonblocking(true)?;
        let meta = symlink_metadata(&path)?;
        Ok((listener, meta.dev(), meta.ino()))
    };
    let (listener, device, inode) = open().map_err(|error| cannot(&address, &error))?;
    Ok(Listener {
        fd: Rc::new(listener.into()),
        address,
        file: Some((path, device, inode)),
    })
}

/// The folder is made when it is not there (0700), and must be ours, with nobody else writing in it.
fn own_folder(folder: &Path) -> Result<(), NativeError> {
    // Made by somebody else meanwhile, or not to be made: the look at it says which.
    let _ = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    let ours = |meta: &std::fs::Metadata| {
        meta.is_dir()
            && meta.uid() == rustix::process::geteuid().as_raw()
            && meta.mode() & 0o022 == 0
    };
    match metadata(folder) {
        Ok(meta) if ours(&meta) => Ok(()),
        Ok(_) => Err(NativeError::new(
            "proxy-folder",
            format!("{} is not a folder of ours alone.", folder.display()),
            "Put the socket into a folder that belongs to you and that nobody else may write in (mode 0700).",
        )),
        Err(error) => Err(system(
            "proxy-folder",
            &format!("{} cannot be used", folder.display()),
            &error,
            "Put the socket into a folder that belongs to you.",
        )),
    }
}

/// Takes away a socket that nobody listens on any more; never anything else.
fn make_way(path: &Path) -> Result<(), NativeError> {
    let taken = |message: String| {
        Err(NativeError::new(
            "proxy-taken",
            message,
            "Give another path, or take away what is there.",
        ))
    };
    let Ok(meta) = symlink_metadata(path) else {
        return Ok(());
    };
    if !meta.file_type().is_socket() {
        return taken(format!("{} is there, and is no socket.", path.display()));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            let _ = remove_file(path);
            Ok(())
        }
        _ => taken(format!("Somebody listens on {} already.", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn code(address: &Address) -> String {
        Listener::open(address)
            .expect_err("refused")
            .code
            .to_string()
    }

    #[test]
    fn a_unix_socket_is_ours_alone_and_its_file_goes_with_it() {
        let folder = Scratch::new("own");
        let path = folder.0.join("deeper/x.sock");
        let listener = Listener::open(&Address::Unix(path.clone())).unwrap();
        assert_eq!(metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(code(&Address::Unix(path.clone())), "proxy-taken");
        drop(listener);
        assert!(symlink_metadata(&path).is_err());
    }

    #[test]
    fn a_leftover_socket_makes_way_and_nothing_else_does() {
        let folder = Scratch::new("leftover");
        let path = folder.0.join("x.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(symlink_metadata(&path).is_ok());
        let listener = Listener::open(&Address::Unix(path.clone())).unwrap();
        drop(listener);
        std::fs::write(&path, "precious").unwrap();
        assert_eq!(code(&Address::Unix(path.clone())), "proxy-taken");
        assert_eq!(std::fs::read(&path).unwrap(), b"precious");
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/nowhere", &path).unwrap();
        assert_eq!(code(&Address::Unix(path)), "proxy-taken");
    }

    #[test]
    fn a_folder_others_write_in_is_refused() {
        let folder = Scratch::new("shared");
        let mode = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(&folder.0, mode).unwrap();
        assert_eq!(
            code(&Address::Unix(folder.0.join("x.sock"))),
            "proxy-folder"
        );
    }

    #[test]
    fn a_port_is_chosen_and_a_taken_one_is_told() {
        let listener = Listener::open(&Address::Tcp("127.0.0.1:0".into())).unwrap();
        assert_eq!(code(&listener.address), "proxy-taken");
        assert_eq!(
            code(&Address::Tcp("0.0.0.0:0".into())),
            "proxy-not-loopback"
        );
    }

    /// A folder of its own in the system's for such, gone with it.
    pub struct Scratch(pub PathBuf);

    impl Scratch {
        pub fn new(name: &str) -> Self {
            let name = format!("hms-proxy-{name}-{}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            DirBuilder::new().mode(0o700).create(&folder).unwrap();
            Self(folder)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}
