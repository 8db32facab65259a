//! What replies hold: ports (227, 229), quoted paths, sizes, times.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ftpane::fuzzing::run("values", data));
