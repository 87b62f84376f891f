//! The allocator: a free list for each class of sizes, over memory that only grows.
//!
//! The kernel keeps a few large columns and small lists. For those, std's general allocator is a twelfth of the
//! file; this one is a hundredth. Classes are a quarter of a power of two apart, so at most a fifth is wasted.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::Cell;
use std::ptr::null_mut;

const PAGE: usize = 65_536;
/// Every block is a multiple of this long, and begins at a multiple of it.
const GRAIN: usize = 16;
const CLASSES: usize = 128;

struct Memory {
    /// The first free block of each class; a free block begins with the address of the next.
    free: Cell<[*mut u8; CLASSES]>,
    /// What was never handed out: from here to the end of the memory.
    start: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: the module is built without threads.
unsafe impl Sync for Memory {}

#[global_allocator]
static MEMORY: Memory =
    Memory { free: Cell::new([null_mut(); CLASSES]), start: Cell::new(0), end: Cell::new(0) };

/// Return the class of a size and the size that all its blocks have.
fn class_of(size: usize) -> (usize, usize) {
    let grains = (size.max(1) + GRAIN - 1) & !(GRAIN - 1);
    let exponent = usize::BITS - 1 - (grains - 1).leading_zeros();
    let quarter = 1 << (exponent - 2);
    let rounded = (grains + quarter - 1) & !(quarter - 1);
    (exponent as usize * 4 + ((rounded - 1) >> (exponent - 2) & 3), rounded)
}

impl Memory {
    fn free(&self) -> &[Cell<*mut u8>] {
        let free: &Cell<[*mut u8]> = &self.free;
        free.as_slice_of_cells()
    }

    /// Cut a block off what was never handed out, growing the memory where that is too short.
    fn cut(&self, size: usize) -> *mut u8 {
        let rest = self.end.get() - self.start.get();
        if rest < size {
            let pages = (size - rest + PAGE - 1) / PAGE;
            let grown = memory_grow(0, pages);
            if grown == usize::MAX {
                return null_mut();
            }
            // The memory so far belongs to the program; from there on nobody else grows it.
            if self.end.get() == 0 {
                self.start.set(grown * PAGE);
            }
            // The last byte is left out, because the end of four gigabytes is no number.
            self.end.set((memory_size(0) - 1) * PAGE + (PAGE - 1));
        }
        let block = self.start.get();
        self.start.set(block + size);
        block as *mut u8
    }
}

// SAFETY: blocks are disjoint, as long as their class and aligned to the grain; nothing here panics, since a
// layout's size is at most half of the memory.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > GRAIN {
            return null_mut();
        }
        let (class, size) = class_of(layout.size());
        let block = self.free()[class].get();
        if block.is_null() {
            return self.cut(size);
        }
        self.free()[class].set(*block.cast());
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let (class, _) = class_of(layout.size());
        *block.cast() = self.free()[class].get();
        self.free()[class].set(block);
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if class_of(size).0 == class_of(layout.size()).0 {
            return block;
        }
        let larger = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
        if !larger.is_null() {
            larger.copy_from_nonoverlapping(block, layout.size().min(size));
            self.dealloc(block, layout);
        }
        larger
    }
}
