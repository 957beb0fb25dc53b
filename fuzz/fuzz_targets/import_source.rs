#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| rtiler_fuzz::run("import_source", input));
