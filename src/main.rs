//! The `fibric` binary.

/// Many small texts live and die here; a disposition takes half the time it takes on the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    fibric_console::cli::main()
}
