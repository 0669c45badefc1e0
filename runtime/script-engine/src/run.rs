//! Running a script.

use crate::bindings::{Cause, Failure, Limits, Scope, Script};
use crate::failure;
use crate::json;
use crate::machine::Machine;
use crate::memory;
use crate::pump;
use crate::source::{INLINE, Sources};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Function, Module, Object, Promise, Value, qjs};
use std::ffi::CString;

/// Runs a script; gives its value as JSON text.
pub(crate) fn run(
    machine: &Machine,
    script: Script,
    scope: Scope,
    limits: Limits,
) -> Result<String, Failure> {
    memory::limit(limits.memory_bytes as usize);
    let (inline, function) = match script {
        Script::Inline(text) => (Some(text), None),
        Script::Function(function) => {
            machine.files.give(function.files)?;
            (None, Some((function.file, function.name)))
        }
    };
    let sources = Sources {
        inline: inline.as_deref(),
        files: &machine.files,
    };
    machine.with(|ctx| {
        let caught = |_| failure::of_exception(machine, &sources, ctx, ctx.catch());
        let enter = machine.own(ctx, "enter").map_err(caught)?;
        let Scope {
            arguments,
            configuration,
            value,
        } = scope;
        let given: Vec<Value<'_>> = enter
            .call((arguments, configuration, value))
            .map_err(caught)?;
        let (body, given) = match (&inline, &function) {
            (Some(text), _) => {
                let body = compile(ctx, text, Wrapper::Function)
                    .map_err(|error| failure::of_compilation(machine, &sources, ctx, &error))?;
                (body.into_function(), Vec::new())
            }
            (None, Some((file, name))) => {
                let body = exported(machine, &sources, ctx, file, name)?;
                (Some(body), given)
            }
            (None, None) => (None, Vec::new()),
        };
        let Some(body) = body else {
            let text = "its text ends the function that it is the body of";
            return Err(failure::plain(Cause::Syntax, text));
        };
        let begin = machine.own(ctx, "begin").map_err(caught)?;
        let promise: Promise<'_> = begin.call((body, given)).map_err(caught)?;
        let value = pump::settle(machine, &sources, ctx, &promise)?;
        // The text first: what is a value at the end is one whatever happens while changes that
        // nobody waits for come to an end.
        let text = json::json(machine, &sources, ctx, value, limits.result_bytes as usize)?;
        pump::finish(machine, &sources, ctx)?;
        Ok(text)
    })
}

/// How an inline script is made a function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapper {
    /// To be called.
    Function,
    /// To be compiled only. No text that ends the first ends this one too, and the other way round.
    Method,
}

/// Compiles the text in a wrapper. A function's is evaluated, to the function.
pub(crate) fn compile<'js>(
    ctx: &Ctx<'js>,
    text: &str,
    wrapper: Wrapper,
) -> rquickjs::Result<Value<'js>> {
    evaluate(ctx, text, wrapper, 0)
}

/// The same without evaluating anything.
pub(crate) fn compile_only(ctx: &Ctx<'_>, text: &str, wrapper: Wrapper) -> rquickjs::Result<()> {
    evaluate(ctx, text, wrapper, qjs::JS_EVAL_FLAG_COMPILE_ONLY).map(drop)
}

fn evaluate<'js>(
    ctx: &Ctx<'js>,
    text: &str,
    wrapper: Wrapper,
    flags: u32,
) -> rquickjs::Result<Value<'js>> {
    // Two lines before the text, of which the first has the number -1 (0 would mean 1): lines and
    // columns are the user's own.
    let (before, after) = match wrapper {
        Wrapper::Function => ("(async function script() {\n\n", "\n})"),
        Wrapper::Method => ("(class { async script() {\n\n", "\n}})"),
    };
    let text = CString::new(format!("{before}{text}{after}"))?;
    let file = CString::new(INLINE)?;
    let mut options = qjs::JSEvalOptions {
        version: qjs::JS_EVAL_OPTIONS_VERSION as i32,
        eval_flags: (qjs::JS_EVAL_TYPE_GLOBAL | qjs::JS_EVAL_FLAG_STRICT | flags) as i32,
        filename: file.as_ptr(),
        line_num: -1,
    };
    // SAFETY: the texts outlive the call, and the value is owned by what is made of it.
    unsafe {
        let length = text.as_bytes().len() as qjs::size_t;
        let value = qjs::JS_Eval2(
            ctx.as_raw().as_ptr(),
            text.as_ptr(),
            length,
            &raw mut options,
        );
        if qjs::JS_IsException(value) {
            return Err(rquickjs::Error::Exception);
        }
        Ok(Value::from_raw(ctx.clone(), value))
    }
}

/// Evaluates a module with all that it imports; gives the function that it exports by a name.
fn exported<'js>(
    machine: &Machine,
    sources: &Sources<'_>,
    ctx: &Ctx<'js>,
    file: &str,
    name: &str,
) -> Result<Function<'js>, Failure> {
    let caught = |_| failure::of_exception(machine, sources, ctx, ctx.catch());
    let not_compiled = |error| failure::of_compilation(machine, sources, ctx, &error);
    let module = declare(machine, ctx, file)?.map_err(not_compiled)?;
    let (module, evaluated) = module.eval().map_err(not_compiled)?;
    pump::settle(machine, sources, ctx, &evaluated)?;
    let exports = module.namespace().map_err(caught)?;
    // Before the value: it is there, or it is a mistake of this name.
    find(machine, ctx, &exports, file, name)?.map_err(caught)?;
    let value: Value<'_> = exports.get(name).map_err(caught)?;
    match value.into_function() {
        Some(function) => Ok(function),
        None => {
            let names = names(machine, ctx, &exports).map_err(caught)?;
            let text = format!("'{name}' in {file} is not a function");
            Err(failure::plain(Cause::MissingFunction(names), text))
        }
    }
}

/// Compiles a module and what it imports.
pub(crate) fn declare<'js>(
    machine: &Machine,
    ctx: &Ctx<'js>,
    file: &str,
) -> Result<rquickjs::Result<Module<'js, Declared>>, Failure> {
    match machine.files.source(file) {
        Some(source) => Ok(Module::declare(ctx.clone(), file, source)),
        None => Err(failure::plain(
            Cause::MissingFile(Some(file.to_owned())),
            format!("there is no file {file}"),
        )),
    }
}

/// Sees to it that a name is exported.
pub(crate) fn find<'js>(
    machine: &Machine,
    ctx: &Ctx<'js>,
    exports: &Object<'js>,
    file: &str,
    name: &str,
) -> Result<rquickjs::Result<()>, Failure> {
    let names = match names(machine, ctx, exports) {
        Ok(names) => names,
        Err(error) => return Ok(Err(error)),
    };
    if names.iter().any(|known| known == name) {
        return Ok(Ok(()));
    }
    let text = format!("{file} exports no '{name}'");
    Err(failure::plain(Cause::MissingFunction(names), text))
}

/// The names that a module exports.
fn names<'js>(
    machine: &Machine,
    ctx: &Ctx<'js>,
    exports: &Object<'js>,
) -> rquickjs::Result<Vec<String>> {
    machine.own(ctx, "names")?.call((exports.clone(),))
}
