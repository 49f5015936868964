//! Makes one value of several screens: it hands what happens to the screen that is shown, or to all, and lifts each
//! screen's messages into a sum of them. Static dispatch throughout: a screen needs no more than [`super::Screen`].

use crate::console::keys::{CommandSpec, Group, ScreenId};

/// What a screen is called, for the header and for the command that goes to it.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    /// The digit that goes to it.
    pub id: ScreenId,
    /// Its name.
    pub name: &'static str,
    /// The name of the command that goes to it.
    pub command: &'static str,
    /// The headings of its commands.
    pub groups: &'static [Group],
    /// The digit as a key.
    pub key: &'static [&'static str],
    /// What it shows.
    pub about: &'static str,
}

/// A command of one of the screens.
#[derive(Debug, Clone, Copy)]
pub struct ListedCommand {
    /// Whose it is.
    pub screen: ScreenId,
    /// Which of that screen's.
    pub at: usize,
    /// Name, sentence, keys, heading.
    pub spec: CommandSpec,
    /// True when it is named before the keys that move.
    pub before_moving: bool,
}

/// Defines `Screens` and `ScreenMessage` of the screens that are named, the first one shown at the start.
macro_rules! roster {
    ($($field:ident: $screen:ident),+ $(,)?) => {
        /// Something a person wants of one of the screens.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub enum ScreenMessage {
            $(#[doc = concat!("Of the screen `", stringify!($screen), "`.")]
            $screen(<$screen as Screen>::Message)),+
        }

        /// All screens, of which one is shown.
        #[derive(Debug)]
        pub struct Screens {
            /// The one that is shown.
            pub shown: ScreenId,
            $(#[doc = concat!("The screen `", stringify!($screen), "`.")]
            pub $field: $screen),+
        }

        impl Default for Screens {
            fn default() -> Self {
                Self { shown: Self::all()[0].id, $($field: $screen::default()),+ }
            }
        }

        impl Screens {
            /// What there is, in the order of the header.
            pub fn all() -> [Listed; [$(stringify!($field)),+].len()] {
                [$(Listed {
                    id: $screen::ID,
                    name: $screen::NAME,
                    command: $screen::COMMAND,
                    groups: $screen::GROUPS,
                    key: $screen::KEY,
                    about: $screen::ABOUT,
                }),+]
            }

            /// The commands of all of them.
            pub fn commands() -> Vec<ListedCommand> {
                let mut all = Vec::new();
                $(all.extend($screen::COMMANDS.iter().enumerate().map(|(at, command)| ListedCommand {
                    screen: $screen::ID,
                    at,
                    spec: command.spec,
                    before_moving: at < $screen::BEFORE_MOVING,
                }));)+
                all
            }

            /// What a command of a screen sends.
            pub fn sends(screen: ScreenId, at: usize) -> Option<ScreenMessage> {
                $(if screen == $screen::ID {
                    return $screen::COMMANDS.get(at).map(|command| ScreenMessage::$screen(command.message));
                })+
                None
            }

            /// Whether a command of a screen can run now, or why not.
            pub fn enabled(&self, cx: &Context<'_>, screen: ScreenId, at: usize) -> Result<(), &'static str> {
                $(if screen == $screen::ID && let Some(command) = $screen::COMMANDS.get(at) {
                    return (command.enabled)(&self.$field, cx);
                })+
                Err("there is no such command")
            }

            /// What the footer calls a command of a screen now, where that is not its name.
            pub fn label(&self, cx: &Context<'_>, screen: ScreenId, at: usize) -> Option<Cow<'static, str>> {
                $(if screen == $screen::ID && let Some(command) = $screen::COMMANDS.get(at) {
                    return (command.label)(&self.$field, cx);
                })+
                None
            }

            /// Does what a person wants of a screen.
            pub fn update(&mut self, cx: &Context<'_>, message: ScreenMessage) -> Vec<Effect> {
                match message {
                    $(ScreenMessage::$screen(message) => self.$field.update(cx, message)),+
                }
            }

            /// Goes to a screen; false where there is none of that digit.
            pub fn go(&mut self, cx: &Context<'_>, to: ScreenId) -> Option<Vec<Effect>> {
                $(if to == $screen::ID {
                    self.shown = to;
                    return Some(self.$field.enter(&Context { shown: to, ..*cx }));
                })+
                None
            }

            /// Goes to the screen that lists a row, and to the row.
            pub fn show_row(&mut self, cx: &Context<'_>, row: RowId, open: bool) {
                $(if self.$field.show_row(cx, row, open) {
                    self.shown = $screen::ID;
                    return;
                })+
            }

            /// Makes each agree with itself, in the order in which they look at each other's selection.
            pub fn refresh(&mut self, cx: &Context<'_>) -> Vec<Effect> {
                let mut effects = Vec::new();
                $(let now = Context { shown: self.shown, selected: self.selected(cx.model), ..*cx };
                effects.extend(self.$field.refresh(&now));)+
                effects
            }

            /// The row that is selected.
            pub fn selected(&self, model: &Model) -> Option<Row> {
                None$(.or_else(|| self.$field.selected(model)))+
            }

            /// An entry was taken in.
            pub fn on_entry(&mut self, model: &Model, entry: &Applied<'_>) {
                $(self.$field.on_entry(model, entry);)+
            }

            /// Entries of an earlier time were put before all others.
            pub fn on_earlier(&mut self, cx: &Context<'_>, earlier: &Earlier) -> Vec<Effect> {
                let mut effects = Vec::new();
                $(effects.extend(self.$field.on_earlier(cx, earlier));)+
                effects
            }

            /// A request of a screen was answered.
            pub fn on_reply(&mut self, cx: &Context<'_>, to: ScreenId, reply: FileReply) -> Vec<Effect> {
                $(if to == $screen::ID {
                    return self.$field.on_reply(cx, reply);
                })+
                Vec::new()
            }

            /// A person has paused.
            pub fn on_pause(&mut self, cx: &Context<'_>) -> Vec<Effect> {
                let mut effects = Vec::new();
                $(effects.extend(self.$field.on_pause(cx));)+
                effects
            }

            /// The terminal is back from another program.
            pub fn on_return(&mut self) -> Vec<Effect> {
                let mut effects = Vec::new();
                $(effects.extend(self.$field.on_return());)+
                effects
            }

            /// True while something takes more than one turn of the loop.
            pub fn busy(&self, model: &Model) -> bool {
                false$(|| self.$field.busy(model))+
            }

            /// Goes on with what takes more than one turn.
            pub fn work_on(&mut self, cx: &Context<'_>) -> Vec<Effect> {
                let mut effects = Vec::new();
                $(effects.extend(self.$field.work_on(cx));)+
                effects
            }

            /// How long until the shown screen goes on by itself.
            pub fn beat(&self) -> Option<Duration> {
                $(if self.shown == $screen::ID {
                    return self.$field.beat();
                })+
                None
            }

            /// So much time has passed.
            pub fn on_beat(&mut self, cx: &Context<'_>) -> Vec<Effect> {
                $(if self.shown == $screen::ID {
                    return self.$field.on_beat(cx);
                })+
                Vec::new()
            }

            /// True while the shown screen shows which keys are pressed.
            pub fn shows_keys(&self) -> bool {
                false$(|| self.shown == $screen::ID && self.$field.shows_keys())+
            }

            /// A key was pressed, before anything comes of it.
            pub fn on_key(&mut self, key: Key) {
                $(if self.shown == $screen::ID {
                    self.$field.on_key(key);
                })+
            }

            /// Selects a row on the screen that lists it, whichever is shown.
            pub fn select_row(&mut self, cx: &Context<'_>, row: RowId) {
                $(if self.$field.show_row(cx, row, false) {
                    return;
                })+
            }

            /// Takes away whatever is open over any of them, questions too.
            pub fn close(&mut self) {
                $(self.$field.close();
                self.$field.dismiss();)+
            }

            /// The question that waits for an answer.
            pub fn dialog(&self, cx: &Context<'_>) -> Option<Dialog<ScreenMessage>> {
                $(if let Some(dialog) = self.$field.dialog(cx) {
                    return Some(dialog.map(ScreenMessage::$screen));
                })+
                None
            }

            /// Takes all questions away unanswered.
            pub fn dismiss(&mut self) {
                $(self.$field.dismiss();)+
            }

            /// True when one of them has something that leaving would lose.
            pub fn is_unsaved(&self) -> bool {
                false$(|| self.$field.is_unsaved())+
            }

            /// A person wants to leave the console; true when one of them asks first.
            pub fn asks_before_quit(&mut self) -> bool {
                false$(|| self.$field.asks_before_quit())+
            }

            /// What a query would filter.
            pub fn filtered(&self) -> Option<&'static str> {
                None$(.or_else(|| self.$field.filtered()))+
            }

            /// Puts a query over that.
            pub fn filter(&mut self, cx: &Context<'_>, query: &str) {
                $(if self.$field.filtered().is_some() {
                    return self.$field.filter(cx, query);
                })+
            }

            /// What Esc means on the one that is shown, and what the footer calls that.
            pub fn back(&self, cx: &Context<'_>) -> Option<(&'static str, ScreenMessage)> {
                $(if self.shown == $screen::ID {
                    return self.$field.back(cx).map(|(label, message)| (label, ScreenMessage::$screen(message)));
                })+
                None
            }

            /// What a way to move means on the one that is shown.
            pub fn moved(&self, motion: Motion) -> Option<ScreenMessage> {
                $(if self.shown == $screen::ID {
                    return $screen::moved(motion).map(ScreenMessage::$screen);
                })+
                None
            }

            /// What the footer calls the way to the end, where that is not the newest row.
            pub fn end(&self) -> Option<&'static str> {
                $(if self.shown == $screen::ID {
                    return self.$field.end();
                })+
                None
            }

            /// Why a way to move leads nowhere now.
            pub fn can_move(&self, motion: Motion) -> Result<(), &'static str> {
                $(if self.shown == $screen::ID {
                    return self.$field.can_move(motion);
                })+
                Ok(())
            }

            /// True while a key that types a character does so.
            pub fn typing(&self) -> bool {
                false$(|| self.shown == $screen::ID && self.$field.typing())+
            }

            /// What a key means that goes to the screen before it goes to the commands.
            pub fn typed(&self, cx: &Context<'_>, key: Key, bound: bool) -> Option<ScreenMessage> {
                $(if self.shown == $screen::ID {
                    return self.$field.typed(cx, key, bound).map(ScreenMessage::$screen);
                })+
                None
            }

            /// The keys that the shown screen takes while it is typed in.
            pub fn hints(&self) -> Option<Hints<ScreenMessage>> {
                $(if self.shown == $screen::ID {
                    let Hints { keys, alone } = self.$field.hints()?;
                    let lift = |(key, label, message): (_, _, Option<_>)| {
                        (key, label, message.map(ScreenMessage::$screen))
                    };
                    return Some(Hints { keys: keys.into_iter().map(lift).collect(), alone });
                })+
                None
            }

            /// What is typed and not saved has to be kept, shown or not.
            pub fn keep_drafts(&mut self) -> Vec<Effect> {
                let mut effects = Vec::new();
                $(effects.extend(self.$field.keep_drafts());)+
                effects
            }

            /// Text was pasted.
            pub fn paste(&mut self, cx: &Context<'_>, text: &str) -> Vec<Effect> {
                $(if self.shown == $screen::ID {
                    return self.$field.paste(cx, text);
                })+
                Vec::new()
            }

            /// True where the shown screen says how long ago something was.
            pub fn shows_ages(&self) -> bool {
                $((self.shown == $screen::ID && self.$field.shows_ages()))||+
            }

            /// Why no row is selected.
            pub fn nothing_selected(&self, cx: &Context<'_>) -> Option<String> {
                None$(.or_else(|| self.$field.nothing_selected(cx)))+
            }

            /// What the shown screen says of the selected row.
            pub fn remark(&self, pen: &Pen<'_>, cx: &Context<'_>) -> Option<Vec<Span>> {
                $(if self.shown == $screen::ID {
                    return self.$field.remark(pen, cx);
                })+
                None
            }

            /// What the shown screen has in hand.
            pub fn summary(&self) -> Option<RowSummary<'_>> {
                $(if self.shown == $screen::ID {
                    return self.$field.summary();
                })+
                None
            }

            /// What is open over the shown screen.
            pub fn cover(&self) -> Option<Cover> {
                $(if self.shown == $screen::ID {
                    return self.$field.cover();
                })+
                None
            }

            /// Draws the one that is shown.
            pub fn draw(&self, pen: &mut Pen<'_>, cx: &Context<'_>, hits: &mut HitMap<ScreenMessage>) {
                $(if self.shown == $screen::ID {
                    let mut own = HitMap::default();
                    self.$field.draw(pen, cx, &mut own);
                    hits.extend(own, ScreenMessage::$screen);
                })+
            }

            /// Draws what is open over the one that is shown.
            pub fn draw_cover(&self, pen: &mut Pen<'_>, cx: &Context<'_>, hits: &mut HitMap<ScreenMessage>) {
                $(if self.shown == $screen::ID {
                    let mut own = HitMap::default();
                    self.$field.draw_cover(pen, cx, &mut own);
                    hits.extend(own, ScreenMessage::$screen);
                })+
            }
        }
    };
}
pub(in crate::console) use roster;
