//! The engine's heap: bounded and counted. It is full only when its limit is reached: refusing memory to a call that was
//! given up would end it sooner, but the engine is not sound at every place where memory can be refused.

use std::rc::Rc;

use rquickjs::allocator::{Allocator, RustAllocator};

use super::exchange::Exchange;

/// An allocator for one runtime.
pub struct Heap {
    exchange: Rc<Exchange>,
    used: usize,
    limit: usize,
}

impl Heap {
    /// At most `limit` bytes.
    pub fn new(exchange: Rc<Exchange>, limit: usize) -> Self {
        Self { exchange, used: 0, limit }
    }

    fn refuses(&self, more: usize) -> bool {
        let full = self.used.saturating_add(more) > self.limit;
        if full {
            self.exchange.exhaust();
        }
        full
    }
}

/// What a pointer's block holds; nothing for none.
#[expect(unsafe_code, reason = "the engine's allocator interface speaks in pointers")]
fn size_of(block: *mut u8) -> usize {
    // SAFETY: called only with blocks that `RustAllocator` gave out.
    if block.is_null() { 0 } else { unsafe { RustAllocator::usable_size(block) } }
}

#[expect(unsafe_code, reason = "every block is `RustAllocator`'s own; this adds only counting and refusal")]
// SAFETY: blocks are given out, resized and taken back by `RustAllocator` alone; refusing is a null pointer, which the
// interface allows.
unsafe impl Allocator for Heap {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        if self.refuses(size) {
            return std::ptr::null_mut();
        }
        let block = RustAllocator.alloc(size);
        self.used += size_of(block);
        block
    }

    fn calloc(&mut self, count: usize, size: usize) -> *mut u8 {
        if self.refuses(count.saturating_mul(size)) {
            return std::ptr::null_mut();
        }
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
        if size > before && self.refuses(size - before) {
            return std::ptr::null_mut();
        }
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
