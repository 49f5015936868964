//! Runs the tests that need other people's programs. What comes from npm goes into a temporary folder; what a machine must
//! have itself fails with what to install. Nothing is skipped.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The packages, at the versions the tests were written for.
const PACKAGES: [&str; 1] = ["eventsource@4.1.1"];
/// What a machine must have, and where to get it.
const PROGRAMS: [(&str, &str); 4] = [
    ("curl", "apt-get install curl"),
    ("chromium", "apt-get install chromium"),
    ("node", "https://nodejs.org, or apt-get install nodejs"),
    ("npm", "https://nodejs.org, or apt-get install npm"),
];

/// Runs the peers' tests alone.
pub fn run() -> Result<()> {
    look_for_programs()?;
    with_packages(|modules| super::run(&["test", "--features", "peers", "--test", "peers"], &[modules]))
}

/// Fails with what to install where a program is missing.
pub fn look_for_programs() -> Result<()> {
    for (program, install) in PROGRAMS {
        let found = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
        if !found {
            bail!("`{program}` is not there: install it ({install})");
        }
    }
    Ok(())
}

/// Installs the packages, and gives the variable that says where they are.
pub fn with_packages(tests: impl FnOnce((&str, &str)) -> Result<()>) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("fibric-peers-{}", std::process::id()));
    std::fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let ran = install(&folder).and_then(|()| {
        let modules = folder.join("node_modules");
        tests(("FIBRIC_PEERS", modules.to_str().context("the temporary folder's name is not text")?))
    });
    // What is left of it is the system's to clear away.
    let _ = std::fs::remove_dir_all(&folder);
    ran
}

fn install(folder: &Path) -> Result<()> {
    let args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    println!("$ npm install {}", PACKAGES.join(" "));
    let status =
        Command::new("npm").args(args).args(PACKAGES).current_dir(folder).status().context("cannot start npm")?;
    if !status.success() {
        bail!("npm cannot install {}: is there a way to its registry?", PACKAGES.join(" "));
    }
    Ok(())
}
