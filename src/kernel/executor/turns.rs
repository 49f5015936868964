//! Who is next where several plans are disposed of side by side: each takes one step in turn. Whoever drives the
//! executor, and whoever checks later what it came to, takes the same turns.

/// What a turn came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// A step was taken.
    Moved,
    /// Another one holds what is waited for.
    Waits,
    /// There is nothing left to do.
    Over,
}

/// Gives each lane a step in turn until all are over. Where none moves and one waits, nobody would give back what it
/// waits for: the first that waits is told so, with `true`, on its next turn.
pub fn take_turns<L, E>(lanes: &mut [L], mut step: impl FnMut(&mut L, bool) -> Result<Turn, E>) -> Result<(), E> {
    let mut in_vain = None;
    loop {
        let (mut moved, mut waits) = (false, None);
        for (index, lane) in lanes.iter_mut().enumerate() {
            match step(lane, in_vain == Some(index))? {
                Turn::Moved => moved = true,
                Turn::Waits => {
                    waits.get_or_insert(index);
                }
                Turn::Over => {}
            }
        }
        match waits {
            _ if moved => in_vain = None,
            Some(index) => in_vain = Some(index),
            None => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_waits_in_vain_is_told_and_the_others_go_on() {
        // Steps left; what waits does so until it is told.
        let mut lanes = [('a', 2), ('b', 0), ('c', 0)];
        let mut told = Vec::new();
        let ended = take_turns(&mut lanes, |(name, left), in_vain| {
            if *left > 0 {
                *left -= 1;
                return Ok::<_, ()>(Turn::Moved);
            }
            if *name == 'a' || told.contains(name) {
                return Ok(Turn::Over);
            }
            if in_vain {
                told.push(*name);
                return Ok(Turn::Moved);
            }
            Ok(Turn::Waits)
        });
        assert_eq!((ended, told), (Ok(()), vec!['b', 'c']));
    }
}
