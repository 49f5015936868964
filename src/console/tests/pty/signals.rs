//! Signals sent to a console on a real pseudo-terminal: whichever it is, the terminal is as it was before.

use std::process::Command;
use std::time::{Duration, Instant};

use super::stalled::{is_raw, opened};
use super::{AROUND, Shell, TOLD};

/// A console that stands and was sent a signal.
fn signalled(signal: &str) -> Shell {
    let script = AROUND.replace("$RUN", "sh -c 'ulimit -c 0; echo PI''D=$$ ; exec $RUN'");
    let mut shell = Shell::start(&script, "signal");
    shell.until_shown(TOLD);
    let said = shell.said();
    let pid = said.split("PID=").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
    assert!(Command::new("kill").args([&format!("-{signal}"), pid]).status().unwrap().success());
    shell
}

#[test]
fn signals_that_kill_on_the_spot_give_the_terminal_back() {
    for signal in ["ABRT", "BUS", "FPE", "ILL", "SEGV", "SYS", "TRAP"] {
        let mut shell = signalled(signal);
        shell.until_said("DONE");
        assert!(!shell.said().contains("ENDED"), "{signal} kills: {:?}", shell.said());
        shell.assert_restored();
    }
}

#[test]
fn a_stack_that_overflows_gives_the_terminal_back_and_says_so() {
    let mut shell = Shell::start(&AROUND.replace("$RUN", "sh -c 'ulimit -c 0; exec $RUN'"), "overflow");
    shell.until_said("DONE");
    shell.assert_restored();
    assert!(shell.screen.screen().contents().contains("overflowed its stack"), "{}", shell.said());
}

#[test]
fn signals_that_a_failed_write_tells_of_end_nothing() {
    for signal in ["XFSZ", "PIPE"] {
        let mut shell = signalled(signal);
        shell.keys("?");
        shell.until_shown("Help");
        shell.keys("\x03");
        shell.until_said("DONE");
        assert!(shell.said().contains("ENDED Ok(\"Quit\")"), "{:?}", shell.said());
        shell.assert_restored();
    }
}

#[test]
fn signals_give_the_terminal_back() {
    #[cfg(target_os = "linux")]
    let more =
        [("USR1", 10), ("USR2", 12), ("STKFLT", 16), ("XCPU", 24), ("IO", 29), ("PWR", 30), ("35", 35), ("64", 64)];
    #[cfg(not(target_os = "linux"))]
    let more = [];
    let everywhere = [("TERM", 15), ("HUP", 1), ("INT", 2), ("QUIT", 3), ("ALRM", 14), ("VTALRM", 26), ("PROF", 27)];
    for (signal, number) in everywhere.into_iter().chain(more) {
        let mut shell = signalled(signal);
        shell.until_said("DONE");
        assert!(shell.said().contains(&format!("ENDED Ok(\"Signal({number})\")")), "{:?}", shell.said());
        shell.assert_restored();
    }
}

/// The start is where a signal could come between the modes and whoever would switch them off.
#[test]
fn a_signal_at_the_very_start_finds_the_terminal_guarded() {
    for (signal, number) in [("TERM", 15), ("HUP", 1), ("INT", 2)].into_iter().cycle().take(12) {
        let script = AROUND.replace("$RUN", "sh -c 'echo PI''D=$$ ; read go; exec $RUN'");
        let mut shell = Shell::start(&script, "signal");
        shell.until("the process's number", |shell| shell.said().contains("PID=") && shell.said().ends_with('\n'));
        let said = shell.said();
        let pid = said.split("PID=").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap();
        let terminal = opened(&shell.master.tty_name().unwrap());
        shell.keys("\n");
        let deadline = Instant::now() + Duration::from_mins(1);
        while !is_raw(&terminal) {
            assert!(Instant::now() < deadline, "{signal}: {:?}", shell.said());
        }
        // No program is started for it: that takes longer than what it is to come before.
        rustix::process::kill_process(pid, rustix::process::Signal::from_named_raw(number).unwrap()).unwrap();
        shell.until_said("DONE");
        let said = shell.said();
        assert!(said.contains(&format!("ENDED Ok(\"Signal({number})\")")), "{signal}: {said:?}");
        let screen = shell.screen.screen();
        assert!(!screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor(), "{said:?}");
        let mode =
            |word: &str| said.split(word).nth(1).and_then(|rest| rest.split_whitespace().next()).map(str::to_owned);
        assert!(mode("BEFORE=").is_some() && mode("BEFORE=") == mode("AFTER="), "{signal}: {said:?}");
    }
}

#[test]
fn stopping_gives_the_terminal_back_and_coming_back_takes_it_again() {
    let script = "set -m; echo BEF''ORE=$(stty -g); $RUN; echo AF''TER=$(stty -g); echo STOP''PED; read go; fg; \
                  echo AG''AIN=$(stty -g); echo DO''NE";
    let mut shell = Shell::start(script, "stop");
    shell.until_shown(TOLD);
    shell.keys("\x1a");
    shell.until_said("STOPPED");
    shell.assert_restored();
    shell.keys("\n");
    shell.until("the screen to come back", |shell| shell.screen.screen().alternate_screen());
    shell.until_shown(TOLD);
    // It still listens, in raw mode.
    shell.keys("?");
    shell.until_shown("Help");
    shell.keys("\x1b");
    shell.until("the help to go", |shell| !shell.screen.screen().contents().contains("Help"));
    shell.keys("q");
    shell.until_said("DONE");
    shell.assert_restored();
    assert!(shell.said().contains("ENDED Ok(\"Quit\")"));
}
