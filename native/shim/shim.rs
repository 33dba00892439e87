//! What `hms-native run` loads into the programs it starts (LD_PRELOAD): a wall clock that may be off, and files that
//! may be slow. Both are told by one page of memory that is shared with who injects faults, and each for no longer than
//! a lease in it: when nobody renews that, all is as before, whoever has died.
//!
//! Compiled by `build.rs` for Linux alone, without the standard library: it runs inside programs that are not ours, and
//! must not allocate, panic or fail. The page is described in `src/shim/page.rs`.
#![no_std]

use core::ffi::{CStr, c_char, c_int, c_long, c_void};
use core::sync::atomic::{AtomicI64, AtomicPtr, AtomicU64, AtomicUsize, Ordering};

const MAGIC: u64 = 0x3173_6d68_2073_6d68;
const PATH: usize = 1024;

#[repr(C)]
struct Page {
    magic: AtomicU64,
    /// Boot ns until which the clock is off by `offset` ns.
    clock_until: AtomicU64,
    offset: AtomicI64,
    /// Boot ns until which files under `path` are slow by `delay` ns a call.
    io_until: AtomicU64,
    delay: AtomicU64,
    path_length: AtomicU64,
    path: [u8; PATH],
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Timespec {
    seconds: i64,
    ns: i64,
}

#[repr(C)]
struct Timeval {
    seconds: i64,
    us: i64,
}

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn getenv(name: *const c_char) -> *const c_char;
    fn mmap(
        at: *mut c_void,
        length: usize,
        protection: c_int,
        flags: c_int,
        fd: c_int,
        offset: c_long,
    ) -> *mut c_void;
    fn close(fd: c_int) -> c_int;
    fn readlink(path: *const c_char, to: *mut c_char, length: usize) -> isize;
    fn nanosleep(time: *const Timespec, left: *mut Timespec) -> c_int;
}

const NEXT: *mut c_void = -1_isize as *mut c_void;
const REALTIME: c_int = 0;
const REALTIME_COARSE: c_int = 5;
const BOOTTIME: c_int = 7;
const TAI: c_int = 11;
const O_CLOEXEC: c_int = 0o2_000_000;
const NS: i64 = 1_000_000_000;

static PAGE: AtomicPtr<Page> = AtomicPtr::new(core::ptr::null_mut());

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// The function that was meant, found once; its place is 0 until then.
macro_rules! next {
    ($name:ident as fn($($kind:ty),*) -> $result:ty) => {{
        static PLACE: AtomicUsize = AtomicUsize::new(0);
        let mut place = PLACE.load(Ordering::Relaxed);
        if place == 0 {
            // SAFETY: a name that ends with a zero byte; what libc answers is a function of that name, or null.
            place = unsafe { dlsym(NEXT, concat!(stringify!($name), "\0").as_ptr().cast()) } as usize;
            PLACE.store(place, Ordering::Relaxed);
        }
        // SAFETY: libc's own function of that name has this type (its manual page); a program that could call it has it.
        unsafe { core::mem::transmute::<usize, unsafe extern "C" fn($($kind),*) -> $result>(place) }
    }};
}

#[unsafe(link_section = ".init_array")]
#[used]
static BEGIN: extern "C" fn() = begin;

extern "C" fn begin() {
    // SAFETY: plain calls of libc with strings that end with a zero byte; the mapping stays for ever and is only read
    // through atomics and as bytes.
    let open = next!(open as fn(*const c_char, c_int, c_int) -> c_int);
    unsafe {
        let path = getenv(c"HMS_SHIM".as_ptr());
        if path.is_null() {
            return;
        }
        let fd = open(path, O_CLOEXEC, 0);
        if fd < 0 {
            return;
        }
        let page = mmap(core::ptr::null_mut(), 4096, 1, 1, fd, 0);
        close(fd);
        if page as isize == -1 {
            return;
        }
        let page = page.cast::<Page>();
        if (*page).magic.load(Ordering::Relaxed) == MAGIC {
            PAGE.store(page, Ordering::Release);
        }
    }
}

fn page() -> Option<&'static Page> {
    // SAFETY: null, or a mapping that stays for ever.
    unsafe { PAGE.load(Ordering::Acquire).as_ref() }
}

fn real(clock: c_int, to: *mut Timespec) -> c_int {
    let call = next!(clock_gettime as fn(c_int, *mut Timespec) -> c_int);
    // SAFETY: the caller's own pointer, passed on.
    unsafe { call(clock, to) }
}

/// Whether a lease is not over.
fn runs(until: &AtomicU64) -> bool {
    let until = until.load(Ordering::Acquire);
    if until == 0 || until == u64::MAX {
        return until != 0;
    }
    let mut now = Timespec { seconds: 0, ns: 0 };
    real(BOOTTIME, &raw mut now);
    (now.seconds as u64)
        .wrapping_mul(NS as u64)
        .wrapping_add(now.ns as u64)
        < until
}

/// ns the wall clock is off.
fn offset() -> i64 {
    page()
        .filter(|page| runs(&page.clock_until))
        .map_or(0, |page| page.offset.load(Ordering::Relaxed))
}

fn moved(time: Timespec, by: i64) -> Timespec {
    let ns = time.ns.wrapping_add(by % NS);
    let seconds = time.seconds.wrapping_add(by / NS);
    if ns < 0 {
        Timespec {
            seconds: seconds.wrapping_sub(1),
            ns: ns.wrapping_add(NS),
        }
    } else if ns >= NS {
        Timespec {
            seconds: seconds.wrapping_add(1),
            ns: ns.wrapping_sub(NS),
        }
    } else {
        Timespec { seconds, ns }
    }
}

#[unsafe(no_mangle)]
extern "C" fn clock_gettime(clock: c_int, to: *mut Timespec) -> c_int {
    let result = real(clock, to);
    if result == 0 && matches!(clock, REALTIME | REALTIME_COARSE | TAI) && !to.is_null() {
        let by = offset();
        if by != 0 {
            // SAFETY: the kernel has just written there.
            unsafe { *to = moved(*to, by) };
        }
    }
    result
}

#[unsafe(no_mangle)]
extern "C" fn gettimeofday(to: *mut Timeval, zone: *mut c_void) -> c_int {
    let call = next!(gettimeofday as fn(*mut Timeval, *mut c_void) -> c_int);
    // SAFETY: the caller's own pointers, passed on.
    let result = unsafe { call(to, zone) };
    let by = if to.is_null() { 0 } else { offset() };
    if result == 0 && by != 0 {
        // SAFETY: it was just written there.
        unsafe {
            let time = moved(
                Timespec {
                    seconds: (*to).seconds,
                    ns: (*to).us.wrapping_mul(1000),
                },
                by,
            );
            *to = Timeval {
                seconds: time.seconds,
                us: time.ns / 1000,
            };
        }
    }
    result
}

#[unsafe(no_mangle)]
extern "C" fn time(to: *mut i64) -> i64 {
    let mut now = Timespec { seconds: 0, ns: 0 };
    clock_gettime(REALTIME, &raw mut now);
    if !to.is_null() {
        // SAFETY: the caller's own pointer, which time(2) is to write to.
        unsafe { *to = now.seconds };
    }
    now.seconds
}

#[unsafe(no_mangle)]
extern "C" fn timespec_get(to: *mut Timespec, base: c_int) -> c_int {
    const TIME_UTC: c_int = 1;
    if base == TIME_UTC && clock_gettime(REALTIME, to) == 0 {
        base
    } else {
        0
    }
}

/// In short pieces: it ends with its lease.
fn wait(page: &Page) {
    const PIECE: u64 = 5_000_000;
    let mut left = page.delay.load(Ordering::Relaxed);
    while left > 0 && runs(&page.io_until) {
        let piece = left.min(PIECE);
        let time = Timespec {
            seconds: 0,
            ns: piece as i64,
        };
        // SAFETY: ours; what is left of a piece is not asked for.
        unsafe { nanosleep(&raw const time, core::ptr::null_mut()) };
        left -= piece;
    }
}

/// Whether a path is the slow folder or below it.
fn is_slow(page: &Page, path: &[u8]) -> bool {
    let length = page.path_length.load(Ordering::Relaxed) as usize;
    if length == 0 || length > PATH || path.len() < length {
        return false;
    }
    let same = (0..length).all(|at| path.get(at) == page.path.get(at));
    same && matches!(path.get(length), None | Some(b'/'))
}

/// Before a call on an open file.
fn on_file(fd: c_int) {
    let Some(page) = page().filter(|page| runs(&page.io_until)) else {
        return;
    };
    let mut name = [0_u8; 32];
    let mut at = name.len() - 1;
    let mut rest = fd;
    while rest > 0 || at == name.len() - 1 {
        at -= 1;
        name[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if at <= 15 {
            return;
        }
    }
    let prefix = b"/proc/self/fd/";
    let from = at - prefix.len();
    name[from..at].copy_from_slice(prefix);
    let mut path = [0_u8; PATH + 1];
    // SAFETY: a name that ends with a zero byte, and as much room as is said.
    let length = unsafe {
        readlink(
            name[from..].as_ptr().cast(),
            path.as_mut_ptr().cast(),
            path.len(),
        )
    };
    if length > 0 && is_slow(page, path.get(..length as usize).unwrap_or_default()) {
        wait(page);
    }
}

/// Before a file is opened: by its whole name; a relative one is slow from its first read on.
fn on_path(path: *const c_char) {
    if path.is_null() {
        return;
    }
    let Some(page) = page().filter(|page| runs(&page.io_until)) else {
        return;
    };
    // SAFETY: not null; a string, as open(2) wants it.
    if is_slow(page, unsafe { CStr::from_ptr(path) }.to_bytes()) {
        wait(page);
    }
}

/// Calls that are the same but for a wait before them.
macro_rules! slow {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {$(
        #[unsafe(no_mangle)]
        extern "C" fn $name(file: c_int $(, $argument: $kind)*) -> $result {
            on_file(file);
            let call = next!($name as fn(c_int $(, $kind)*) -> $result);
            // SAFETY: the caller's own arguments, passed on.
            unsafe { call(file $(, $argument)*) }
        }
    )*};
}

slow! {
    read(to: *mut c_void, length: usize) -> isize;
    write(from: *const c_void, length: usize) -> isize;
    readv(parts: *const c_void, count: c_int) -> isize;
    writev(parts: *const c_void, count: c_int) -> isize;
    pread(to: *mut c_void, length: usize, at: i64) -> isize;
    pread64(to: *mut c_void, length: usize, at: i64) -> isize;
    pwrite(from: *const c_void, length: usize, at: i64) -> isize;
    pwrite64(from: *const c_void, length: usize, at: i64) -> isize;
    preadv(parts: *const c_void, count: c_int, at: i64) -> isize;
    preadv64(parts: *const c_void, count: c_int, at: i64) -> isize;
    pwritev(parts: *const c_void, count: c_int, at: i64) -> isize;
    pwritev64(parts: *const c_void, count: c_int, at: i64) -> isize;
    fsync() -> c_int;
    fdatasync() -> c_int;
    ftruncate(length: i64) -> c_int;
    ftruncate64(length: i64) -> c_int;
}

macro_rules! opening {
    ($($name:ident)*) => {$(
        /// The mode is passed on whether it was given or not: it comes in a register, and is looked at where it matters.
        #[unsafe(no_mangle)]
        extern "C" fn $name(path: *const c_char, flags: c_int, mode: c_int) -> c_int {
            on_path(path);
            let call = next!($name as fn(*const c_char, c_int, c_int) -> c_int);
            // SAFETY: the caller's own arguments, passed on.
            unsafe { call(path, flags, mode) }
        }
    )*};
}

opening! { open open64 }

macro_rules! opening_at {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        extern "C" fn $name(folder: c_int, path: *const c_char, flags: c_int, mode: c_int) -> c_int {
            on_path(path);
            let call = next!($name as fn(c_int, *const c_char, c_int, c_int) -> c_int);
            // SAFETY: as for open.
            unsafe { call(folder, path, flags, mode) }
        }
    )*};
}

opening_at! { openat openat64 }
