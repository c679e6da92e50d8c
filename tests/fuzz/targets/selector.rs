//! The grammar of `--select` and of `selectors.yml`: no text panics or hangs it.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| transform_fuzz::selector(text));
