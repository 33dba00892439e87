//! What a journal promises when it was cut off anywhere.
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::json;

use super::order::{Design, Order};
use super::undo::{FILE_PREFIX, Undo};
use super::{journal, recover};
use crate::contract::scope::Limits;
use crate::machine::clock;

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("hms-journal-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    folder.canonicalize().unwrap()
}

fn order(folder: &std::path::Path, undo: Vec<Undo>) -> Order {
    let mut design = Design::by("unlinked file");
    design.undo = undo;
    Order {
        id: "it".to_owned().try_into().unwrap(),
        fault: serde_json::from_value(json!({ "fault": "disk_fill", "path": folder, "bytes": 1 }))
            .unwrap(),
        targets: Vec::new(),
        design,
        limits: Limits::default(),
        ours: Vec::new(),
        seed: 0,
        for_ms: 1,
        deadline_boot_ms: 0,
        boot_id: clock::boot_id(),
        folder: folder.to_owned(),
        halt_file: folder.join("halt"),
        tmux_socket: String::new(),
    }
}

/// An undo of a file that is there.
fn file(folder: &std::path::Path, name: &str) -> Undo {
    let path = folder.join(format!("{FILE_PREFIX}{name}"));
    fs::write(&path, "x").unwrap();
    Undo::Unlink { path }
}

fn there(folder: &std::path::Path) -> Vec<String> {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn what_lives_is_held_and_what_died_is_replayed_once() {
    let folder = folder("held");
    let mut begun = journal::Journal::begin(order(&folder, vec![file(&folder, "a")])).unwrap();
    begun.note_undo(file(&folder, "b")).unwrap();
    assert!(recover::folder(&folder).is_empty());
    assert_eq!(there(&folder).len(), 3);
    assert!(journal::Journal::begin(order(&folder, Vec::new())).is_err());
    drop(begun);
    let states = recover::folder(&folder);
    assert_eq!((states.len(), states[0].residues.len()), (1, 0));
    assert!(there(&folder).is_empty());
    assert!(recover::folder(&folder).is_empty());
    fs::remove_dir(&folder).unwrap();
}

#[test]
fn after_a_boot_only_what_outlives_it_is_undone() {
    let folder = folder("boot");
    let own = crate::machine::process::own().unwrap();
    let mut earlier = order(
        &folder,
        vec![Undo::Continue { process: own }, file(&folder, "a")],
    );
    earlier.boot_id = "another".to_owned();
    drop(journal::Journal::begin(earlier).unwrap());
    assert_eq!(recover::folder(&folder)[0].residues.len(), 0);
    assert!(there(&folder).is_empty());
    fs::remove_dir(&folder).unwrap();
}

#[test]
fn a_file_that_is_not_ours_is_never_removed() {
    let folder = folder("strange");
    let strange = folder.join("important");
    fs::write(&strange, "x").unwrap();
    drop(journal::Journal::begin(order(&folder, vec![Undo::Unlink { path: strange }])).unwrap());
    recover::folder(&folder);
    assert_eq!(there(&folder), ["important"]);
    // What was put in a journal's place is no journal.
    std::os::unix::fs::symlink(folder.join("important"), folder.join("undo-x.jsonl")).unwrap();
    fs::write(folder.join("undo-y.jsonl"), "{\"order\":7}\n").unwrap();
    fs::write(folder.join("undo-z.jsonl"), "{\"order\"").unwrap();
    let states = recover::folder(&folder);
    assert_eq!(
        (states.len(), states[0].residues.len()),
        (1, 1),
        "what another version left is told, and stays"
    );
    assert_eq!(
        there(&folder),
        ["important", "undo-x.jsonl", "undo-y.jsonl"]
    );
    fs::remove_dir_all(&folder).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Cut off anywhere (power, full disk): every undo that was written whole is done, and the journal goes.
    #[test]
    fn a_torn_journal_undoes_what_was_written_whole(cut in 0.0_f64..1.0) {
        let folder = folder("torn");
        let mut begun = journal::Journal::begin(order(&folder, Vec::new())).unwrap();
        let path = journal::path(&begun.order);
        let header = fs::metadata(&path).unwrap().len();
        begun.note_undo(file(&folder, "a")).unwrap();
        let first = fs::metadata(&path).unwrap().len();
        begun.note_undo(file(&folder, "b")).unwrap();
        let text = fs::read(&path).unwrap();
        drop(begun);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let length = (text.len() as f64 * cut) as usize;
        fs::write(&path, &text[..length]).unwrap();
        recover::folder(&folder);
        let length = u64::try_from(length).unwrap();
        let left = usize::from(length < first) + 1;
        prop_assert_eq!(there(&folder).len(), left, "cut at {} of {}, header {}", length, text.len(), header);
        fs::remove_dir_all(&folder).unwrap();
    }
}
