//! ps(1), where there is no `/proc` (macOS, BSD).
use std::process::{Command, Stdio};

use super::Process;

const COLUMNS: &str = "pid=,ppid=,state=,time=,rss=,lstart=";

pub fn read(pid: i32) -> Option<Process> {
    ask(&["-p", &pid.to_string()]).pop()
}

pub fn all() -> Vec<Process> {
    ask(&["-ax"])
}

fn ask(which: &[&str]) -> Vec<Process> {
    let mut ps = Command::new("ps");
    // One form of the date, whoever asks.
    ps.args(["-ww", "-o", COLUMNS])
        .args(which)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let Ok(said) = ps.output() else {
        return Vec::new();
    };
    String::from_utf8_lossy(&said.stdout)
        .lines()
        .filter_map(parse)
        .collect()
}

fn parse(line: &str) -> Option<Process> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let [pid, parent, state, time, rss, ..] = words[..] else {
        return None;
    };
    // `Sat Nov  1 13:42:03 2026` as it stands, spaces too: it must equal what the other half reads.
    let born = line.trim_end();
    let born = &born[born.find(words.get(5)?)?..];
    Some(Process {
        pid: pid.parse().ok()?,
        parent: parent.parse().ok()?,
        session: 0,
        state: state.chars().next()?,
        born: born.to_owned(),
        cpu_ms: time_ms(time)?,
        children_ms: 0,
        rss: rss.parse::<u64>().ok()? * 1024,
        threads: None,
    })
}

/// `1-02:03:04`, `02:03:04`, `3:04.56`.
fn time_ms(time: &str) -> Option<u64> {
    let (days, clock) = time.split_once('-').unwrap_or(("0", time));
    let seconds = clock.split(':').try_fold(0.0, |sum, part| {
        Some(sum * 60.0 + part.parse::<f64>().ok()?)
    })?;
    let seconds = std::time::Duration::try_from_secs_f64(seconds).ok()?;
    Some(days.parse::<u64>().ok()? * 86_400_000 + u64::try_from(seconds.as_millis()).ok()?)
}
