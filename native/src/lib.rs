//! hms-tui's native helper as a library: one module a verb, so that each is tested without a process of its own.
pub mod capabilities;
pub mod chaos;
pub mod cli;
pub mod contract;
pub mod faults;
pub mod hook;
pub mod machine;
pub mod proc;
pub mod proxy;
pub mod serve;
pub mod shim;
pub mod tail;
pub mod top;
pub mod watch;
