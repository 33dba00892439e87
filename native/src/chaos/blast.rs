//! The blast radius: what may begin at all. Pure but for one look at each target; what a fault itself may not do (room
//! that must stay free, folders) is its own plan's to refuse.
use std::collections::HashSet;

use crate::contract::error::NativeError;
use crate::contract::fault::Injection;
use crate::contract::process::{Pressure, ProcessMark};
use crate::contract::scope::{Scope, Target, TargetKind};
use crate::machine::process;

/// What the decision is made from.
pub struct Situation<'a> {
    pub scope: &'a Scope,
    /// Names of targets that something is done to now, of all injections.
    pub busy: &'a HashSet<String>,
    /// Ids of injections that are not over.
    pub running: &'a HashSet<String>,
    /// Processes of ours, which are never targets.
    pub ours: &'a [ProcessMark],
    pub halted: bool,
    pub pressure: Pressure,
}

/// The targets by their names, or why it must not begin.
///
/// # Errors
/// `halted`, `id-in-use`, `too-long`, `unknown-target`, `protected`, `gone`, `busy-target`, `too-many-targets`,
/// `pressure`.
pub fn allowed(injection: &Injection, at: &Situation<'_>) -> Result<Vec<Target>, NativeError> {
    let no =
        |code: &str, message: String, remedy: &str| Err(NativeError::new(code, message, remedy));
    if at.halted {
        let message = format!("the halt file {} is there", at.scope.halt_file);
        return no("halted", message, "remove it when chaos may go on");
    }
    if at.running.contains(&*injection.id) {
        return no(
            "id-in-use",
            format!("an injection {} is not over", &*injection.id),
            "take another id",
        );
    }
    let longest = at.scope.limits.longest_ms.get();
    if injection.for_ms.get() > longest {
        let message = format!(
            "{} ms is longer than the {longest} ms the scope allows",
            injection.for_ms.get()
        );
        return no(
            "too-long",
            message,
            "shorten it, or raise longest_ms, up to 300 s",
        );
    }
    let mut targets: Vec<Target> = Vec::new();
    for name in injection.targets.iter() {
        let target = one_target(name, at)?;
        if !targets.iter().any(|known| known.name == target.name) {
            targets.push(target);
        }
    }
    few_enough(&targets, at)?;
    no_pressure(at)?;
    Ok(targets)
}

fn one_target(name: &str, at: &Situation<'_>) -> Result<Target, NativeError> {
    let no =
        |code: &str, message: String, remedy: &str| Err(NativeError::new(code, message, remedy));
    let Some(target) = at.scope.targets.iter().find(|target| *target.name == *name) else {
        return no(
            "unknown-target",
            format!("the scope has no target {name:?}"),
            "name one of the scope's targets",
        );
    };
    let pid = target.process.pid.get();
    if pid == 1 || at.ours.contains(&target.process) {
        let who = if pid == 1 {
            "the machine's first process"
        } else {
            "this helper itself"
        };
        return no(
            "protected",
            format!("{name} is {who}, which is never touched"),
            "choose another target",
        );
    }
    if process::find(&target.process).is_none() {
        let message = format!(
            "{name} has ended: there is no process {pid} born at {}",
            target.process.born
        );
        return no("gone", message, "tell who it is now with chaos.retarget");
    }
    if at.busy.contains(name) {
        return no(
            "busy-target",
            format!("something is done to {name} already"),
            "one fault a target: wait",
        );
    }
    Ok(target.clone())
}

/// Agents something is done to at once: so many percent of the scope's, one at least.
fn few_enough(targets: &[Target], at: &Situation<'_>) -> Result<(), NativeError> {
    let agents = at
        .scope
        .targets
        .iter()
        .filter(|target| target.kind == TargetKind::Agent);
    let (mut all, mut busy) = (0, 0);
    for agent in agents {
        all += 1;
        busy += u64::from(at.busy.contains(&*agent.name));
    }
    let wanted = targets
        .iter()
        .filter(|target| target.kind == TargetKind::Agent)
        .count() as u64;
    let percent = at.scope.limits.targets_percent.get();
    let most = most_agents(all, percent);
    if wanted > 0 && busy + wanted > most {
        let message = format!(
            "{} of {all} agents at once, where {percent} % allow {most}",
            busy + wanted
        );
        return Err(NativeError::new(
            "too-many-targets",
            message,
            "choose fewer, or raise targets_percent",
        ));
    }
    Ok(())
}

fn most_agents(all: u64, percent: u64) -> u64 {
    (all * percent / 100).max(1)
}

fn no_pressure(at: &Situation<'_>) -> Result<(), NativeError> {
    let limit = at.scope.limits.pressure_percent.get();
    let Pressure { cpu, memory, io } = at.pressure;
    for (what, found) in [("CPU", cpu), ("memory", memory), ("I/O", io)] {
        if let Some(found) = found.filter(|found| *found > limit) {
            let message = format!(
                "tasks stood still for {what} in {found} % of the last 10 s, where {limit} % are allowed"
            );
            return Err(NativeError::new(
                "pressure",
                message,
                "wait until the machine is calm, or raise pressure_percent (blast.pressure of an experiment)",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn scope(agents: usize, percent: u64) -> Scope {
        let own = process::own().unwrap();
        let targets: Vec<_> = (0..agents)
            .map(|n| json!({ "name": format!("a{n}"), "kind": "agent", "process": own }))
            .chain([json!({ "name": "init", "kind": "service", "process": { "pid": 1, "born": "1" } })])
            .chain([json!({ "name": "gone", "kind": "service", "process": { "pid": own.pid, "born": "1" } })])
            .collect();
        let limits = json!({ "targets_percent": percent });
        serde_json::from_value(
            json!({ "folder": "/f", "halt_file": "/h", "targets": targets, "limits": limits }),
        )
        .unwrap()
    }

    fn injection(targets: &[String], for_ms: u64) -> Injection {
        let fault = json!({ "fault": "pause" });
        serde_json::from_value(
            json!({ "id": "a", "fault": fault, "targets": targets, "for_ms": for_ms }),
        )
        .unwrap()
    }

    fn judged(
        scope: &Scope,
        busy: &[String],
        targets: &[String],
        change: impl Fn(&mut Situation<'_>),
    ) -> String {
        let busy = busy.iter().cloned().collect();
        let running = HashSet::new();
        let pressure = Pressure::default();
        let mut at = Situation {
            scope,
            busy: &busy,
            running: &running,
            ours: &[],
            halted: false,
            pressure,
        };
        change(&mut at);
        allowed(&injection(targets, 1000), &at)
            .err()
            .map_or(String::new(), |error| error.code.to_string())
    }

    fn named(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nothing_outside_of_the_scope_and_nothing_protected_is_touched() {
        let scope = scope(3, 34);
        assert_eq!(judged(&scope, &[], &named(&["a0"]), |_| {}), "");
        assert_eq!(
            judged(&scope, &[], &named(&["stranger"]), |_| {}),
            "unknown-target"
        );
        assert_eq!(judged(&scope, &[], &named(&["init"]), |_| {}), "protected");
        assert_eq!(judged(&scope, &[], &named(&["gone"]), |_| {}), "gone");
        assert_eq!(
            judged(&scope, &named(&["a0"]), &named(&["a0"]), |_| {}),
            "busy-target"
        );
        let ours = [process::own().unwrap()];
        let busy = HashSet::new();
        let at = Situation {
            scope: &scope,
            busy: &busy,
            running: &busy,
            ours: &ours,
            halted: false,
            pressure: Pressure::default(),
        };
        assert_eq!(
            &*allowed(&injection(&named(&["a1"]), 1), &at)
                .unwrap_err()
                .code,
            "protected"
        );
        assert_eq!(
            &*allowed(&injection(&[], 30_001), &at).unwrap_err().code,
            "too-long"
        );
    }

    #[test]
    fn a_halt_file_and_pressure_refuse_everything() {
        let scope = scope(1, 34);
        assert_eq!(judged(&scope, &[], &[], |at| at.halted = true), "halted");
        assert_eq!(
            judged(&scope, &[], &[], |at| at.pressure.io = Some(40.1)),
            "pressure"
        );
        assert_eq!(
            judged(&scope, &[], &[], |at| at.pressure.io = Some(40.0)),
            ""
        );
    }

    proptest! {
        #[test]
        fn never_more_agents_than_the_percent_and_always_one(
            all in 1_usize..60, percent in 1_u64..=100, busy in 0_usize..60, wanted in 1_usize..60,
        ) {
            let names: Vec<String> = (0..all).map(|n| format!("a{n}")).collect();
            let busy = &names[..busy.min(all)];
            let wanted = &names[busy.len()..(busy.len() + wanted).min(all)];
            prop_assume!(!wanted.is_empty());
            let all_of_them = u64::try_from(all).unwrap();
            let sum = u64::try_from(busy.len() + wanted.len()).unwrap();
            let fits = sum == 1 || sum * 100 <= all_of_them * percent;
            let found = judged(&scope(all, percent), busy, wanted, |_| {});
            prop_assert_eq!(found, if fits { "" } else { "too-many-targets" });
        }
    }
}
