//! A file of another program's sites, behind a byte that says of which program.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ftpane::fuzzing::run("import", data));
