//! Chaos that always reverts.
//!
//! ```text
//! caller ──pipe── controller (`serve`, [`controller`] and one [`keeper`] thread an injection)
//!                     │ pipe: order, lease each 500 ms; its end, or 2 s of silence, is a revert
//!                 guardian ([`guardian`]: own session, one thread, holds the locked undo [`journal`])
//!                     │ pipe and PDEATHSIG=KILL
//!                 actor ([`actor`]: one process a fault; brings the effect about and dies with the guardian)
//! ```
//!
//! What each may rely on:
//! 1. The journal is on the disk before the first effect: what to undo, of whom, on which boot.
//! 2. An effect is owned by the actor wherever the kernel can do that (its threads, its memory, its open files, those
//!    it traces): killing the actor takes it back. What is not is an [`undo::Undo`] in the journal, idempotent.
//! 3. Actor killed: the guardian reverts. Controller killed or hung: the guardian reverts. Guardian killed: the kernel
//!    kills the actor, the keeper replays the journal. All killed: any later start does ([`recover`]). The journal is
//!    locked by who is in charge, and the kernel unlocks it when they die, so nobody replays what still is applied.
//! 4. [`revert`] looks afterwards, and says `reverted` only when nothing is left; then the journal goes.
pub mod actor;
pub mod blast;
pub mod bound;
pub mod controller;
pub mod guardian;
mod injections;
pub mod journal;
mod keeper;
pub mod order;
mod pipes;
pub mod recover;
pub mod revert;
pub mod undo;

#[cfg(test)]
mod journal_tests;

/// What starts this very program again, even when its file was replaced since.
pub(crate) fn own_program() -> std::io::Result<std::path::PathBuf> {
    if cfg!(target_os = "linux") {
        return Ok("/proc/self/exe".into());
    }
    std::env::current_exe()
}

/// As ps(1) and top(1) show this process.
pub(crate) fn name(name: &std::ffi::CStr) {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_name(name);
    #[cfg(not(target_os = "linux"))]
    let _ = name;
}
