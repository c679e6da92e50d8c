//! YAML: no text panics or hangs the reader.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| transform_fuzz::yaml(text));
