//! The screens there are. A new one is a folder below this file and three lines in it.

pub mod connectors;
pub mod live;
pub mod policy;
pub mod replay;

use std::borrow::Cow;
use std::time::Duration;

use super::keys::{Key, ScreenId};
use super::model::{Applied, Earlier, Model, Row, RowId};
use super::present::summary::RowSummary;
use super::screen::files::FileReply;
use super::screen::roster::{Listed, ListedCommand, roster};
use super::screen::{Context, Cover, Dialog, Effect, Hints, Screen};
use super::widgets::{HitMap, Motion, Pen, Span};

use connectors::Connectors;
use live::Live;
use policy::Policy;
use replay::Replay;

roster! {
    live: Live,
    replay: Replay,
    policy: Policy,
    connectors: Connectors,
}
