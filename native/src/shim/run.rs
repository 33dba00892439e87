//! `hms-native run … -- COMMAND`: becomes that command, with the shim in it and in all it starts. Nothing of ours stays
//! between who starts it and the command.
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::contract::error::NativeError;

/// Start a program whose wall clock and files faults can reach, or that has them off and slow from its start
///
/// Only what asks libc is reached: not what is linked statically (Go), not what asks the kernel itself, and not timers
/// of the kernel: what waits until a time of the wall clock waits longer or shorter by the offset. The monotonic clock,
/// and times of files, stay as they are.
#[derive(Args)]
pub struct Options {
    /// How far the wall clock is off from the start: +2h, -90s, +250ms
    #[arg(long, value_name = "OFFSET", allow_hyphen_values = true, value_parser = super::span::signed)]
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    clock_skew: Option<i64>,
    /// How slow each call on a file in the folder is from the start: 50ms
    #[arg(long, value_name = "TIME", requires = "under", value_parser = super::span::unsigned)]
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    io_delay: Option<u64>,
    /// The folder whose files are slow
    #[arg(long, value_name = "FOLDER")]
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    under: Option<PathBuf>,
    #[arg(last = true, required = true, value_name = "COMMAND")]
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    command: Vec<OsString>,
}

/// Returns only when it failed.
///
/// # Errors
/// `cannot-here`, `cache` when the shim cannot be put anywhere, `command` when there is no such program.
pub fn run(options: &Options) -> Result<ExitCode, NativeError> {
    super::built().map_err(|because| {
        let message = format!("programs cannot be started so here, because {because}");
        NativeError::new(
            "cannot-here",
            message,
            "run it on Linux, with a helper built by cargo",
        )
    })?;
    become_it(options)
}

#[cfg(not(target_os = "linux"))]
fn become_it(_options: &Options) -> Result<ExitCode, NativeError> {
    Err(NativeError::new("cannot-here", "this is not Linux", ""))
}

#[cfg(target_os = "linux")]
fn become_it(options: &Options) -> Result<ExitCode, NativeError> {
    use std::os::fd::{AsRawFd, IntoRawFd};
    use std::os::unix::process::CommandExt;

    use super::page::{self, Part};

    let broken = |what: &str, error: std::io::Error| {
        NativeError::new("page", format!("{what}: {error}"), "")
    };
    let file = page::create().map_err(|error| broken("there is no memory to share", error))?;
    let standing = || {
        if let Some(ms) = options.clock_skew {
            page::set_clock(&file, ms.saturating_mul(1_000_000))?;
            page::lease(&file, Part::Clock, page::EVER)?;
        }
        if let (Some(ms), Some(folder)) = (options.io_delay, &options.under) {
            page::set_files(&file, &folder.canonicalize()?, ms.saturating_mul(1_000_000))?;
            page::lease(&file, Part::Files, page::EVER)?;
        }
        Ok(())
    };
    standing().map_err(|error| broken("what was asked for cannot be", error))?;
    let library = library::path()?;
    let mut preload = library.into_os_string();
    if let Some(others) = std::env::var_os("LD_PRELOAD").filter(|others| !others.is_empty()) {
        preload.push(":");
        preload.push(others);
    }
    let own = format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd());
    // The command inherits it.
    let _ = file.into_raw_fd();
    let (program, args) = options
        .command
        .split_first()
        .map_or((None, &[][..]), |(program, args)| (Some(program), args));
    let program = program.ok_or_else(|| NativeError::new("command", "there is no command", ""))?;
    let error = std::process::Command::new(program)
        .args(args)
        .env("LD_PRELOAD", preload)
        .env(super::VARIABLE, own)
        .exec();
    let message = format!("{} cannot be run: {error}", program.to_string_lossy());
    Err(NativeError::new(
        "command",
        message,
        "look at its path and rights",
    ))
}

/// The shim as a file: programs of programs load it long after this one has become another.
#[cfg(target_os = "linux")]
mod library {
    use std::fs::{self, DirBuilder, OpenOptions};
    use std::io::{self, Write};
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
    use std::path::{Path, PathBuf};

    use crate::contract::error::NativeError;
    use crate::shim::LIBRARY;

    /// # Errors
    /// `cache` when there is no folder for it, or one that the loader cannot be told.
    pub fn path() -> Result<PathBuf, NativeError> {
        let refused = |message: String| {
            let remedy =
                "set XDG_CACHE_HOME to a folder of yours, without spaces and colons in its path";
            NativeError::new("cache", message, remedy)
        };
        let set = |name: &str| {
            std::env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let cache = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
        let folder = cache
            .ok_or_else(|| refused("there is no folder for caches".to_owned()))?
            .join("hms-native");
        let path = folder.join(format!("shim-{:016x}.so", hash(LIBRARY)));
        // ld.so(8): these separate one library from the next.
        if path
            .as_os_str()
            .as_encoded_bytes()
            .iter()
            .any(|byte| b": \t\n".contains(byte))
        {
            return Err(refused(format!(
                "the loader cannot be told of {}",
                path.display()
            )));
        }
        put(&folder, &path)
            .map_err(|error| refused(format!("{} cannot be made: {error}", path.display())))?;
        Ok(path)
    }

    /// Its name says what is in it; it is looked at all the same, since programs will run it.
    fn put(folder: &Path, path: &Path) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let about = fs::symlink_metadata(folder)?;
        let ours = rustix::process::geteuid().as_raw();
        if !about.is_dir() || about.uid() != ours || about.mode() & 0o022 != 0 {
            return Err(io::Error::other("its folder is not this account's alone"));
        }
        let is_whole = || {
            let about = fs::symlink_metadata(path).ok()?;
            Some(about.is_file() && about.uid() == ours && fs::read(path).ok()? == LIBRARY)
        };
        if is_whole() == Some(true) {
            return Ok(());
        }
        let new = path.with_extension(format!("{}", std::process::id()));
        let mut open = OpenOptions::new();
        let mut file = open.write(true).create_new(true).mode(0o600).open(&new)?;
        let done = file
            .write_all(LIBRARY)
            .and_then(|()| fs::rename(&new, path));
        if done.is_err() {
            let _ = fs::remove_file(&new);
        }
        done
    }

    /// FNV-1a, 64 bits: tells versions apart, no more.
    fn hash(bytes: &[u8]) -> u64 {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
    }
}
