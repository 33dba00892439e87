//! `hms-native top`: for people a table, for programs one JSON object a look.
use std::fmt::Write;
use std::process::ExitCode;
use std::time::Duration;

use super::sample;
use crate::cli::print;
use crate::contract::bounded::Count;
use crate::contract::error::NativeError;
use crate::contract::process::Named;
use crate::contract::request::TopSampled;
use crate::proc;

#[derive(clap::Args)]
pub struct Options {
    /// Roots of the trees; a name for one comes before it, as in builder=4711
    #[arg(value_name = "[NAME=]PID", required = true)]
    processes: Vec<String>,
    /// One JSON object a look, as top.sample is answered
    #[arg(long)]
    json: bool,
    /// Look again every so many ms, until all of them have ended
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(10..))]
    every: Option<u64>,
}

/// Looks once, or until all have ended.
///
/// # Errors
/// `bad-pid`, `gone` when none of them is there, `stdout`.
pub fn run(options: &Options) -> Result<ExitCode, NativeError> {
    let roots = options
        .processes
        .iter()
        .map(|given| root(given))
        .collect::<Result<Vec<_>, _>>()?;
    loop {
        let sampled = sample(&roots);
        if sampled.samples.is_empty() {
            let words = "none of these processes is there";
            return Err(NativeError::new(
                "gone",
                words,
                "ps -e lists those that are",
            ));
        }
        print(&if options.json {
            json(&sampled)
        } else {
            table(&sampled)
        })?;
        let Some(pause) = options.every else {
            return Ok(ExitCode::SUCCESS);
        };
        std::thread::sleep(Duration::from_millis(pause));
        if !roots.iter().any(|root| proc::lives(&root.process)) {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

fn root(given: &str) -> Result<Named, NativeError> {
    let (name, pid) = proc::given(given)?;
    let gone = || {
        NativeError::new(
            "gone",
            format!("there is no process {pid}"),
            "ps -e lists those that are",
        )
    };
    Ok(Named {
        name,
        process: proc::mark(pid).ok_or_else(gone)?,
    })
}

fn json(sampled: &TopSampled) -> Vec<u8> {
    let mut line = serde_json::to_vec(sampled).unwrap_or_default();
    line.push(b'\n');
    line
}

fn table(sampled: &TopSampled) -> Vec<u8> {
    let mut text = format!(
        "{:<20} {:>10} {:>10} {:>7} {:>9} {:>6} {:>12} {:>12}\n",
        "NAME", "CPU ms", "RSS kB", "PROCS", "THREADS", "FDS", "READ kB", "WRITTEN kB"
    );
    let kb = |bytes: Option<Count>| {
        bytes.map_or("-".to_owned(), |bytes| (bytes.get() / 1000).to_string())
    };
    for one in &sampled.samples {
        let fds = one.fds.map_or("-".to_owned(), |fds| fds.get().to_string());
        let _ = writeln!(
            text,
            "{:<20} {:>10.0} {:>10} {:>7} {:>9} {fds:>6} {:>12} {:>12}",
            one.name.escape_debug().to_string(),
            one.cpu_ms,
            kb(Some(one.rss)),
            one.processes.get(),
            one.threads.get(),
            kb(one.read_bytes),
            kb(one.write_bytes),
        );
    }
    let percent = |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{share} %"));
    let stalled = &sampled.pressure;
    let _ = writeln!(
        text,
        "stood still in the last 10 s for lack of: CPU {}, memory {}, I/O {}",
        percent(stalled.cpu),
        percent(stalled.memory),
        percent(stalled.io),
    );
    text.into_bytes()
}
