//! One open file, read on as whole lines.
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::mem;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

use super::Start;

/// Bytes of a line; a longer one comes in pieces.
const LONGEST: usize = 32 << 10;
/// Bytes of lines that are told at once, so that they fit a line of the contract however they are escaped.
const AT_ONCE: usize = 96 << 10;
/// Bytes read in one look: others wait.
const LOOK: usize = 1 << 20;

/// Device and inode: names a file as long as it is open.
pub type Place = (u64, u64);

/// Of the file that has the name now; None for none, and for what is no file.
pub fn place_of(path: &Path) -> Option<Place> {
    let found = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some((found.dev(), found.ino()))
}

/// Gathers lines and tells them in portions.
pub struct Sink<'a> {
    tell: Box<dyn FnMut(Vec<String>) + 'a>,
    lines: Vec<String>,
    bytes: usize,
}

impl<'a> Sink<'a> {
    pub fn new(tell: impl FnMut(Vec<String>) + 'a) -> Self {
        Sink {
            tell: Box::new(tell),
            lines: Vec::new(),
            bytes: 0,
        }
    }

    fn line(&mut self, line: &[u8]) {
        if self.bytes + line.len() > AT_ONCE {
            self.flush();
        }
        // A separator each, too: many empty lines are no small thing.
        self.bytes += line.len() + 4;
        self.lines.push(String::from_utf8_lossy(line).into_owned());
    }

    pub fn flush(&mut self) {
        self.bytes = 0;
        let lines = mem::take(&mut self.lines);
        if !lines.is_empty() {
            (self.tell)(lines);
        }
    }
}

pub struct Reader {
    file: File,
    place: Place,
    at: u64,
    /// A line that has not ended yet.
    partial: Vec<u8>,
}

impl Reader {
    /// # Errors
    /// What the system says; `InvalidInput` when it is no regular file.
    pub fn open(path: &Path, start: Start) -> io::Result<Self> {
        // A pipe must not hold us up before it is known to be one.
        let nonblocking = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or(0);
        let mut file = OpenOptions::new()
            .read(true)
            .custom_flags(nonblocking)
            .open(path)?;
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let at = match start {
            Start::End => found.len(),
            Start::Byte(byte) => byte.min(found.len()),
        };
        file.seek(SeekFrom::Start(at))?;
        Ok(Reader {
            file,
            place: (found.dev(), found.ino()),
            at,
            partial: Vec::new(),
        })
    }

    pub fn place(&self) -> Place {
        self.place
    }

    /// Bytes read so far, from the file's beginning.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// Reads what is new; whether there may be more.
    ///
    /// # Errors
    /// What the system says.
    pub fn read(&mut self, sink: &mut Sink) -> io::Result<bool> {
        if self.file.metadata()?.len() < self.at {
            // Truncated: what it said last stands, and it begins anew.
            self.finish(sink);
            self.at = 0;
            self.file.rewind()?;
        }
        let mut chunk = vec![0; 64 << 10];
        let mut left = LOOK;
        while left > 0 {
            let read = match self.file.read(&mut chunk) {
                Ok(0) => return Ok(false),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.at += read as u64;
            left = left.saturating_sub(read);
            self.take(&chunk[..read], sink);
        }
        Ok(true)
    }

    /// Tells what stands at its end without a line's end.
    pub fn finish(&mut self, sink: &mut Sink) {
        if !self.partial.is_empty() {
            sink.line(&mem::take(&mut self.partial));
        }
    }

    fn take(&mut self, bytes: &[u8], sink: &mut Sink) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ended) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            for part in text.chunks(LONGEST) {
                if self.partial.len() + part.len() > LONGEST {
                    sink.line(&mem::take(&mut self.partial));
                }
                self.partial.extend_from_slice(part);
            }
            if ended {
                sink.line(&mem::take(&mut self.partial));
            }
        }
    }
}

/// The byte at which the last `lines` lines of a file begin.
///
/// # Errors
/// What the system says.
pub fn start_of_last(path: &Path, lines: usize) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut at = file.metadata()?.len();
    let mut wanted = lines;
    let mut last = true;
    while at > 0 {
        let size = at.min(64 << 10);
        at -= size;
        let mut block = vec![0; usize::try_from(size).unwrap_or(0)];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut block)?;
        for (offset, byte) in block.iter().enumerate().rev() {
            // The very last line end ends a line, it begins none.
            if *byte == b'\n' && !mem::take(&mut last) {
                if wanted == 1 {
                    return Ok(at + offset as u64 + 1);
                }
                wanted = wanted.saturating_sub(1);
            }
            last = false;
        }
        if lines == 0 {
            return Ok(file.metadata()?.len());
        }
    }
    Ok(0)
}
