//! The screens there are. A new one is a folder below this file and three lines in it.

pub mod connectors;
pub mod live;
pub mod policy;

use std::borrow::Cow;

use super::keys::{Key, ScreenId};
use super::model::{Applied, Earlier, Model, Row, RowId};
use super::screen::files::FileReply;
use super::screen::roster::{Listed, ListedCommand, roster};
use super::screen::{Context, Cover, Dialog, Effect, Hints, Screen};
use super::widgets::{HitMap, Motion, Pen, Span};

use connectors::Connectors;
use live::Live;
use policy::Policy;

roster! {
    live: Live,
    policy: Policy,
    connectors: Connectors,
}
