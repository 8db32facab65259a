//! Names and paths of a server, on their way to the disk.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ftpane::fuzzing::run("path", data));
