//! The Policy screen through the real loop: the draft, the save, the disk, and what is never in force by accident.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::{dark, told};
use crate::console::{Runner, Theme};

pub const FILE: &str = include_str!("trust.yaml");

/// A console on a workspace that has the story's policy, on the refund that its ceiling stopped.
pub struct Desk {
    pub runner: Runner,
    folder: TempDir,
}

impl Desk {
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("policy/trust.yaml")
    }

    pub fn on_disk(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }
}

pub fn desk(columns: u16, rows: u16, theme: Theme) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("policy")).unwrap();
    fs::write(folder.path().join("policy/trust.yaml"), FILE).unwrap();
    let mut runner = told(columns, rows, theme);
    runner.in_folder(folder.path());
    runner.press(&"up ".repeat(25));
    Desk { runner, folder }
}

#[test]
fn a_digit_typed_into_the_ceiling_is_judged_on_the_same_frame() {
    let mut desk = desk(120, 40, dark());
    let frames = desk.runner.frames();
    desk.runner.press("3");
    println!("{}", desk.runner.text());
    desk.runner.press("backspace backspace backspace 2 5 0");
    println!("{}", desk.runner.text());
    assert!(desk.runner.frames() > frames);
    assert_eq!(desk.on_disk(), FILE);
}
