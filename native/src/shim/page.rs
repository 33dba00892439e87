//! The page a program and all it starts share with who injects faults: a file without a name (`memfd_create(2)`), which
//! `hms-native run` leaves open in the program under a number that [`super::VARIABLE`] tells.
//!
//! | bytes | what |
//! |---|---|
//! | 0–7 | [`MAGIC`] |
//! | 8–15 | until when the clock is off: boot ns; 0 for not at all, 2^64 − 1 for ever |
//! | 16–23 | by how much, ns, signed |
//! | 24–31 | until when files are slow |
//! | 32–39 | by how much, ns a call |
//! | 40–47 | length of the folder's path |
//! | 48–1071 | the path |
//!
//! All in the machine's own order of bytes. Who holds a lease must renew it: so the effect ends by itself with who held it.
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
use serde::{Deserialize, Serialize};

use super::VARIABLE;
use crate::contract::error::NativeError;
use crate::contract::process::ProcessMark;
use crate::contract::scope::Target;
use crate::machine::{clock, process};

pub const MAGIC: u64 = 0x3173_6d68_2073_6d68;
const NAME: &str = "hms-shim";
const SIZE: u64 = 4096;
const PATH_AT: u64 = 48;
/// Bytes of a path.
pub const MAX_PATH: usize = 1024;
/// For ever: what was asked for with `run` itself.
pub const EVER: u64 = u64::MAX;
/// How long a lease is, and how often it is renewed: a machine that does much else holds who renews it up.
pub const LEASE: Duration = Duration::from_millis(500);
pub const RENEWED: Duration = Duration::from_millis(50);

/// What a page does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Clock,
    Files,
}

impl Part {
    pub fn words(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Files => "files",
        }
    }

    fn until_at(self) -> u64 {
        match self {
            Self::Clock => 8,
            Self::Files => 24,
        }
    }
}

/// The page of one program, and how to find it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    pub process: ProcessMark,
    /// Its number among the program's open files.
    number: u32,
    inode: u64,
}

/// A new one, all zero but for its magic, which a program that is executed next inherits.
///
/// # Errors
/// What the kernel says.
pub fn create() -> io::Result<File> {
    let file = File::from(memfd_create(NAME, MemfdFlags::ALLOW_SEALING)?);
    ftruncate(&file, SIZE)?;
    // Who shortened it would kill every program that has it.
    fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
    file.write_all_at(&MAGIC.to_ne_bytes(), 0)?;
    Ok(file)
}

/// # Errors
/// What the kernel says.
pub fn set_clock(file: &File, offset_ns: i64) -> io::Result<()> {
    file.write_all_at(&offset_ns.to_ne_bytes(), 16)
}

/// # Errors
/// `InvalidInput` when the path is longer than [`MAX_PATH`]; what the kernel says.
pub fn set_files(file: &File, folder: &Path, delay_ns: u64) -> io::Result<()> {
    let path = folder.as_os_str().as_encoded_bytes();
    if path.len() > MAX_PATH {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    file.write_all_at(&delay_ns.to_ne_bytes(), 32)?;
    file.write_all_at(&(path.len() as u64).to_ne_bytes(), 40)?;
    file.write_all_at(path, PATH_AT)
}

/// # Errors
/// What the kernel says.
pub fn lease(file: &File, part: Part, until_boot_ns: u64) -> io::Result<()> {
    file.write_all_at(&until_boot_ns.to_ne_bytes(), part.until_at())
}

/// The boot ns at which a lease that begins now is over.
pub fn a_lease_from_now() -> u64 {
    clock::boot_ms() * 1_000_000 + u64::try_from(LEASE.as_nanos()).unwrap_or_default()
}

impl Page {
    /// The one the target has had since it was executed.
    ///
    /// # Errors
    /// `not-started-by-us` when it has none, or shares one that is another program's.
    pub fn of(target: &Target) -> Result<Self, NativeError> {
        let refused = |why: &str| {
            let message = format!("{} {why}", target.name);
            let remedy =
                "start it with `hms-native run -- COMMAND`; what is linked statically has no shim";
            NativeError::new("not-started-by-us", message, remedy)
        };
        let gone = || refused("has ended");
        let found = process::find(&target.process).ok_or_else(gone)?;
        let environment = std::fs::read(format!("/proc/{}/environ", found.pid)).unwrap_or_default();
        let prefix = format!("{VARIABLE}=/proc/{}/fd/", found.pid);
        let number = environment.split(|byte| *byte == 0).find_map(|variable| {
            std::str::from_utf8(variable)
                .ok()?
                .strip_prefix(&prefix)?
                .parse()
                .ok()
        });
        let number = number.ok_or_else(|| refused("was not started through this helper"))?;
        let maps = std::fs::read_to_string(format!("/proc/{}/maps", found.pid)).unwrap_or_default();
        let mapped = maps
            .lines()
            .filter(|line| line.contains(&format!("/memfd:{NAME} ")))
            .find_map(|line| line.split_ascii_whitespace().nth(4)?.parse().ok());
        let inode = mapped.ok_or_else(|| refused("has no shim in it"))?;
        let page = Self {
            process: target.process.clone(),
            number,
            inode,
        };
        page.open()
            .map(|_| page)
            .ok_or_else(|| refused("has closed its page"))
    }

    /// None when the program is gone, or has closed it.
    pub fn open(&self) -> Option<File> {
        let pid = process::find(&self.process)?.pid;
        let path = format!("/proc/{pid}/fd/{}", self.number);
        let about = std::fs::metadata(&path).ok()?;
        let same = |about: &std::fs::Metadata| {
            about.is_file() && about.ino() == self.inode && about.len() == SIZE
        };
        if !same(&about) {
            return None;
        }
        let file = OpenOptions::new().read(true).write(true).open(path).ok()?;
        let ours =
            file.metadata().is_ok_and(|about| same(&about)) && number(&file, 0) == Some(MAGIC);
        ours.then_some(file)
    }

    /// Ends what is leased. What was asked for with `run` itself stays.
    pub fn end(&self, part: Part) {
        if let Some(file) = self.open().filter(|file| leased(file, part)) {
            let _ = lease(&file, part, 0);
        }
    }

    /// Whether anything is leased.
    pub fn is_leased(&self, part: Part) -> bool {
        self.open().is_some_and(|file| leased(&file, part))
    }

    /// Whether `run` itself was told to do it, for ever.
    pub fn is_for_ever(&self, part: Part) -> bool {
        self.open()
            .is_some_and(|file| number(&file, part.until_at()) == Some(EVER))
    }
}

fn leased(file: &File, part: Part) -> bool {
    let until = number(file, part.until_at());
    until.is_some_and(|until| until != EVER && until > clock::boot_ms() * 1_000_000)
}

fn number(file: &File, at: u64) -> Option<u64> {
    let mut bytes = [0; 8];
    file.read_exact_at(&mut bytes, at).ok()?;
    Some(u64::from_ne_bytes(bytes))
}
