//! Speaks to a proxy on its control socket. Whoever holds this holds the toxics it added: dropped, they are gone.
use super::toxic::Dose;
use super::words::{Added, Answer, Request, Status, What};
use crate::contract::error::NativeError;
use crate::contract::request::Nothing;
use serde::de::DeserializeOwned;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// A proxy answers within µs; one that takes longer has hung.
const PATIENCE: Duration = Duration::from_millis(500);

/// See the module.
#[derive(Debug)]
pub struct ProxyClient {
    stream: BufReader<UnixStream>,
    last: u64,
}

impl ProxyClient {
    /// Connects to the control socket of a proxy.
    ///
    /// # Errors
    /// `proxy-gone` when nobody listens there; every method also `proxy-hung` when no answer comes.
    pub fn connect(control: &Path) -> Result<Self, NativeError> {
        let stream = UnixStream::connect(control).and_then(|stream| {
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            Ok(stream)
        });
        Ok(Self {
            stream: BufReader::new(stream.map_err(|error| gone(&error))?),
            last: 0,
        })
    }

    /// How the proxy stands.
    ///
    /// # Errors
    /// `proxy-gone`.
    pub fn status(&mut self) -> Result<Status, NativeError> {
        self.ask(What::Status {})
    }

    /// Begins a toxic; the number of connections it is for now.
    ///
    /// # Errors
    /// `proxy-toxic`, `proxy-toxics`, `proxy-gone`.
    pub fn add(&mut self, dose: Dose) -> Result<u64, NativeError> {
        let added: Added = self.ask(What::Add(dose))?;
        Ok(added.connections)
    }

    /// Ends these toxics of ours, all without names.
    ///
    /// # Errors
    /// `proxy-gone`: then they are gone too.
    pub fn remove(&mut self, names: &[String]) -> Result<(), NativeError> {
        let names = names.to_vec();
        self.ask(What::Remove { names }).map(|Nothing {}| ())
    }

    /// The proxy stops listening, and ends with its last connection.
    ///
    /// # Errors
    /// `proxy-gone`.
    pub fn close(&mut self) -> Result<(), NativeError> {
        self.ask(What::Close {}).map(|Nothing {}| ())
    }

    fn ask<T: DeserializeOwned>(&mut self, what: What) -> Result<T, NativeError> {
        self.last += 1;
        let request = Request {
            id: self.last,
            what,
        };
        let answer = self.exchange(&request).map_err(|error| gone(&error))?;
        match (answer.error, answer.result) {
            (Some(error), _) => Err(error),
            (None, result) => serde_json::from_value(result.unwrap_or_default())
                .map_err(|error| gone(&io::Error::from(error))),
        }
    }

    fn exchange(&mut self, request: &Request) -> io::Result<Answer> {
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        self.stream.get_mut().write_all(&line)?;
        loop {
            let mut heard = Vec::new();
            if self.stream.read_until(b'\n', &mut heard)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let answer: Answer = serde_json::from_slice(&heard)?;
            if answer.id == request.id {
                return Ok(answer);
            }
        }
    }
}

fn gone(error: &io::Error) -> NativeError {
    if matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    ) {
        let ms = PATIENCE.as_millis();
        let message = format!("the proxy has not answered for {ms} ms");
        return NativeError::new("proxy-hung", message, "look at what its process does");
    }
    super::system(
        "proxy-gone",
        "the proxy is not there",
        error,
        "open it again: proxy.open",
    )
}
