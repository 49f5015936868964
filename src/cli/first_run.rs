//! What is offered where there is no workspace: the bundled one, and a look at it.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use super::demo::{detected, show, stopped_by_signals, theme};
use super::exit::{Exit, Failure};
use crate::console::Display;
use crate::demo::first_run::{Choice, Page, choose};
use crate::demo::{Guide, Pace, Script, Speed, Stage, put_bundle_into};
use crate::kernel::diagnostic::Diagnostic;

/// Where a folder has nothing in it, offers the bundled workspace to whoever sits before a terminal; none once it is there.
/// Everybody else is told the same in a sentence, and `fault` is the failure where the folder is no empty one.
pub(super) fn offer(
    folder: &Path,
    fault: Diagnostic,
    plain: bool,
    named: Option<String>,
) -> Result<Option<Exit>, Failure> {
    if !is_empty(folder) {
        return Err(Failure::usage(fault));
    }
    if plain || !(io::stdout().is_terminal() && io::stdin().is_terminal()) {
        let help = "`fibric` on a terminal offers to put the bundled workspace into this empty folder; `fibric demo --plain` \
                    shows what it does";
        return Err(Failure::usage(fault.help(help)));
    }
    let theme = theme(detected(), named)?;
    let stopped = stopped_by_signals()?;
    let told = |said: String| Failure::Told { diagnostics: vec![Diagnostic::error(said)], exit: Exit::Failed };
    let mut display = Display::open().map_err(|error| told(error.to_string()))?;
    let (mut page, mut wrong) = (Page::default(), None);
    let shown = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf()).display().to_string();
    loop {
        let chosen = choose(&mut page, &mut display, &theme, &shown, wrong.as_deref());
        let (script, guide) = match chosen.map_err(|error| told(error.to_string()))? {
            Choice::Quit => return Ok(Some(Exit::Ok)),
            Choice::Signal(_) => return Ok(Some(Exit::Interrupted)),
            Choice::Tour => (Script::tour(), Guide::Person),
            Choice::Demo => (Script::demo(), Guide::Script),
            Choice::Open => match put_bundle_into(folder) {
                Ok(()) => return Ok(None),
                Err(error) => {
                    wrong = Some(format!("nothing was written: {error}"));
                    continue;
                }
            },
        };
        wrong = None;
        let stage = Stage { theme, size: (80, 24), policy: None, stopped: stopped.clone() };
        let pace = Pace { speed: Speed::default(), guide, paused: false, presenting: false };
        if show(&script, stage, pace, &mut display)? == Exit::Interrupted {
            return Ok(Some(Exit::Interrupted));
        }
    }
}

/// True for a folder with nothing in it but what is hidden.
fn is_empty(folder: &Path) -> bool {
    let Ok(mut entries) = std::fs::read_dir(folder) else { return false };
    entries.all(|entry| entry.is_ok_and(|entry| entry.file_name().as_encoded_bytes().starts_with(b".")))
}
