//! What is said over the helper's stdin and stdout: the Rust half of `src/protocol/native.ts`, same names.
//!
//! One JSON object a line, UTF-8, at most [`MAX_LINE`] bytes. Objects are strict: a key that is not known is refused,
//! so a caller that is newer than us learns it at once. Both halves read the vectors of `native/vectors`.
pub mod bounded;
pub mod capability;
pub mod chaos;
pub mod error;
pub mod fault;
pub mod lines;
pub mod process;
pub mod proxy;
pub mod request;
pub mod scope;

/// The version both ends must agree on in `hello`.
pub const PROTOCOL: u64 = 1;

/// Bytes of one line, newline included. A longer one ends the conversation.
pub const MAX_LINE: usize = 1 << 20;

#[cfg(test)]
mod vectors;
