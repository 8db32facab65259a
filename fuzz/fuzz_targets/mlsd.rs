//! An MLSD listing: facts and names.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ftpane::fuzzing::run("mlsd", data));
