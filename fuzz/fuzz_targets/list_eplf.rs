//! A LIST of easily parsed facts.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ftpane::fuzzing::run("list_eplf", data));
