//! The command line of `hms-native proxy`.
use super::address::Address;
use super::forwarder::{Forwarder, Options};
use super::toxic::{Dose, Toxic};
use crate::contract::error::NativeError;
use crate::contract::fault::Direction;
use crate::contract::process::ProcessMark;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Pass bytes between TCP ports and unix sockets of this machine, and do harm to them: a Toxiproxy in one process
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // Each is a flag on the command line.
pub struct Proxy {
    /// Where to listen: 127.0.0.1:PORT (0: any that is free) or unix:PATH; on this machine only
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    listen: Address,
    /// Where bytes go on to: HOST:PORT or unix:PATH
    #[arg(long, value_name = "ADDRESS")]
    upstream: Address,
    /// End the toxics and stop listening after this; what is open is passed on until it ends
    #[arg(long = "for", value_name = "TIME", value_parser = span)]
    lasting: Option<Duration>,
    /// Cut off what is open at that end
    #[arg(long, requires = "lasting")]
    cut: bool,
    /// Connections at once; more are reset
    #[arg(long, default_value_t = 512, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65536))]
    max_connections: u32,
    /// Say where it listens as one JSON object
    #[arg(long)]
    json: bool,

    /// Every chunk arrives so much later
    #[arg(long, value_name = "TIME", value_parser = span, help_heading = "Toxics")]
    latency: Option<Duration>,
    /// Give or take so much
    #[arg(long, value_name = "TIME", value_parser = span, requires = "latency", help_heading = "Toxics")]
    jitter: Option<Duration>,
    /// So many percent of the chunks wait a retransmission time, and all behind them
    #[arg(long, value_name = "PERCENT", help_heading = "Toxics")]
    loss: Option<f64>,
    /// Bytes a second: 64kb, 1mb, 500
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Toxics")]
    bandwidth: Option<u64>,
    /// Ends of streams arrive so much later
    #[arg(long, value_name = "TIME", value_parser = span, help_heading = "Toxics")]
    slow_close: Option<Duration>,
    /// Bytes vanish; connections are closed after this, 0s: never
    #[arg(long, value_name = "TIME", value_parser = span, help_heading = "Toxics")]
    timeout: Option<Duration>,
    /// Bytes vanish; the same as --timeout 0s
    #[arg(long, conflicts_with = "timeout", help_heading = "Toxics")]
    drop: bool,
    /// Nothing passes and nothing is lost: a partition
    #[arg(long, help_heading = "Toxics")]
    stall: bool,
    /// Chunks are cut into slices of about this size
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Toxics")]
    slice: Option<u64>,
    /// Give or take so much
    #[arg(long, value_name = "SIZE", value_parser = size, requires = "slice", help_heading = "Toxics")]
    slice_variation: Option<u64>,
    /// Slices are so far apart
    #[arg(long, value_name = "TIME", value_parser = span, requires = "slice", help_heading = "Toxics")]
    slice_delay: Option<Duration>,
    /// Connections are closed once so much went through
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Toxics")]
    limit: Option<u64>,
    /// Connections are reset after so long
    #[arg(long, value_name = "TIME", value_parser = span, help_heading = "Toxics")]
    reset: Option<Duration>,
    /// Which bytes: up from who connects, down to them
    #[arg(long, value_enum, default_value_t = Way::Both, help_heading = "Toxics")]
    direction: Way,
    /// The share of connections it is done to, 0 to 1
    #[arg(
        long,
        value_name = "SHARE",
        default_value_t = 1.0,
        help_heading = "Toxics"
    )]
    toxicity: f64,
    /// The same seed chooses the same connections and chunks
    #[arg(long, default_value_t = 0, help_heading = "Toxics")]
    seed: u64,

    /// Listen for JSON Lines on this unix socket: status, toxic.add, toxic.remove, close. Toxics end with who added them
    #[arg(long, value_name = "PATH", help_heading = "Control")]
    control: Option<PathBuf>,
    /// What `status` calls it
    #[arg(long, default_value = "", help_heading = "Control")]
    name: String,
    /// PID:BORN. While that process lives the proxy stays; after that until it is controlled and used no more
    #[arg(long, value_name = "PROCESS", value_parser = process, requires = "control", help_heading = "Control")]
    owner: Option<ProcessMark>,
    /// Leave the terminal and the process group of who starts it
    #[arg(long, help_heading = "Control")]
    detach: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Way {
    Up,
    Down,
    Both,
}

impl Proxy {
    /// Says where it listens, and passes bytes until it ends. As JSON it also says why it cannot.
    ///
    /// # Errors
    /// What [`Forwarder::open`] and [`Forwarder::run`] say.
    pub fn run(self) -> Result<ExitCode, NativeError> {
        let json = self.json;
        self.serve().inspect_err(|error| {
            if json {
                let _ = crate::cli::print(
                    format!("{}\n", serde_json::json!({ "error": error })).as_bytes(),
                );
            }
        })
    }

    fn serve(self) -> Result<ExitCode, NativeError> {
        if self.detach {
            // It fails for who leads a group already: then there is nothing to leave.
            let _ = rustix::process::setsid();
            crate::chaos::name(c"hms-proxy");
        }
        let doses = self.doses();
        let forwarder = Forwarder::open(Options {
            name: self.name,
            listen: self.listen,
            upstream: self.upstream.clone(),
            most: self.max_connections as usize,
            doses,
            lasting: self.lasting,
            cut: self.cut,
            control: self.control,
            owner: self.owner,
        })?;
        let address = forwarder.address();
        let words = if self.json {
            let pid = std::process::id();
            serde_json::json!({ "listen": address, "upstream": self.upstream, "pid": pid })
                .to_string()
        } else {
            format!("{address} goes to {}", self.upstream)
        };
        crate::cli::print(format!("{words}\n").as_bytes())?;
        forwarder.run()?;
        Ok(ExitCode::SUCCESS)
    }

    fn doses(&self) -> Vec<Dose> {
        let latency = self.latency.map(|latency| Toxic::Latency {
            latency_ms: millis(latency),
            jitter_ms: self.jitter.map_or(0, millis),
        });
        let loss = self.loss.map(|percent| Toxic::Loss {
            percent,
            rto_ms: super::toxic::RTO_MS,
        });
        let bandwidth = self
            .bandwidth
            .map(|bytes_per_s| Toxic::Bandwidth { bytes_per_s });
        let slow_close = self.slow_close.map(|delay| Toxic::SlowClose {
            delay_ms: millis(delay),
        });
        let timeout = self.timeout.or(self.drop.then_some(Duration::ZERO));
        let timeout = timeout.map(|after| Toxic::Timeout {
            timeout_ms: millis(after),
        });
        let slicer = self.slice.map(|average_bytes| Toxic::Slicer {
            average_bytes,
            variation_bytes: self.slice_variation.unwrap_or(0),
            delay_us: self.slice_delay.map_or(0, |delay| {
                u64::try_from(delay.as_micros()).unwrap_or(u64::MAX)
            }),
        });
        let limit = self.limit.map(|bytes| Toxic::LimitData { bytes });
        let reset = self.reset.map(|after| Toxic::ResetPeer {
            after_ms: millis(after),
        });
        let stall = self.stall.then_some(Toxic::Stall {});
        let all = [
            latency, loss, bandwidth, slow_close, timeout, slicer, limit, reset, stall,
        ];
        let direction = match self.direction {
            Way::Up => Direction::Up,
            Way::Down => Direction::Down,
            Way::Both => Direction::Both,
        };
        all.into_iter()
            .flatten()
            .map(|toxic| Dose {
                name: "command line".to_owned(),
                toxic,
                direction,
                toxicity: self.toxicity,
                seed: self.seed,
            })
            .collect()
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// Reads `1500ms`, `2s`, `1m`; at most a day.
fn span(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "us" => 0.000_001,
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        _ => return Err("a time is a number and a unit: 100ms, 10s, 1m".to_owned()),
    };
    let count: f64 = digits
        .parse()
        .map_err(|_| format!("{digits:?} is no number"))?;
    Duration::try_from_secs_f64(count * unit)
        .ok()
        .filter(|span| *span <= Duration::from_secs(86_400))
        .ok_or_else(|| "a time is from 0s to 1440m".to_owned())
}

/// Reads `500`, `64kb`, `1mb`, `2gb` (powers of 1024) as bytes.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "b" => 1,
        "kb" => 1 << 10,
        "mb" => 1 << 20,
        "gb" => 1 << 30,
        _ => return Err("a size is a number and a unit: 500, 64kb, 1mb".to_owned()),
    };
    let count: u64 = digits
        .parse()
        .map_err(|_| format!("{digits:?} is no whole number"))?;
    count
        .checked_mul(unit)
        .ok_or_else(|| "that is too much".to_owned())
}

/// Reads `PID:BORN`.
fn process(text: &str) -> Result<ProcessMark, String> {
    let (pid, born) = text
        .split_once(':')
        .ok_or("a process is PID:BORN, its start time as /proc/PID/stat has it")?;
    let pid: u64 = pid.parse().map_err(|_| "a pid is a number".to_owned())?;
    Ok(ProcessMark {
        pid: pid.try_into()?,
        born: born.to_owned().try_into()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_read() {
        assert_eq!(span("100ms"), Ok(Duration::from_millis(100)));
        assert_eq!(span("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(span("0s"), Ok(Duration::ZERO));
        assert_eq!(size("64kb"), Ok(65536));
        assert_eq!(size("7"), Ok(7));
        for text in ["", "5", "ms", "-1s", "1h", "infs", "99999m"] {
            assert!(span(text).is_err(), "{text}");
        }
        for text in ["", "kb", "-1", "1.5mb", "99999999999999gb", "1tb"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_owner_is_a_pid_and_a_birth() {
        assert!(process("17:4242").is_ok());
        for text in ["17", "0:1", "x:1", "17:", "99999999999:1"] {
            assert!(process(text).is_err(), "{text}");
        }
    }
}
