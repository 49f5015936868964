//! The engine's heap: bounded and counted. The engine is never refused memory, because it is not sound where memory can
//! be refused; past its limit its process ends instead, and says so.

use std::rc::Rc;

use rquickjs::allocator::{Allocator, RustAllocator};

use super::exchange::Exchange;

/// What the engine and the kernel's glue use by themselves, about: an author's limit counts above it.
const OWN: usize = 4 << 20;

/// An allocator for one runtime.
pub struct Heap {
    exchange: Rc<Exchange>,
    used: usize,
    limit: usize,
}

impl Heap {
    /// At most `limit` bytes of the author's.
    pub fn new(exchange: Rc<Exchange>, limit: usize) -> Self {
        Self { exchange, used: 0, limit: limit.saturating_add(OWN) }
    }

    /// Ends the process where that many bytes more are over the limit.
    fn admit(&self, more: usize) {
        if self.used.saturating_add(more) > self.limit {
            self.exchange.exhausted();
        }
    }
}

/// What a pointer's block holds; nothing for none.
#[expect(unsafe_code, reason = "the engine's allocator interface speaks in pointers")]
fn size_of(block: *mut u8) -> usize {
    // SAFETY: called only with blocks that `RustAllocator` gave out.
    if block.is_null() { 0 } else { unsafe { RustAllocator::usable_size(block) } }
}

#[expect(unsafe_code, reason = "every block is `RustAllocator`'s own; this adds only counting")]
// SAFETY: blocks are given out, resized and taken back by `RustAllocator` alone.
unsafe impl Allocator for Heap {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        self.admit(size);
        let block = RustAllocator.alloc(size);
        self.used += size_of(block);
        block
    }

    fn calloc(&mut self, count: usize, size: usize) -> *mut u8 {
        self.admit(count.saturating_mul(size));
        let block = RustAllocator.calloc(count, size);
        self.used += size_of(block);
        block
    }

    unsafe fn dealloc(&mut self, block: *mut u8) {
        if block.is_null() {
            return;
        }
        self.used = self.used.saturating_sub(size_of(block));
        // SAFETY: the block is `RustAllocator`'s, see above.
        unsafe { RustAllocator.dealloc(block) };
    }

    unsafe fn realloc(&mut self, block: *mut u8, size: usize) -> *mut u8 {
        if block.is_null() {
            return self.alloc(size);
        }
        let before = size_of(block);
        self.admit(size.saturating_sub(before));
        // SAFETY: the block is `RustAllocator`'s and not null.
        let moved = unsafe { RustAllocator.realloc(block, size) };
        if !moved.is_null() {
            self.used = self.used.saturating_sub(before) + size_of(moved);
        }
        moved
    }

    unsafe fn usable_size(block: *mut u8) -> usize {
        size_of(block)
    }
}
