//! What this machine can do: asked of the machine, never assumed from its name or version.
//!
//! Each part of the helper probes what it needs (`faults::capabilities`, `watch::capabilities`, …); here they come
//! together, in the order people read them.
use std::fmt::Write;

use crate::contract::capability::{Capability, Reverter};
use crate::{faults, proxy, tail, top, watch};

/// Probes everything: some ms.
pub fn probe() -> Vec<Capability> {
    let mut found = faults::capabilities();
    found.extend([
        proxy::capability(),
        watch::capability(),
        top::capability(),
        tail::capability(),
    ]);
    found
}

/// For people, or one JSON array.
pub fn text(json: bool) -> Vec<u8> {
    let found = probe();
    if json {
        let mut text = serde_json::to_vec(&found).unwrap_or_default();
        text.push(b'\n');
        return text;
    }
    let mut text =
        String::from("# what, whether it can be done here, how, and who takes it back\n");
    for one in &found {
        let sign = if one.available { "yes" } else { "no" };
        let by = match one.revert {
            Reverter::Kernel => "kernel",
            Reverter::Guardian => "guardian",
            Reverter::None => "-",
        };
        let line = format!(
            "{:<16}{sign:<5}{:<20}{by:<10}{}",
            &*one.name,
            &*one.mechanism,
            about(one)
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text.into_bytes()
}

fn about(one: &Capability) -> String {
    let privileged = if one.privileged { "privileged; " } else { "" };
    let remedy = if one.remedy.is_empty() {
        String::new()
    } else {
        format!(" ({})", one.remedy)
    };
    format!("{privileged}{}{remedy}", one.because)
}
