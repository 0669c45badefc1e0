//! Finding mistakes without running anything.

use crate::bindings::{Failure, Script};
use crate::failure;
use crate::machine::Machine;
use crate::modules::{HALT, HALT_MARK, LINKER};
use crate::pump;
use crate::run::{Wrapper, compile_only, declare, find};
use crate::source::Sources;
use rquickjs::{Ctx, Module};

/// Compiles a script with what it imports.
pub(crate) fn check(machine: &Machine, script: Script) -> Result<(), Failure> {
    match script {
        Script::Inline(text) => machine.with(|ctx| inline(machine, ctx, &text)),
        Script::Function(function) => {
            machine.files.give(function.files)?;
            machine.with(|ctx| module(machine, ctx, &function.file, &function.name))
        }
    }
}

fn inline(machine: &Machine, ctx: &Ctx<'_>, text: &str) -> Result<(), Failure> {
    let sources = Sources {
        inline: Some(text),
        files: &machine.files,
    };
    for wrapper in [Wrapper::Function, Wrapper::Method] {
        let compiled = compile_only(ctx, text, wrapper);
        compiled.map_err(|error| failure::of_compilation(machine, &sources, ctx, &error))?;
    }
    Ok(())
}

/// Links a module with all that it imports, without running any of it.
fn module(machine: &Machine, ctx: &Ctx<'_>, file: &str, name: &str) -> Result<(), Failure> {
    let sources = Sources {
        inline: None,
        files: &machine.files,
    };
    let caught = |_| failure::of_exception(machine, &sources, ctx, ctx.catch());
    let not_compiled = |error| failure::of_compilation(machine, &sources, ctx, &error);
    let module = declare(machine, ctx, file)?.map_err(not_compiled)?;
    // The first import ends it before any other runs, but after all were linked.
    let quoted = machine
        .own(ctx, "quote")
        .and_then(|quote| quote.call((file,)));
    let quoted: String = quoted.map_err(caught)?;
    let text = format!("import '{HALT}'; import {quoted};");
    let linked = Module::evaluate(ctx.clone(), LINKER, text).map_err(not_compiled)?;
    pump::jobs(machine, &sources, ctx)?;
    // It always fails: the module that halts does halt.
    if let Some(Err(_)) = linked.result::<()>() {
        let exception = ctx.catch();
        if exception.as_int() != Some(HALT_MARK) {
            return Err(failure::of_exception(machine, &sources, ctx, exception));
        }
    }
    let exports = module.namespace().map_err(caught)?;
    find(machine, ctx, &exports, file, name)?.map_err(caught)
}
