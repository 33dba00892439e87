//! Errors people meet: a code for programs, one sentence of what happened, one of what to do.
use std::fmt;

use serde::{Deserialize, Serialize};

use super::bounded::{Long, Text};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NativeError {
    pub code: Text<0, 64>,
    pub message: Long,
    pub remedy: Long,
}

impl NativeError {
    pub fn new(code: &str, message: impl AsRef<str>, remedy: impl AsRef<str>) -> Self {
        Self {
            code: Text::cut(code),
            message: Text::cut(message.as_ref()),
            remedy: Text::cut(remedy.as_ref()),
        }
    }
}

impl fmt::Display for NativeError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}", self.message)?;
        if !self.remedy.is_empty() {
            write!(to, ": {}", self.remedy)?;
        }
        Ok(())
    }
}

impl std::error::Error for NativeError {}
