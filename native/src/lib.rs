//! hms-tui's native helper as a library: one module a verb, so that each is tested without a process of its own.
pub mod hook;
