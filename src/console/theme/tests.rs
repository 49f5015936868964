//! What every shipped theme must reach.

use super::colour::{Lab, Rgb};
use super::*;

const COLOURED: [Palette; 4] = [Palette::Dark, Palette::Light, Palette::Cvd, Palette::Contrast];
const DECISIONS: [Role; 5] = [Role::Allow, Role::Alert, Role::Block, Role::Dedup, Role::Failed];

#[test]
fn every_ink_is_readable_on_every_ground() {
    for palette in COLOURED {
        let look = palette.look();
        let rgb = |role| look.rgb(role).unwrap();
        let least = if palette == Palette::Contrast { 7.0 } else { 4.5 };
        let (ink, ground, contrast) = look.weakest().unwrap();
        assert!(contrast >= least, "{palette:?}: {ink:?} on {ground:?} {contrast:.2}");
        for role in DECISIONS {
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
            for (at, one) in DECISIONS.into_iter().enumerate() {
                for two in &DECISIONS[at + 1..] {
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
