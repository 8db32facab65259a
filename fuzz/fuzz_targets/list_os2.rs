//! A LIST as OS/2 writes it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ftpane::fuzzing::run("list_os2", data));
