//! A LIST as NetWare writes it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ftpane::fuzzing::run("list_netware", data));
