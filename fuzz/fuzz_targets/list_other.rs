//! A LIST as VxWorks, VShell and others write it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ftpane::fuzzing::run("list_other", data));
