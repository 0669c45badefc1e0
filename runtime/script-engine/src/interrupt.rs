//! The end of a script that goes on for too long, and where it was then.

use crate::bindings::chaos::script::operations;
use crate::machine;
use rquickjs::{Ctx, Function, qjs};
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr;

thread_local! {
    /// Gives the stack at the moment, as text. Held for as long as the instance lives.
    static HERE: Cell<Option<qjs::JSValue>> = const { Cell::new(None) };
    static CONTEXT: Cell<*mut qjs::JSContext> = const { Cell::new(ptr::null_mut()) };
    static STOPPED: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Whether the host has ended the script.
pub(crate) fn is_stopped() -> bool {
    STOPPED.get()
}

/// The stack when that happened.
pub(crate) fn place() -> String {
    PLACE.with_borrow(Clone::clone)
}

/// Lets the host be asked while a script runs. `here` is a function without arguments that gives
/// the stack.
pub(crate) fn install(ctx: &Ctx<'_>, here: Function<'_>) {
    // SAFETY: the context lives as long as the instance, and the value is never given back.
    unsafe {
        HERE.set(Some(qjs::JS_DupValue(ctx.as_raw().as_ptr(), here.as_raw())));
        CONTEXT.set(ctx.as_raw().as_ptr());
        let runtime = qjs::JS_GetRuntime(ctx.as_raw().as_ptr());
        qjs::JS_SetInterruptHandler(runtime, Some(ask), ptr::null_mut());
    }
}

/// Asked by QuickJS every few thousand steps; other than 0 ends the script, and no `catch` helps.
unsafe extern "C" fn ask(_: *mut qjs::JSRuntime, _: *mut c_void) -> i32 {
    if !machine::is_entered() {
        return 0;
    }
    // Only once: whatever runs after that runs to tell of it, and is ended likewise.
    if STOPPED.get() {
        return 1;
    }
    if !operations::stop() {
        return 0;
    }
    PLACE.set(look());
    STOPPED.set(true);
    1
}

/// The stack now.
fn look() -> String {
    let (Some(here), context) = (HERE.get(), CONTEXT.get()) else {
        return String::new();
    };
    // SAFETY: both were kept by `install`. QuickJS calls its handler where it may be called back.
    unsafe {
        let stack = qjs::JS_Call(context, here, qjs::JS_UNDEFINED, 0, ptr::null_mut());
        let mut length = 0;
        let text = qjs::JS_ToCStringLen2(context, &raw mut length, stack, false);
        qjs::JS_FreeValue(context, stack);
        if text.is_null() {
            qjs::JS_FreeValue(context, qjs::JS_GetException(context));
            return String::new();
        }
        let bytes = std::slice::from_raw_parts(text.cast::<u8>(), length as usize);
        let place = String::from_utf8_lossy(bytes).into_owned();
        qjs::JS_FreeCString(context, text);
        place
    }
}
