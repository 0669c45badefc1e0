//! The interpreter: made when the component is built, entered once by a call.

use crate::bindings::Failure;
use crate::interrupt;
use crate::memory::Counted;
use crate::modules::{Files, Importer};
use crate::native;
use rquickjs::context::EvalOptions;
use rquickjs::{CatchResultExt, Context, Ctx, Function, Object, Persistent, Runtime, Value, qjs};
use std::cell::{Cell, RefCell};
use std::ffi::{CString, c_char};
use std::ptr;
use std::rc::Rc;

/// Bytes of C stack for nested calls of a script. The host's stack for the whole instance must be
/// several times that: a nested call takes more of it than of the stack in linear memory.
const STACK: usize = 200 << 10;

/// What a script finds around itself, in the order of evaluation.
const PRELUDE: &[(&str, &str)] = &[
    ("chaos:operations", include_str!("../prelude/operations.js")),
    ("chaos:values", include_str!("../prelude/values.js")),
    ("chaos:text", include_str!("../prelude/text.js")),
    ("chaos:random", include_str!("../prelude/random.js")),
    ("chaos:log", include_str!("../prelude/log.js")),
    ("chaos:timers", include_str!("../prelude/timers.js")),
    ("chaos:url", include_str!("../prelude/url.js")),
    ("chaos:http", include_str!("../prelude/http.js")),
    ("chaos:kubernetes", include_str!("../prelude/kubernetes.js")),
    ("chaos:scope", include_str!("../prelude/scope.js")),
];

/// What the names of the prelude's own files begin with: its calls are not shown.
pub(crate) const OWN: &str = "chaos:";

thread_local! {
    static MACHINE: RefCell<Option<Machine>> = const { RefCell::new(None) };
    static ENTERED: Cell<bool> = const { Cell::new(false) };
    /// Why there is no machine.
    static PROBLEM: Cell<*const c_char> = const { Cell::new(ptr::null()) };
}

/// The interpreter and what the prelude gave it to work with.
#[derive(Clone)]
pub(crate) struct Machine {
    context: Context,
    own: Persistent<Object<'static>>,
    /// What can be imported.
    pub(crate) files: Rc<Files>,
    /// Promises that were rejected while nobody looked, with the reasons.
    pub(crate) rejected: Rc<RefCell<Vec<Rejected>>>,
}

/// Rejections that are kept in mind. One is told of, and a flood of them has no limit of its own.
const MOST_REJECTED: usize = 10_000;

/// A rejection.
pub(crate) struct Rejected {
    promise: Persistent<Value<'static>>,
    pub(crate) reason: Persistent<Value<'static>>,
}

/// Whether a call has begun, so that the host can be asked.
pub(crate) fn is_entered() -> bool {
    ENTERED.get()
}

/// Makes the interpreter, unless it is there.
pub(crate) fn prepare() {
    MACHINE.with_borrow_mut(|machine| {
        if machine.is_none() {
            *machine = Machine::new();
        }
    });
}

/// See [`crate::problem`].
pub(crate) fn problem() -> *const c_char {
    PROBLEM.get()
}

/// Does something with the interpreter.
pub(crate) fn enter<T>(work: impl FnOnce(&Machine) -> Result<T, Failure>) -> Result<T, Failure> {
    prepare();
    ENTERED.set(true);
    match MACHINE.with_borrow(Clone::clone) {
        Some(machine) => work(&machine),
        // It is not built like that.
        None => std::process::abort(),
    }
}

impl Machine {
    fn new() -> Option<Machine> {
        let note = |text: String| PROBLEM.set(CString::new(text).unwrap_or_default().into_raw());
        Machine::make().map_err(note).ok()
    }

    fn make() -> Result<Machine, String> {
        let made = Machine::empty().map_err(|error| error.to_string());
        let (runtime, files, rejected, context) = made?;
        let own = context.with(|ctx| {
            let own = prelude(&ctx).catch(&ctx);
            own.map_err(|error| error.to_string())
        })?;
        // Nothing of the making is left to be collected by the first script.
        runtime.run_gc();
        Ok(Machine {
            context,
            own,
            files,
            rejected,
        })
    }

    fn empty() -> rquickjs::Result<Empty> {
        let runtime = Runtime::new_with_alloc(Counted)?;
        runtime.set_max_stack_size(STACK);
        let files = Rc::new(Files::default());
        let importer = Importer(Rc::clone(&files));
        runtime.set_loader(importer.clone(), importer);
        let rejected = Rc::new(RefCell::new(Vec::new()));
        runtime.set_host_promise_rejection_tracker(Some(Box::new({
            let rejected = Rc::clone(&rejected);
            move |ctx, promise, reason, is_handled| {
                note(&rejected, &ctx, promise, reason, is_handled);
            }
        })));
        let context = Context::full(&runtime)?;
        Ok((runtime, files, rejected, context))
    }

    /// Does something within the interpreter.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&Ctx<'_>) -> T) -> T {
        self.context.with(|ctx| {
            // SAFETY: the runtime is that of a live context. The stack is measured from here.
            unsafe { qjs::JS_UpdateStackTop(qjs::JS_GetRuntime(ctx.as_raw().as_ptr())) };
            work(&ctx)
        })
    }

    /// A function that the prelude made for this crate.
    pub(crate) fn own<'js>(&self, ctx: &Ctx<'js>, name: &str) -> rquickjs::Result<Function<'js>> {
        self.own.clone().restore(ctx)?.get(name)
    }
}

/// An interpreter without the prelude.
type Empty = (Runtime, Rc<Files>, Rc<RefCell<Vec<Rejected>>>, Context);

/// Evaluates the prelude; gives what it made for this crate.
fn prelude(ctx: &Ctx<'_>) -> rquickjs::Result<Persistent<Object<'static>>> {
    let own = Object::new(ctx.clone())?;
    let native = native::functions(ctx)?;
    for (name, text) in PRELUDE {
        let mut options = EvalOptions::default();
        options.filename = Some((*name).to_owned());
        let part: Function<'_> = ctx.eval_with_options(*text, options)?;
        part.call::<_, ()>((native.clone(), own.clone()))?;
    }
    interrupt::install(ctx, own.get("here")?);
    Ok(Persistent::save(ctx, own))
}

fn note<'js>(
    rejected: &RefCell<Vec<Rejected>>,
    ctx: &Ctx<'js>,
    promise: Value<'js>,
    reason: Value<'js>,
    is_handled: bool,
) {
    let promise = Persistent::save(ctx, promise);
    let mut rejected = rejected.borrow_mut();
    if is_handled {
        // Mostly the last one.
        if let Some(place) = rejected.iter().rposition(|known| known.promise == promise) {
            rejected.swap_remove(place);
        }
        return;
    }
    if rejected.len() >= MOST_REJECTED {
        return;
    }
    rejected.push(Rejected {
        promise,
        reason: Persistent::save(ctx, reason),
    });
}
