//! How fast a script goes, and what a person's keys do to that. Pure: time is given.

use std::str::FromStr;
use std::time::Duration;

use super::script::{Step, Stroke};
use crate::console::Key;

/// Before a key of a script is pressed.
const BEFORE_A_KEY: f64 = 0.9;
/// The same within a text.
const WITHIN_A_TEXT: f64 = 0.05;
/// What `+` and `-` choose from.
const TIMES: [f64; 6] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0];

/// How fast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    /// So many times the script's own.
    Times(f64),
    /// As fast as what is shown comes about.
    Max,
}

impl Default for Speed {
    fn default() -> Self {
        Self::Times(1.0)
    }
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Self::Max);
        }
        let times = text.parse::<f64>().ok().filter(|times| (0.1..=100.0).contains(times));
        times.map(Self::Times).ok_or_else(|| "a speed is a number from 0.1 to 100, or `max`".to_owned())
    }
}

/// Who presses the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guide {
    /// The script.
    Script,
    /// The person, shown which; a text is typed for them.
    Person,
}

/// How it goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// How fast.
    pub speed: Speed,
    /// Who presses the keys.
    pub guide: Guide,
    /// Nothing goes on by itself.
    pub paused: bool,
    /// The step is shown large.
    pub presenting: bool,
}

/// What a key of the person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Nothing more than the pace says.
    Nothing,
    /// Press what the script has next.
    Press,
    /// Show the rest of the step, or the next step whole.
    Forward,
    /// Go on with the next step.
    NextStep,
    /// Show the step before.
    Back,
    /// Give the terminal to the shell for a while.
    Suspend,
    /// Leave.
    End,
}

impl Pace {
    /// How long until the script presses `next`; none while it does not.
    pub fn before(&self, next: Stroke) -> Option<Duration> {
        let is_its_own = self.guide == Guide::Script || next.within_text;
        let seconds = if next.within_text { WITHIN_A_TEXT } else { BEFORE_A_KEY };
        (is_its_own && !self.paused).then(|| self.scaled(seconds))
    }

    /// How long a step stands when it is complete; none where a person goes on.
    pub fn hold(&self, step: &Step) -> Option<Duration> {
        (self.guide == Guide::Script && !self.paused).then(|| self.scaled(step.hold))
    }

    fn scaled(&self, seconds: f64) -> Duration {
        match self.speed {
            Speed::Times(times) => Duration::from_secs_f64(seconds / times),
            Speed::Max => Duration::ZERO,
        }
    }

    /// Takes a key: `next` is what the script has next, none when the step is complete.
    pub fn take(&mut self, key: Key, next: Option<Stroke>) -> Deed {
        let by_person = self.guide == Guide::Person;
        if by_person && next.is_some_and(|stroke| !stroke.within_text && stroke.key == key) {
            return Deed::Press;
        }
        match key.to_string().as_str() {
            "q" | "esc" | "ctrl-c" => Deed::End,
            "ctrl-z" => Deed::Suspend,
            "left" | "b" => {
                self.paused = !by_person;
                Deed::Back
            }
            "right" | "n" => Deed::Forward,
            "enter" | "space" if by_person && next.is_none() => Deed::NextStep,
            "space" if !by_person => {
                self.paused = !self.paused;
                Deed::Nothing
            }
            "P" => {
                self.presenting = !self.presenting;
                Deed::Nothing
            }
            "+" => self.faster(1),
            "-" => self.faster(-1),
            _ => Deed::Nothing,
        }
    }

    fn faster(&mut self, by: isize) -> Deed {
        let Speed::Times(now) = self.speed else { return Deed::Nothing };
        let at = TIMES.iter().position(|times| *times >= now).unwrap_or(TIMES.len() - 1);
        let next = at.saturating_add_signed(by).min(TIMES.len() - 1);
        self.speed = Speed::Times(TIMES[next]);
        Deed::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(guide: Guide) -> Pace {
        Pace { speed: Speed::default(), guide, paused: false, presenting: false }
    }

    fn key(name: &str) -> Key {
        name.parse().unwrap()
    }

    #[test]
    fn a_speed_is_a_number_or_max() {
        assert_eq!("2".parse(), Ok(Speed::Times(2.0)));
        assert_eq!("max".parse(), Ok(Speed::Max));
        for wrong in ["0", "-1", "NaN", "inf", "1e9", "", "fast"] {
            assert!(wrong.parse::<Speed>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_script_goes_on_by_itself_until_it_is_paused() {
        let mut pace = pace(Guide::Script);
        let stroke = Stroke { key: key("2"), press: 0, within_text: false };
        assert_eq!(pace.before(stroke), Some(Duration::from_millis(900)));
        pace.take(key("+"), None);
        assert_eq!(pace.before(stroke), Some(Duration::from_millis(450)));
        assert_eq!(pace.take(key("space"), None), Deed::Nothing);
        assert_eq!(pace.before(stroke), None);
        assert_eq!(pace.take(key("right"), None), Deed::Forward);
        assert_eq!(pace.take(key("left"), None), Deed::Back);
        assert!(pace.paused);
        pace.take(key("P"), None);
        assert!(pace.presenting);
        assert_eq!(pace.take(key("esc"), None), Deed::End);
        assert_eq!(pace.take(key("ctrl-z"), None), Deed::Suspend);
        pace.speed = Speed::Max;
        pace.take(key("-"), None);
        assert_eq!(pace.speed, Speed::Max);
    }

    #[test]
    fn in_a_tour_the_person_presses_the_keys_and_a_text_is_typed() {
        let mut pace = pace(Guide::Person);
        let stroke = Stroke { key: key("P"), press: 0, within_text: false };
        assert_eq!((pace.before(stroke), pace.take(key("P"), Some(stroke))), (None, Deed::Press));
        assert_eq!(pace.take(key("x"), Some(stroke)), Deed::Nothing);
        assert_eq!(pace.take(key("enter"), Some(stroke)), Deed::Nothing, "not before the step is complete");
        assert_eq!(pace.take(key("enter"), None), Deed::NextStep);
        let typed = Stroke { within_text: true, ..stroke };
        assert!(pace.before(typed).is_some() && !pace.presenting);
    }
}
