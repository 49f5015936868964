//! The terminal's ground, light or dark: asked for once the first frame stands. A terminal that never answers costs
//! nothing, and one that answers late is heard all the same. It knows nothing of how an answer is found among keys.

/// What asks for it: OSC 11.
pub const QUESTION: &str = "\x1b]11;?\x1b\\";

/// Whether an answer says that the ground is light; nothing where it says something else.
pub fn told(answer: &[u8]) -> Option<bool> {
    let colour = std::str::from_utf8(answer).ok()?.strip_prefix("11;")?;
    match colour.split_once(':')? {
        ("rgb", parts) => light(parts),
        // How much of it shines through is last, and does not count.
        ("rgba", parts) => light(parts.rsplit_once('/')?.0),
        _ => None,
    }
}

/// `rrrr/gggg/bbbb`, each of one to four hexadecimal digits.
fn light(colours: &str) -> Option<bool> {
    let part = |text: &str| {
        let most = 16_u32.checked_pow(u32::try_from(text.len()).ok()?)?.checked_sub(1).filter(|most| *most > 0)?;
        Some(f64::from(u32::from_str_radix(text, 16).ok()?) / f64::from(most))
    };
    let mut parts = colours.split('/').map(part);
    let (red, green, blue) = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_light_or_dark() {
        for (answer, light) in [
            ("11;rgb:ffff/ffff/ffff", true),
            ("11;rgb:1111/1414/1a1a", false),
            ("11;rgb:f/f/e", true),
            ("11;rgb:00/00/80", false),
            ("11;rgba:ffff/ffff/ffff/0000", true),
            ("11;rgba:0000/0000/0000/ffff", false),
        ] {
            assert_eq!(told(answer.as_bytes()), Some(light), "{answer:?}");
        }
    }

    #[test]
    fn anything_else_says_nothing() {
        for answer in
            ["", "11", "11;?", "11;rgb:", "11;rgb:zz/1/2", "11;rgb:1/2", "10;rgb:f/f/f", "52;c;Zm9v", "11;rgba:1"]
        {
            assert_eq!(told(answer.as_bytes()), None, "{answer:?}");
        }
        assert_eq!(told(b"11;rgb:\xff/\xff/\xff"), None);
    }
}
