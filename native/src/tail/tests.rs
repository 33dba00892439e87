use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::sync::atomic::AtomicU32;
use std::sync::mpsc::{Receiver, channel};

use proptest::prelude::*;

use super::reader::start_of_last;
use super::*;

static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// A folder of the test's own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let count = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("hms-tail-{}-{count}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

type Told = Receiver<(String, Vec<String>)>;

fn follower() -> (Follower, Told) {
    let (tell, told) = channel();
    let follower = Follower::start(move |name, lines| {
        let _ = tell.send((name.to_owned(), lines));
    });
    (follower.unwrap(), told)
}

/// The next lines, until there are so many.
fn next(told: &Told, count: usize) -> Vec<String> {
    let mut lines = Vec::new();
    while lines.len() < count {
        lines.extend(
            told.recv_timeout(Duration::from_secs(20))
                .expect("more lines")
                .1,
        );
    }
    lines
}

fn append(path: &Path, text: &str) {
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
}

#[test]
fn whole_lines_come_once_from_where_it_was_asked() {
    let folder = Folder::new();
    let path = folder.file("log");
    append(&path, "old\nolder\n");
    let (follower, told) = follower();
    follower.add("end", &path, Start::End).unwrap();
    append(&path, "ha");
    append(&path, "lf\nnext\n\nun");
    assert_eq!(next(&told, 3), ["half", "next", ""]);
    append(&path, "ended\n");
    assert_eq!(next(&told, 1), ["unended"]);
    follower.remove("end");
    follower.add("from", &path, Start::Byte(4)).unwrap();
    assert_eq!(next(&told, 5), ["older", "half", "next", "", "unended"]);
}

#[test]
fn rotated_by_rename_nothing_is_lost_not_even_what_comes_late() {
    let folder = Folder::new();
    let (path, old) = (folder.file("log"), folder.file("log.1"));
    append(&path, "one\n");
    let (follower, told) = follower();
    follower.add("log", &path, Start::Byte(0)).unwrap();
    assert_eq!(next(&told, 1), ["one"]);
    let mut writer = OpenOptions::new().append(true).open(&path).unwrap();
    writer.write_all(b"two\n").unwrap();
    fs::rename(&path, &old).unwrap();
    writer.write_all(b"three\n").unwrap();
    append(&path, "four\n");
    let mut lines = next(&told, 3);
    lines.sort();
    assert_eq!(lines, ["four", "three", "two"]);
    // Who writes has not been told yet.
    writer.write_all(b"late\n").unwrap();
    assert_eq!(next(&told, 1), ["late"]);
}

#[test]
fn truncated_it_begins_anew() {
    let folder = Folder::new();
    let path = folder.file("log");
    append(&path, "a long line that stays\nwithout end");
    let (follower, told) = follower();
    follower.add("log", &path, Start::Byte(0)).unwrap();
    assert_eq!(next(&told, 1), ["a long line that stays"]);
    File::create(&path).unwrap();
    append(&path, "new\n");
    assert_eq!(next(&told, 2), ["without end", "new"]);
}

#[test]
fn a_file_that_is_not_there_yet_or_goes_and_comes_back_is_followed() {
    let folder = Folder::new();
    let path = folder.file("log");
    let (follower, told) = follower();
    follower.add("log", &path, Start::End).unwrap();
    append(&path, "first\n");
    assert_eq!(next(&told, 1), ["first"]);
    fs::remove_file(&path).unwrap();
    append(&path, "again\n");
    assert_eq!(next(&told, 1), ["again"]);
}

#[test]
fn many_files_keep_their_names() {
    let folder = Folder::new();
    let (follower, told) = follower();
    for name in ["a", "b", "c"] {
        follower.add(name, &folder.file(name), Start::End).unwrap();
    }
    for name in ["c", "a", "b"] {
        append(&folder.file(name), &format!("{name} says\n"));
        let (from, lines) = told.recv_timeout(Duration::from_secs(20)).unwrap();
        assert_eq!((from.as_str(), lines), (name, vec![format!("{name} says")]));
    }
}

#[test]
fn long_lines_come_in_pieces_and_floods_in_portions() {
    let folder = Folder::new();
    let path = folder.file("log");
    append(
        &path,
        &format!("{}\n{}", "x".repeat(100_000), "y\n".repeat(200_000)),
    );
    let (follower, told) = follower();
    follower.add("log", &path, Start::Byte(0)).unwrap();
    let mut lines = Vec::new();
    while lines.len() < 200_004 {
        let (_, portion) = told.recv_timeout(Duration::from_secs(20)).unwrap();
        assert!(serde_json::to_string(&portion).unwrap().len() < crate::contract::MAX_LINE / 2);
        lines.extend(portion);
    }
    assert_eq!(lines.iter().filter(|line| *line == "y").count(), 200_000);
    assert_eq!(lines[..4].concat(), "x".repeat(100_000));
}

#[test]
fn what_is_no_file_is_refused() {
    let folder = Folder::new();
    let (follower, _told) = follower();
    let refused = follower.add("folder", &folder.0, Start::End).unwrap_err();
    assert_eq!(&*refused.code, "no-file");
    assert!(
        follower
            .add("device", Path::new("/dev/null"), Start::End)
            .is_err()
    );
}

proptest! {
    #[test]
    fn the_last_lines_begin_where_they_begin(lines in prop::collection::vec("[a-z]{0,3}", 0..20), ended: bool, n in 0_usize..25) {
        let folder = Folder::new();
        let path = folder.file("log");
        let text = lines.join("\n") + if ended { "\n" } else { "" };
        fs::write(&path, &text).unwrap();
        let start = usize::try_from(start_of_last(&path, n).unwrap()).unwrap();
        let whole: Vec<&str> = text.split_inclusive('\n').collect();
        let expected: String = whole[whole.len().saturating_sub(n)..].concat();
        prop_assert_eq!(&text[start..], expected);
    }
}
