//! Any bytes, on their way to the screen.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ftpane::fuzzing::run("text", data));
