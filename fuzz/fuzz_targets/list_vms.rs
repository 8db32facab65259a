//! A LIST as OpenVMS writes it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ftpane::fuzzing::run("list_vms", data));
