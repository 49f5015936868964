//! Keeps drafts on a thread of its own, in order, so that no key waits for the disk. It must not know what is in a draft.

use std::path::PathBuf;
use std::sync::mpsc::{SendError, Sender, SyncSender, channel, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::files;
use crate::console::keys::ScreenId;
use crate::console::runtime::Incoming;
use crate::console::screen::files::FileRequest;
use crate::console::shell::News;

/// One thing for the thread.
enum Order {
    /// Do it for a screen.
    Perform(ScreenId, FileRequest),
    /// Say when everything before is done.
    Tell(SyncSender<()>),
}

/// The thread and the way to it. Dropping it waits until everything is on disk.
#[derive(Debug)]
pub struct DraftKeeper {
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl DraftKeeper {
    /// Starts one for a workspace. Where the system gives no thread, it takes nothing.
    pub fn start(root: PathBuf, to_loop: SyncSender<Incoming>) -> Self {
        let (orders, taken) = channel();
        let keeping = move || {
            for order in taken {
                match order {
                    Order::Perform(to, request) => {
                        if let Some(reply) = files::perform(&root, request) {
                            // INVARIANT: never waits for the loop, which may be waiting for this thread. A loop with no
                            // room hears of the next failure.
                            let _ = to_loop.try_send(Incoming::News(News::Reply(to, reply)));
                        }
                    }
                    Order::Tell(done) => drop(done.send(())),
                }
            }
        };
        let thread = Builder::new().name("console-draft".to_owned()).spawn(keeping).ok();
        Self { orders: thread.is_some().then_some(orders), thread }
    }

    /// Does it soon; gives it back where there is nobody to do it.
    pub fn perform(&self, to: ScreenId, request: FileRequest) -> Option<FileRequest> {
        let Some(orders) = &self.orders else { return Some(request) };
        match orders.send(Order::Perform(to, request)) {
            Err(SendError(Order::Perform(_, request))) => Some(request),
            _ => None,
        }
    }

    /// Waits until everything so far is on disk.
    pub fn finish(&self) {
        let (done, told) = sync_channel(1);
        if self.orders.as_ref().is_some_and(|orders| orders.send(Order::Tell(done)).is_ok()) {
            let _ = told.recv();
        }
    }
}

impl Drop for DraftKeeper {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
