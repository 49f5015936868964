//! What every shipped theme must reach.

use super::colour::{Lab, Rgb};
use super::*;

const COLOURED: [Palette; 4] = [Palette::Dark, Palette::Light, Palette::Cvd, Palette::Contrast];

#[test]
fn every_ink_is_readable_on_every_ground() {
    for palette in COLOURED {
        let look = palette.look();
        let rgb = |role| look.rgb(role).unwrap();
        let least = if palette == Palette::Contrast { 7.0 } else { 4.5 };
        let (ink, ground, contrast) = look.weakest().unwrap();
        assert!(contrast >= least, "{palette:?}: {ink:?} on {ground:?} {contrast:.2}");
        for role in Role::DECISIONS {
            let tint = rgb(role).mixed(rgb(Role::Bg), TINT);
            assert!(rgb(role).contrast(tint) >= 4.5, "{palette:?}: {role:?} on its tint");
            assert!(rgb(Role::Text).contrast(tint) >= 4.5, "{palette:?}: text on the tint of {role:?}");
            assert!(rgb(Role::Bg).contrast(rgb(role)) >= 4.5, "{palette:?}: the chip of {role:?}");
        }
    }
}

/// What an eye without one kind of cone sees, after Machado, Oliveira and Fernandes, 2009.
const EYES: [(&str, [[f64; 3]; 3]); 4] = [
    ("full", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protan",
        [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
    ),
    (
        "deutan",
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_82, 0.042_94, 0.968_881]],
    ),
    (
        "tritan",
        [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_9]],
    ),
];

fn seen(rgb: Rgb, eye: [[f64; 3]; 3]) -> Lab {
    let light = rgb.linear();
    Lab::from_linear(eye.map(|row| row.iter().zip(light).map(|(a, b)| a * b).sum::<f64>().clamp(0.0, 1.0)))
}

#[test]
fn decisions_stay_apart_for_every_eye() {
    for (palette, least) in [(Palette::Cvd, [15.0; 4]), (Palette::Dark, [15.0, 5.0, 3.0, 5.0])] {
        let look = palette.look();
        for ((name, eye), least) in EYES.into_iter().zip(least) {
            for (at, one) in Role::DECISIONS.into_iter().enumerate() {
                for two in &Role::DECISIONS[at + 1..] {
                    let far = seen(look.rgb(one).unwrap(), eye).difference(seen(look.rgb(*two).unwrap(), eye));
                    assert!(far >= least, "{palette:?}, {name}: {one:?} and {two:?} {far:.1}");
                }
            }
        }
    }
}

#[test]
fn few_colours_and_none_take_the_look_that_has_them() {
    let dark = |depth| Theme::new(Palette::Dark, depth, Charset::Unicode);
    assert_eq!(dark(Depth::Mono).look, Palette::Mono.look());
    assert_eq!(dark(Depth::Sixteen).look, Palette::Sixteen.look());
    assert_eq!(dark(Depth::Indexed).look, Palette::Dark.look());
    let mono = Theme::new(Palette::Mono, Depth::Sixteen, Charset::Unicode);
    assert_eq!((mono.look, mono.wanted()), (Palette::Mono.look(), Palette::Mono.look()));
    assert_eq!(dark(Depth::Mono).with(Palette::Light.look()).wanted(), Palette::Light.look());
}

/// What xterm, the Linux console and GNOME's terminal make of the sixteen, in the order of their codes.
const TERMINALS: [(&str, &str); 3] = [
    (
        "xterm",
        "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff",
    ),
    (
        "linux",
        "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff",
    ),
    (
        "tango",
        "2e3436 cc0000 4e9a06 c4a000 3465a4 75507b 06989a d3d7cf 555753 ef2929 8ae234 fce94f 729fcf ad7fa8 34e2e2 eeeeec",
    ),
];

fn code(colour: Color) -> Option<usize> {
    let sixteen = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    sixteen.iter().position(|one| *one == colour)
}

#[test]
fn the_terminals_own_colours_are_readable_on_black_on_white_and_where_nobody_knows() {
    let (black, white) = (Rgb([0; 3]), Rgb([255; 3]));
    for (grounds, known, least) in [
        (vec![black], Some(Ground::Dark), 4.5),
        (vec![white], Some(Ground::Light), 4.5),
        // Both at once are more than most colours can do: well above what large signs need, and words stand beside.
        (vec![black, white], None, 2.6),
    ] {
        let look = Palette::Sixteen.looks().on(known);
        for role in Role::ALL.into_iter().skip_while(|role| *role != Role::Text) {
            // The terminal's own ink is readable on its own ground.
            let Some(code) = code(look.paint(role).colour) else { continue };
            for (name, colours) in TERMINALS {
                let colour = colours.split(' ').nth(code).unwrap();
                let [_, r, g, b] = u32::from_str_radix(colour, 16).unwrap().to_be_bytes();
                for ground in &grounds {
                    let contrast = Rgb([r, g, b]).contrast(*ground);
                    assert!(contrast >= least, "{role:?} of {name} on {ground:?}, known: {known:?}: {contrast:.2}");
                }
            }
        }
    }
}

#[test]
fn a_theme_that_is_known_by_its_ground_changes_with_it() {
    let sixteen = Theme::new(Palette::Dark, Depth::Sixteen, Charset::Unicode);
    assert_eq!(sixteen.ink(Role::Allow).fg, None, "on a ground nobody knows");
    assert_eq!(sixteen.on(Some(Ground::Dark)).ink(Role::Allow).fg, Some(Color::Green));
    assert_ne!(sixteen.on(Some(Ground::Light)).ink(Role::Alert).fg, Some(Color::Yellow));
    assert_eq!(sixteen.on(Some(Ground::Dark)).with(Palette::Sixteen.look()).drawn_on(), Some(Ground::Dark));
    let mut registry = ThemeRegistry::shipped(Theme::new(Palette::Sixteen, Depth::True, Charset::Unicode));
    registry.settled = true;
    registry.on_ground(false);
    assert_eq!(registry.themes[registry.in_force()].name, "terminal");
    assert_eq!(registry.theme(None).ink(Role::Allow).fg, Some(Color::Green), "also where it was chosen by name");
}

#[test]
fn the_theme_in_force_is_the_one_that_is_drawn() {
    let named = |depth, name: &str| {
        let mut registry = ThemeRegistry::shipped(Theme::new(Palette::Dark, depth, Charset::Unicode));
        registry.choose(name);
        registry.themes[registry.in_force()].name.clone()
    };
    assert_eq!(named(Depth::Mono, "light"), "mono");
    assert_eq!(named(Depth::Sixteen, "light"), "terminal");
    assert_eq!(named(Depth::Sixteen, "mono"), "mono");
    assert_eq!(named(Depth::Indexed, "light"), "light");
}
