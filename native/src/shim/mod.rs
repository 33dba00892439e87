//! Programs that were started by `hms-native run` have a shim in them (`shim/shim.rs`, ld.so(8) loads it): their wall clock may
//! be off, and their files slow, for as long as a lease in a [`page`] of memory says.
#[cfg(target_os = "linux")]
pub mod page;
pub mod run;
pub mod span;

/// The shim itself, an ELF library; empty where it could not be built.
pub const LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/shim.so"));
/// Tells the shim where its page is.
pub const VARIABLE: &str = "HMS_SHIM";

/// # Errors
/// Why this helper has none, as the end of a sentence.
pub fn built() -> Result<(), &'static str> {
    if !cfg!(target_os = "linux") {
        return Err("this system loads nothing into programs it protects");
    }
    if LIBRARY.is_empty() {
        return Err("this helper was built without its shim");
    }
    Ok(())
}
