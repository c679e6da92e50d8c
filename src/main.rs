//! The command line's entry: everything is in [`transform::cli`].

use std::process::ExitCode;

/// Parsing builds many small values on all cores at once; this allocator does that well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    transform::cli::main()
}
