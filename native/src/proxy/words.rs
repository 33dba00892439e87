//! What is said on a proxy's control socket: JSON Lines in the form of the helper's contract.
//!
//! `{"id":1,"do":"toxic.add","with":{…}}` → `{"id":1,"ok":true,"result":{…}}`. Toxics belong to the connection that
//! added them: when it closes, for whatever reason, they are gone.
use super::address::Address;
use super::dosing::Working;
use super::toxic::Dose;
use crate::contract::error::NativeError;
use serde::{Deserialize, Serialize};

/// The form of these words.
pub const PROTOCOL: u32 = 1;
/// No line is longer, bytes.
pub const MAX_LINE: usize = 64 * 1024;

/// One request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub id: u64,
    #[serde(flatten)]
    pub what: What,
}

/// What can be asked of a proxy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", content = "with")]
pub enum What {
    /// Answered with [`Status`].
    #[serde(rename = "status")]
    Status {},
    /// Begins a toxic; one of the same name that this connection added ends. Answered with [`Added`].
    #[serde(rename = "toxic.add")]
    Add(Dose),
    /// Ends toxics of this connection: those named, all without names. Answered when nothing of them is left.
    #[serde(rename = "toxic.remove")]
    Remove {
        #[serde(default)]
        names: Vec<String>,
    },
    /// Stops listening. Connections that are open are passed on until they end, then the proxy ends.
    #[serde(rename = "close")]
    Close {},
}

/// Connections a toxic is for now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    pub connections: u64,
}

/// A proxy as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    pub protocol: u32,
    pub version: String,
    pub name: String,
    pub pid: u32,
    pub listen: Address,
    pub upstream: Address,
    /// False once it only passes on what is open.
    pub listening: bool,
    pub connections: usize,
    pub accepted: u64,
    /// Turned away because too many were open.
    pub refused: u64,
    /// Of the connections that have ended and those that are open.
    pub bytes_up: u64,
    pub bytes_down: u64,
    /// Vanished by toxics, both ways.
    pub bytes_lost: u64,
    /// Whoever holds them.
    pub toxics: Vec<Working>,
    /// Connections on which toxics are at work.
    pub shaped: usize,
    /// Bytes held back, with what it costs to hold them.
    pub held_bytes: usize,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub id: u64,
    pub ok: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<NativeError>,
}

impl Answer {
    /// It was done.
    pub fn done(id: u64, result: &impl Serialize) -> Self {
        Self {
            id,
            ok: true,
            result: serde_json::to_value(result).ok(),
            error: None,
        }
    }

    /// It was not.
    pub fn failed(id: u64, error: NativeError) -> Self {
        Self {
            id,
            ok: false,
            result: None,
            error: Some(error),
        }
    }
}

/// Reads a request; for one that is none, the answer to give.
///
/// # Errors
/// An answer with `proxy-request`, with the request's id where it has one.
pub fn read(line: &[u8]) -> Result<Request, Box<Answer>> {
    #[derive(Deserialize)]
    struct Id {
        id: u64,
    }
    serde_json::from_slice(line).map_err(|error| {
        let id = serde_json::from_slice::<Id>(line).map_or(0, |found| found.id);
        let problem = NativeError::new(
            "proxy-request",
            format!("The request was not understood: {error}."),
            "See docs/native.md for what a proxy's control socket takes.",
        );
        Box::new(Answer::failed(id, problem))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_and_what_is_none_gets_an_answer() {
        let add = br#"{"id":3,"do":"toxic.add","with":{"name":"a","toxic":{"type":"stall"}}}"#;
        assert!(matches!(
            read(add),
            Ok(Request {
                id: 3,
                what: What::Add(_)
            })
        ));
        let status = read(br#"{"id":1,"do":"status","with":{}}"#).unwrap();
        assert_eq!(status.what, What::Status {});
        for (line, id) in [
            (&b"nonsense"[..], 0),
            (br#"{"id":9,"do":"unheard.of","with":{}}"#, 9),
            (br#"{"id":4,"do":"toxic.add","with":{}}"#, 4),
            (b"\xff\xfe", 0),
        ] {
            let answer = read(line).expect_err("refused");
            assert_eq!((answer.id, answer.ok), (id, false));
        }
    }

    #[test]
    fn a_request_is_read_as_it_was_written() {
        let request = Request {
            id: 1,
            what: What::Remove {
                names: vec!["a".into()],
            },
        };
        let line = serde_json::to_vec(&request).unwrap();
        assert_eq!(read(&line), Ok(request));
    }
}
