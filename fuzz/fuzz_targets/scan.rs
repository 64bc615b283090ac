#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rollstep_fuzz::scan(bytes));
