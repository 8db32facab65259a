//! A LIST as HP NonStop writes it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ftpane::fuzzing::run("list_nonstop", data));
