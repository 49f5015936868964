//! Pictures of real frames: the SVGs are made by the tests that hold them, the README's PNG is drawn from one of them.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::{root, run};

/// The picture at the top of the README.
const FRONT: &str = "live-120x40";
/// The bytes every PNG ends with: an empty `IEND`.
const END: usize = 12;

/// Makes all of them anew.
pub fn make() -> Result<()> {
    run(&["test", "--test", "generated", "pictures"], &[("UPDATE_GENERATED", "1")])?;
    let folder = root().join("screenshots");
    let (svg, png) = (folder.join(FRONT).with_extension("svg"), folder.join(FRONT).with_extension("png"));
    let drawn = Command::new("rsvg-convert").args(["--zoom", "1.5", "--output"]).arg(&png).arg(&svg).status();
    let status = drawn.context("cannot start `rsvg-convert`: it draws the PNG (package librsvg2-bin)")?;
    if !status.success() {
        bail!("`rsvg-convert` failed ({status})");
    }
    let source = Sha256::digest(fs::read(&svg)?);
    let source: Vec<_> = source.iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(&png, marked(fs::read(&png)?, &source.concat())?)?;
    println!("wrote screenshots/*.svg and screenshots/{FRONT}.png");
    Ok(())
}

/// The PNG with a text in it that says of which SVG it is: fonts differ between machines, so the pixels prove nothing.
fn marked(mut png: Vec<u8>, source: &str) -> Result<Vec<u8>> {
    let end = png.len().checked_sub(END).context("`rsvg-convert` wrote no PNG")?;
    let chunk = [b"tEXtSource\0".as_slice(), source.as_bytes()].concat();
    let length = u32::try_from(chunk.len() - 4)?.to_be_bytes();
    let check = crc32fast::hash(&chunk).to_be_bytes();
    png.splice(end..end, [&length[..], &chunk, &check].concat());
    Ok(png)
}
