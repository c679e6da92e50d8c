//! Jinja: no text panics the scanner, the reader of names or the renderer.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| transform_fuzz::jinja(text));
