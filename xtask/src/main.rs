//! The project's own chores, so that a person and the build machine run the same commands.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore speaks to whoever runs it")]

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

mod bench;
mod peers;
mod screenshots;

const USAGE: &str = "\
usage: cargo xtask <chore>

  test         formatting, lints with warnings as errors, every test; fetches what the peers' need from npm
  peers        tests with programs of other people's making; fetches what they need from npm
  bench        every bench, its peers in the same run; writes docs/performance.md
  screenshots  real frames of the bundled workspace; writes screenshots/*.svg and the README's PNG
  help         this text
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (chore, surplus) = (args.next(), args.next());
    let done = match (chore.as_deref(), surplus) {
        (Some("test"), None) => test(),
        (Some("peers"), None) => peers::run(),
        (Some("bench"), None) => bench::run(),
        (Some("screenshots"), None) => screenshots::make(),
        (Some("help" | "--help" | "-h"), None) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        (chore, surplus) => {
            if let Some(unknown) = surplus.as_deref().or(chore) {
                eprintln!("unknown chore `{unknown}`\n");
            }
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn test() -> Result<()> {
    // What is missing for the last is said before the first is waited for.
    peers::look_for_programs()?;
    run(&["fmt", "--all", "--check"], &[])?;
    run(&["clippy", "--all-targets", "--features", "peers", "--", "-D", "warnings"], &[])?;
    peers::with_packages(|modules| {
        run(&["test", "--workspace", "--exclude", "fibric-peers", "--features", "fibric-console/peers"], &[modules])
    })
}

fn run(args: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    let shown = format!("cargo {}", args.join(" "));
    println!("$ {shown}");
    let status =
        cargo(args).envs(variables.iter().copied()).status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// The same cargo that runs this program, at the project's root.
fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    command
}

fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or_else(|| here.clone(), PathBuf::from)
}
