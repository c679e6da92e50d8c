//! Whole projects: no files panic the stages up to compiled SQL.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| transform_fuzz::project(text));
