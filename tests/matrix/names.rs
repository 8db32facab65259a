//! Names of any bytes: what is made, listed, read, renamed and deleted bears them on the server's disk to the byte.

use crate::cell::Bench;
use crate::client::{names as names_in, read_from, write_to};
use crate::edits::done;
use ftpane::volume::{Volume as _, WriteFrom};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

pub async fn names(bench: &Bench<'_>) {
    let mut volume = bench.open().await;
    let mut all = bench.operation.bytes_of_names();
    for name in &all {
        let shown = name.escape_ascii();
        let disk = bench.there("").join(OsStr::from_bytes(name));
        let dir = bench.path(&volume, name);
        done!(volume.make_dir(&dir));
        assert!(disk.is_dir(), "{shown} has another name on the disk: {:?}", on_disk(bench));
        let file = dir.resolve(name).unwrap();
        done!(write_to(&mut volume, &file, WriteFrom::Start, name));
        assert_eq!(fs::read(disk.join(OsStr::from_bytes(name))).unwrap(), *name, "{shown}");
        assert_eq!(names_in(&mut volume, &dir).await, std::slice::from_ref(name));
        assert_eq!(done!(read_from(&mut volume, &file, 0)), *name);
        let other = dir.resolve(&[b"x", &name[..]].concat()).unwrap();
        done!(volume.rename(&file, &other, false));
        done!(volume.rename(&other, &file, false));
        assert_eq!(done!(volume.stat(&file)).expect("it is there").size, Some(name.len() as u64), "{shown}");
    }
    all.sort();
    let dir = bench.path(&volume, "");
    assert_eq!(names_in(&mut volume, &dir).await, all);
    for name in &all {
        let dir = bench.path(&volume, name);
        done!(volume.remove_file(&dir.resolve(name).unwrap()));
        done!(volume.remove_dir(&dir));
    }
    assert!(on_disk(bench).is_empty(), "{:?}", on_disk(bench));
}

fn on_disk(bench: &Bench<'_>) -> Vec<String> {
    let entries = fs::read_dir(bench.there("")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_vec().escape_ascii().to_string()).collect()
}
