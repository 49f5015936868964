//! A terminal that does not read: whoever asks the console to end is heard all the same.

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use portable_pty::native_pty_system;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::ioctl_fionread;
use rustix::termios::{LocalModes, tcgetattr};

use super::{SIZE, cells, command};

/// The terminal as the console has it, to look at.
pub(super) fn opened(terminal: &Path) -> File {
    let flags = (OFlags::NOCTTY | OFlags::NONBLOCK).bits().cast_signed();
    OpenOptions::new().read(true).write(true).custom_flags(flags).open(terminal).unwrap()
}

pub(super) fn is_raw(terminal: &File) -> bool {
    !tcgetattr(terminal).unwrap().local_modes.contains(LocalModes::ICANON)
}

/// True while the terminal takes what is written to it.
fn has_room(terminal: &File) -> bool {
    poll(&mut [PollFd::new(terminal, PollFlags::OUT)], Some(&Timespec::default())).unwrap() > 0
}

#[test]
fn signals_end_a_console_whose_terminal_does_not_read() {
    for signal in ["TERM", "HUP", "INT"] {
        let pair = native_pty_system().openpty(SIZE).unwrap();
        let root = tempfile::tempdir().unwrap();
        let mut child = pair.slave.spawn_command(command("exec $RUN", "stalled", root.path())).unwrap();
        let pid = child.process_id().unwrap().to_string();
        let mut writer = pair.master.take_writer().unwrap();
        let terminal = opened(&pair.master.tty_name().unwrap());
        let deadline = Instant::now() + Duration::from_mins(1);
        // Each key has the whole screen written, until there is no room for it.
        while !is_raw(&terminal) || has_room(&terminal) {
            if is_raw(&terminal) && ioctl_fionread(&terminal).unwrap() == 0 {
                writer.write_all(b"\x0c").unwrap();
            }
            assert!(child.try_wait().unwrap().is_none() && Instant::now() < deadline, "{signal}");
            std::thread::yield_now();
        }
        writer.write_all(b"\x0c").unwrap();
        drop(terminal);
        assert!(Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap().success());
        let (sender, ended) = channel();
        std::thread::spawn(move || sender.send(child.wait().is_ok()));
        assert_eq!(ended.recv_timeout(Duration::from_secs(30)), Ok(true), "{signal}");
        // Whoever reads in the end finds the terminal as it was.
        drop((pair.slave, writer));
        let mut left = Vec::new();
        // The other side is gone, which is an error on some systems.
        let _ = pair.master.try_clone_reader().unwrap().read_to_end(&mut left);
        let mut screen = vt100::Parser::new(cells(SIZE.rows), cells(SIZE.cols), 0);
        screen.process(&left);
        let screen = screen.screen();
        let said = String::from_utf8_lossy(&left);
        assert!(said.contains("\x1b[?1049h") && !screen.alternate_screen(), "{signal}: {said:?}");
        assert!(!screen.bracketed_paste() && !screen.hide_cursor(), "{signal}: {said:?}");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "{signal}");
    }
}
