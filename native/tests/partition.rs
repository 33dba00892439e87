//! A partition by nftables: the real binary, and a program in a network namespace of its own that says whether it gets
//! through.
#![cfg(target_os = "linux")]
// Beds are shared by several programs of tests, and none needs all of one.
#[allow(dead_code)]
mod chaos_bed;

use std::fs;
use std::process::{Command, Stdio};

use chaos_bed::{Folder, Helper, LONG_MS, Victim, eventually, injection, recover, scope};
use serde_json::{Value, json};

/// Refused at once (1) where something answers, in vain (124) where nothing gets through.
const SCRIPT: &str = r"ip link set lo up; while :; do
timeout 0.3 bash -c 'echo > /dev/tcp/127.0.0.1/9' 2> /dev/null; echo $? > new; mv new told; sleep 0.01; done";

/// None where this account may make no such namespace: then the fault cannot be done either.
fn alone(folder: &Folder) -> Option<Victim> {
    let may = Command::new("unshare")
        .args(["-Urn", "ip", "link", "set", "lo", "up"])
        .output();
    if !may.is_ok_and(|tried| tried.status.success()) {
        eprintln!("passed over: no user and network namespaces here");
        return None;
    }
    let child = Command::new("unshare")
        .args(["-Urn", "sh", "-c", SCRIPT])
        .current_dir(folder.path(""))
        .stdin(Stdio::null())
        .spawn();
    let victim = Victim::of(child.unwrap());
    eventually("it gets through", || told(folder) == "1");
    Some(victim)
}

fn told(folder: &Folder) -> String {
    fs::read_to_string(folder.path("told"))
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn partition(for_ms: u64) -> Value {
    injection("it", &json!({ "fault": "net_partition" }), "v", for_ms)
}

fn open(folder: &Folder, victim: &Victim) -> Helper {
    Helper::open(&scope(folder, &[("v", victim.pid())]))
}

#[test]
fn nothing_gets_through_until_it_is_over_whoever_is_killed() {
    let folder = Folder::new();
    let Some(victim) = alone(&folder) else { return };
    for way in ["time", "controller", "guardian", "all"] {
        let mut helper = open(&folder, &victim);
        let for_ms = if way == "time" { 1500 } else { LONG_MS };
        let plan = helper.ask("chaos.inject", &partition(for_ms)).unwrap();
        assert_eq!(plan["mechanism"], "nftables", "{plan}");
        eventually("it is cut off", || told(&folder) == "124");
        match way {
            "time" => {
                let last = helper.until_over("it");
                assert_eq!(last["phase"], "reverted", "{last}");
            }
            "controller" => helper.signal("KILL"),
            "guardian" => helper.guardian().signal("KILL"),
            // Nobody is left, and nobody comes: the kernel does it.
            _ => helper.kill_all(),
        }
        eventually(&format!("it gets through again: {way}"), || {
            told(&folder) == "1"
        });
        if way == "all" {
            recover(&folder);
        }
        eventually("the journal is gone", || !folder.has("undo-it.jsonl"));
    }
}

#[test]
fn who_shares_its_network_is_cut_off_by_proxies_or_not_at_all() {
    let folder = Folder::new();
    let ours = Victim::idle();
    let mut helper = open(&folder, &ours);
    let refused = helper.ask("chaos.inject", &partition(100)).unwrap_err();
    assert_eq!(refused["code"], "cannot-here", "{refused}");
    let Some(victim) = alone(&folder) else { return };
    // A stranger in the same namespace, which is not the target's tree.
    let entered = Command::new("nsenter")
        .args([
            "-t",
            &victim.pid().to_string(),
            "-U",
            "-n",
            "--preserve-credentials",
            "sleep",
            "1000",
        ])
        .spawn();
    let stranger = Victim::of(entered.unwrap());
    let space = |pid: u32| fs::read_link(format!("/proc/{pid}/ns/net")).ok();
    eventually("it is in there", || {
        space(stranger.pid()) == space(victim.pid())
    });
    let mut helper = open(&folder, &victim);
    let refused = helper.ask("chaos.inject", &partition(100)).unwrap_err();
    assert_eq!(refused["code"], "cannot-here", "{refused}");
    drop(stranger);
    let plan = helper.ask("chaos.plan", &partition(100)).unwrap();
    assert_eq!(
        (&plan["refused"], &plan["mechanism"]),
        (&json!(""), &json!("nftables")),
        "{plan}"
    );
}
