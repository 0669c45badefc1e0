//! The memory of a script, counted. What is refused here is an exception in the script; what the
//! host refuses is the end of the instance.

use rquickjs::allocator::{Allocator, RustAllocator};
use std::cell::Cell;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(usize::MAX) };
    static REFUSED: Cell<bool> = const { Cell::new(false) };
}

/// Bytes that a block takes beyond its own: its size, twice, by two allocators.
const OVERHEAD: usize = 16;

/// Sets how many bytes QuickJS may hold, all that it holds by now included.
pub(crate) fn limit(bytes: usize) {
    MOST.set(bytes);
}

/// Whether any were refused.
pub(crate) fn was_refused() -> bool {
    REFUSED.get()
}

/// The limit in force.
pub(crate) fn most() -> usize {
    MOST.get()
}

/// Rust's allocator, up to the limit.
pub(crate) struct Counted;

fn allowed(more: usize) -> bool {
    let allowed = HELD.get().saturating_add(more).saturating_add(OVERHEAD) <= MOST.get();
    if !allowed {
        REFUSED.set(true);
    }
    allowed
}

/// Counts a block that may be none.
fn counted(block: *mut u8) -> *mut u8 {
    if block.is_null() {
        REFUSED.set(true);
    } else {
        // SAFETY: it was just made by this allocator.
        let size = unsafe { RustAllocator::usable_size(block) } + OVERHEAD;
        HELD.set(HELD.get().saturating_add(size));
    }
    block
}

// SAFETY: all blocks are RustAllocator's own, and so are their sizes.
unsafe impl Allocator for Counted {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        match allowed(size) {
            true => counted(RustAllocator.alloc(size)),
            false => std::ptr::null_mut(),
        }
    }

    fn calloc(&mut self, count: usize, size: usize) -> *mut u8 {
        match count.checked_mul(size) {
            Some(0) => std::ptr::null_mut(),
            Some(bytes) if allowed(bytes) => counted(RustAllocator.calloc(count, size)),
            _ => std::ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&mut self, block: *mut u8) {
        // SAFETY: the caller vouches for the block.
        unsafe {
            let size = RustAllocator::usable_size(block) + OVERHEAD;
            HELD.set(HELD.get().saturating_sub(size));
            RustAllocator.dealloc(block);
        }
    }

    unsafe fn realloc(&mut self, block: *mut u8, new_size: usize) -> *mut u8 {
        if block.is_null() {
            return self.alloc(new_size);
        }
        // SAFETY: the caller vouches for the block.
        unsafe {
            let before = RustAllocator::usable_size(block);
            if !allowed(new_size.saturating_sub(before)) {
                return std::ptr::null_mut();
            }
            let moved = RustAllocator.realloc(block, new_size);
            match moved.is_null() {
                true => REFUSED.set(true),
                false => {
                    let after = RustAllocator::usable_size(moved);
                    let held = HELD.get().saturating_sub(before);
                    HELD.set(held.saturating_add(after));
                }
            }
            moved
        }
    }

    unsafe fn usable_size(block: *mut u8) -> usize {
        // SAFETY: the caller vouches for the block.
        unsafe { RustAllocator::usable_size(block) }
    }
}
