//! The `fibric` binary.

fn main() -> std::process::ExitCode {
    fibric_console::cli::main()
}
